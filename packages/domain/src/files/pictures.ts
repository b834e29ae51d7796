import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { DiskError, DiskHangs, openDisk } from '@at/adapters/disk';
import { identityOf, isSame } from '@at/adapters/file-identity';
import { below, isBelow } from '@at/adapters/file-names';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { findPaths, findRoot, type ShownFile } from './queries.ts';

// Files that are opened to show them.

/** Names what is in a file: files with the same key have the same content. */
export const contentKey = ({ id, size, mtime_ns, inode, sha256 }: ShownFile): string =>
  sha256 ?? hash('sha256', `${id} ${size} ${mtime_ns} ${inode}`);

/** The file of a row cannot be shown; the message says why, and what to do. */
export class FileNotShown extends Error {
  override name = 'FileNotShown';
  readonly kind: 'gone' | 'changed' | 'unreadable';
  constructor(kind: FileNotShown['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Replies wait for it. Calls that hang keep two of the four threads for files, at most. */
const disk = openDisk({ patience: 3_000, most: 2 });
/** The roots whose disk does not respond, and when the latest call on each has ended. */
const dead = new Map<number, DiskHangs>();
const turns = new Map<number, Promise<unknown>>();

/** In each root one call after the other, so that a dead disk takes one thread, and those of other roots go on. */
function inTurn<T>(root: number, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(root) ?? Promise.resolve()).then(async () => {
    const hanging = dead.get(root);
    if (hanging) throw hanging;
    return work().catch((error: unknown) => {
      if (error instanceof DiskHangs) {
        dead.set(root, error);
        void error.ended.finally(() => dead.delete(root));
      }
      throw error;
    });
  });
  turns.set(
    root,
    turn.catch(() => {}),
  );
  return turn;
}

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const gone = (cause?: unknown) =>
  new FileNotShown('gone', 'The file is not in its place: it was moved or removed, or its disk is not mounted.', cause);
const changed = (cause?: unknown) =>
  new FileNotShown('changed', 'The file was changed after the last scan. Scan its folder, then try again.', cause);

/**
 * Opens the file of a row, which is in its root and is the one that was scanned, also if another one has its name by now. `work` gets a path of the open
 * file. Throws FileNotShown and DiskHangs.
 */
export async function withFile<T>(db: Kysely<DB>, file: ShownFile, work: (path: string) => Promise<T>): Promise<T> {
  const { directory_id, name } = file;
  const [place] = directory_id === null ? [] : await findPaths(db, [directory_id]);
  const root = place && (await findRoot(db, place.root_id));
  if (!root || !name) throw gone();
  const path = below(place.path.length > 0 ? below(root.path, place.path) : root.path, name);
  const opened = await inTurn(place.root_id, () => disk.open(path, flags)).catch((error: unknown) => {
    if (!(error instanceof DiskError)) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(error.code)) throw gone(error);
    // A link, or a socket.
    if (['ELOOP', 'ENXIO'].includes(error.code)) throw changed(error);
    throw new FileNotShown('unreadable', error.message, error);
  });
  try {
    const stats = await opened.stat();
    const inode = String(BigInt.asUintN(64, BigInt(file.inode)));
    const expected = { size: file.size, mtimeNs: file.mtime_ns, inode };
    if (!stats.isFile() || !isSame(identityOf(stats), expected)) throw changed();
    const link = `/proc/${process.pid}/fd/${opened.descriptor}`;
    const isLinux = process.platform === 'linux';
    // A directory above it may have become a link.
    const at = isLinux
      ? await readlink(link, { encoding: 'buffer' })
      : Buffer.from(await disk.realpath(path, { encoding: 'buffer' }));
    if (!isBelow(at, root.path)) throw changed();
    return await work(isLinux ? link : `${path}`);
  } finally {
    await opened.close();
  }
}
