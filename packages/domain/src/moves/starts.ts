import type { DB } from '@at/db/schema';
import type { Runs } from '@at/runs/runs';
import type { Transaction } from 'kysely';
import type { Actor } from '../actor.ts';
import { startBatchUndo } from '../batches/starts.ts';
import { NotFound, Refused } from '../refused.ts';
import { undo } from './tasks/undo.ts';
import { countUndoable } from './undo-queries.ts';

/**
 * Starts a run that undoes the moves of another one, or one of them with its companions, or finds the one that does so. Throws
 * NotFound and Refused.
 */
export async function startUndo<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  of: { run: string; move?: number | undefined },
  actor: Actor,
): Promise<{ id: string; joined: boolean; files: number }> {
  const starter = { trigger: 'manual', actor } as const;
  const { all, files, goes_on, batch } = await countUndoable(trx, of);
  if (all === 0)
    throw new NotFound('Moves', `No files were moved ${of.move ? `by the move ${of.move} ` : ''}of the run ${of.run}.`);
  if (goes_on) throw new Refused('The run goes on. Wait until it has ended, or cancel it.');
  if (batch !== null && of.move === undefined)
    // A batch leaves the folder of batches before its files go back.
    return { ...(await startBatchUndo(trx, runs, { id: batch.id, starter })), files };
  if (batch !== null)
    throw new Refused(`The file is in the batch ${batch.name}. Undo the batch, or sort it and undo that move.`);
  if (files === 0) throw new Refused('All that can be undone is undone.');
  const started = await runs.start(
    trx,
    undo,
    of.move === undefined ? { run: of.run } : { run: of.run, move: of.move },
    {
      starter,
      subject: of.move === undefined ? { type: 'run', id: of.run } : { type: 'move', id: String(of.move) },
    },
  );
  return { ...started, files };
}
