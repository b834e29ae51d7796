import type { TaskContext } from '@at/runs/task';
import { reopenReturned } from '../batches/rules.ts';
import { RootUnusable } from '../files/roots.ts';
import { undoMoves } from '../moves/undo.ts';
import { findStranded } from './queries.ts';

/**
 * Brings duplicates of a root, and of batches, back from the folder of duplicates whose kept file is gone or has other content: no scan compares them
 * there, and one of them may be the last of its content. Their batches are to be sorted again. Returns how many files came back.
 */
export async function returnStranded(
  { db, run, signal, log, checkpoint }: Pick<TaskContext<unknown>, 'db' | 'run' | 'signal' | 'log' | 'checkpoint'>,
  root: number,
): Promise<number> {
  let returned = 0;
  try {
    for (const move of await findStranded(db, root)) {
      const { undone, kept, open } = await undoMoves({ db, signal }, { move }, run);
      returned += undone.length;
      for (const { reason } of [...kept, ...open])
        log.warn(`A duplicate without a kept file did not come back. ${reason}`);
    }
  } catch (error) {
    if (!(error instanceof RootUnusable)) throw error;
    log.warn(`Duplicates without a kept file did not come back. ${error.message}`);
  }
  if (returned > 0) await checkpoint(reopenReturned);
  if (returned > 0) log.info(`${returned} duplicates came back: the files that were kept are gone or changed.`);
  return returned;
}
