import type { Activity } from '@at/contracts/activity';
import { undoLabel } from '@at/contracts/labels';
import { undoMedia } from '@at/contracts/media-history';
import { undoFileMoves } from '@at/contracts/moves';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { changesOf } from '#ui/describe-changes.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { activityTexts as texts } from './texts.ts';

/** The changes that an undo reverted, and that none can revert any more. */
const undoing = new Set<string>();

/** The values that an undo gives back, as ` (label: would watch → unlabelled)`: of a title other flags only without its label. */
function valuesOf({ changes }: NonNullable<Activity['label'] | Activity['media']>): string {
  const ofLabel = changes.filter(({ field }) => field === 'label');
  const states = { before: {}, after: {} };
  for (const { field, from, to } of ofLabel.length > 0 ? ofLabel : changes) {
    Object.assign(states.before, { [field]: to });
    Object.assign(states.after, { [field]: from });
  }
  const shown = changesOf(states);
  return shown.length > 0 ? ` (${shown.join('; ')})` : '';
}

/** Undoes one change. Returns once the API has answered; the outcome is a message. `name`: of what was changed. */
export async function undoActivity({ label, media, file, imdb_ids, hashes }: Activity, name: string): Promise<void> {
  if (file?.undo && file.item_id !== null) return restoreItem(file.item_id, name);
  if (file?.run_id) return undoMoves(file.run_id, name);
  const event = label ?? media;
  const id = label ? imdb_ids?.[0] : hashes?.[0];
  if (!event || id === undefined) return;
  // A second click while the first is in flight is the same undo.
  const key = `${id} ${event.event_id}`;
  if (undoing.has(key)) return;
  undoing.add(key);
  const body = { event_id: event.event_id };
  const write = nextWriteId();
  try {
    const { data } = label
      ? await call(undoLabel, { params: { imdb_id: id }, body, idempotencyKey: write })
      : await call(undoMedia, { params: { hash: id }, body, idempotencyKey: write });
    notify([texts.wasUndone(isolate(name), valuesOf(event)), ...data.not_restored].join(' '));
  } catch (error) {
    notifyError(texts.notUndone(isolate(name)), error);
  } finally {
    undoing.delete(key);
  }
}

/** Brings a removed item of the queue back. */
async function restoreItem(id: number, name: string): Promise<void> {
  try {
    const { restoreItem: restore } = await import('./restore-item.ts');
    await restore(id, name);
  } catch (error) {
    notifyError(texts.notUndone(isolate(name)), error);
  }
}

/** The run that moves files back says in its result which of them stay. */
async function undoMoves(run: string, name: string): Promise<void> {
  try {
    await call(undoFileMoves, { params: { run }, body: {}, idempotencyKey: nextWriteId() });
    notify(texts.isUndoing(isolate(name)));
  } catch (error) {
    notifyError(texts.notUndone(isolate(name)), error);
  }
}
