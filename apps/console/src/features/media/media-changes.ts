import { listActivity } from '@at/contracts/activity';
import { compareTimes } from '@at/contracts/compare-times';
import type { Endpoint } from '@at/contracts/endpoint';
import {
  approveMedia,
  finishMedia,
  getMedia,
  type MediaRow,
  restoreMedia,
  softDeleteMedia,
  updatePipeline,
} from '@at/contracts/media';
import { undoMedia } from '@at/contracts/media-history';
import { ApiProblem, ApiUnreachable, call, type Reply } from '#api/call.ts';
import { currentSession, refusalOf } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { bulkUndos, nextBulkUndo } from '#bulk/bulk-undos.ts';
import { invalidate } from '#live/invalidations.ts';
import { notifyWithUndo } from '#live/undo-message.ts';
import { createStore } from '#state/store.ts';
import { isolate, someone } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { differences, type MediaAction, mayHaveTorrent, nameOf, type PipelineFields, reingested } from './items.ts';
import { mediaTexts as texts } from './texts.ts';
import { refreshTorrents } from './torrents.ts';

/** Writes of single items, each with the version that the user saw, its message and its undo. */

/** Items as read after a write; they cover the loaded rows until those are newer. */
export const overlays = createStore<ReadonlyMap<string, MediaRow>>(new Map());
/** Items with a write in flight. */
export const writing = createStore<ReadonlySet<string>>(new Set());

/** The action that waits for a confirmation, as it cannot be fully undone. */
export const pendingAction = createStore<{ action: MediaAction; item: MediaRow } | null>(null);

/** The row with the user's changes. */
export function overlaid(row: MediaRow, all: ReadonlyMap<string, MediaRow>): MediaRow {
  const overlay = all.get(row.hash);
  return overlay && compareTimes(overlay.updated_at, row.updated_at) >= 0 ? overlay : row;
}

export function setOverlay(item: MediaRow): void {
  overlays.set((before) => new Map(before).set(item.hash, item));
}

async function reload(hash: string): Promise<MediaRow> {
  const { data } = await call(getMedia, { params: { hash } });
  setOverlay(data);
  return data;
}

/** A change that can be undone: the item as it became, the event, and when it was made, by `performance.now()`. `close` closes the message that offers it. */
type Undo = { item: MediaRow; event: number; message: string; at: number; close: () => void };

/** Possible undos, the latest last. */
export const undos = createStore<readonly Undo[]>([]);

/** What follows the writes that the API has saved. */
const followers = new Set<(hash: string) => void>();
export function onSaved(run: (hash: string) => void) {
  followers.add(run);
  return () => followers.delete(run);
}

/** Ends these undos: their messages close, so that none offers what no longer works. */
function end(ended: Undo[]): void {
  undos.set((all) => all.filter((undo) => !ended.includes(undo)));
  for (const { close } of ended) close();
}

function runUndo(undo: Undo): void {
  end([undo]);
  void follow(undo.item, revert(undo));
}

/** Shows what was done, with Undo unless nothing changed; the item's earlier undos lead to a state that no longer exists. */
function offerUndo(item: MediaRow, event: number | null, message: string): void {
  end(undos.get().filter((other) => other.item.hash === item.hash));
  if (event === null) {
    notify(message);
    return;
  }
  const undoNow = async () => {
    // A change in flight may replace it.
    await settled(item);
    if (undos.get().includes(undo)) runUndo(undo);
    else notify(texts.tooLate(isolate(nameOf(item))));
  };
  const close = notifyWithUndo(message, undoNow, {
    types: ['media.changed'],
    concerns: ({ hashes }) => hashes?.includes(item.hash) ?? true,
    canUndo: async () => {
      const isSame = compareTimes((await reload(item.hash)).updated_at, item.updated_at) <= 0;
      if (!isSame) undos.set((all) => all.filter((other) => other !== undo));
      return isSame;
    },
  });
  const undo = { item, event, message, at: performance.now(), close };
  undos.set((all) => [...all, undo]);
}

/** Undoes an event of an item, such as one from before a reload. */
export function undoEvent(item: MediaRow, event: number): void {
  end(undos.get().filter((other) => other.item.hash === item.hash));
  void follow(item, revert({ item, event }));
}

