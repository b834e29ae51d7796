import type { DB } from '@at/db/schema';
import type { Runs } from '@at/runs/runs';
import type { Transaction } from 'kysely';
import type { Actor } from '../actor.ts';
import { undoRefusal } from '../batches/rules.ts';
import { NotFound, Refused } from '../refused.ts';
import { type Child, findChildren, findKind, pipelineRun } from './queries.ts';
import { undoPipeline } from './tasks/undo.ts';

/** Why the batch that a run has made cannot go back once the later runs are undone; null: it can. */
function batchRefusal({ made }: Child, later: readonly Child[]): string | null {
  if (!made) return null;
  const { id, name, status, is_ready } = made;
  // Its sort is undone before.
  const isSortedHere = later.some(
    ({ task, batch, moved }) => task === 'files.sort' && batch === String(id) && moved > 0,
  );
  if (isSortedHere && is_ready && (status === 'SORTED' || status === 'CLEANED')) return null;
  const reason = undoRefusal({ status, is_ready });
  return reason && `The batch ${name} is ${status}. ${reason}`;
}

export const isPipeline = async (trx: Transaction<DB>, run: string): Promise<boolean> =>
  (await findKind(trx, run))?.task === pipelineRun;

/**
 * Starts a run that undoes what the steps of a run of the pipeline have moved, the latest first, or finds the one that does so. Throws
 * NotFound and Refused, before anything is undone.
 */
export async function startPipelineUndo<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  run: string,
  actor: Actor,
): Promise<{ id: string; joined: boolean; files: number }> {
  const found = await findKind(trx, run);
  const children = await findChildren(trx, run);
  if (!found?.ended || children.some(({ ended }) => !ended))
    throw new Refused('The run goes on. Wait until it has ended, or cancel it.');
  if (children.every(({ moved }) => moved === 0)) throw new NotFound('Moves', `No files were moved of the run ${run}.`);
  const files = children.reduce((sum, { undoable }) => sum + undoable, 0);
  if (files === 0) throw new Refused('All that can be undone is undone.');
  for (const [i, child] of children.entries()) {
    const reason = child.undoable > 0 ? batchRefusal(child, children.slice(0, i)) : null;
    if (reason !== null) throw new Refused(reason);
  }
  const started = await runs.start(
    trx,
    undoPipeline,
    { run, by: actor },
    {
      starter: { trigger: 'manual', actor },
      subject: { type: 'run', id: run },
    },
  );
  return { ...started, files };
}
