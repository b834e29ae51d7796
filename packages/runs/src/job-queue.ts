import { createDb, createPool, type PoolOptions, runPrepared } from '@at/db/client';
import { isUnreachable } from '@at/db/database-fault';
import { listen } from '@at/db/listen';
import type { DB } from '@at/db/schema';
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import pg from 'pg';
import { type ConstructorOptions, type Job, PgBoss } from 'pg-boss';
import { Claims } from './claims.ts';
import { type Beginning, withSteps } from './queries.ts';
import type { QueueName } from './task.ts';

/** The only part of the product that calls pg-boss, in which jobs wait until workers claim them. */

/** What a job says. */
export type Ticket = { run: string; step: string; task: string };

/** A worker's hold on a job. After a takeover the job has another `retryCount`. */
export type Claim = { queue: QueueName; jobId: string; retryCount: number };

/** A claimed job. `beginning`: undefined if its step has ended, or has another job. */
export type ClaimedJob = { ticket: Ticket; claim: Claim; beginning: Beginning | undefined };

/** `lost`: another worker has the job. Returns whether the job is completed already. */
export type Handler = (job: ClaimedJob, lost: AbortSignal) => Promise<boolean>;

/**
 * Seconds. With a slower supervision, or slower polling, it takes up to 90 seconds until another worker has the step of a killed
 * one. The heartbeat of ten seconds is in the queues.
 */
const supervision = 2;

type Database = NonNullable<ConstructorOptions['db']>;

/** For the library's statements that each step needs: they are long, and take longer to parse than to run. */
const prepared = (db: Kysely<DB>, change = (text: string) => text): Database => ({
  executeSql: async (text, values = []) => ({ rows: await runPrepared(db, CompiledQuery.raw(change(text), values)) }),
});

export class JobQueue {
  readonly #boss: PgBoss;
  readonly #pool: pg.Pool;
  /** For short statements that must not wait until a task gives a connection back. Times are Dates. */
  readonly db: Kysely<DB>;
  readonly #claims = new Map<string, Claims<ClaimedJob>>();
  readonly #onError: (error: Error) => void;
  #started: Promise<unknown> | undefined;

  /** `supervises`: also hands out the jobs of lost workers again, and listens for new ones. */
  constructor(options: PoolOptions, { supervises, onError }: { supervises: boolean; onError: (error: Error) => void }) {
    const named = { ...options, applicationName: 'rear-differential jobs' };
    // Its own types of values: the library expects the driver's.
    const pool = createPool({ ...named, max: supervises ? 2 : 1, config: { types: pg.types } });
    const db: Database = {
      executeSql: async (text, values) => {
        const result = await (pool.query(text, values) as Promise<pg.QueryResult | pg.QueryResult[]>);
        return { rows: [result].flat().flatMap(({ rows }) => rows) };
      },
      listen: async (channel, onNotification, onListening) => {
        const onJobs = (queue: string) => {
          this.#claims.get(queue)?.look();
          onNotification(queue);
        };
        const close = listen(named, channel, onJobs, () => {
          for (const claims of this.#claims.values()) claims.look();
          onListening();
        });
        return { close: async () => close() };
      },
    };
    this.#pool = pool;
    this.db = createDb(pool);
    this.#onError = onError;
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
      superviseIntervalSeconds: supervision,
      monitorIntervalSeconds: supervision,
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
    const sent = await this.#boss.send(queue, ticket, { id: jobId, priority, startAfter: delay, db: prepared(trx) });
    if (sent === null) throw new Error(`The job ${jobId} was not added to the queue ${queue}.`);
  }

  /**
   * Claims jobs, up to `most` at a time. A job completes when its handler returns, if it has not before; one whose handler throws is
   * given to the next worker at once.
   */
  work(queue: QueueName, most: number, handle: Handler): void {
    const claimDb = prepared(this.db, withSteps);
    const attempt = ({ claim: { jobId, retryCount } }: ClaimedJob) => ({ id: jobId, retryCount });
    const source = {
      claim: async (room: number) => {
        const jobs = await this.#boss.fetch<Ticket>(queue, { batchSize: room, db: claimDb });
        return (jobs as (Job<Ticket> & { retryCount: number; beginning: Beginning | null })[]).map(
          ({ id, retryCount, data, beginning }) => ({
            ticket: data,
            claim: { queue, jobId: id, retryCount },
            beginning: beginning ?? undefined,
          }),
        );
      },
      touch: async (jobs: ClaimedJob[]) => {
        const { settled } = (await this.#boss.touch(queue, jobs.map(attempt))) as { settled?: string[] };
        return settled ?? [];
      },
      complete: (job: ClaimedJob) => this.#boss.complete(queue, attempt(job)),
      fail: (jobs: ClaimedJob[], error: unknown) => this.#boss.fail(queue, jobs.map(attempt), error as object),
    };
    this.#claims.set(queue, new Claims(source, most, handle, this.#onError));
  }

  /** Claims no more jobs. */
  stopClaiming(): void {
    for (const claims of this.#claims.values()) claims.stopClaiming();
  }

  /** The first times of a cron expression after a time, `count` or fewer. Throws if it has none. */
  timesOf(cron: string, timeZone: string, from: Date, count: number): Date[] {
    try {
      return this.#boss.previewSchedule(cron, { tz: timeZone, from, count });
    } catch (error) {
      if (count === 1) throw error;
      // It refuses several when the machine stalls for a second, but never one.
      return this.timesOf(cron, timeZone, from, 1);
    }
  }

  /** Jobs that are still claimed are given to other workers. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#claims.values()].map((claims) => claims.stop()));
    await this.#boss.stop({ graceful: false });
    await this.#pool.end();
  }
}
