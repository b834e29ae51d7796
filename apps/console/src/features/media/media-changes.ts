import { listActivity } from '@at/contracts/activity';
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
import { invalidate } from '#live/invalidations.ts';
import { createStore } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import {
  differences,
  lostWords,
  type MediaAction,
  mayHaveTorrent,
  nameOf,
  type PipelineFields,
  reingested,
  writesBack,
} from './items.ts';
import { mediaTexts as texts } from './texts.ts';
import { refreshTorrents } from './torrents.ts';

/** Writes of single items: each on the version that was seen, with what it says, and with its way back. */

/** Items as they were read after a write, laid over the loaded rows until those are newer. */
export const overlays = createStore<ReadonlyMap<string, MediaRow>>(new Map());
/** Items with a write on its way. */
export const writing = createStore<ReadonlySet<string>>(new Set());

/** What an action that cannot be taken back, or not wholly, asks before it is done. */
export const question = createStore<{ action: MediaAction; item: MediaRow } | null>(null);

/** The row as it stands now. */
export function overlaid(row: MediaRow, all: ReadonlyMap<string, MediaRow>): MediaRow {
  const overlay = all.get(row.hash);
  // ISO timestamps of one length: text order is time order.
  return overlay && overlay.updated_at >= row.updated_at ? overlay : row;
}

export function setOverlay(item: MediaRow): void {
  overlays.set((before) => new Map(before).set(item.hash, item));
}

async function readAgain(hash: string): Promise<MediaRow> {
  const { data } = await call(getMedia, { params: { hash } });
  setOverlay(data);
  return data;
}

type Undo = { item: MediaRow; takeBack: () => Promise<void> };

/** Ways back that are still open, the latest last. */
let undos: Undo[] = [];

function perform(undo: Undo): void {
  undos = undos.filter((other) => other !== undo);
  void follow(undo.item, undo.takeBack());
}

function offerUndo(item: MediaRow, said: string, takeBack: () => Promise<void>): void {
  const undo = { item, takeBack };
  // What lies further back of the same item led to a state that is no more.
  undos = [...undos.filter((other) => other.item.hash !== item.hash), undo];
  notify(said, async () => {
    // Whether it is still the latest shows when what is on its way has ended.
    await settled(item);
    if (undos.includes(undo)) perform(undo);
    else notify(texts.tooLate(isolate(nameOf(item))));
  });
}

/** Changes on their way, each with what it offers in the end, and their items. */
const underway = new Map<Promise<unknown>, MediaRow>();

function follow<T>(item: MediaRow, change: Promise<T>): Promise<T> {
  underway.set(change, item);
  return change.finally(() => underway.delete(change));
}

/** Waits for the changes on their way, of one item or of all. */
const settled = (item?: MediaRow) =>
  Promise.allSettled([...underway].filter(([, { hash }]) => !item || hash === item.hash).map(([change]) => change));

/** Takes the latest change back; one that is still on its way is waited for. */
export async function undoLatest(): Promise<void> {
  await settled();
  const latest = undos.at(-1);
  if (latest) perform(latest);
}

/** Who made the latest change of an item; undefined where nobody knows, as right after a restart without triggers. */
async function changedBy(hash: string): Promise<string | undefined> {
  try {
    const { data } = await call(listActivity, { query: { type: ['media.changed'], limit: 100 } });
    return data.data.find(({ hashes }) => hashes?.includes(hash))?.actor;
  } catch {
    return undefined;
  }
}

/** Somebody else was first: what they changed, with the newer row on the screen. */
async function tellConflict(doing: string, item: MediaRow): Promise<void> {
  const [newer, actor] = await Promise.all([readAgain(item.hash), changedBy(item.hash)]);
  notifyError(doing, new Error(texts.conflict(differences(item, newer), actor)));
}

/** Why it was not done; of a write without an answer, that it may have been. */
async function tellFailure(doing: string, item: MediaRow, error: unknown): Promise<void> {
  if (error instanceof ApiUnreachable) {
    notifyError(doing, new Error(texts.perhapsDone(error.message)));
    return;
  }
  if (!(error instanceof ApiProblem) || ![404, 409, 412].includes(error.problem.status)) {
    notifyError(doing, error);
    return;
  }
  try {
    if (error.problem.status === 412) await tellConflict(doing, item);
    else {
      notifyError(doing, error);
      await readAgain(item.hash);
    }
  } catch (failure) {
    notifyError(doing, failure);
  }
}

type Send<E extends Endpoint> = (target: { params: { hash: string }; ifMatch: string }) => Promise<Reply<E>>;

