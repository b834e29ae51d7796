import { randomUUID } from 'node:crypto';
import { DiskHangs, disk } from '@at/adapters/disk';
import { isBelow } from '@at/adapters/file-names';
import {
  countMarker,
  isSameMarker,
  type Marker,
  MarkerBroken,
  readMarker,
  rootAbove,
  writeMarker,
} from '@at/adapters/root-marker';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { findLockHolder, findRoot, findRoots, type Root, type RootLock } from './queries.ts';
import { holdRoot, insertRoot, lockRoot, nameRootMarker, setRootPath, takeInRow, unlockRoot } from './writes.ts';

// Roots: directories with a marker, below which files are found and moved. Only a process that has the lock of a root moves files
// in it, or compares them with their rows.

/** Nothing can be done in a root at the moment. */
export class RootUnusable extends Error {
  override name = 'RootUnusable';
  /** `absent`: its disk is not there; `held`: a person must decide; `busy`: another process has its lock. */
  readonly kind: 'absent' | 'held' | 'busy';
  constructor(kind: RootUnusable['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A directory cannot become a root. */
export class RootRefused extends Error {
  override name = 'RootRefused';
}

/** Of a root whose marker was not written yet. */
const unmade = 'Its marker was not written. Make the root again.';

export const isUnmade = (root: Root) => root.held === unmade;

/**
 * Makes a directory a root, or finds the one that it is already, perhaps under another path. Throws RootRefused if another root
 * contains it or is in it, or another database has made it one.
 */
export async function makeRoot(db: Kysely<DB>, path: Buffer, name: string): Promise<Root> {
  const resolved = Buffer.from(await disk.realpath(path, { encoding: 'buffer' }));
  if (!(await disk.stat(resolved)).isDirectory()) throw new RootRefused(`${resolved} is not a directory.`);
  const roots = await findRoots(db);
  const above = await rootAbove(resolved);
  if (above) throw new RootRefused(`${resolved} is in the root ${above}. Roots may not contain each other.`);
  const marker = await readMarker(resolved).catch((error: unknown) => {
    if (error instanceof MarkerBroken && roots.some((root) => root.path.equals(resolved) && isUnmade(root)))
      return undefined;
    throw error;
  });
  const known = marker && roots.find((root) => root.marker === marker.id);
  if (marker && !known)
    throw new RootRefused(
      `${resolved} has the marker of another database, or of a later state of this one. Remove .at-root there if no other one works on it.`,
    );
  if (known && !isUnmade(known)) {
    await setRootPath(db, known.id, resolved);
    return { ...known, path: resolved };
  }
  for (const root of roots)
    if (isBelow(root.path, resolved) || isBelow(resolved, root.path))
      throw new RootRefused(`${resolved} and the root ${root.path} may not contain each other.`);
  const former = roots.find((root) => root.path.equals(resolved));
  if (former && !isUnmade(former))
    throw new RootRefused(
      `The marker of ${resolved} is gone. Mount the disk of "${former.name}", or accept this one as its new disk.`,
    );
  // The row comes first: a marker without a row counts as that of another database.
  const root = former ?? (await insertRoot(db, { name, path: resolved, marker: randomUUID(), held: unmade }));
  const written = await writeMarker(resolved, root.marker, root.counter);
  await nameRootMarker(db, root.id, written.inode, written.counter);
  return (await findRoot(db, root.id)) as Root;
}

/** Ends the hold of a root, because a person says that the directory at its path is the right one. Throws RootUnusable. */
export async function acceptRoot(db: Kysely<DB>, id: number): Promise<void> {
  await whileLocked(db, [id], 'move', async () => {
    const root = await rowOf(db, id);
    const marker = await readMarker(root.path);
    if (marker && marker.id !== root.marker)
      throw new RootUnusable('held', `${root.path} is another root. Mount the disk of "${root.name}" there.`);
    const counter = Math.max(root.counter, marker?.counter ?? 0) + 1;
    const written = await writeMarker(root.path, root.marker, counter);
    await nameRootMarker(db, id, written.inode, counter);
  });
}

/** A root that this process may use. */
export type UsableRoot = Root & { device: string };

export type HeldRoots = {
  /** The connection that has the locks. */
  session: Kysely<DB>;
  roots: UsableRoot[];
  /** Throws if the connection broke, or the disk of a root is not the one that it was. */
  check: () => Promise<void>;
};

/**
 * Holds the move locks of roots, in the order of their ids. Throws RootUnusable if another process has one of them, or a root is
 * not there or held.
 */
export function withRoots<T>(
  db: Kysely<DB>,
  ids: readonly number[],
  work: (held: HeldRoots) => Promise<T>,
): Promise<T> {
  return whileLocked(db, ids, 'move', async (session, sorted) => {
    const taken: { root: UsableRoot; marker: Marker }[] = [];
    for (const id of sorted) taken.push(await takeRoot(session, id));
    const check = async () => {
      // Another process has the locks once this connection has ended.
      await findRoots(session);
      for (const { root, marker } of taken) {
        const present = await readMarker(root.path);
        if (!present || !isSameMarker(present, marker)) throw absent(root);
      }
    };
    return work({ session, roots: taken.map(({ root }) => root), check });
  });
}

/**
 * Holds locks of roots on a connection of its own, in the order of their ids. Throws RootUnusable if another process has one of them.
 * Throws DiskHangs at once, but keeps the locks until the call that hangs has ended.
 */
export function whileLocked<T>(
  db: Kysely<DB>,
  ids: readonly number[],
  lock: RootLock,
  work: (session: Kysely<DB>, sorted: number[]) => Promise<T>,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const held = db.connection().execute(async (session) => {
    const sorted = [...new Set(ids)].toSorted((a, b) => a - b);
    const locked: number[] = [];
    try {
      for (const id of sorted) {
        if (!(await lockRoot(session, id, lock))) {
          const holder = (await findLockHolder(session, id, lock)) ?? 'a process that has just ended';
          throw new RootUnusable('busy', `"${(await rowOf(session, id)).name}" is in use by ${holder}.`);
        }
        locked.push(id);
      }
      return await work(session, sorted);
    } catch (error) {
      if (error instanceof DiskHangs) {
        reject(error);
        await error.ended;
      }
      throw error;
    } finally {
      // Fails on a broken connection, whose end frees the locks.
      for (const id of locked) await unlockRoot(session, id, lock).catch(() => {});
    }
  });
  held.then(resolve, reject);
  return promise;
}

async function rowOf(db: Kysely<DB>, id: number): Promise<Root> {
  const root = await findRoot(db, id);
  if (!root) throw new RootUnusable('absent', `No root has the number ${id}.`);
  return root;
}

const absent = (root: Root) =>
  new RootUnusable('absent', `The disk of "${root.name}" is not at ${root.path}. Mount it there, then retry.`);

/** The marker at the path of a root. Throws RootUnusable if the root is held, or its disk is not there. */
export async function lookAtRoot(root: Root): Promise<Marker> {
  if (root.held !== null) throw new RootUnusable('held', `"${root.name}" is held. ${root.held}`);
  const marker = await readMarker(root.path);
  if (!marker || marker.id !== root.marker) throw absent(root);
  return marker;
}

/**
 * Raises the counter of a root whose move lock is held, first in its row, then in its marker. If the marker has an unexpected one, another
 * database works there, or one of the two was restored: the root is held. Throws RootUnusable.
 */
async function takeRoot(session: Kysely<DB>, id: number): Promise<{ root: UsableRoot; marker: Marker }> {
  const root = await rowOf(session, id);
  const marker = await lookAtRoot(root);
  const hold = async (reason: string) => {
    await holdRoot(session, id, reason);
    return new RootUnusable('held', `"${root.name}" is held. ${reason}`);
  };
  if (marker.inode !== root.marker_inode)
    throw await hold(
      `${root.path} is a copy of the directory that it was, or a new disk. Accept it, or mount the former one.`,
    );
  const isEven = marker.counter === root.counter;
  // The process that raised the row ended before it wrote the marker.
  if (!isEven && marker.counter !== root.counter - 1)
    throw await hold(
      `The marker in ${root.path} counts ${marker.counter} where the database counts ${root.counter}: one of them was restored, or another database works there. Accept it once only this one does.`,
    );
  const counter = isEven ? root.counter + 1 : root.counter;
  await takeInRow(session, id, { counter, device: marker.device });
  if (!(await countMarker(root.path, marker, counter))) throw absent(root);
  return { root: { ...root, counter, device: marker.device }, marker: { ...marker, counter } };
}
