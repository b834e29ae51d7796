import { RunNotFound, RunRefused } from '@at/runs/states';
import type { Duty } from '@at/runs/worker';
import { findExpiredPauses } from './queries.ts';

/** Milliseconds between two looks. */
const pause = 5_000;

/** Ends runs that nobody has continued for `workflow.step_timeout_sec`, between two steps. A retry begins with the next one. */
export const expiredPauses = <A>(): Duty<A> => ({
  name: 'The end of runs that nobody continues',
  pause,
  async work(db, runs) {
    for (const { run, step, seconds } of await findExpiredPauses(db)) {
      const message = `Nobody continued the run within ${seconds} s (workflow.step_timeout_sec). A retry begins with this step.`;
      await db
        .transaction()
        .execute((trx) => runs.expire(trx, run, step, message))
        .catch((error: unknown) => {
          // A person or another worker was faster.
          if (!(error instanceof RunRefused || error instanceof RunNotFound)) throw error;
        });
    }
  },
});