/** Sends a write on the version that was seen, and reads the row it left. Undefined when it was not done, which is told. */
async function write<E extends Endpoint>(item: MediaRow, doing: string, send: Send<E>) {
  const { hash } = item;
  const name = isolate(nameOf(item));
  if (writing.get().has(hash)) {
    notify(texts.busy(name, doing));
    return undefined;
  }
  writing.set((before) => new Set(before).add(hash));
  try {
    const { data } = await send({ params: { hash }, ifMatch: `"${item.updated_at}"` });
    invalidate('media-stats');
    try {
      return { data, item: await readAgain(hash) };
    } catch (error) {
      notifyError(texts.said(name, doing), new Error(texts.unread((error as Error).message)));
      return undefined;
    }
  } catch (error) {
    await tellFailure(texts.notDone(doing, name), item, error);
    return undefined;
  } finally {
    writing.set((before) => new Set([...before].filter((other) => other !== hash)));
  }
}

/** Gives the item its earlier statuses, and says what did not come back with them. */
async function putBack(item: MediaRow, before: MediaRow): Promise<void> {
  const { hash } = item;
  let now = item;
  for (const fields of writesBack(item, before)) {
    const done = await write(now, texts.undoing, (target) =>
      call(updatePipeline, { ...target, body: { hash, ...fields } }),
    );
    if (!done) return;
    now = done.item;
  }
  notify(texts.putBack(isolate(nameOf(before)), lostWords(before, now)));
}

async function setPipeline(
  item: MediaRow,
  fields: Partial<PipelineFields>,
  words: { doing: string; done?: string },
): Promise<boolean> {
  const { hash } = item;
  const done = await write(item, words.doing, (target) =>
    call(updatePipeline, { ...target, body: { hash, ...fields } }),
  );
  if (!done) return false;
  const said = words.done ?? differences(item, done.item).join('; ');
  offerUndo(item, texts.said(isolate(nameOf(item)), said), () => putBack(done.item, item));
  return true;
}

async function remove(item: MediaRow): Promise<void> {
  const done = await write(item, texts.actions.delete.doing, (target) =>
    call(softDeleteMedia, { ...target, body: {} }),
  );
  if (!done) return;
  const { torrent_removed, torrent_warning } = done.data;
  const torrent = torrent_removed
    ? texts.torrentGone
    : torrent_warning && mayHaveTorrent(item) && texts.torrentPerhapsThere(torrent_warning);
  const said = [texts.said(isolate(nameOf(item)), texts.actions.delete.done), torrent].filter(Boolean).join(' ');
  offerUndo(item, said, () => restore(done.item));
}

async function restore(item: MediaRow): Promise<void> {
  const done = await write(item, texts.actions.restore.doing, (target) => call(restoreMedia, { ...target, body: {} }));
  if (!done) return;
  const said = [texts.said(isolate(nameOf(item)), texts.actions.restore.done), ...done.data.not_restored].join(' ');
  offerUndo(item, said, () => remove(done.item));
}

async function approve(item: MediaRow): Promise<void> {
  const done = await write(item, texts.actions.approve.doing, (target) => call(approveMedia, { ...target, body: {} }));
  if (!done) return;
  refreshTorrents();
  const { done: approved } = texts.actions.approve;
  notify(texts.said(isolate(nameOf(item)), done.data.torrent_added ? approved : texts.approvedAlready));
}

async function finish(item: MediaRow): Promise<void> {
  const done = await write(item, texts.actions.finish.doing, (target) => call(finishMedia, { ...target, body: {} }));
  if (!done) return;
  const { torrent_removed, torrent_warning } = done.data;
  const torrent = torrent_removed
    ? texts.torrentTakenOut
    : torrent_warning && mayHaveTorrent(item) && texts.torrentPerhapsThere(torrent_warning);
  notify([texts.said(isolate(nameOf(item)), texts.actions.finish.done), torrent].filter(Boolean).join(' '));
}

const reingest = (item: MediaRow) => setPipeline(item, reingested, texts.actions.reingest);

/** Does what needs no question, or whose question was answered. */
export async function run(action: MediaAction, item: MediaRow): Promise<void> {
  await follow<unknown>(item, { reingest, approve, finish, delete: remove, restore }[action](item));
}

/** Changes statuses of an item; true when they were written. */
export const changePipeline = (item: MediaRow, fields: Partial<PipelineFields>): Promise<boolean> =>
  follow(item, setPipeline(item, fields, texts.actions.submit));

/** What cannot be taken back is asked for first: a download begun, a torrent taken out, downloaded data removed. */
const isAskedFor = (action: MediaAction, item: MediaRow) =>
  action === 'approve' || action === 'finish' || (action === 'delete' && mayHaveTorrent(item));

/** Begins an action on an item. */
export function act(action: MediaAction, item: MediaRow): void {
  if (isAskedFor(action, item)) question.set({ action, item });
  else void run(action, item);
}
