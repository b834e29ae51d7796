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
import { ApiProblem, ApiUnreachable, call, type Reply } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { invalidate } from '#live/invalidations.ts';
import { createStore } from '#state/store.ts';
import { isolate, someone } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import {
  differences,
  lostFields,
  type MediaAction,
  mayHaveTorrent,
  nameOf,
  type PipelineFields,
  reingested,
  restoringWrites,
} from './items.ts';
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

type Undo = { item: MediaRow; revert: () => Promise<void> };

/** Possible undos, the latest last. */
let undos: Undo[] = [];

function runUndo(undo: Undo): void {
  undos = undos.filter((other) => other !== undo);
  void follow(undo.item, undo.revert());
}

function offerUndo(item: MediaRow, message: string, revert: () => Promise<void>): void {
  const undo = { item, revert };
  // Earlier undos of the item lead to a state that no longer exists.
  undos = [...undos.filter((other) => other.item.hash !== item.hash), undo];
  notify(message, async () => {
    // A change in flight may replace it.
    await settled(item);
    if (undos.includes(undo)) runUndo(undo);
    else notify(texts.tooLate(isolate(nameOf(item))));
  });
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
  const latest = undos.at(-1);
  if (latest) runUndo(latest);
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
    try {
      return { data, item: await reload(hash) };
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

/** Restores the item's statuses, and reports what could not be restored. */
async function restoreStatuses(item: MediaRow, before: MediaRow, key = nextWriteId()): Promise<void> {
  const { hash } = item;
  let now = item;
  for (const [index, fields] of restoringWrites(item, before).entries()) {
    const attempt = { key: `${key}.${index}`, repeat: () => restoreStatuses(item, before, key) };
    const done = await write(now, texts.undoing, attempt, (target) =>
      call(updatePipeline, { ...target, body: { hash, ...fields } }),
    );
    if (!done) return;
    now = done.item;
  }
  notify(texts.statusesRestored(isolate(nameOf(before)), lostFields(before, now)));
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
  offerUndo(item, texts.outcome(isolate(nameOf(item)), message), () => restoreStatuses(done.item, item));
  return true;
}

async function remove(item: MediaRow, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => remove(item, key) };
  const done = await write(item, texts.actions.delete.doing, attempt, (target) =>
    call(softDeleteMedia, { ...target, body: {} }),
  );
  if (!done) return;
  const { torrent_removed, torrent_warning } = done.data;
  const torrent = torrent_removed
    ? texts.torrentDeleted
    : torrent_warning && mayHaveTorrent(item) && texts.torrentMayRemain(torrent_warning);
  const message = [texts.outcome(isolate(nameOf(item)), texts.actions.delete.done), torrent].filter(Boolean).join(' ');
  offerUndo(item, message, () => restore(done.item));
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
  offerUndo(item, message, () => remove(done.item));
}

async function approve(item: MediaRow, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => approve(item, key) };
  const done = await write(item, texts.actions.approve.doing, attempt, (target) =>
    call(approveMedia, { ...target, body: {} }),
  );
  if (!done) return;
  refreshTorrents();
  const { done: approved } = texts.actions.approve;
  notify(texts.outcome(isolate(nameOf(item)), done.data.torrent_added ? approved : texts.approvedAlready));
}

async function finish(item: MediaRow, key = nextWriteId()): Promise<void> {
  const attempt = { key, repeat: () => finish(item, key) };
  const done = await write(item, texts.actions.finish.doing, attempt, (target) =>
    call(finishMedia, { ...target, body: {} }),
  );
  if (!done) return;
  const { torrent_removed, torrent_warning } = done.data;
  const torrent = torrent_removed
    ? texts.torrentRemoved
    : torrent_warning && mayHaveTorrent(item) && texts.torrentMayRemain(torrent_warning);
  notify([texts.outcome(isolate(nameOf(item)), texts.actions.finish.done), torrent].filter(Boolean).join(' '));
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
