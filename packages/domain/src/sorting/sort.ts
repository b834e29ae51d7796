import type { BigIntStats } from 'node:fs';
import { DiskError, disk } from '@at/adapters/disk';
import { sha256Of } from '@at/adapters/file-copy';
import { codeOf } from '@at/adapters/file-identity';
import { below, isBelow, parentOf } from '@at/adapters/file-names';
import { clamp } from '@at/adapters/file-thread-work';
import { stopsAll } from '@at/adapters/move-error';
import type { DB } from '@at/db/schema';
import { FinalFailure, StepFailure, type TaskContext } from '@at/runs/task';
import type { Kysely, Transaction } from 'kysely';
import { moveBatch, reopenReturned } from '../batches/rules.ts';
import { examineFiles, inOrder } from '../capture/capture.ts';
import { findPaths, findRoot, type Root } from '../files/queries.ts';
import { kindOfName } from '../files/rules.ts';
import { decideAlone, foundFile, writeFound } from '../files/writes.ts';
import { Directories } from '../moves/directories.ts';
import { type MoveContext, mostAtOnce, moveGroups } from '../moves/journal.ts';
import type { WantedMove } from '../moves/queries.ts';
import { folderFault, foldersOf } from '../pipeline-config/patterns.ts';
import {
  countSorted,
  findBatchToSort,
  findReasons,
  findSortable,
  forgetUndated,
  keeperAt,
  noteSorted,
  retryDuplicates,
  type Sortable,
  type SortCounts,
  type SortedBatch,
  type Unsorted,
  writeDuplicatesOf,
  writeUnsorted,
} from './queries.ts';
import type { SortSettings } from './tasks/sort.ts';

// Files the files of a batch by the day they were taken. Companions go together, nothing is replaced, and a file that is there already with
// the same content is a duplicate.

export type SortContext = Pick<
  TaskContext<unknown>,
  'db' | 'run' | 'signal' | 'log' | 'progress' | 'checkpoint' | 'finish' | 'keep'
> &
  Pick<MoveContext, 'boundary'>;

/** The reason of files that a person must look at. */
const noDate = 'No capture date';
/** How often a file is read that another program changes. */
const mostReads = 3;
/** Names that are tried for a file whose name is taken. */
const mostNames = 10_000;

/** Sorts a batch, or ends with why it is not sorted. Can be repeated. Throws RootUnusable. */
export async function sortBatch(settings: SortSettings, context: SortContext): Promise<void> {
  const { db, checkpoint, finish, keep } = context;
  const fault = folderFault(settings.folder_pattern);
  if (fault) throw new FinalFailure('refused', `sorter.folder_pattern ${fault}. Change it, then sort again.`);
  const batch = await findBatchToSort(db, String(settings.batch));
  if (!batch) throw new FinalFailure('item_removed', `No batch has the id ${settings.batch}.`);
  const { timezone, exif_fallback: fallback } = settings;
  await checkpoint(async (trx) => {
    await retryDuplicates(trx, batch.id);
    if (fallback) await forgetUndated(trx, batch.id);
  });
  await examineFiles(context, { batch: batch.id }, { timezone, fallback });
  const sorting = new Sorting(settings, context, batch);
  await sorting.run();
  const counts = await countSorted(db, batch.id);
  const output = outputOf(batch, counts);
  if (counts.errors === 0)
    return finish(async (trx) => {
      await moveBatch(trx, batch.id, 'SORTED');
      // Files may have come back since they were counted.
      await reopenReturned(trx);
      return output;
    });
  const reasons = await findReasons(db, batch.id);
  const why = `${counts.errors} of ${counts.total} files are not sorted: ${reasons
    .slice(0, 3)
    .map(({ reason, files }) => `${files} x ${reason}`)
    .join('; ')}`;
  await checkpoint(async (trx) => {
    await keep(trx, output);
    await moveBatch(trx, batch.id, 'ERROR', { reason: why });
    await reopenReturned(trx);
  });
  throw new FinalFailure('incomplete', why);
}

const outputOf = ({ id, name }: SortedBatch, { total, sorted, duplicates, errors }: SortCounts) => ({
  batch_id: id,
  batch_name: name,
  total_files: total,
  sorted_files: sorted,
  skipped_files: duplicates + errors,
  duplicate_files: duplicates,
});

/** A file of a batch whose content the archive has in its place, as it is there. */
type Same = { id: number; sha256: string; directory: number; name: Buffer; stats: BigIntStats };

