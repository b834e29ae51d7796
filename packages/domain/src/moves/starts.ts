import type { DB } from '@at/db/schema';
import type { Runs } from '@at/runs/runs';
import type { Transaction } from 'kysely';
import type { Actor } from '../actor.ts';
import { BatchRefused } from '../batches/rules.ts';
import { startBatchUndo } from '../files/starts.ts';
import { undo } from './tasks/undo.ts';
import { countUndoable } from './undo-queries.ts';

/** No run with the id has moved files, or not with this move. */
export class MovesNotFound extends Error {
  override name = 'MovesNotFound';
}

/** Moves cannot be undone now; the message says why. */
export class UndoRefused extends Error {
  override name = 'UndoRefused';
}

/**
 * Starts a run that undoes the moves of another one, or one of them with its companions, or finds the one that does so. Throws
 * MovesNotFound and UndoRefused.
 */
export async function startUndo<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  of: { run: string; move?: number | undefined },
  actor: Actor,
): Promise<{ id: string; files: number }> {
  const { all, files, goes_on, batch } = await countUndoable(trx, of);
  if (all === 0)
    throw new MovesNotFound(`No files were moved ${of.move ? `by the move ${of.move} ` : ''}of the run ${of.run}.`);
  if (goes_on) throw new UndoRefused('The run goes on. Wait until it has ended, or cancel it.');
  if (batch !== null && of.move === undefined)
    return { ...(await startBatchUndoOf(trx, runs, batch.id, actor)), files };
  if (batch !== null)
    throw new UndoRefused(`The file is in the batch ${batch.name}. Undo the batch, or sort it and undo that move.`);
  if (files === 0) throw new UndoRefused('All that can be undone is undone.');
  const { id } = await runs.start(trx, undo, of.move === undefined ? { run: of.run } : { run: of.run, move: of.move }, {
    starter: { trigger: 'manual', actor },
    subject: of.move === undefined ? { type: 'run', id: of.run } : { type: 'move', id: String(of.move) },
  });
  return { id, files };
}

/** A batch leaves the folder of batches before its files go back. */
async function startBatchUndoOf<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  id: number,
  actor: Actor,
): Promise<{ id: string }> {
  try {
    return await startBatchUndo(trx, runs, { id, starter: { trigger: 'manual', actor } });
  } catch (error) {
    if (error instanceof BatchRefused) throw new UndoRefused(error.message);
    throw error;
  }
}
