import { databaseFault } from '@at/db/database-fault';
import { defineTask, type Task, type TaskContext } from '@at/runs/task';
import { Type } from 'typebox';
import { withCircuitBreaker } from '../../media/circuit-breaker.ts';
import { applyToItems } from '../apply.ts';
import { claimOperation, findOperation, releaseOperation } from '../queries.ts';
import { type Adapters, stepsOf } from '../steps.ts';
import { endOperation, reopenOperation } from '../writes.ts';

const Parameters = Type.Object({ operation_id: Type.String() });

/** Milliseconds after which an attempt gives its place to other steps. */
const shift = 30_000;
/** Seconds until the next attempt: after another session had the operation, and after the database has failed. */
const pauses = { claimed: 2, fault: 5 };

/** `lockPatience`: milliseconds to wait at the end for rows that another session has locked. */
export const applying = (lockPatience: number): Task<Adapters, typeof Parameters> =>
  defineTask<Adapters, typeof Parameters>({
    name: 'bulk.apply',
    title: 'Apply a bulk change',
    queue: 'short',
    params: Parameters,
    role: () => 'admin',
    // Of errors that nobody expects; faults of the database are none.
    retries: [5, 30, 60, 300, 900, 3_600],
    exclusive: 'join',
    async run({ operation_id: id }, context) {
      const pause = await attempt(id, context, lockPatience);
      if (pause !== null) return context.again(pause);
      const counts = (await findOperation(context.db, id))?.counts;
      if (counts) context.log.info(counts, 'Nothing is left to do.');
      await context.finish(counts ?? null);
    },
    ended: (trx, { operation_id }, outcome) => endOperation(trx, operation_id, outcome === 'completed'),
    reopened: (trx, { operation_id }) => reopenOperation(trx, operation_id),
  });

/** Applies a bulk change to its items. */
export const apply = applying(2_000);

/**
 * Goes on with an operation. Returns after how many seconds another attempt follows; null: nothing is left to do. The connection
 * that it writes with has a lock of the operation, so that of a frozen process and its successor one writes.
 */
async function attempt(
  id: string,
  { db, adapters, log, signal, progress }: TaskContext<Adapters>,
  lockPatience: number,
): Promise<number | null> {
  try {
    return await db.connection().execute(async (session) => {
      if (!(await claimOperation(session, id))) {
        log.info(`Another session works on the change. The next attempt follows in ${pauses.claimed} s.`);
        return pauses.claimed;
      }
      try {
        const operation = await findOperation(session, id);
        if (operation?.state !== 'running' && operation?.state !== 'cancelling') return null;
        const { total, counts, run_by, actor, run_by_verified } = operation;
        const by = { name: run_by ?? actor, verified: run_by_verified };
        const transmission = withCircuitBreaker(adapters.transmission);
        let done = total - counts.pending;
        log.info(
          { subject: operation.subject, action: operation.action },
          `${counts.pending} of ${total} items are left.`,
        );
        const hasEnded = await applyToItems({
          session,
          operation,
          steps: stepsOf({ adapters: { ...adapters, transmission }, log, operation, actor: by }),
          signal,
          onRecorded: (items) => {
            done += items;
            progress({ done, total, unit: 'items' });
          },
          until: performance.now() + shift,
          lockPatience,
        });
        return hasEnded ? null : 0;
      } finally {
        // A broken connection has lost its lock.
        await releaseOperation(session, id).catch(() => {});
      }
    });
  } catch (error) {
    const fault = databaseFault(error as Error);
    if (fault === undefined) throw error;
    log.warn({ err: error }, `${fault} The change goes on in ${pauses.fault} s.`);
    return pauses.fault;
  }
}
