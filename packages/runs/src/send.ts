import { randomUUID } from 'node:crypto';
import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import type { JobQueue } from './job-queue.ts';
import { replaceJob } from './queries.ts';

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
