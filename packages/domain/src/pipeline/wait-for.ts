import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureCode } from '@at/contracts/vocabulary';
import { isFinished, RunCancelled, RunRefused, type State } from '@at/runs/states';
import type { Json, TaskContext } from '@at/runs/task';
import { findState } from './queries.ts';

/** Seconds that an attempt waits, and milliseconds between two looks. */
export const waitTime = 82_000;
const look = 250;

export type Failed = { code: FailureCode; message: string };

/**
 * What a run has reported once it has ended, or why it failed; undefined: it goes on after the time of an attempt. A cancel of this run
 * cancels it, too, unless it was there before.
 */
export async function waitFor(
  { db, runs, signal }: Pick<TaskContext<unknown>, 'db' | 'runs' | 'signal'>,
  { id, joined }: { id: string; joined: boolean },
  actor: string,
): Promise<{ output: Json } | Failed | undefined> {
  const end = performance.now() + waitTime * 1_000;
  try {
    while (performance.now() < end) {
      const found = await findState(db, id);
      if (!found) return { code: 'unexpected', message: 'Its run is gone.' };
      if (found.state === 'completed') return { output: found.output as Json };
      if (isFinished(found.state as State)) {
        const message = found.state === 'cancelled' ? 'Its run was cancelled.' : (found.error ?? 'Its run failed.');
        return { code: (found.code as FailureCode | null) ?? 'cancelled', message };
      }
      await sleep(look, undefined, { signal });
    }
    return undefined;
  } catch (error) {
    if (signal.reason instanceof RunCancelled && !joined)
      await db
        .transaction()
        .execute((trx) => runs.cancel(trx, id, actor))
        .catch((refused: unknown) => {
          // It has ended in this moment.
          if (!(refused instanceof RunRefused)) throw refused;
        });
    throw error;
  }
}
