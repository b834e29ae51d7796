import type { DB } from '@at/db/schema';
import type { Runs } from '@at/runs/runs';
import { RunRefused } from '@at/runs/states';
import type { Duty } from '@at/runs/worker';
import type { Transaction } from 'kysely';
import type { Actor } from '../actor.ts';
import { findWithoutRun } from './queries.ts';
import type { Adapters } from './steps.ts';
import { apply } from './tasks/apply.ts';
import { startOperation, stopOperation } from './writes.ts';

/** What starts and stops the run of an operation, in a transaction of the caller. */

const subjectOf = (operation_id: string) => ({ type: 'operation', id: operation_id });

async function start<A extends Adapters>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  operation_id: string,
  starter: { trigger: 'manual' | 'event'; actor: Actor },
): Promise<void> {
  await runs.start(trx, apply, { operation_id }, { starter, subject: subjectOf(operation_id) });
}

/** Starts a preview. Returns false if it cannot run, or runs already; see `startOperation`. */
export async function runOperation<A extends Adapters>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  id: string,
  actor: Actor,
): Promise<boolean> {
  const isStarted = await startOperation(trx, id, actor);
  if (isStarted) await start(trx, runs, id, { trigger: 'manual', actor });
  return isStarted;
}

/** Stops an operation after the batch in flight, at once if no worker has it, or discards a preview. */
export async function cancelOperation<A extends Adapters>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  id: string,
  actor: Actor,
): Promise<void> {
  // The run first, as what ends it also locks the run before the operation.
  const run = await runs.findUnfinished(trx, apply, subjectOf(id));
  if (run) {
    await runs.cancel(trx, run.id, actor.name).catch((error: unknown) => {
      // It has ended since.
      if (!(error instanceof RunRefused)) throw error;
    });
  }
  // It waits for the batch in flight, which holds the operation.
  await stopOperation(trx, id);
}

/**
 * A duty of workers: operations that go on without a run get one. They were started by an earlier version, or have stopped while
 * items still owe side effects.
 */
export const resumeOperations: Duty<Adapters> = {
  name: 'The search for bulk changes without a run',
  pause: 10_000,
  work: (db, runs) =>
    db.transaction().execute(async (trx) => {
      for (const { operation_id, name, verified } of await findWithoutRun(trx))
        await start(trx, runs, operation_id, { trigger: 'event', actor: { name, verified } });
    }),
};
