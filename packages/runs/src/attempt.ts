import type { FailureCode } from '@at/contracts/vocabulary';
import { isUnreachable } from '@at/db/database-fault';
import type { DB } from '@at/db/schema';
import type { Kysely, Transaction } from 'kysely';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { ClaimedJob, JobQueue, Ticket } from './job-queue.ts';
import {
  type Beginning,
  beginAttempt,
  endStep,
  failureJson,
  forgetError,
  holdClaim,
  keepOutput,
  lockRun,
  type Own,
  type OwnEnd,
  saveProgress,
} from './queries.ts';
import type { AttemptLog, RunLog } from './run-log.ts';
import type { Runs } from './runs.ts';
import { type Engine, endAndAdvance, sendAgain } from './send.ts';
import { ClaimLost, RunCancelled } from './states.ts';
import { FinalFailure, type Log, type Progress, type Task, type TaskContext } from './task.ts';

/** Milliseconds between two writes of progress. */
const progressPause = 500;
/** Milliseconds after which an attempt is written although it has not ended. A shorter one is written and announced once. */
const unnoticed = 200;

/** Why the signal of an attempt was aborted, beside RunCancelled. */
export class WorkerStops extends Error {
  override name = 'WorkerStops';
}
class TimeIsUp extends Error {
  override name = 'TimeIsUp';
  readonly failure = 'timeout' satisfies FailureCode;
}

export type Workshop<A> = {
  id: string;
  db: Kysely<DB>;
  queue: JobQueue;
  engine: Engine<A>;
  runs: Runs<A>;
  runLog: RunLog;
  log: Log;
  adapters: A;
};

/** One worker's attempt at a step: from the claim of its job to an outcome, another attempt, or another worker. */
export class Attempt<A> {
  readonly ticket: Ticket;
  readonly #task: Task<A>;
  readonly #own: Own;
  readonly #beginning: Beginning;
  readonly #workshop: Workshop<A>;
  readonly #log: AttemptLog;
  readonly #stop = new AbortController();
  readonly #lost: AbortSignal;
  #begun: Promise<void> | undefined;
  #isFinished = false;
  #progress: Progress | undefined;
  #progressTimer: NodeJS.Timeout | undefined;

  constructor(
    workshop: Workshop<A>,
    task: Task<A>,
    { ticket, claim }: ClaimedJob,
    beginning: Beginning,
    lost: AbortSignal,
  ) {
    this.ticket = ticket;
    this.#workshop = workshop;
    this.#task = task;
    this.#own = { claim, worker: workshop.id, at: beginning.at };
    this.#beginning = beginning;
    this.#lost = lost;
    const of = { run: ticket.run, task: task.name };
    const echo = (level: keyof Log) => (fields: object | string, text?: string) =>
      workshop.log[level]({ ...of, ...(typeof fields === 'object' && fields) }, text ?? (fields as string));
    const onMany = () => void this.#begin().catch(() => {});
    this.#log = workshop.runLog.of(claim, { info: () => {}, warn: echo('warn'), error: echo('error') }, onMany);
  }

  /** Asks the task to end. */
  abort(reason: RunCancelled | WorkerStops): void {
    this.#stop.abort(reason);
  }

