import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureCode } from '@at/contracts/vocabulary';
import { createDb, createPool, createWatch, type PoolOptions } from '@at/db/client';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Attempt, WorkerStops, type Workshop } from './attempt.ts';
import { every } from './every.ts';
import { type ClaimedJob, JobQueue } from './job-queue.ts';
import {
  endWorker,
  failureJson,
  findCancelled,
  hasOtherVersion,
  holdClaim,
  keepRunLog,
  keepWorker,
  lockLostSteps,
  lockRun,
  type WorkerRow,
} from './queries.ts';
import { RunLog } from './run-log.ts';
import { Runs } from './runs.ts';
import { fireSchedules, type Schedule, saveSchedules, saveTimetables, type Timetable } from './schedules.ts';
import { endAndAdvance, sendAgain } from './send.ts';
import { RunCancelled } from './states.ts';
import { type Log, type QueueName, queues, type Task, tableOf } from './task.ts';

/** Steps at a time, by queue. */
const concurrency: Record<QueueName, number> = { short: 4, network: 4, disk: 2, long: 2 };

/** What the process of a worker, and what it starts, gives way with (`setPriority`): a person who waits for the API goes first. */
export const processPriority = 5;

/** Milliseconds. */
const times = {
  start: 2_000,
  alive: 10_000,
  cancel: 2_000,
  schedules: 5_000,
  sweep: 60_000,
  log: 3_600_000,
  grace: 8_000,
  /** Between the first times of two duties. */
  apart: 20,
};
/** Seconds until a step that this worker cannot do may be claimed again. */
const elsewhere = 30;
/** Lost steps per transaction. */
const batchSize = 100;

const givenUp = {
  code: 'workers_lost' satisfies FailureCode,
  type: 'WorkersLost',
  message: 'Each of the workers that had it ended without a word. Look at their memory, then retry the run.',
};

/** What a worker does beside its steps, again and again: `pause` milliseconds after the last time. `signal`: the worker stops. */
export type Duty<A> = {
  name: string;
  pause: number;
  work: (db: Kysely<DB>, runs: Runs<A>, signal: AbortSignal) => Promise<unknown>;
};

export type WorkerOptions<A> = {
  database: PoolOptions;
  tasks: readonly Task<A>[];
  schedules: readonly Schedule[];
  timetables?: readonly Timetable<A>[];
  duties?: readonly Duty<A>[];
  adapters: A;
  log: Log;
  version: string;
};

/**
 * Works on steps of runs, beside any number of other workers, until it is stopped. It starts without a database and waits
 * for it.
 */
export class Worker<A> {
  readonly #options: WorkerOptions<A>;
  readonly #tasks: Map<string, Task<A>>;
  readonly #row: WorkerRow;
  readonly #workshop: Workshop<A>;
  readonly #attempts = new Set<Attempt<A>>();
  /** Claimed jobs that are attempted or given back. */
  #handled = 0;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> | undefined;

