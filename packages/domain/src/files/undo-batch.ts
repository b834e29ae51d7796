import { StepFailure, type TaskContext } from '@at/runs/task';
import { moveGroups } from '../moves/journal.ts';
import { undoMoves } from '../moves/undo.ts';
import {
  type Boundary,
  publishDirectory,
  removeDirectory,
  removeManifest,
  withdrawDirectory,
} from './batch-directory.ts';
import { findBatch, findManifestFiles, findPlannedRoots } from './batch-queries.ts';
import { noteReturned, setManifest, setReady, setUndone } from './batch-writes.ts';
import { withRoots } from './roots.ts';

export type UndoContext = Pick<TaskContext<unknown>, 'db' | 'log'> & {
  /** Whose moves these are. Never the run that made the batch: its own moves are what is undone. */
  run: string | null;
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

/**
 * Takes a batch back whose row says that it is not ready: its directory leaves the batches first, then its files go where they came from,
 * under the original bytes of their names. A batch without files is CLEANED: it has a history, and its name is never used again. If files
 * have to stay, because they were changed, it is what it was, with these. Can be repeated after an end at any line.
 */
export async function takeBack(context: UndoContext, id: number, why: string): Promise<UndoOutput> {
  const { db, run, signal, log, boundary } = context;
  const batch = await findBatch(db, id);
  if (!batch || batch.is_ready || batch.status === 'CLEANED') return { undone: true, returned: 0, kept: [] };
  await withRoots(db, [batch.root_id], (held) => withdrawDirectory(held, batch, boundary));

  const moves = { db, ...(signal && { signal }), ...(boundary && { boundary }) };
  let returned = 0;
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
  }
  await boundary?.('files returned');

  return withRoots(db, [batch.root_id], async (held) => {
    const { left, gone } = await db.transaction().execute((trx) => noteReturned(trx, batch, why));
    await boundary?.('returned noted');
    const reason = gone > 0 ? `${why} ${gone} of its files are gone.` : why;
    if (gone > 0) log.warn(reason);
    if (left === 0) {
      const isEmpty = await removeDirectory(held, batch);
      if (!isEmpty) log.warn(`Files that nothing knows are left in the staging directory of ${batch.name}.`);
      await db.transaction().execute((trx) => setUndone(trx, id, reason));
      return { undone: true, returned, kept: [] };
    }
    const files = await findManifestFiles(db, batch);
    const stays = `${left} of its files were changed or moved since, and are not undone.`;
    log.warn(stays);
    await removeManifest(held, batch);
    const manifest = await db.transaction().execute((trx) => setManifest(trx, batch, files));
    await publishDirectory(held, { ...batch, manifest }, boundary);
    await db.transaction().execute((trx) => setReady(trx, batch, stays));
    return { undone: false, returned, kept: files.slice(0, mostNamed).map(({ path }) => path) };
  });
}
