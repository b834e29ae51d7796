import { disk } from '@at/adapters/disk';
import { codeOf } from '@at/adapters/file-identity';
import { below } from '@at/adapters/file-names';
import { type HashJob, hashFiles } from '@at/adapters/file-thread';
import { clamp } from '@at/adapters/file-thread-work';
import type { DB } from '@at/db/schema';
import type { TaskContext } from '@at/runs/task';
import type { Kysely, Transaction } from 'kysely';
import { findPaths, findRoot } from '../files/queries.ts';
import type { ReadableRoots } from '../files/read.ts';
import { lookAtRoot, RootUnusable } from '../files/roots.ts';
import { decideAlone, writeHashes } from '../files/writes.ts';
import { Directories } from '../moves/directories.ts';
import { type MoveContext, mostAtOnce, moveGroups } from '../moves/journal.ts';
import type { WantedMove } from '../moves/queries.ts';
import { countMovable, countMoved, findFiles, findMovable, type Kept, type Movable } from './queries.ts';

// The last part of a scan: duplicates move to the folder of duplicates and keep their paths below it, companions together. Both files are
// read from the disk again before, outside of the locks; under the locks they must still be the files that were read.

/** Duplicates of one step, without their companions. */
const page = 100;
/** Entries that the report names. */
const mostNamed = 200;

/** Why a duplicate stays where it is, for programs; the mover's own reasons are sentences. */
export type StayReason =
  | 'companion'
  | 'hard link'
  | 'kept file not there'
  | 'kept file changed or gone'
  | 'changed or gone'
  | 'undone'
  | 'not moved';

export type MovedDuplicates = {
  moved: number;
  moved_bytes: number;
  stayed: Record<string, number>;
  stayed_files: { path: string; reason: string }[];
  /** Why none could be moved. */
  problem?: string;
};

export const nothingMoved: MovedDuplicates = { moved: 0, moved_bytes: 0, stayed: {}, stayed_files: [] };

type Moving = Pick<TaskContext<unknown>, 'db' | 'run' | 'signal' | 'checkpoint' | 'progress'>;

type Options = {
  root: number;
  to: number;
  threads: number;
  readable: ReadableRoots;
  /** Behind each step of a move, for tests. */
  boundary?: MoveContext['boundary'];
};

/** Why the duplicates of a root cannot be moved to another one; undefined: they can. */
export async function whyUnusable(
  db: Kysely<DB>,
  { root: from, to }: { root: number; to: number | null },
): Promise<string | undefined> {
  if (to === null)
    return 'Duplicates were not moved: the folder of duplicates is not set, or is no root yet. Set it and make it a root, then scan again.';
  if (to === from) return 'Duplicates were not moved: this is the folder of duplicates.';
  const root = await findRoot(db, to);
  if (!root) return `Duplicates were not moved: no root has the number ${to}. Scan again.`;
  try {
    await lookAtRoot(root);
    return undefined;
  } catch (error) {
    if (!(error instanceof RootUnusable)) throw error;
    return `Duplicates were not moved. ${error.message}`;
  }
}

/**
 * Ends what an earlier attempt has begun to move. Call it before the walk: files may be at neither of their places, and their times change
 * where they go back. Throws RootUnusable.
 */
export async function endEarlierMoves({ db, signal, run }: Moving, roots: { root: number; to: number }): Promise<void> {
  await moveGroups({ db, signal }, [roots.root, roots.to], async () => [], run);
}

/** Moves the duplicates of a root. Throws RootUnusable. */
export async function moveDuplicates(context: Moving, options: Options): Promise<MovedDuplicates> {
  const { db, run, signal } = context;
  const mover = new Mover(context, options, await countMovable(db, options.root));
  for (let after: number | null = 0; after !== null; ) {
    signal.throwIfAborted();
    after = await mover.next(after);
  }
  const { files, bytes } = await countMoved(db, run, options.to);
  return { moved: files, moved_bytes: bytes, ...mover.stayed };
}

