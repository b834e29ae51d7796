import type { FailureCode } from '@at/contracts/vocabulary';
import { isUnreachable } from '@at/db/database-fault';
import type { DB } from '@at/db/schema';
import type { Kysely, Transaction } from 'kysely';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Claim, JobQueue, Ticket } from './job-queue.ts';
import { beginAttempt, failureJson, forgetError, holdClaim, keepOutput, lockRun, saveProgress } from './queries.ts';
import type { RunLog } from './run-log.ts';
import type { Runs } from './runs.ts';
import { type Engine, endAndAdvance, sendAgain } from './send.ts';
import { ClaimLost, RunCancelled } from './states.ts';
import { FinalFailure, type Json, type Log, type Progress, type Task, type TaskContext } from './task.ts';

/** Milliseconds between two writes of progress. */
const progressPause = 500;

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
  readonly #claim: Claim;
  readonly #workshop: Workshop<A>;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #lost: AbortSignal;
  #isFinished = false;
  #progress: Progress | undefined;
  #progressTimer: NodeJS.Timeout | undefined;

  constructor(workshop: Workshop<A>, task: Task<A>, ticket: Ticket, claim: Claim, lost: AbortSignal) {
    this.ticket = ticket;
    this.#workshop = workshop;
    this.#task = task;
    this.#claim = claim;
    this.#lost = lost;
    const of = { run: ticket.run, task: task.name };
    const echo = (level: keyof Log) => (fields: object | string, text?: string) =>
      workshop.log[level]({ ...of, ...(typeof fields === 'object' && fields) }, text ?? (fields as string));
    this.#log = workshop.runLog.of(claim, { info: () => {}, warn: echo('warn'), error: echo('error') });
  }

  /** Asks the task to end. */
  abort(reason: RunCancelled | WorkerStops): void {
    this.#stop.abort(reason);
  }

  /** Rejects only if the database failed; then the queue gives the job to another attempt. */
  async run(): Promise<void> {
    const begun = await this.#begin();
    if (!begun) return;
    if (begun.isCancelled) this.abort(new RunCancelled('The run was cancelled.'));
    const timer = setTimeout(
      () => this.#stop.abort(new TimeIsUp(`The time of ${this.#task.timeout} s is up.`)),
      this.#task.timeout * 1_000,
    );
    try {
      this.#stop.signal.throwIfAborted();
      if (!Value.Check(this.#task.params as TSchema, begun.params))
        throw new Error('The parameters do not fit this version of the task.');
      await this.#task.run(begun.params, this.#context(begun.kept));
      if (!this.#isFinished) throw new Error('The task ended without a call of finish.');
    } catch (error) {
      if (!this.#isFinished) await this.#settle(error, begun.failures);
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#progressTimer);
    }
  }

  async #begin() {
    return beginAttempt(this.#workshop.db, this.ticket, this.#claim, this.#workshop.id);
  }

  #context(kept: Json): TaskContext<A> {
    const { db, queue, engine, runs, adapters } = this.#workshop;
    return {
      adapters,
      db,
      run: this.ticket.run,
      runs,
      kept,
      keep: (trx, value) => keepOutput(trx, this.ticket.step, value),
      log: this.#log,
      signal: AbortSignal.any([this.#stop.signal, this.#lost]),
      progress: (progress) => {
        this.#progress = progress;
        this.#progressTimer ??= setTimeout(() => this.#saveProgress(), progressPause);
      },
      checkpoint: (work) =>
        db.transaction().execute(async (trx) => {
          if (!(await holdClaim(trx, this.#claim))) throw new ClaimLost();
          return work(trx);
        }),
      finish: async (work = async () => null) => {
        await this.#conclude(async (trx) => {
          const output = await work(trx);
          await endAndAdvance(trx, engine, this.ticket.step, 'completed', { output, progress: this.#progress });
        });
        this.#isFinished = true;
      },
      again: async (seconds, work = async () => {}) => {
        const { run, step } = this.ticket;
        await this.#conclude(async (trx) => {
          await work(trx);
          if ((await lockRun(trx, run))?.isCancelled) await endAndAdvance(trx, engine, step, 'cancelled');
          else {
            await sendAgain(trx, queue, step, { attempt: 'returned' }, seconds);
            // What failed before has not failed this time.
            await forgetError(trx, step);
          }
        });
        this.#isFinished = true;
      },
    };
  }

  /**
   * Writes what `work` does, unless the claim is gone. The job completes behind it: if that does not happen, the next worker that
   * gets the job finds that the step has ended, or has another job.
   */
  async #conclude(work: (trx: Transaction<DB>) => Promise<void>): Promise<void> {
    const { db, runLog } = this.#workshop;
    const lines = runLog.flush().catch(() => {});
    await db.transaction().execute(async (trx) => {
      if (!(await holdClaim(trx, this.#claim))) throw new ClaimLost();
      await work(trx);
      // Who sees the outcome finds its lines. If they cannot be written, they follow later.
      await lines;
    });
  }

  /** Decides what follows an attempt that did not finish: another one, another worker, or the end of the step. */
  async #settle(error: unknown, failures: number): Promise<void> {
    const { queue, engine } = this.#workshop;
    const { run, step } = this.ticket;
    if (error instanceof Error && isUnreachable(error)) throw error;
    const { reason } = this.#stop.signal;
    const cause = reason instanceof TimeIsUp ? reason : error;
    const outcome = reason instanceof TimeIsUp ? 'timeout' : 'failed';
    const delay = error instanceof FinalFailure ? undefined : this.#task.retries[failures];
    if (!(reason instanceof RunCancelled || reason instanceof WorkerStops || error instanceof ClaimLost)) {
      const message = cause instanceof Error ? cause.message : 'The attempt failed.';
      if (delay === undefined) this.#log.error({ err: cause }, `${message} That was the last attempt.`);
      else this.#log.warn({ err: cause }, `${message} Another attempt follows in ${delay} s.`);
    }
    try {
      await this.#conclude(async (trx) => {
        // A cancel that comes at the same time waits, or is seen here.
        if ((await lockRun(trx, run))?.isCancelled) await endAndAdvance(trx, engine, step, 'cancelled');
        else if (reason instanceof WorkerStops) await sendAgain(trx, queue, step, { attempt: 'returned' });
        else if (delay === undefined)
          await endAndAdvance(trx, engine, step, outcome, { error: failureJson(cause), progress: this.#progress });
        else {
          const end = { attempt: outcome, error: failureJson(cause), isFailure: true } as const;
          await sendAgain(trx, queue, step, end, delay);
        }
      });
    } catch (problem) {
      if (!(problem instanceof ClaimLost)) throw problem;
      this.#log.warn({ err: error }, problem.message);
    }
  }

  #saveProgress(): void {
    this.#progressTimer = undefined;
    if (this.#progress && !this.#isFinished)
      saveProgress(this.#workshop.db, this.#claim, this.#progress).catch(() => {});
  }
}
