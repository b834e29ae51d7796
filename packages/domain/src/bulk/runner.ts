import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type Transmission, TransmissionError } from '@at/adapters/transmission';
import type { Operation } from '@at/contracts/bulk';
import { databaseFault } from '@at/db/database-fault';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Log } from '../log.ts';
import {
  claimOperation,
  findOperation,
  findOwed,
  findStart,
  findUnfinished,
  finishOperation,
  lockItems,
  lockRunning,
  type Outcome,
  type Outside,
  type RunItem,
  recordOutcomes,
  releaseOperation,
  settleOwed,
} from './queries.ts';
import { skipped } from './rules.ts';
import { type Adapters, type BulkSteps, stepsOf } from './steps.ts';
import { deleteOldOperations } from './writes.ts';

/** Items per transaction; events still name every row of a batch of this size. */
const batchSize = 100;
/** Concurrent operations per process, each with its own connection. */
const concurrency = 2;
/** Milliseconds. */
const times = { cleanUp: 3_600_000, lockRetry: 250, circuitOpen: 30_000, slowCall: 1_000 };

/** The operation was cancelled or this process stops: the current batch is not written. */
class Stopped extends Error {
  override name = 'Stopped';
}

/** The item has changed since the preview: its outcome is recorded, and its new torrent is removed. */
class NotWritten extends Error {
  override name = 'NotWritten';
}

type Run = { session: Kysely<DB>; id: string; total: number; steps: BulkSteps };

/**
 * Runs operations, in any process. The connection that runs an operation holds an advisory lock until it closes. Another
 * process continues an interrupted operation, at its start or with its next sweep.
 */
export class OperationRunner {
  readonly #db: Kysely<DB>;
  readonly #adapters: Adapters;
  readonly #log: Log;
  readonly #onWrite: () => void;
  readonly #sweepInterval: number;
  readonly #active = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #isWoken = false;
  #isStopping = false;
  #isWarned = false;
  #nextCleanUp = 0;
  /** Operations that another process runs or that were interrupted, oldest first. */
  #passedOver: string[] = [];

  /** `onWrite` is called after each batch, and when an operation ends. */
  constructor(db: Kysely<DB>, adapters: Adapters, log: Log, onWrite: () => void, sweepInterval: number) {
    this.#db = db;
    this.#adapters = { ...adapters, transmission: withCircuitBreaker(adapters.transmission) };
    this.#log = log;
    this.#onWrite = onWrite;
    this.#sweepInterval = sweepInterval;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), this.#sweepInterval).unref();
    this.wake();
  }