type Group = { head: number; files: Movable[] };

class Mover {
  readonly stayed: Pick<MovedDuplicates, 'stayed' | 'stayed_files'> = { stayed: {}, stayed_files: [] };
  readonly #context: Moving;
  readonly #options: Options;
  readonly #total: { files: number; bytes: number };
  readonly #done = { files: 0, bytes: 0 };
  /** Groups of which a later page has more files. */
  #handled = new Set<number>();
  /** Directories of the root of duplicates, by the ids of those that their files come from. */
  readonly #directories = new Directories();
  /** Directories by their ids. */
  readonly #places = new Map<number, { root_id: number; path: Buffer }>();

  constructor(context: Moving, options: Options, total: { files: number; bytes: number }) {
    this.#context = context;
    this.#options = options;
    this.#total = total;
  }

  /** Moves the next page of duplicates behind a file. Returns its last file; null: there is none left. */
  async next(after: number): Promise<number | null> {
    const { db } = this.#context;
    const { root, to } = this.#options;
    const found = await findMovable(db, { root, to, after, count: page });
    const [first] = found;
    if (!first) return null;
    const all = [...Map.groupBy(found, ({ head }) => head)].map(([head, files]) => ({ head, files }));
    const groups = all.filter(({ head }) => !this.#handled.has(head));
    const last = first.page_end;
    this.#handled = new Set(all.filter(({ files }) => files.some(({ id }) => id > last)).map(({ head }) => head));
    const kept = await this.#keptOf(groups);
    const equal = await this.#compare(groups, kept);
    for (const some of inCalls(equal)) await this.#move(some, kept);
    for (const { status, size } of groups.flatMap(({ files }) => files)) {
      if (status !== 'DUPLICATE') continue;
      this.#done.files += 1;
      this.#done.bytes += size;
    }
    this.#context.progress({
      done: this.#done.bytes,
      total: this.#total.bytes,
      unit: 'bytes',
      message: `Moving duplicates: ${this.#done.files} of ${this.#total.files}`,
      facts: { files: this.#done.files, total_files: this.#total.files },
    });
    return last;
  }

  async #keptOf(groups: Group[]): Promise<Map<number, Kept>> {
    const { db } = this.#context;
    const ids = groups.flatMap(({ files }) => files.flatMap(({ duplicate_of }) => duplicate_of ?? []));
    const kept = await findFiles(db, [...new Set(ids)]);
    const directories = [...groups.flatMap(({ files }) => files), ...kept].map(({ directory_id }) => directory_id);
    const unknown = [...new Set(directories)].filter((id) => !this.#places.has(id));
    for (const { id, root_id, path } of await findPaths(db, unknown)) this.#places.set(id, { root_id, path });
    return new Map(kept.map((file) => [file.id, file]));
  }