  /** Throws if two tasks have the same name, or a schedule names none. */
  constructor(options: WorkerOptions<A>) {
    const { tasks, schedules, adapters, log, version } = options;
    const known = tableOf(tasks);
    const stray = schedules.find(({ task }) => !known.has(task));
    if (stray) throw new Error(`The schedule ${stray.name} is for ${stray.task}, which is no task.`);
    this.#options = options;
    this.#tasks = new Map([...known].filter(([, task]) => (task.needs?.(adapters) ?? []).length === 0));
    const used = queues.filter((queue) => [...this.#tasks.values()].some((task) => task.queue === queue));
    const id = randomUUID();
    this.#row = { id, host: hostname(), pid: process.pid, version, tasks: [...this.#tasks.keys()], queues: used };

    const database = { ...options.database, watch: createWatch(options.database) };
    const db = createDb(createPool({ ...database, max: 10, applicationName: 'rear-differential worker' }));
    const onError = (error: Error) => log.warn({ err: error }, 'The job queue reports an error');
    const queue = new JobQueue(database, { supervises: true, onError });
    // Also the tasks that are not configured here: any worker may end their runs.
    const engine = { queue, tasks: known };
    const runs = new Runs(queue, adapters, tasks);
    this.#workshop = { id, db, queue, engine, runs, runLog: new RunLog(queue.db), log, adapters };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Claims nothing more and asks the tasks in progress to end. After a grace of eight seconds other workers get what is
   * left.
   */
  async stop(): Promise<void> {
    const { queue, db, runLog, id } = this.#workshop;
    this.#stopping.abort();
    for (const attempt of this.#attempts) attempt.abort(new WorkerStops('The worker stops.'));
    queue.stopClaiming();
    await this.#running;
    const until = performance.now() + times.grace;
    while (this.#handled > 0 && performance.now() < until) await sleep(20);
    await runLog.flush().catch(() => {});
    await queue.stop().catch(() => {});
    await endWorker(db, id).catch(() => {});
    await db.destroy();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { db, queue } = this.#workshop;
    const doEvery = (pause: number, what: string, work: () => Promise<void>, until = signal) =>
      every(pause, until, work, (error) =>
        this.#options.log.warn({ err: error }, `${what} failed and will be retried`),
      );
    const open = new AbortController();
    const start = async () => {
      await this.#open();
      open.abort();
    };
    await doEvery(times.start, 'The start of the worker', start, AbortSignal.any([signal, open.signal]));
    if (signal.aborted) return;
    this.#options.log.info(`The worker does ${this.#row.tasks.join(', ') || 'nothing: no task is configured'}`);
    const duties: [pause: number, what: string, work: () => Promise<void>][] = [
      [times.cancel, 'The search for cancelled runs', () => this.#passOnCancels()],
      [times.schedules, 'The search for due schedules', () => this.#fireSchedules()],
      ...(this.#options.duties ?? []).map(({ name, pause, work }): (typeof duties)[number] => [
        pause,
        name,
        async () => void (await work(db, this.#workshop.runs, signal)),
      ]),
      [times.sweep, 'The search for lost steps', () => this.#sweep()],
      [times.log, 'The clean-up of the run log', () => keepRunLog(queue.db)],
      [times.alive, 'The sign of life', () => keepWorker(queue.db, this.#row)],
    ];
    await Promise.all(
      duties.map(async (duty, i) => {
        // All at once, each would open a connection of its own.
        await sleep(i * times.apart, undefined, { signal }).catch(() => {});
        await doEvery(...duty);
      }),
    );
  }

  async #open(): Promise<void> {
    const { queue, db } = this.#workshop;
    await Promise.all([
      queue.start(),
      saveSchedules(db, queue, this.#options.schedules),
      // Seen before its first attempt names it.
      keepWorker(queue.db, this.#row),
      // A day whose lines come before its partition gets none.
      keepRunLog(queue.db).catch(() => {}),
    ]);
    for (const name of this.#row.queues as QueueName[]) {
      queue.work(name, concurrency[name], async (job, lost) => {
        this.#handled += 1;
        try {
          return await this.#handle(job, lost);
        } finally {
          this.#handled -= 1;
        }
      });
    }
  }

  async #handle(job: ClaimedJob, lost: AbortSignal): Promise<boolean> {
    const { ticket, beginning } = job;
    if (!beginning) return false;
    const task = this.#tasks.get(ticket.task);
    const isStopping = this.#stopping.signal.aborted;
    if (!task || isStopping) return this.#giveBack(job, isStopping ? 0 : elsewhere);
    const obstacle = await task.obstacle?.(this.#options.adapters);
    if (obstacle !== undefined) return this.#giveBack(job, elsewhere, obstacle);
    const fits = Value.Check(task.params as TSchema, beginning.params);
    if (!fits && (await hasOtherVersion(this.#workshop.queue.db, this.#row, task.name)))
      return this.#giveBack(job, elsewhere);
    const attempt = new Attempt(this.#workshop, task, job, beginning, lost);
    this.#attempts.add(attempt);
    try {
      return await attempt.run();
    } finally {
      this.#attempts.delete(attempt);
    }
  }

  /** Leaves a step that has not begun to another worker. Its job completes afterwards. */
  async #giveBack({ ticket: { run, step }, claim }: ClaimedJob, delay: number, obstacle?: Error): Promise<boolean> {
    const { queue, engine, db } = this.#workshop;
    const error = obstacle && { ...failureJson(obstacle), type: 'Obstacle', stack: undefined };
    await db.transaction().execute(async (trx) => {
      if (!(await holdClaim(trx, claim))) return;
      if ((await lockRun(trx, run))?.isCancelled) await endAndAdvance(trx, engine, step, 'cancelled');
      else await sendAgain(trx, queue, step, { attempt: 'returned', error }, delay);
    });
    return false;
  }

  async #passOnCancels(): Promise<void> {
    const attempts = [...this.#attempts];
    if (attempts.length === 0) return;
    const cancelled = await findCancelled(
      this.#workshop.queue.db,
      attempts.map(({ ticket }) => ticket.run),
    );
    for (const attempt of attempts)
      if (cancelled.includes(attempt.ticket.run)) attempt.abort(new RunCancelled('The run was cancelled.'));
  }

  async #fireSchedules(): Promise<void> {
    const { db, queue, runs } = this.#workshop;
    const { timetables = [] } = this.#options;
    await saveTimetables(db, queue, timetables);
    await fireSchedules(db, queue, runs, this.#tasks, timetables);
  }

  /** Steps whose jobs are gone, as after a restore, get new ones; those that the queue gave up end. */
  async #sweep(): Promise<void> {
    const { db, queue, engine } = this.#workshop;
    for (let found = batchSize; found === batchSize; ) {
      found = await db.transaction().execute(async (trx) => {
        const steps = await lockLostSteps(trx, batchSize);
        for (const { id, isCancelled, isGivenUp } of steps) {
          if (isCancelled) await endAndAdvance(trx, engine, id, 'cancelled', { attempt: 'lost' });
          else if (isGivenUp) await endAndAdvance(trx, engine, id, 'failed', { attempt: 'lost', error: givenUp });
          else await sendAgain(trx, queue, id, { attempt: 'lost' });
        }
        return steps.length;
      });
    }
  }
}
