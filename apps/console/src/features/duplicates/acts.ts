import {
  type DuplicateFile,
  type DuplicateSet,
  type KeptFile,
  keepDuplicate,
  restoreDuplicate,
} from '@at/contracts/duplicates';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { createStore } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { duplicatesTexts as texts } from './texts.ts';

export type Choice = 'keep' | 'restore';

/** Files whose choice has no reply yet. */
export const writing = createStore<ReadonlySet<number>>(new Set());

export const nameOf = ({ path }: KeptFile) => path.slice(path.lastIndexOf('/') + 1);
export const folderOf = ({ path }: KeptFile) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Why a file cannot be kept instead, by the state of the one that is kept; undefined: it can. */
export const keepRefusal = ({ keeper: { status } }: DuplicateSet): string | undefined =>
  status === 'NEW' || status === 'UNIQUE' ? undefined : texts.staysKept(texts.statuses[status] ?? status);

/** Carries out a choice and says what came of it; `onChanged` runs then, and after its undo, with the file that is kept. */
export async function choose(
  choice: Choice,
  set: DuplicateSet,
  file: DuplicateFile,
  onChanged: (kept: number) => void,
) {
  if (writing.get().has(file.id)) return;
  writing.set((before) => new Set([...before, file.id]));
  // With its folder: files of a set often have one name.
  const name = isolate(file.path);
  let kept = set.id;
  try {
    const { data } = await send(choice, file.id);
    const goesOn = data.run_id !== null && data.files.length === 0;
    const text = choice === 'restore' && data.run_id !== null ? texts.done.back(name) : texts.done[choice](name);
    const undo = () => void undoKeep(set, onChanged);
    if (choice === 'keep' && !goesOn) kept = file.id;
    notify(goesOn ? texts.goesOn(name) : text, choice === 'keep' && !goesOn ? undo : undefined);
  } catch (error) {
    notifyError(texts.failed[choice], error);
  } finally {
    writing.set((before) => new Set([...before].filter((other) => other !== file.id)));
    onChanged(kept);
  }
}

const send = (choice: Choice, id: number) =>
  call(choice === 'keep' ? keepDuplicate : (restoreDuplicate as unknown as typeof keepDuplicate), {
    params: { id },
    body: {},
    idempotencyKey: nextWriteId(),
  });

/** Keeps the file again that was kept before. */
async function undoKeep({ keeper }: DuplicateSet, onChanged: (kept: number) => void): Promise<void> {
  try {
    await send('keep', keeper.id);
    notify(texts.done.keep(isolate(keeper.path)));
  } catch (error) {
    notifyError(texts.failed.keep, error);
  } finally {
    onChanged(keeper.id);
  }
}
