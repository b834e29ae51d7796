import { createPool, type PoolOptions } from '@at/db/client';
import { isUnreachable } from '@at/db/database-fault';
import { listen } from '@at/db/listen';
import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import pg from 'pg';
import { type ConstructorOptions, fromKysely, type Job, PgBoss } from 'pg-boss';
import type { QueueName } from './task.ts';

/** The only part of the product that calls pg-boss, in which jobs wait until workers claim them. */

/** What a job says. */
export type Ticket = { run: string; step: string; task: string };

/** A worker's hold on a job. After a takeover the job has another `retryCount`. */
export type Claim = { queue: QueueName; jobId: string; retryCount: number };

export type Handler = (ticket: Ticket, claim: Claim, lost: AbortSignal) => Promise<void>;

/**
 * Seconds. They belong together: with a slower supervision or slower polling it takes up to 90 seconds until another worker
 * has the step of a killed one. The heartbeat of ten seconds is in the queues.
 */
const times = { supervise: 2, refresh: 5, poll: 1 };

export class JobQueue {
  readonly #boss: PgBoss;
  readonly #pool: pg.Pool;
  #started: Promise<unknown> | undefined;

  /** `supervises`: also hands out the jobs of lost workers again, and listens for new ones. */
  constructor(options: PoolOptions, { supervises, onError }: { supervises: boolean; onError: (error: Error) => void }) {
    const named = { ...options, applicationName: 'rear-differential jobs' };
    // Its own types of values: the library expects the driver's.
    const pool = createPool({ ...named, max: supervises ? 3 : 1, config: { types: pg.types } });
    const db: NonNullable<ConstructorOptions['db']> = {
      executeSql: async (text, values) => {
        const result = await (pool.query(text, values) as Promise<pg.QueryResult | pg.QueryResult[]>);
        return { rows: [result].flat().flatMap(({ rows }) => rows) };
      },
      listen: async (channel, onNotification, onListening) => {
        const close = listen(named, channel, onNotification, onListening);
        return { close: async () => close() };
      },
    };
    this.#pool = pool;
    this.#boss = new PgBoss({
      db,
      schema: 'console',
      // Only migrations change the schema.
      migrate: false,
      createSchema: false,
      reindex: false,
      // Schedules, the list of workers and the dependencies of steps are ours.
      schedule: false,
      registerInstance: false,
      flowIntervalSeconds: 3_600,
      supervise: supervises,
      superviseIntervalSeconds: times.supervise,
      monitorIntervalSeconds: times.supervise,
      useListenNotify: supervises,
    });
    // What fails because of an unreachable database reports it; this would do so several times a second.
    this.#boss.on('error', (error) => isUnreachable(error) || onError(error));
  }

  /**
   * Happens with the first job that is sent, too, so that a program starts without its database. Rejects while that cannot be
   * reached, or does not have the tables of this version.
   */
  async start(): Promise<void> {
    // Once: while it stops, another start would wait for the stop, which waits for the transaction of the caller.
    this.#started ??= this.#boss.start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    await this.#started;
  }

  /** Adds a job in a transaction. `delay`: seconds before it may be claimed. */
  async send(
    trx: Transaction<DB>,
    queue: string,
    jobId: string,
    ticket: Ticket,
    { priority = 0, delay = 0 }: { priority?: number | undefined; delay?: number | undefined } = {},
  ): Promise<void> {
    await this.start();
    const sent = await this.#boss.send(queue, ticket, { id: jobId, priority, startAfter: delay, db: fromKysely(trx) });
    if (sent === null) throw new Error(`The job ${jobId} was not added to the queue ${queue}.`);
  }

  /**
   * Claims jobs, up to `concurrency` at a time. A job completes when its handler returns; one whose handler throws is given to the
   * next worker at once.
   */
  async work(queue: QueueName, concurrency: number, handle: Handler): Promise<void> {
    const options = {
      localConcurrency: concurrency,
      pollingIntervalSeconds: times.poll,
      notifyPollingIntervalSeconds: times.poll,
      heartbeatRefreshSeconds: times.refresh,
    };
    await this.#boss.work<Ticket>(queue, options, async ([job]) => {
      const { id, retryCount, data, signal } = job as Job<Ticket> & { retryCount: number };
      try {
        await handle(data, { queue, jobId: id, retryCount }, signal);
      } finally {
        // Without this a worker sleeps after each job until it polls.
        for (const worker of this.#boss.getWipData()) {
          if (worker.name === queue && worker.count > 0) this.#boss.notifyWorker(worker.id);
        }
      }
    });
  }

  /** Claims no more jobs. */
  async stopClaiming(queue: QueueName): Promise<void> {
    await this.#boss.offWork(queue, { wait: false });
  }

  /** The first `count` times of a cron expression after a time. Throws if it has none. */
  timesOf(cron: string, timeZone: string, from: Date, count: number): Date[] {
    return this.#boss.previewSchedule(cron, { tz: timeZone, from, count });
  }

  /** Jobs that are still claimed are given to other workers. */
  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false });
    await this.#pool.end();
  }
}