/** What the content of a file was when it was read; `problem`: why it was not. */
type Content = { stats: BigIntStats; times: number; sha256?: string; problem?: string };

class Sorting {
  readonly #settings: SortSettings;
  readonly #context: SortContext;
  readonly #batch: SortedBatch;
  /** Directories of the archive and of duplicates, by their root and path. */
  readonly #directories = new Directories();
  #after = -1;
  #unsorted: Unsorted[] = [];
  #same: Same[] = [];
  /** Groups whose place another group of the same call has, or whose content has to be compared. */
  #again = false;
  /** Contents by the paths of their files, in hexadecimal. */
  readonly #contents = new Map<string, Content>();
  /** Files that must be read before their groups can be sorted. Never while roots are locked, because large ones take minutes. */
  #unread: Buffer[] = [];

  constructor(settings: SortSettings, context: SortContext, batch: SortedBatch) {
    this.#settings = settings;
    this.#context = context;
    this.#batch = batch;
  }

  async run(): Promise<void> {
    for (;;) {
      this.#after = -1;
      this.#again = false;
      let done = 0;
      for (;;) {
        const moved = await this.#next();
        if (moved === undefined) break;
        done += moved;
      }
      if (!this.#again || done === 0) return;
    }
  }

  /** Sorts the next groups. Returns how many files have moved; undefined: there are no more groups. */
  async #next(): Promise<number | undefined> {
    const { db, run, signal, checkpoint, progress, log, boundary } = this.#context;
    const { sorted, duplicates } = this.#settings;
    signal.throwIfAborted();
    let isEnd = true;
    this.#unsorted = [];
    this.#same = [];
    this.#unread = [];
    const groupOf = new Map<number, number>();
    const choose = async (session: Kysely<DB>): Promise<WantedMove[][]> => {
      const files = await findSortable(session, {
        batch: this.#batch,
        after: this.#after,
        files: mostAtOnce,
        duplicates: duplicates !== undefined && this.#settings.transfer_mode === 'move',
      });
      const wanted: WantedMove[][] = [];
      for (const [companions, group] of Map.groupBy(files, (file) => file.companions)) {
        isEnd = false;
        this.#after = companions;
        for (const { id } of group) groupOf.set(id, companions);
        const moves = await this.#wantedOf(session, companions, group).catch((error) => {
          if (!(error instanceof DiskError) || stopsAll(error)) throw error;
          return this.#leave(companions, error.message);
        });
        if (moves.length > 0) wanted.push(moves);
      }
      await this.#writeDuplicates(session);
      return wanted;
    };
    const roots = [this.#batch.root_id, sorted, ...(duplicates === undefined ? [] : [duplicates])];
    const report = await moveGroups({ db, signal, ...(boundary && { boundary }) }, [...new Set(roots)], choose, run);
    await boundary?.('files moved');
    const { done, kept, missing, open, refused, moves } = report;
    const failed = new Map<number, string>();
    const waiting = new Map<number, string>();
    const note = (move: number, reason: string) => {
      const group = groupOf.get(moves.get(move) ?? 0);
      if (group !== undefined && !failed.has(group)) failed.set(group, reason);
    };
    for (const { move, reason } of kept) note(move, reason);
    for (const move of missing) note(move, 'The file is neither in the batch nor in the archive');
    for (const file of refused) {
      this.#again = true;
      const group = groupOf.get(file);
      if (group !== undefined && !failed.has(group))
        waiting.set(group, 'Another move to its place has not ended. Sort again');
    }
    // No other group can be moved either, and another attempt may succeed.
    const fault = kept.find((move) => move.stopsAll);
    if (fault) throw new StepFailure('disk_refused', fault.reason);
    for (const [companions, reason] of [...failed, ...waiting])
      this.#unsorted.push({ companions, reason, needsReview: false });
    for (const { reason } of this.#unsorted) log.warn(`A file is not sorted. ${reason}`);
    await checkpoint(async (trx) => {
      await noteSorted(trx, this.#batch.id);
      await writeUnsorted(trx, this.#batch.id, this.#unsorted);
    });
    await boundary?.('files noted');
    if (open[0]) throw new StepFailure('incomplete', open[0].reason);
    const read = await this.#read();
    await boundary?.('contents read');
    const counts = await countSorted(db, this.#batch.id);
    progress({ done: counts.total - counts.errors, total: counts.total, unit: 'files', message: 'Sorting' });
    return isEnd ? undefined : done.length + read;
  }

  #leave(companions: number, reason: string, needsReview = false): [] {
    this.#unsorted.push({ companions, reason, needsReview });
    return [];
  }

  /** Where a group goes; empty: it stays. */
  async #wantedOf(session: Kysely<DB>, companions: number, group: Sortable[]): Promise<WantedMove[]> {
    const { folder_pattern, exif_fallback: fallback } = this.#settings;
    // An earlier attempt moved them, and did not note it.
    if (group.every(({ status }) => status === 'SORTED' || status === 'ARCHIVED')) return [];
    if (group.every(({ is_duplicate }) => is_duplicate)) return this.#besideOthers(session, group);
    if (group.length > mostAtOnce) return this.#leave(companions, 'Too many companions');
    if (group.some(({ is_planned }) => is_planned))
      return this.#leave(companions, 'Another move of the file has not ended. Sort again');
    const other = group.find(({ status }) => !['BATCHED', 'SYNCED', 'ERROR'].includes(status ?? 'MISSING'));
    if (other) {
      const isGone = other.status === null || other.status === 'MISSING';
      return this.#leave(companions, isGone ? 'The file is gone' : 'The file was changed since the batch was made');
    }
    const [main] = inOrder(group) as [Sortable];
    if (!main.is_examined) return this.#leave(companions, 'Its metadata could not be read. Check its permissions');
    const captured = main.captured_from === 'mtime' && !fallback ? null : main.captured_at;
    if (!captured) return this.#leave(companions, noDate, true);
    const { camera } = main;
    const kind = kindOfName(main.name.toString('latin1'));
    const archive = (await findRoot(session, this.#settings.sorted)) as Root;
    const folders = foldersOf(folder_pattern, { captured, camera, kind });
    const directory = await this.#directories.inRoot(session, archive.id, Buffer.from(folders.join('/')));
    const place = folders.reduce((path, folder) => below(path, folder), archive.path);
    if (!(await isInside(place, archive.path)))
      return this.#leave(companions, `${place} leads out of the archive. Remove the symbolic link`);
    return this.#placeOf(session, companions, group, { directory, place });
  }

  /** The first free names of a group in its folder, unless its content is there already. */
  async #placeOf(
    session: Kysely<DB>,
    companions: number,
    group: Sortable[],
    { directory, place }: { directory: number; place: Buffer },
  ): Promise<WantedMove[]> {
    const { transfer_mode, duplicates } = this.#settings;
    const parts = group.map((file) => {
      const name = file.name;
      const stem = markPlace(name, group.length > 1);
      return { file, first: name.subarray(0, stem), last: name.subarray(stem) };
    });
    for (let n = 0; n < mostNames; n += 1) {
      const mark = n === 0 ? '' : `_${n}`;
      const named = parts.map(({ file, first, last }) => {
        const room = 255 - last.length - mark.length;
        return {
          file,
          name: Buffer.concat([first.subarray(0, room), Buffer.from(mark), last]),
          stem: Math.min(first.length, room) + mark.length,
        };
      });
      const taken = await Promise.all(named.map(({ name }) => statsAt(below(place, name))));
      if (taken.every((stats) => stats === undefined)) {
        const becomes = {
          status: 'SORTED',
          ...(transfer_mode === 'copy' && ({ action: 'copy', original_status: 'ARCHIVED' } as const)),
        } as const;
        return named.map(({ file, name, stem }) => ({ file: file.id, directory, name, stem, ...becomes }));
      }
      if (named.some(({ file }, i) => !taken[i]?.isFile() || Number(taken[i].size) !== file.size)) continue;
      const same: Same[] = [];
      let isRead = true;
      for (const [i, { file, name }] of named.entries()) {
        const own = await this.#ownOf(session, file);
        const other = this.#contentOf(below(place, name), taken[i] as BigIntStats);
        if (own === 'changed') return this.#leave(companions, 'The file was changed since the batch was made');
        const problem = own?.problem ?? other?.problem;
        if (problem) return this.#leave(companions, problem);
        isRead &&= own !== undefined && other !== undefined;
        if (own?.sha256 && own.sha256 === other?.sha256)
          same.push({ id: file.id, sha256: own.sha256, directory, name, stats: other.stats });
      }
      if (!isRead) {
        this.#again = true;
        return [];
      }
      if (same.length < named.length) continue;
      this.#same.push(...same);
      return duplicates === undefined || transfer_mode === 'copy' ? [] : this.#besideOthers(session, group);
    }
    return this.#leave(companions, 'No name is free for it in its folder');
  }

  /** Where duplicates go: to their folder, with the path that they have below the batches. */
  async #besideOthers(session: Kysely<DB>, group: Sortable[]): Promise<WantedMove[]> {
    const root = this.#settings.duplicates as number;
    const moves: WantedMove[] = [];
    for (const { id, path, name } of group) {
      const folders = [this.#batch.name, ...path.split('/').slice(0, -1)];
      const directory = await this.#directories.inRoot(session, root, Buffer.from(folders.join('/')));
      moves.push({ file: id, directory, name, stem: markPlace(name, group.length > 1) });
    }
    return moves;
  }

  /** The content of a file of the batch. undefined: it has to be read. */
  async #ownOf(
    session: Kysely<DB>,
    { directory_id, name, size, mtime_ns, sha256 }: Sortable,
  ): Promise<Content | 'changed' | undefined> {
    const [place] = await findPaths(session, [directory_id]);
    const root = place && (await findRoot(session, place.root_id));
    if (!root) return 'changed';
    const path = below(place.path.length > 0 ? below(root.path, place.path) : root.path, name);
    const stats = await statsAt(path);
    if (!stats?.isFile() || Number(stats.size) !== size || String(clamp(stats.mtimeNs)) !== mtime_ns) return 'changed';
    const content = this.#contentOf(path, stats);
    return content?.sha256 && sha256 !== null && content.sha256 !== sha256 ? 'changed' : content;
  }

  /** The content of a file that is still the one that was read; undefined: it has to be read. */
  #contentOf(path: Buffer, stats: BigIntStats): Content | undefined {
    const known = this.#contents.get(path.toString('hex'));
    if (known && isSameFile(known.stats, stats)) return known;
    if (known && known.times >= mostReads)
      return { ...known, problem: `Another program changes ${path}. Sort again later` };
    this.#unread.push(path);
    return undefined;
  }

  /** Reads the contents that the last call lacked. Returns how many. */
  async #read(): Promise<number> {
    let read = 0;
    for (const path of this.#unread) {
      const key = path.toString('hex');
      const stats = await statsAt(path);
      // Gone by now: the next call sees it.
      if (!stats?.isFile()) continue;
      read += 1;
      const content: Content = { stats, times: (this.#contents.get(key)?.times ?? 0) + 1 };
      this.#contents.set(key, content);
      try {
        content.sha256 = await sha256Of(disk, path, this.#context.signal);
      } catch (error) {
        if (!(error instanceof DiskError) || stopsAll(error)) throw error;
        content.problem = error.message;
      }
    }
    return read;
  }

  /** The files of the archive get rows, which keep the content. */
  async #writeDuplicates(session: Kysely<DB>): Promise<void> {
    if (this.#same.length === 0) return;
    const work = async (trx: Transaction<DB>) => {
      await decideAlone(trx);
      const found: { id: number; keeper: number; sha256: string }[] = [];
      for (const { id, sha256, ...place } of this.#same) {
        await writeFound(trx, foundFile(place.directory, place.name, place.stats));
        const keeper = await keeperAt(trx, { ...place, sha256 });
        if (keeper !== undefined) found.push({ id, keeper, sha256 });
      }
      await writeDuplicatesOf(trx, this.#batch.id, found);
    };
    await (session.isTransaction ? work(session as Transaction<DB>) : session.transaction().execute(work));
  }
}

/** What has a name; undefined: it is free. */
async function statsAt(path: Buffer): Promise<BigIntStats | undefined> {
  try {
    return await disk.lstat(path, { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

const isSameFile = (one: BigIntStats, other: BigIntStats) =>
  (['size', 'mtimeNs', 'ctimeNs', 'ino', 'dev'] as const).every((part) => one[part] === other[part]);

/** Whether a directory is below another one, also where a part of its path is a link; one that is not there yet is where it will be. */
async function isInside(directory: Buffer, top: Buffer): Promise<boolean> {
  for (let path = directory; ; path = parentOf(path)) {
    try {
      const real = Buffer.from(await disk.realpath(path, { encoding: 'buffer' }));
      return real.equals(top) || isBelow(real, top);
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error)) || path.equals(top)) throw error;
    }
  }
}

/** The place of the number in a name: before the first dot for companions, else before the last. */
function markPlace(name: Buffer, hasCompanions: boolean): number {
  const dot = hasCompanions ? name.indexOf('.', 1) : name.lastIndexOf('.');
  return dot > 0 ? dot : name.length;
}
