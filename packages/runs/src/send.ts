import { randomUUID } from 'node:crypto';
import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import type { JobQueue } from './job-queue.ts';
import { endRun, endStep, lockRun, replaceJob, skipBlocked, takeReady } from './queries.ts';

/** Gives an unfinished step another job. `delay`: seconds before it may be claimed. */
export async function sendAgain(
  trx: Transaction<DB>,
  queue: JobQueue,
  step: string,
  end: Parameters<typeof replaceJob>[3],
  delay?: number,
): Promise<void> {
  const job = randomUUID();
  const sent = await replaceJob(trx, step, job, end);
  if (!sent) return;
  const { run, task, priority } = sent;
  await queue.send(trx, sent.queue, job, { run, step, task }, { priority, delay });
}

/** Ends a step, and sends those that waited for it. */
export async function endAndAdvance(
  trx: Transaction<DB>,
  queue: JobQueue,
  ...end: Parameters<typeof endStep> extends [unknown, ...infer Rest] ? Rest : never
): Promise<void> {
  const ended = await endStep(trx, ...end);
  if (ended?.isPart) await advance(trx, queue, ended.run);
}

/**
 * Sends the steps of a run whose turn has come, skips those whose turn will not come, and ends the run after its last step.
 * Of two steps that end at once, the second waits for the lock and sees the first.
 */
export async function advance(trx: Transaction<DB>, queue: JobQueue, run: string): Promise<void> {
  await lockRun(trx, run);
  await skipBlocked(trx, run);
  for (const { id, job, task, queue: name, priority } of await takeReady(trx, run))
    await queue.send(trx, name, job, { run, step: id, task }, { priority });
  await endRun(trx, run);
}
