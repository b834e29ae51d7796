import { disk } from '@at/adapters/disk';
import { codeOf } from '@at/adapters/file-identity';
import type { DB } from '@at/db/schema';
import { StepFailure, type TaskContext } from '@at/runs/task';
import type { Kysely, Transaction } from 'kysely';
import { withRoots } from '../files/roots.ts';
import { type FoundFiles, foundFile, writeFound } from '../files/writes.ts';
import { type MoveContext, mostAtOnce, moveGroups } from '../moves/journal.ts';
import type { WantedMove } from '../moves/queries.ts';
import { undoMoves } from '../moves/undo.ts';
import { type Boundary, publishDirectory, removeDirectory, removeManifest, withdrawDirectory } from './directory.ts';
import {
  type BatchRow,
  findBatch,
  findManifestFiles,
  findPlannedRoots,
  findStaying,
  type StayingFile,
} from './queries.ts';
import { claimUndo, noteReturned, setManifest, setStaying, setUndone } from './writes.ts';

export type UndoContext = Pick<TaskContext<unknown>, 'db' | 'log'> & {
  /** The run that undoes it. */
  run: string;
  /** Whose moves these are; null: nobody's. Never the run that made the batch: its own moves are what is undone. */
  moves?: null;
  signal?: AbortSignal;
  boundary?: Boundary;
};

export type UndoOutput = {
  /** false: some files are still in the batch. */
  undone: boolean;
  returned: number;
  /** Paths in the batch. */
  kept: string[];
};

/** Files of the report of an undo. */
const mostNamed = 200;
/** How often moves that have not ended are looked at again. */
const attempts = 3;
const nothing: UndoOutput = { undone: true, returned: 0, kept: [] };

/** A batch that is neither ready nor undone. */
async function findUnfinished(db: Kysely<DB>, id: number): Promise<BatchRow | undefined> {
  const batch = await findBatch(db, id);
  return batch && !batch.is_ready && batch.status !== 'CLEANED' ? batch : undefined;
}

/**
 * Undoes a batch whose row says that it is not ready: its directory leaves the batches first, then its files go where they came from,
 * under the original bytes of their names, those that were changed as new files. A batch without files is CLEANED: it has a history, and its
 * name is never used again. If files have to stay, it is what it was, with these. Can be repeated after an end at any line. Throws
 * StepFailure if another run works on it.
 */
export async function takeBack(context: UndoContext, id: number, why: string): Promise<UndoOutput> {
  const { db, signal, log, boundary } = context;
  const run = context.moves === null ? null : context.run;
  const isClaimed = await claimUndo(db, id, context.run);
  const batch = await findUnfinished(db, id);
  if (!batch) return nothing;
  if (!isClaimed)
    throw new StepFailure('file_busy', `Another run works on the files of ${batch.name}. Retry once it has ended.`);
  const isWithdrawn = await withRoots(db, [batch.root_id], async (held) => {
    // Another run may have ended it while this one waited.
    const now = await findUnfinished(held.session, id);
    if (now) await withdrawDirectory(held, now, boundary);
    return now !== undefined;
  });
  if (!isWithdrawn) return nothing;

  const moves = { db, ...(signal && { signal }), ...(boundary && { boundary }) };
  let returned = 0;
  let staying: Staying = { returned: 0 };
  if (batch.made_by !== null) {
    for (let attempt = 1; ; attempt += 1) {
      // Moves that an interrupted process has left are ended first.
      const planned = await findPlannedRoots(db, batch.made_by);
      if (planned.length > 0) await moveGroups(moves, planned, async () => [], run);
      const { undone, open } = await undoMoves(moves, { run: batch.made_by }, run);
      returned += undone.length;
      const left = await findPlannedRoots(db, batch.made_by);
      if (open.length === 0 && left.length === 0) break;
      if (attempt === attempts)
        throw new StepFailure('incomplete', open[0]?.reason ?? 'A move of the batch has not ended.');
    }
    staying = await returnStaying({ ...moves, log }, batch, run);
    returned += staying.returned;
  }
  await boundary?.('files returned');

  return withRoots(db, [batch.root_id], async (held) => {
    if (!(await findUnfinished(held.session, id))) return nothing;
    const { left, gone } = await db.transaction().execute((trx) => noteReturned(trx, batch, why));
    await boundary?.('returned noted');
    const reason = gone > 0 ? `${why} ${gone} of its files are gone.` : why;
    if (gone > 0) log.warn(reason);
    const files = await findManifestFiles(db, batch);
    if (files.length === 0) {
      const isEmpty = await removeDirectory(held, batch);
      if (!isEmpty) log.warn(`Files that nothing knows are left in the staging directory of ${batch.name}.`);
      await db.transaction().execute((trx) => setUndone(trx, id, reason, left));
      return { undone: left === 0, returned, kept: [] };
    }
    const stays = `${left} of its files are not undone. ${staying.why ?? 'They were changed or moved since.'}`;
    log.warn(stays);
    await removeManifest(held, batch);
    const manifest = await db.transaction().execute((trx) => setManifest(trx, batch, files));
    await publishDirectory(held, { ...batch, manifest }, boundary);
    await db.transaction().execute((trx) => setStaying(trx, batch, stays));
    return { undone: false, returned, kept: files.slice(0, mostNamed).map(({ path }) => path) };
  });
}

/** How many files have come back after all, and why others have not. */
type Staying = { returned: number; why?: string | undefined };

/** Brings files that were changed in a batch to where they came from, with their companions, as new files: the next scan compares them. */
async function returnStaying(
  { log, ...context }: MoveContext & Pick<TaskContext<unknown>, 'log'>,
  batch: BatchRow,
  run: string | null,
): Promise<Staying> {
  let returned = 0;
  let why: string | undefined;
  for (;;) {
    const before = await findStaying(context.db, batch, mostAtOnce);
    if (before.length === 0) return { returned, why };
    const roots = [...new Set([batch.root_id, ...before.map(({ from_root }) => from_root)])];
    const paths = new Map<number, Buffer>();
    const choose = async (trx: Transaction<DB>): Promise<WantedMove[][]> => {
      const files: StayingFile[] = [];
      for (const file of await findStaying(trx, batch, mostAtOnce)) {
        // One that is gone is missing at the end of its move.
        const found = await foundAt(file);
        if (found) await writeFound(trx, found);
        files.push(file);
        paths.set(file.file, file.path);
      }
      return [...Map.groupBy(files, ({ companions }) => companions).values()].map((group) =>
        group.map(({ file, move, from_directory, from_name }) => ({
          file,
          directory: from_directory,
          name: from_name,
          undoes: move,
          status: 'NEW',
          batch: null,
        })),
      );
    };
    const { done, kept, moves } = await moveGroups(context, roots, choose, run);
    for (const { move, path } of done)
      log.warn(`${paths.get(moves.get(move) as number)} was changed in its batch. It is a new file at ${path}.`);
    returned += done.length;
    why = kept[0]?.reason;
    if (done.length === 0) return { returned, why };
  }
}

/** A file as a scan would find it; undefined: it is not there. */
async function foundAt({ directory, name, path }: StayingFile): Promise<FoundFiles | undefined> {
  const found = await disk.lstat(path, { bigint: true }).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
  });
  return found?.isFile() ? foundFile(directory, name, found) : undefined;
}
