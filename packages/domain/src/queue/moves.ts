import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Disk, DiskHangs } from '@at/adapters/disk';
import { type FileIdentity, identify } from '@at/adapters/file-identity';
import { isInside, resolveRoot } from '@at/adapters/file-trash';
import { MoveError } from '@at/adapters/move-error';
import { type MoveOutcome, moveFile } from '@at/adapters/move-file';
import type { MoveWay } from '@at/adapters/move-files';
import type { QueueFolders, QueueSystems } from '@at/adapters/queue-systems';
import { lackOfQueueStep, queueLackText } from '@at/contracts/queue-rule';
import type { QueueStep } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { RunCancelled } from '@at/runs/states';
import { FinalFailure, StepFailure, type TaskContext } from '@at/runs/task';
import type { Kysely } from 'kysely';
import { findItem, type ItemFacts, isTakenPath, type StoredMove } from './queries.ts';
import { splitPath } from './rules.ts';
import { lockFile, setMove, setPlace, unlockFile } from './writes.ts';

/**
 * Moves of the files of items. The plan stays in the row until the file has arrived or nothing of the move exists; who wants
 * another plan settles the one before.
 */

export type QueueContext = TaskContext<{ queue: QueueSystems }>;

/** Milliseconds. */
const lockPause = 500;
const lockPatience = 30_000;

/** The folders with symbolic links resolved. Throws FileTrashError if a disk is not mounted, and DiskHangs. */
export async function rootsOf({ watch, library, unprocessed }: QueueFolders, disk: Disk): Promise<QueueFolders> {
  const roots = {
    watch: await resolveRoot(watch, disk),
    library: await resolveRoot(library, disk),
    unprocessed: await resolveRoot(unprocessed, disk),
  };
  // Symbolic links can lead into each other: files of the library would be found again, without end.
  if (isInside(roots.library, roots.watch) || isInside(roots.watch, roots.library) || roots.library === roots.watch)
    throw new StepFailure(
      'folders_nested',
      'The watch folder and the library are in each other. Remove the symbolic link.',
    );
  return roots;
}