/** Changes in flight, with their items. */
const inFlight = new Map<Promise<unknown>, MediaRow>();

function follow<T>(item: MediaRow, change: Promise<T>): Promise<T> {
  inFlight.set(change, item);
  return change.finally(() => inFlight.delete(change));
}

/** Waits for the changes in flight, of one item or of all. */
const settled = (item?: MediaRow) =>
  Promise.allSettled([...inFlight].filter(([, { hash }]) => !item || hash === item.hash).map(([change]) => change));

/** Undoes the latest change, after those in flight have ended. */
export async function undoLatest(): Promise<void> {
  await settled();
  const latest = undos.get().at(-1);
  const bulk = nextBulkUndo(bulkUndos.get(), 'media', latest?.at);
  if (bulk) bulk.undo();
  else if (latest) runUndo(latest);
}

/** The user of an item's latest change; undefined if unknown, such as after a restart without triggers. */
async function changedBy(hash: string): Promise<string | undefined> {
  try {
    const { data } = await call(listActivity, { query: { type: ['media.changed'], limit: 100 } });
    return data.data.find(({ hashes }) => hashes?.includes(hash))?.actor;
  } catch {
    return undefined;
  }
}

/** Reports what another user changed first, and shows the newer row. */
async function reportConflict(doing: string, item: MediaRow): Promise<void> {
  const [newer, actor] = await Promise.all([reload(item.hash), changedBy(item.hash)]);
  notifyError(doing, new Error(texts.conflict(differences(item, newer), someone(actor))));
}

/** No response, or the API does not know: the write may have been done. */
const isInDoubt = (error: unknown) =>
  error instanceof ApiUnreachable || (error instanceof ApiProblem && [502, 503, 504].includes(error.problem.status));

/** Reports why a write failed; `retry` repeats it with its key. */
async function reportFailure(doing: string, item: MediaRow, error: unknown, retry: () => void): Promise<void> {
  if (isInDoubt(error)) {
    notifyError(doing, error instanceof ApiUnreachable ? new Error(texts.mayBeDone(error.message)) : error, retry);
    return;
  }
  if (!(error instanceof ApiProblem) || ![404, 409, 412].includes(error.problem.status)) {
    notifyError(doing, error);
    return;
  }
  try {
    if (error.problem.status === 412) await reportConflict(doing, item);
    else {
      notifyError(doing, error);
      await reload(item.hash);
    }
  } catch (failure) {
    notifyError(doing, failure);
  }
}

type Send<E extends Endpoint> = (target: {
  params: { hash: string };
  ifMatch: string;
  idempotencyKey: string;
}) => Promise<Reply<E>>;
/** The key of a write, and the change that it belongs to, for a repeat. */
type Attempt = { key: string; repeat: () => Promise<unknown> };

/** Sends a write with the version that the user saw, and reads the row again. Returns undefined after reporting a failure. */
async function write<E extends Endpoint>(item: MediaRow, doing: string, { key, repeat }: Attempt, send: Send<E>) {
  const { hash } = item;
  const name = isolate(nameOf(item));
  if (writing.get().has(hash)) {
    notify(texts.busy(name, doing));
    return undefined;
  }
  writing.set((before) => new Set(before).add(hash));
  try {
    const { data } = await send({ params: { hash }, ifMatch: `"${item.updated_at}"`, idempotencyKey: key });
    invalidate('media-stats');
    invalidate('media-errors');
    try {
      const saved = { data, item: await reload(hash) };
      for (const run of followers) run(hash);
      return saved;
    } catch (error) {
      notifyError(texts.outcome(name, doing), new Error(texts.unread((error as Error).message)));
      return undefined;
    }
  } catch (error) {
    await reportFailure(texts.notDone(doing, name), item, error, () => void follow(item, repeat()));
    return undefined;
  } finally {
    writing.set((before) => new Set([...before].filter((other) => other !== hash)));
  }
}

/** Undoes an event: everything that it changed comes back. */
async function revert({ item, event }: Pick<Undo, 'item' | 'event'>, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => revert({ item, event }, key) };
  const done = await write(item, texts.undoing, attempt, (target) =>
    call(undoMedia, { ...target, body: { event_id: event } }),
  );
  if (!done) return;
  const { torrent_removed, torrent_restored, not_restored } = done.data;
  if (torrent_removed || torrent_restored) refreshTorrents();
  const changes = differences(item, done.item).join('; ');
  const message = texts.outcome(isolate(nameOf(item)), texts.undone(changes));
  notify([message, torrent_removed && texts.torrentDeleted, ...not_restored].filter(Boolean).join(' '));
}