  #stay({ files }: Group, reason: StayReason, named?: string): void {
    for (const file of files) {
      if (file.status !== 'DUPLICATE') continue;
      this.stayed.stayed[reason] = (this.stayed.stayed[reason] ?? 0) + 1;
      if (this.stayed.stayed_files.length >= mostNamed) continue;
      const path = this.#pathOf(file)?.toString() ?? file.name.toString();
      this.stayed.stayed_files.push({ path, reason: named ?? reason });
    }
  }

  /** Where a file is; undefined: its disk is not there. */
  #pathOf({ directory_id, name }: Kept): Buffer | undefined {
    const place = this.#places.get(directory_id);
    const root = place && this.#options.readable.paths.get(place.root_id);
    return place && root && below(place.path.length > 0 ? below(root, place.path) : root, name);
  }

  #deviceOf({ directory_id }: Kept): string | undefined {
    const { roots, devices } = this.#options.readable.devices;
    return devices[roots.indexOf(this.#places.get(directory_id)?.root_id ?? 0)];
  }

  /** Why a group stays, by what the rows say. */
  #whyNot({ files }: Group, kept: Map<number, Kept>): StayReason | undefined {
    if (files.some(({ status, is_in_root }) => status !== 'DUPLICATE' || !is_in_root)) return 'companion';
    if (files.length > mostAtOnce) return 'companion';
    if (files.some(({ is_undone }) => is_undone)) return 'undone';
    for (const file of files) {
      const keeper = kept.get(file.duplicate_of as number);
      if (!keeper || keeper.status === 'MISSING' || !this.#pathOf(keeper)) return 'kept file not there';
      if (keeper.inode === file.inode && this.#deviceOf(keeper) === this.#deviceOf(file)) return 'hard link';
    }
    return undefined;
  }

  /** The groups whose files, read from the disk now, have the content of those that are kept. */
  async #compare(groups: Group[], kept: Map<number, Kept>): Promise<Group[]> {
    const { checkpoint, signal } = this.#context;
    const possible = groups.filter((group) => {
      const reason = this.#whyNot(group, kept);
      if (reason) this.#stay(group, reason);
      return !reason;
    });
    const wanted = new Map<number, Kept>();
    for (const file of possible.flatMap(({ files }) => files)) {
      wanted.set(file.id, file);
      const keeper = kept.get(file.duplicate_of as number) as Kept;
      wanted.set(keeper.id, keeper);
    }
    const jobs = [...wanted.values()].map((file) => ({ ...jobOf(file, this.#pathOf(file) as Buffer), file }));
    const read = new Map<number, string>();
    for await (const results of hashFiles(jobs, { threads: this.#options.threads, signal })) {
      const hashed = results.flatMap(({ job: { file }, result: { problem, head, sha256 } }) =>
        problem === undefined && sha256 ? [{ ...file, ids: [file.id], head, sha256 }] : [],
      );
      for (const { id, sha256 } of hashed) read.set(id, Buffer.from(sha256).toString('hex'));
      // What has other content than its row is no duplicate, and keeps nothing.
      const others = hashed.filter(({ id, sha256 }) => wanted.get(id)?.sha256 !== Buffer.from(sha256).toString('hex'));
      if (others.length > 0) await checkpoint((trx) => writeHashes(trx, others));
    }
    const isAsRow = (file: Kept) => read.get(file.id) === file.sha256;
    return possible.filter((group) => {
      const { files } = group;
      const reason = !files.every(isAsRow)
        ? 'changed or gone'
        : !files.every(({ duplicate_of, size, sha256 }) => {
              const keeper = kept.get(duplicate_of as number) as Kept;
              return isAsRow(keeper) && keeper.size === size && keeper.sha256 === sha256;
            })
          ? 'kept file changed or gone'
          : undefined;
      if (reason) this.#stay(group, reason);
      return !reason;
    });
  }

  async #move(groups: Group[], kept: Map<number, Kept>): Promise<void> {
    const { db, signal, run } = this.#context;
    const { root, to, boundary } = this.#options;
    let chosen: Group[] = [];
    const choose = async (trx: Transaction<DB>): Promise<WantedMove[][]> => {
      chosen = [];
      const looked: Group[] = [];
      for (const group of groups) {
        const reason = await this.#whyChanged(group, kept);
        if (reason) this.#stay(group, reason);
        else looked.push(group);
      }
      const wanted = new Map<Group, WantedMove[]>();
      for (const group of looked) {
        const moves: WantedMove[] = [];
        for (const { id, directory_id, name } of group.files) {
          const stem = name.indexOf('.');
          const directory = await this.#targetOf(trx, directory_id);
          // Companions get the same number if a name is taken.
          moves.push({ file: id, directory, name, ...(group.files.length > 1 && stem > 0 && { stem }) });
        }
        wanted.set(group, moves);
      }
      // Keeps decisions as they are until the plans are written.
      await decideAlone(trx);
      const now = await this.#rowsOf(trx, looked);
      for (const group of looked) {
        if (isDecided(group, kept, now)) chosen.push(group);
        else this.#stay(group, 'changed or gone');
      }
      return chosen.map((group) => wanted.get(group) as WantedMove[]);
    };
    const report = await moveGroups({ db, signal, ...(boundary && { boundary }) }, [root, to], choose, run);
    const groupOf = new Map(chosen.flatMap((group) => group.files.map(({ id }) => [id, group] as const)));
    const reasons = new Map<Group, string>();
    const note = (file: number | undefined, reason: string) => {
      const group = groupOf.get(file ?? 0);
      if (group && !reasons.has(group)) reasons.set(group, reason);
    };
    for (const file of report.refused) note(file, 'Another move of the file, or to its place, has not ended.');
    for (const { move, reason } of [...report.kept, ...report.open]) note(report.moves.get(move), reason);
    for (const move of report.missing)
      note(report.moves.get(move), 'The file is neither in its place nor at its target.');
    for (const [group, reason] of reasons) this.#stay(group, 'not moved', reason);
  }

  /** Why files are not those that were read any more; undefined: they are. */
  async #whyChanged({ files }: Group, kept: Map<number, Kept>): Promise<StayReason | undefined> {
    for (const file of files) {
      if (!(await this.#isThere(file))) return 'changed or gone';
      if (!(await this.#isThere(kept.get(file.duplicate_of as number) as Kept))) return 'kept file changed or gone';
    }
    return undefined;
  }

  async #isThere(file: Kept): Promise<boolean> {
    try {
      const { size, mtimeNs, ctimeNs, ino } = await disk.lstat(this.#pathOf(file) as Buffer, { bigint: true });
      const found = [size, clamp(mtimeNs), clamp(ctimeNs), BigInt.asIntN(64, ino)];
      return String(found) === String([file.size, file.mtime_ns, file.ctime_ns, file.inode]);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  #rowsOf(session: Kysely<DB>, groups: Group[]): Promise<Map<number, Kept>> {
    const ids = groups.flatMap(({ files }) => files.flatMap(({ id, duplicate_of }) => [id, duplicate_of as number]));
    return findFiles(session, [...new Set(ids)]).then((rows) => new Map(rows.map((row) => [row.id, row])));
  }

  /** The directory below the root of duplicates that has the path of another one. */
  #targetOf(session: Kysely<DB>, directory: number): Promise<number> {
    const { path } = this.#places.get(directory) as { path: Buffer };
    return this.#directories.inRoot(session, this.#options.to, path);
  }
}

const jobOf = ({ size, mtime_ns, ctime_ns, inode }: Kept, path: Buffer): HashJob => ({
  path,
  size: BigInt(size),
  mtime: BigInt(mtime_ns),
  ctime: BigInt(ctime_ns),
  inode: BigInt(inode),
  part: 'whole',
});

/** Whether the files of a group are duplicates of the same files as when they were read, with the same content. */
const isDecided = ({ files }: Group, kept: Map<number, Kept>, now: Map<number, Kept>) =>
  files.every((file) => {
    const keeper = kept.get(file.duplicate_of as number) as Kept;
    const [row, its] = [now.get(file.id), now.get(keeper.id)];
    return (
      row?.status === 'DUPLICATE' &&
      row.duplicate_of === keeper.id &&
      row.sha256 === file.sha256 &&
      its !== undefined &&
      !['MISSING', 'ERROR', 'DUPLICATE'].includes(its.status) &&
      its.sha256 === file.sha256
    );
  });

/** Groups in lists that move at once. */
function* inCalls(groups: Group[]): Generator<Group[]> {
  let some: Group[] = [];
  let count = 0;
  for (const group of groups) {
    if (count + group.files.length > mostAtOnce) {
      yield some;
      some = [];
      count = 0;
    }
    some.push(group);
    count += group.files.length;
  }
  if (some.length > 0) yield some;
}