/** Why files cannot be moved at the moment, such as a disk that is not mounted. */
export async function diskObstacle({ queue: { folders, disk } }: { queue: QueueSystems }): Promise<Error | undefined> {
  try {
    if (folders) await rootsOf(folders, disk);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** The item of a step; throws FinalFailure if its row was deleted. */
export async function itemOf(db: Kysely<DB>, id: number): Promise<ItemFacts> {
  const item = await findItem(db, id);
  if (!item) throw new FinalFailure('item_removed', 'The item is no longer in the queue.');
  return item;
}

/** Throws FinalFailure if an item lacks what a step needs. */
export function requireFacts(step: QueueStep, item: ItemFacts): void {
  const lack = lackOfQueueStep(step, item);
  if (lack !== null) throw new FinalFailure(lack, queueLackText(lack));
}

/**
 * Works on the file of an item while no other attempt does: one that is thought dead may still go on. An earlier move is settled
 * before, except one to the trash for a caller that `removes`; what the work has begun is undone if the run is cancelled.
 * After a call that hangs the item stays locked until that has returned.
 */
export async function withFile(
  context: QueueContext,
  id: number,
  work: (item: ItemFacts, roots: QueueFolders) => Promise<void>,
  { removes = false } = {},
): Promise<void> {
  const { signal, adapters } = context;
  await whileLocked(context, id, async () => {
    const roots = await rootsOf(adapters.queue.folders as QueueFolders, adapters.queue.disk);
    const item = await itemOf(context.db, id);
    const isOpen = item.move !== null && !(removes && item.move.purpose === 'trash');
    try {
      await work(isOpen ? await settled(context, item, item.move as StoredMove) : item, roots);
    } catch (error) {
      if (signal.reason instanceof RunCancelled && !(error instanceof DiskHangs)) await abandon(context, id);
      throw error;
    }
  });
}

/** Undoes a move that no run goes on with, if that is possible. */
export async function takeBack(context: QueueContext, id: number): Promise<void> {
  await whileLocked(context, id, async () => {
    const item = await findItem(context.db, id);
    if (item?.move && !item.is_active) await settled(context, item, item.move, 'abandon');
  });
}

/** It can be undone later, too. */
async function abandon(context: QueueContext, id: number): Promise<void> {
  try {
    const item = await findItem(context.db, id);
    if (item?.move) await settled(context, item, item.move, 'abandon');
  } catch (error) {
    context.log.warn({ err: error }, `The move was not undone. ${(error as Error).message}`);
  }
}

/** Holds the lock of an item, and keeps it for a call of the file system that outlives the work. */
function whileLocked({ db, signal }: QueueContext, id: number, work: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const held = db.connection().execute(async (session) => {
    const until = performance.now() + lockPatience;
    for (;;) {
      if (await lockFile(session, id)) break;
      if (performance.now() > until) throw new StepFailure('file_busy', 'Another worker still has the file.');
      await sleep(lockPause, undefined, { signal });
    }
    try {
      await work().catch(async (error) => {
        reject(error);
        if (error instanceof DiskHangs) await error.ended;
      });
    } finally {
      // Fails on a broken connection, whose end frees the lock.
      await unlockFile(session, id).catch(() => {});
    }
  });
  held.then(resolve, reject);
  return promise;
}

const hex = (path: string) => Buffer.from(path).toString('hex');
const bytes = (text: string) => Buffer.from(text, 'hex');

/** The present place of an item's file. */
export const placeOf = ({ new_path, file_path }: Pick<ItemFacts, 'new_path' | 'file_path'>): string =>
  new_path ?? file_path;

/** The folder that a path is in; throws FinalFailure if it is in none. */
export function rootOf(path: string, roots: QueueFolders): string {
  const around = Object.values(roots).filter((root) => isInside(path, root));
  const [root] = around.toSorted((left, right) => right.length - left.length);
  if (root === undefined)
    throw new FinalFailure('file_outside', 'The file is outside of the folders of the queue, so it stays there.');
  return root;
}

/** The file of an item as it is now. Throws FinalFailure if it is gone, or is another one than the watcher found. */
export async function presentFile(
  { new_path, file_path, file }: ItemFacts,
  { unprocessed }: QueueFolders,
  disk: Disk,
): Promise<FileIdentity> {
  const found = await identify(Buffer.from(new_path ?? file_path), disk);
  if (!found) throw new FinalFailure('file_gone', 'The file is no longer in its place.');
  // An inode can change when a disk is mounted again.
  // Among the unprocessed ones a person may mend it, and the watcher does not look there.
  const isWatched = new_path === null && !isInside(file_path, unprocessed);
  if (isWatched && (found.size !== file.size || found.mtimeNs !== file.mtimeNs)) {
    throw new FinalFailure(
      'file_changed',
      'The file has changed since it was found. The queue takes it again once it rests.',
    );
  }
  return found;
}

/** Moves the file of an item and returns its new place, which the caller writes. */
export async function relocate(
  context: QueueContext,
  item: ItemFacts,
  { purpose, path, root }: { purpose: StoredMove['purpose']; path: string; root: string },
  roots: QueueFolders,
): Promise<string> {
  const from = placeOf(item);
  const stored: StoredMove = {
    purpose,
    id: randomUUID(),
    from: hex(from),
    fromRoot: hex(rootOf(from, roots)),
    to: hex(await freePath(context.db, item.id, path)),
    toRoot: hex(root),
    source: await presentFile(item, roots, context.adapters.queue.disk),
  };
  await context.checkpoint((trx) => setMove(trx, item.id, stored));
  return carryOut(context, item, stored);
}

/** Moves a file as its plan says, or goes on with that, and returns its new place. */
export async function carryOut(context: QueueContext, item: ItemFacts, stored: StoredMove): Promise<string> {
  const outcome = await conduct(context, item.id, stored, 'move');
  if (outcome.state === 'done') return outcome.path.toString();
  await context.checkpoint((trx) => setMove(trx, item.id, null));
  throw new FinalFailure('file_gone', 'The file disappeared while it was moved. Look for it in both folders.');
}

/** Ends a move that an earlier run began, and returns the item as it is then. */
async function settled(
  context: QueueContext,
  item: ItemFacts,
  stored: StoredMove,
  way: MoveWay = 'settle',
): Promise<ItemFacts> {
  const outcome = await conduct(context, item.id, stored, way);
  const path = outcome.state === 'done' ? outcome.path.toString() : undefined;
  if (path !== undefined) context.log.info({ path }, 'A move that an earlier run began is finished');
  // The plan stays: it says where the file is, and a removal goes on with it.
  if (path !== undefined && stored.purpose === 'trash')
    throw new FinalFailure('file_in_trash', `${path} is the file, in the trash: remove it again.`);
  const { purpose } = stored;
  const file = path === undefined ? undefined : await identify(Buffer.from(path), context.adapters.queue.disk);
  await context.checkpoint(async (trx) => {
    if (path === undefined) await setMove(trx, item.id, null);
    else await setPlace(trx, item.id, purpose as 'library' | 'unprocessed', path, file);
  });
  return itemOf(context.db, item.id);
}

async function conduct(context: QueueContext, id: number, stored: StoredMove, way: MoveWay): Promise<MoveOutcome> {
  const { queue } = context.adapters;
  const { name, copied, purpose: _purpose, from, fromRoot, to, toRoot, ...plan } = stored;
  const paths = { from: bytes(from), fromRoot: bytes(fromRoot), to: bytes(to), toRoot: bytes(toRoot) };
  try {
    return await moveFile(
      { ...plan, ...paths, copies: false },
      { ...(name !== undefined && { name: bytes(name) }), ...(copied && { copied }) },
      ({ name: taken, ...progress }) => {
        Object.assign(stored, progress, taken && { name: taken.toString('hex') });
        return context.checkpoint((trx) => setMove(trx, id, stored));
      },
      {
        disk: queue.disk,
        // What is undone ends.
        ...(way !== 'abandon' && { signal: context.signal }),
        // The wanted name may have a number already, because another item has the one without.
        otherName: (stem, extension, n) => {
          const [, plain = stem, number = '0'] = /^(.*) \(([1-9]\d{0,8})\)$/s.exec(stem) ?? [];
          return `${plain} (${Number(number) + n})${extension}`;
        },
        boundary: async (done) => {
          // A disk that was unmounted since has left a directory, and the file would be removed for a copy below it.
          if (done === 'target synced') await rootsOf(queue.folders as QueueFolders, queue.disk);
          await queue.boundary?.(done);
        },
      },
      way,
    );
  } catch (error) {
    if (!(error instanceof MoveError) || error.kind === 'full' || error.kind === 'failed') throw error;
    throw new FinalFailure(error.failure, error.message, { cause: error });
  }
}

/** The wanted path, or one with a number, that no other item has. */
async function freePath(db: Kysely<DB>, id: number, wanted: string): Promise<string> {
  const [stem, extension] = splitPath(wanted);
  for (let n = 0; ; n += 1) {
    const path = n === 0 ? wanted : `${stem} (${n})${extension}`;
    if (!(await isTakenPath(db, id, path))) return path;
  }
}