async function setPipeline(
  item: MediaRow,
  fields: Partial<PipelineFields>,
  actionTexts: { doing: string; done?: string },
  key = nextWriteId(),
): Promise<boolean> {
  const { hash } = item;
  const attempt = { key, repeat: () => setPipeline(item, fields, actionTexts, key) };
  const done = await write(item, actionTexts.doing, attempt, (target) =>
    call(updatePipeline, { ...target, body: { hash, ...fields } }),
  );
  if (!done) return false;
  const message = actionTexts.done ?? differences(item, done.item).join('; ');
  offerUndo(done.item, done.data.event_id, texts.outcome(isolate(nameOf(item)), message));
  return true;
}

async function remove(item: MediaRow, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => remove(item, key) };
  const done = await write(item, texts.actions.delete.doing, attempt, (target) =>
    call(softDeleteMedia, { ...target, body: {} }),
  );
  if (done) offerUndo(done.item, done.data.event_id, removalMessage(item, 'delete', done.data));
}

async function restore(item: MediaRow, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => restore(item, key) };
  const done = await write(item, texts.actions.restore.doing, attempt, (target) =>
    call(restoreMedia, { ...target, body: {} }),
  );
  if (!done) return;
  const message = [texts.outcome(isolate(nameOf(item)), texts.actions.restore.done), ...done.data.not_restored].join(
    ' ',
  );
  // Undoing it deletes the item again.
  const mayUndo = refusalOf(currentSession(), softDeleteMedia.config.role) === null;
  offerUndo(done.item, mayUndo ? done.data.event_id : null, message);
}

async function approve(item: MediaRow, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => approve(item, key) };
  const done = await write(item, texts.actions.approve.doing, attempt, (target) =>
    call(approveMedia, { ...target, body: {} }),
  );
  if (!done) return;
  refreshTorrents();
  const { torrent_added, event_id } = done.data;
  const message = torrent_added ? texts.actions.approve.done : texts.approvedAlready;
  offerUndo(done.item, event_id, texts.outcome(isolate(nameOf(item)), message));
}

async function finish(item: MediaRow, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => finish(item, key) };
  const done = await write(item, texts.actions.finish.doing, attempt, (target) =>
    call(finishMedia, { ...target, body: {} }),
  );
  if (done) offerUndo(done.item, done.data.event_id, removalMessage(item, 'finish', done.data));
}

/** What was done, and what became of the torrent. */
function removalMessage(
  item: MediaRow,
  action: 'finish' | 'delete',
  { torrent_removed, torrent_warning }: { torrent_removed: boolean | null; torrent_warning?: string },
): string {
  const removed = action === 'finish' ? texts.torrentRemoved : texts.torrentDeleted;
  const torrent = torrent_removed
    ? removed
    : torrent_warning && mayHaveTorrent(item) && texts.torrentMayRemain(torrent_warning);
  return [texts.outcome(isolate(nameOf(item)), texts.actions[action].done), torrent].filter(Boolean).join(' ');
}

const reingest = (item: MediaRow) => setPipeline(item, reingested, texts.actions.reingest);

/** Runs an action that needs no confirmation, or has one. */
export async function run(action: MediaAction, item: MediaRow): Promise<void> {
  await follow<unknown>(item, { reingest, approve, finish, delete: remove, restore }[action](item));
}

/** Changes statuses of an item. Returns whether it worked. */
export const changePipeline = (item: MediaRow, fields: Partial<PipelineFields>): Promise<boolean> =>
  follow(item, setPipeline(item, fields, texts.actions.submit));

/** Starting a download, removing a torrent and deleting downloaded data need a confirmation. */
const needsConfirmation = (action: MediaAction, item: MediaRow) =>
  action === 'approve' || action === 'finish' || (action === 'delete' && mayHaveTorrent(item));

/** Runs an action on an item, or asks for a confirmation first. */
export function act(action: MediaAction, item: MediaRow): void {
  if (needsConfirmation(action, item)) pendingAction.set({ action, item });
  else void run(action, item);
}
