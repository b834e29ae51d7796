import { randomUUID } from 'node:crypto';
import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { JobQueue } from './job-queue.ts';
import {
  endStep,
  findState,
  findUnfinished,
  insertRun,
  isOvertaken,
  lockRun,
  reopenRun,
  requestCancel,
  type Starter,
  type Subject,
} from './queries.ts';
import { sendAgain } from './send.ts';
import { isFinished, isRetryable, NotConfigured, RunNotFound, RunRefused } from './states.ts';
import type { Task } from './task.ts';

export type StartOptions = { starter: Starter; subject?: Subject; priority?: number };

/** Starts, cancels and retries runs, each in a transaction of the caller: rolled back, nothing has happened. */
export class Runs<A> {
  readonly #queue: JobQueue;
  readonly #adapters: A;

  constructor(queue: JobQueue, adapters: A) {
    this.#queue = queue;
    this.#adapters = adapters;
  }

  /**
   * Starts a run. `joined`: the task is exclusive, and this is the unfinished run for the subject. Throws NotConfigured,
   * RunRefused, or TypeError if the parameters do not fit the task.
   */
  async start<P extends TSchema>(
    trx: Transaction<DB>,
    task: Task<A, P>,
    params: Static<P>,
    { starter, subject, priority = 0 }: StartOptions,
  ): Promise<{ id: string; joined: boolean }> {
    const missing = task.needs?.(this.#adapters) ?? [];
    if (missing.length > 0) throw new NotConfigured(task.name, missing);
    if (!Value.Check(task.params, params)) throw new TypeError(`The parameters do not fit ${task.name}.`);
    const [id, step, job] = [randomUUID(), randomUUID(), randomUUID()];
    const run = { id, step, job, task: task.name, params, queue: task.queue, subject, starter, priority };
    while (!(await insertRun(trx, { ...run, exclusive: task.exclusive !== undefined }))) {
      const other = await findUnfinished(trx, task.name, subject);
      // It has ended since.
      if (!other) continue;
      if (task.exclusive === 'join') return { id: other.id, joined: true };
      throw new RunRefused(`${task.name} has an unfinished run.`, other.state, true);
    }
    await this.#queue.send(trx, task.queue, job, { run: id, step, task: task.name }, { priority });
    return { id, joined: false };
  }

  /** Ends a run: at once, or when its task has heard of it. Throws RunNotFound, and RunRefused if it is finished. */
  async cancel(trx: Transaction<DB>, id: string, actor: string): Promise<void> {
    const state = await this.#lock(trx, id);
    if (isFinished(state)) throw new RunRefused(`The run is ${state}.`, state);
    for (const step of await requestCancel(trx, id, actor)) await endStep(trx, step, 'cancelled');
  }

  /** Continues a run at its steps that did not complete. Throws RunNotFound, and RunRefused if nothing can be continued. */
  async retry(trx: Transaction<DB>, id: string): Promise<void> {
    const state = await this.#lock(trx, id);
    if (!isRetryable(state)) throw new RunRefused(`The run is ${state}.`, state);
    if (await isOvertaken(trx, id)) throw new RunRefused('Another run does the same at the moment.', state, true);
    for (const step of await reopenRun(trx, id)) await sendAgain(trx, this.#queue, step, { attempt: 'returned' });
  }

  async #lock(trx: Transaction<DB>, id: string) {
    if (!(await lockRun(trx, id))) throw new RunNotFound(`There is no run ${id}.`);
    return findState(trx, id);
  }
}