  /** Stops after the item or batch in flight; another process continues. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#sweeping;
    await Promise.all(this.#active.values());
  }

  /** Looks for operations to run. */
  wake(): void {
    this.#isWoken = true;
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
      // Woken after the last query.
      if (this.#isWoken && !this.#isStopping) this.wake();
    });
  }

  async #sweep(): Promise<void> {
    while (this.#isWoken && !this.#isStopping) {
      this.#isWoken = false;
      try {
        if (performance.now() >= this.#nextCleanUp) {
          this.#nextCleanUp = performance.now() + times.cleanUp;
          await deleteOldOperations(this.#db);
        }
        if (this.#active.size >= concurrency) return;
        const unfinished = await findUnfinished(this.#db);
        this.#passedOver = this.#passedOver.filter((id) => unfinished.includes(id));
        // Operations that were never passed over have index -1 and come first, so that blocked ones do not delay them.
        const turns = unfinished.toSorted((a, b) => this.#passedOver.indexOf(a) - this.#passedOver.indexOf(b));
        for (const id of turns) {
          if (this.#active.size >= concurrency || this.#isStopping) return;
          if (!this.#active.has(id)) this.#begin(id);
        }
        this.#isWarned = false;
      } catch (error) {
        this.#warn(error, 'Looking for operations failed');
      }
    }
  }

  #begin(id: string): void {
    const work = this.#work(id)
      .catch((error: unknown) => {
        this.#warn(error, `Operation ${id} was interrupted and will be retried`);
        return false;
      })
      .then((hasEnded) => {
        this.#active.delete(id);
        this.#passedOver = this.#passedOver.filter((other) => other !== id);
        if (!hasEnded) this.#passedOver.push(id);
        // Not after an operation that another process runs or that failed: that would be a busy loop.
        if (hasEnded && !this.#isStopping) this.wake();
      });
    this.#active.set(id, work);
  }

  /** Warns once until a sweep succeeds: during an outage the same error comes with every sweep. */
  #warn(err: unknown, message: string): void {
    if (this.#isStopping) return;
    if (!this.#isWarned) this.#log.warn({ err }, message);
    this.#isWarned = true;
  }

  /** Runs an operation to its end; false: another process runs it. */
  async #work(id: string): Promise<boolean> {
    return this.#db.connection().execute(async (session) => {
      if (!(await claimOperation(session, id))) return false;
      try {
        const operation = await findOperation(session, id);
        if (operation) await this.#run(session, operation);
        return true;
      } finally {
        // A broken connection has lost its lock.
        await releaseOperation(session, id).catch(() => {});
      }
    });
  }

  async #run(session: Kysely<DB>, operation: Operation): Promise<void> {
    const { operation_id: id, total, run_by, actor, run_by_verified } = operation;
    const by = { name: run_by ?? actor, verified: run_by_verified };
    const run = {
      session,
      id,
      total,
      steps: stepsOf({ db: this.#db, adapters: this.#adapters, log: this.#log, operation, actor: by }),
    };
    try {
      await this.#settle(run);
      if (operation.state === 'running') await this.#writeAll(run);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      if (this.#isStopping) return;
      await this.#settle(run);
    }
    await finishOperation(session, id);
    this.#onWrite();
  }

  async #writeAll(run: Run): Promise<void> {
    /** Remaining items of a refused batch, which are written one by one. */
    let single = 0;
    for (let offset = await findStart(run.session, run.id); offset < run.total; ) {
      // Between batches, let other work use this process and these rows.
      await setImmediate();
      if (this.#isStopping) throw new Stopped();
      const size = run.steps.addTorrent || single > 0 ? 1 : batchSize;
      single -= 1;
      try {
        const outcomes = await (run.steps.addTorrent
          ? this.#addTorrentAndWrite(run, run.steps.addTorrent, offset)
          : this.#write(run, offset, size));
        if (outcomes.some(({ owed }) => owed)) await this.#settle(run);
        offset += size;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (size > 1) {
          single = size;
          continue;
        }
        await this.#fail(run, offset, `The database refused the change (${(error as { code: string }).code}).`);
        offset += size;
      }
    }
  }

  /** Changes the next items and records the outcomes, in one transaction. Throws Stopped. */
  async #write(run: Run, offset: number, size: number, outside: Outside | null = null): Promise<Outcome[]> {
    return this.#inTransaction(run, offset, size, async (trx, items) => {
      const outcomes = await run.steps.write(trx, items);
      return outside ? outcomes.map((outcome) => ({ ...outcome, outside })) : outcomes;
    });
  }

  async #fail(run: Run, offset: number, problem: string): Promise<void> {
    await this.#inTransaction(run, offset, 1, async (_, items) =>
      items.map((item) => skipped(item, 'failed', problem)),
    );
  }

  async #inTransaction(
    { session, id }: Run,
    offset: number,
    size: number,
    change: (trx: Kysely<DB>, items: RunItem[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const outcomes = await session.transaction().execute(async (trx) => {
          if (!(await lockRunning(trx, id))) throw new Stopped();
          const items = await lockItems(trx, id, offset, size);
          if (items.length === 0) return [];
          const changed = await change(trx, items);
          await recordOutcomes(trx, id, changed);
          return changed;
        });
        this.#onWrite();
        return outcomes;
      } catch (error) {
        // Another session has locked a row.
        if ((error as { code?: string }).code !== '55P03' || attempt === 40) throw error;
        await sleep(times.lockRetry);
        if (this.#isStopping) throw new Stopped();
      }
    }
  }

  /** Writes the next item once Transmission has its torrent; no transaction is open during the call. */
  async #addTorrentAndWrite(
    run: Run,
    addTorrent: NonNullable<BulkSteps['addTorrent']>,
    offset: number,
  ): Promise<Outcome[]> {
    const [item] = await lockItems(run.session, run.id, offset, 1);
    if (!item) return [];
    let outcomes: Outcome[] = [];
    try {
      const problem = await addTorrent(run.session, item, async (outside) => {
        if (this.#isStopping) throw new Stopped();
        outcomes = await this.#write(run, offset, 1, outside);
        if (outcomes[0]?.result !== 'done') throw new NotWritten();
      });
      if (problem !== null) await this.#fail(run, offset, problem);
    } catch (error) {
      if (!(error instanceof NotWritten)) throw error;
    }
    return outcomes;
  }

  /** Runs the side effects of written items, one by one. */
  async #settle({ session, id, steps }: Run): Promise<void> {
    for (;;) {
      const owed = await findOwed(session, id, batchSize);
      if (owed.length === 0) return;
      for (const item of owed) {
        if (this.#isStopping) throw new Stopped();
        await settleOwed(session, id, { position: item.position, ...(await steps.afterWrite(item)) });
      }
    }
  }
}

/** Whether the database rejects this change permanently; any other error is retried. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && code !== '55P03' && !databaseFault(error as Error);
}

/** A circuit breaker: after a call that timed out, every call fails at once for half a minute. */
function withCircuitBreaker(transmission: Transmission): Transmission {
  let until = 0;
  let last = '';
  const guarded =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const began = performance.now();
      if (began < until) throw new TransmissionError(`${last} Further calls are paused for a moment.`);
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof TransmissionError && performance.now() - began > times.slowCall) {
          until = performance.now() + times.circuitOpen;
          last = error.message;
        }
        throw error;
      }
    };
  return { ...transmission, add: guarded(transmission.add), remove: guarded(transmission.remove) };
}
