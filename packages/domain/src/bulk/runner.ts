import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '@at/contracts/bulk';
import { databaseFault } from '@at/db/database-fault';
import type { DB } from '@at/db/schema';
import { isLockTimeout } from '@at/db/writes';
import type { Kysely } from 'kysely';
import type { Log } from '../log.ts';
import { withCircuitBreaker } from '../media/circuit-breaker.ts';
import {
  claimOperation,
  findLocked,
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
import { type Adapters, type BulkSteps, type Close, stepsOf } from './steps.ts';

/** Items per transaction; events still name every row of a batch of this size. */
const batchSize = 100;
/** Concurrent operations per process, each with its own connection. */
const concurrency = 2;
/** Milliseconds. */
const times = { lockRetry: 250 };

const lockedProblem =
  'Another session of the database has locked it, so it was not changed. Run the change again for it.';

/** The operation was cancelled or this process stops: the current batch is not written. */
class Stopped extends Error {
  override name = 'Stopped';
}

/** The item has changed since the preview: its outcome is recorded, and its new torrent is removed. */
class NotWritten extends Error {
  override name = 'NotWritten';
}

type Run = {
  session: Kysely<DB>;
  id: string;
  subject: Operation['subject'];
  total: number;
  steps: BulkSteps;
  /** Whether to leave out rows that another session has locked; from the first one on. */
  sparesLocked: boolean;
};

/** Whether an item is as its change wants it, now or already before. */
const isAccepted = ({ result }: Outcome) => result === 'done' || result === 'unchanged';

/** What became of the next items, and whether some were left out because another session has locked their rows. */
type Written = { outcomes: Outcome[]; isLeft: boolean };

/**
 * Runs operations, in any process. The connection that runs an operation holds an advisory lock until it closes. Another
 * process continues an interrupted operation, at its start or with its next sweep.
 */
export class OperationRunner {
  readonly #db: Kysely<DB>;
  readonly #adapters: Adapters;
  readonly #owner: number;
  readonly #log: Log;
  readonly #onWrite: () => void;
  readonly #sweepInterval: number;
  readonly #lockPatience: number;
  readonly #active = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #isWoken = false;
  #isStopping = false;
  #isWarned = false;
  /** Operations that another process runs or that were interrupted, oldest first. */
  #passedOver: string[] = [];

  /**
   * `owner` does the intents of the operations. `onWrite` is called after each batch, and when an operation ends.
   * `lockPatience`: milliseconds to wait at the end for rows that another session has locked.
   */
  constructor(
    db: Kysely<DB>,
    adapters: Adapters,
    owner: number,
    log: Log,
    onWrite: () => void,
    { sweepInterval, lockPatience }: { sweepInterval: number; lockPatience: number },
  ) {
    this.#db = db;
    this.#owner = owner;
    this.#adapters = { ...adapters, transmission: withCircuitBreaker(adapters.transmission) };
    this.#log = log;
    this.#onWrite = onWrite;
    this.#sweepInterval = sweepInterval;
    this.#lockPatience = lockPatience;
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
    const { operation_id: id, subject, total, run_by, actor, run_by_verified } = operation;
    const by = { name: run_by ?? actor, verified: run_by_verified };
    const run: Run = {
      session,
      id,
      subject,
      total,
      sparesLocked: false,
      steps: stepsOf({ adapters: this.#adapters, owner: this.#owner, log: this.#log, operation, actor: by }),
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

  /** Writes all items. Rows that another session has locked are tried again at the end; then they fail alone. */
  async #writeAll(run: Run): Promise<void> {
    const isLeft = await this.#writePending(run, Number.POSITIVE_INFINITY);
    if (isLeft) await this.#writePending(run, performance.now() + this.#lockPatience);
  }

  /**
   * Writes the pending items. Returns whether locked rows were left. With a time `until` it waits for them; what is
   * still locked then fails.
   */
  async #writePending(run: Run, until: number): Promise<boolean> {
    const isLast = Number.isFinite(until);
    let wasLeft = false;
    /** Remaining items of a refused batch, which are written one by one. */
    let single = 0;
    for (let offset = await findStart(run.session, run.id); offset < run.total; ) {
      // Between batches, let other work use this process and these rows.
      await setImmediate();
      if (this.#isStopping) throw new Stopped();
      const size = run.steps.addTorrent || single > 0 ? 1 : batchSize;
      single -= 1;
      try {
        const { outcomes, isLeft } = await this.#writeFree(run, offset, size);
        if (outcomes.some(({ owed }) => owed)) await this.#settle(run);
        if (isLeft && isLast && performance.now() < until) {
          await sleep(times.lockRetry);
          continue;
        }
        if (isLeft && isLast) await this.#fail(run, offset, size, lockedProblem);
        wasLeft ||= isLeft;
        offset += size;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (size > 1) {
          single = size;
          continue;
        }
        await this.#fail(run, offset, size, `The database refused the change (${(error as { code: string }).code}).`);
        offset += size;
      }
    }
    return wasLeft;
  }

  /** Writes the next items whose rows no other session has locked. */
  async #writeFree(run: Run, offset: number, size: number): Promise<Written> {
    const write = () =>
      run.steps.addTorrent
        ? this.#addTorrentAndWrite(run, run.steps.addTorrent, offset)
        : this.#write(run, offset, size);
    try {
      return await write();
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
    }
    run.sparesLocked = true;
    try {
      return await write();
    } catch (error) {
      // More than rows are locked: the table, or the operation.
      if (!isLockTimeout(error)) throw error;
      return { outcomes: [], isLeft: true };
    }
  }

  /** Changes the next items and records the outcomes, in one transaction. Throws Stopped. */
  async #write(
    run: Run,
    offset: number,
    size: number,
    outside: Outside | null = null,
    close?: Close,
  ): Promise<Written> {
    let isLeft = false;
    const outcomes = await this.#inTransaction(run, offset, size, async (trx, items) => {
      const locked = run.sparesLocked ? await findLocked(trx, run.subject, items) : new Set();
      isLeft = locked.size > 0;
      const free = items.filter(({ key }) => !locked.has(key)).map((item) => (outside ? { ...item, outside } : item));
      const written = free.length > 0 ? await run.steps.write(trx, free) : [];
      if (written.some(isAccepted)) await close?.(trx);
      return outside?.added ? written.map((outcome) => ({ ...outcome, outside })) : written;
    });
    return { outcomes, isLeft };
  }

  async #fail(run: Run, offset: number, size: number, problem: string): Promise<void> {
    await this.#inTransaction(run, offset, size, async (_, items) =>
      items.map((item) => skipped(item, 'failed', problem)),
    );
  }

  async #inTransaction(
    { session, id }: Run,
    offset: number,
    size: number,
    change: (trx: Kysely<DB>, items: RunItem[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
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
  }

  /** Writes the next item once Transmission has its torrent; no transaction is open during the call. */
  async #addTorrentAndWrite(
    run: Run,
    addTorrent: NonNullable<BulkSteps['addTorrent']>,
    offset: number,
  ): Promise<Written> {
    const [item] = await lockItems(run.session, run.id, offset, 1);
    if (!item) return { outcomes: [], isLeft: false };
    // Before the call: the torrent would be added in vain.
    if ((await findLocked(run.session, run.subject, [item])).size > 0) return { outcomes: [], isLeft: true };
    let outcomes: Outcome[] = [];
    try {
      const problem = await addTorrent(run.session, item, async (outside, close) => {
        if (this.#isStopping) throw new Stopped();
        ({ outcomes } = await this.#write(run, offset, 1, outside, close));
        if (!outcomes[0] || !isAccepted(outcomes[0])) throw new NotWritten();
      });
      if (problem !== null) await this.#fail(run, offset, 1, problem);
    } catch (error) {
      if (!(error instanceof NotWritten)) throw error;
    }
    return { outcomes, isLeft: false };
  }

  /** Runs the side effects of written items, one by one. */
  async #settle({ session, id, steps }: Run): Promise<void> {
    for (;;) {
      const owed = await findOwed(session, id, batchSize);
      if (owed.length === 0) return;
      for (const item of owed) {
        if (this.#isStopping) throw new Stopped();
        await settleOwed(session, id, { position: item.position, ...(await steps.afterWrite(session, item)) });
      }
    }
  }
}

/** Whether the database rejects this change permanently; any other error is retried. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !databaseFault(error as Error);
}