  /** Returns whether its job is completed. Rejects only if the database failed; then the queue gives the job to another attempt. */
  async run(): Promise<boolean> {
    const { params, failures, isCancelled } = this.#beginning;
    if (isCancelled) this.abort(new RunCancelled('The run was cancelled.'));
    const begin = setTimeout(() => this.#begin().catch(() => {}), unnoticed);
    const timer = setTimeout(
      () => this.#stop.abort(new TimeIsUp(`The time of ${this.#task.timeout} s is up.`)),
      this.#task.timeout * 1_000,
    );
    try {
      // The attempt of the worker that was lost ends with it.
      if (this.#own.claim.retryCount > 0) await this.#begin();
      this.#stop.signal.throwIfAborted();
      if (!Value.Check(this.#task.params as TSchema, params))
        throw new Error('The parameters do not fit this version of the task.');
      await this.#task.run(params, this.#context());
      if (!this.#isFinished) throw new Error('The task ended without a call of finish.');
      return true;
    } catch (error) {
      return this.#isFinished || (await this.#settle(error, failures));
    } finally {
      for (const one of [begin, timer, this.#progressTimer]) clearTimeout(one);
      this.#log.open();
    }
  }

  /** Writes that it has begun, once. Throws ClaimLost. */
  #begin(): Promise<void> {
    if (this.#isFinished) return Promise.resolve();
    this.#begun ??= (async () => {
      try {
        if (!(await beginAttempt(this.#workshop.db, this.ticket.step, this.#own))) throw new ClaimLost();
        this.#log.open();
      } catch (error) {
        this.#begun = undefined;
        throw error;
      }
    })();
    return this.#begun;
  }

  #context(): TaskContext<A> {
    const { db, queue, engine, runs, adapters } = this.#workshop;
    const { run, step } = this.ticket;
    return {
      adapters,
      db,
      run,
      runs,
      kept: this.#beginning.kept,
      keep: (trx, value) => keepOutput(trx, step, value),
      log: this.#log.log,
      signal: AbortSignal.any([this.#stop.signal, this.#lost]),
      progress: (progress) => {
        this.#progress = progress;
        this.#progressTimer ??= setTimeout(() => this.#saveProgress(), progressPause);
      },
      checkpoint: async (work) => {
        await this.#begin();
        return db.transaction().execute(async (trx) => {
          if (!(await holdClaim(trx, this.#own.claim))) throw new ClaimLost();
          return work(trx);
        });
      },
      finish: async (last = null) => {
        const end = (on: Kysely<DB>, output: unknown, own: OwnEnd) => {
          const how = { own, output, progress: this.#progress };
          return on.isTransaction
            ? endAndAdvance(on as Transaction<DB>, engine, step, 'completed', how)
            : endStep(on, step, 'completed', how).then((ended) => ended !== undefined);
        };
        const isAlone = !this.#beginning.isPart && this.#task.ended === undefined;
        if (typeof last === 'function') await this.#conclude(async (trx, own) => end(trx, await last(trx), own));
        else if (isAlone) await this.#withLines((own) => end(db, last, own));
        else await this.#conclude((trx, own) => end(trx, last, own));
        this.#isFinished = true;
      },
      again: async (seconds, work = async () => {}) => {
        await this.#conclude(async (trx, own) => {
          await work(trx);
          if ((await lockRun(trx, run))?.isCancelled) return endAndAdvance(trx, engine, step, 'cancelled', { own });
          // What failed before has not failed this time.
          await forgetError(trx, step);
          return sendAgain(trx, queue, step, { own, attempt: 'returned' }, seconds);
        });
        this.#isFinished = true;
      },
    };
  }

  /** Writes what `work` does, unless the claim is gone. */
  async #conclude(work: (trx: Transaction<DB>, own: OwnEnd) => Promise<boolean>): Promise<void> {
    await this.#withLines((own) =>
      this.#workshop.db.transaction().execute(async (trx) => {
        if (!(await holdClaim(trx, own.claim)) || !(await work(trx, own))) throw new ClaimLost();
        return true;
      }),
    );
  }

  /** Who sees the outcome finds its lines: those of a short attempt are part of `write`. If others cannot be written, they follow later. */
  async #withLines(write: (own: OwnEnd) => Promise<boolean>): Promise<void> {
    const lines = this.#log.take();
    if (this.#begun) await this.#workshop.runLog.flush().catch(() => {});
    try {
      if (!(await write({ ...this.#own, lines }))) throw new ClaimLost();
    } catch (error) {
      this.#log.giveBack(lines);
      throw error;
    }
  }

  /**
   * Decides what follows an attempt that did not finish: another one, another worker, or the end of the step. Returns whether its job
   * is completed.
   */
  async #settle(error: unknown, failures: number): Promise<boolean> {
    const { queue, engine } = this.#workshop;
    const { run, step } = this.ticket;
    const log = this.#log.log;
    if (error instanceof Error && isUnreachable(error)) throw error;
    const { reason } = this.#stop.signal;
    const cause = reason instanceof TimeIsUp ? reason : error;
    const outcome = reason instanceof TimeIsUp ? 'timeout' : 'failed';
    const delay = error instanceof FinalFailure ? undefined : this.#task.retries[failures];
    if (!(reason instanceof RunCancelled || reason instanceof WorkerStops || error instanceof ClaimLost)) {
      const message = cause instanceof Error ? cause.message : 'The attempt failed.';
      if (delay === undefined) log.error({ err: cause }, `${message} That was the last attempt.`);
      else log.warn({ err: cause }, `${message} Another attempt follows in ${delay} s.`);
    }
    try {
      await this.#conclude(async (trx, own) => {
        // A cancel that comes at the same time waits, or is seen here.
        if ((await lockRun(trx, run))?.isCancelled) return endAndAdvance(trx, engine, step, 'cancelled', { own });
        if (reason instanceof WorkerStops) return sendAgain(trx, queue, step, { own, attempt: 'returned' });
        if (delay !== undefined) {
          const end = { own, attempt: outcome, error: failureJson(cause), isFailure: true } as const;
          return sendAgain(trx, queue, step, end, delay);
        }
        const end = { own, error: failureJson(cause), progress: this.#progress };
        return endAndAdvance(trx, engine, step, outcome, end);
      });
      return true;
    } catch (problem) {
      if (!(problem instanceof ClaimLost)) throw problem;
      log.warn({ err: error }, problem.message);
      return false;
    }
  }

  #saveProgress(): void {
    this.#progressTimer = undefined;
    if (this.#progress && !this.#isFinished)
      saveProgress(this.#workshop.db, this.#own.claim, this.#progress).catch(() => {});
  }
}
