import { randomUUID } from 'node:crypto';
import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import type { JobQueue } from './job-queue.ts';
import { type EndedRun, endRun, endStep, lockRun, replaceJob, skipBlocked, takeReady } from './queries.ts';
import type { Outcome } from './states.ts';
import type { Task } from './task.ts';

/** What it takes to send steps, and to end runs. */
export type Engine<A> = { queue: JobQueue; tasks: ReadonlyMap<string, Task<A>> };

/** Gives an unfinished step another job. `delay`: seconds before it may be claimed. Returns false if `replaceJob` does nothing. */
export async function sendAgain(
  trx: Transaction<DB>,
  queue: JobQueue,
  step: string,
  end: Parameters<typeof replaceJob>[3],
  delay?: number,
): Promise<boolean> {
  const job = randomUUID();
  const sent = await replaceJob(trx, step, job, end);
  if (!sent) return false;
  const { run, task, priority } = sent;
  await queue.send(trx, sent.queue, job, { run, step, task }, { priority, delay });
  return true;
}

type End = Parameters<typeof endStep> extends [unknown, ...infer Rest] ? Rest : never;

/** Ends a step, and the run if it is its only one: of several, the run has to advance. */
export async function end<A>(trx: Transaction<DB>, engine: Engine<A>, ...how: End) {
  const ended = await endStep(trx, ...how);
  if (ended && !ended.isPart) await sayLastWord(trx, engine, { ...ended, outcome: how[1] });
  return ended;
}

/** Ends a step, sends those that waited for it, and ends the run after its last step. Returns false if `endStep` does nothing. */
export async function endAndAdvance<A>(trx: Transaction<DB>, engine: Engine<A>, ...how: End): Promise<boolean> {
  const ended = await end(trx, engine, ...how);
  if (ended?.isPart) await advance(trx, engine, ended.run, how[1]);
  return ended !== undefined;
}

async function sayLastWord<A>(trx: Transaction<DB>, { tasks }: Engine<A>, ended: EndedRun): Promise<void> {
  await tasks.get(ended.task)?.ended?.(trx, ended.params, ended.outcome);
}

/**
 * Sends the steps of a run whose turn has come, skips those whose turn will not come, and ends the run after its last step.
 * Of two steps that end at once, the second waits for the lock and sees the first. `outcome`: of the step whose end it follows.
 */
export async function advance<A>(
  trx: Transaction<DB>,
  engine: Engine<A>,
  run: string,
  outcome?: Outcome,
): Promise<void> {
  await lockRun(trx, run);
  if (outcome !== 'completed') await skipBlocked(trx, run);
  const ready = await takeReady(trx, run);
  for (const { id, job, task, queue: name, priority } of ready)
    await engine.queue.send(trx, name, job, { run, step: id, task }, { priority });
  if (ready.length > 0) return;
  const ended = await endRun(trx, run);
  if (ended) await sayLastWord(trx, engine, ended);
}
