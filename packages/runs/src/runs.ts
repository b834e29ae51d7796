import { randomUUID } from 'node:crypto';
import type { FailureCode } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { JobQueue } from './job-queue.ts';
import {
  approveStep,
  findState,
  findUnfinished,
  insertRun,
  lockRun,
  type NewStep,
  reopenRun,
  requestCancel,
  type Starter,
  type Subject,
  stopWaiting,
  takeWaiting,
} from './queries.ts';
import { findRetryRefusal } from './reports.ts';
import { nextTime, type Schedule } from './schedules.ts';
import { advance, type Engine, end } from './send.ts';
import { isFinished, NotConfigured, RunNotFound, RunRefused, StepNotFound } from './states.ts';
import { type Plan, type PlannedStep, type Task, tableOf } from './task.ts';

type Started = { id: string; joined: boolean };

export type StartOptions = { starter: Starter; subject?: Subject; priority?: number };

/** Starts, cancels and retries runs, each in a transaction of the caller: rolled back, nothing has happened. */
export class Runs<A> {
  readonly #engine: Engine<A>;
  readonly #adapters: A;

  /** `tasks`: those that have a last word must be among them. */
  constructor(queue: JobQueue, adapters: A, tasks: readonly Task<A>[] = []) {
    this.#engine = { queue, tasks: tableOf(tasks) };
    this.#adapters = adapters;
  }

  /**
   * Starts a run. `joined`: the task is exclusive, and this is the unfinished run for the subject. Throws NotConfigured,
   * RunRefused, or TypeError if the parameters do not fit the task.
   */
  async start<P extends TSchema>(
    trx: Transaction<DB>,
    task: Task<A, P> | Task<unknown, P>,
    params: Static<P>,
    options: StartOptions,
  ): Promise<Started> {
    const [step] = this.#stepsOf(task.name, [{ ref: '', task: task as Task<A>, params: params as object }]);
    const only = { ...(step as NewStep), ref: null, job: randomUUID() };
    const { isNew, ...started } = await this.#insert(trx, task, params, [only], options);
    const ticket = { run: started.id, step: only.id, task: task.name };
    if (isNew) await this.#engine.queue.send(trx, task.queue, only.job, ticket, { priority: options.priority });
    return started;
  }

  /** Starts a run of several steps, as `start` does; throws TypeError also if they do not fit together. */
  async startPlan(trx: Transaction<DB>, plan: Plan<A>, options: StartOptions): Promise<Started> {
    const steps = this.#stepsOf(plan.name, plan.steps);
    const { isNew, ...started } = await this.#insert(trx, plan, plan.params, steps, options);
    if (isNew) await advance(trx, this.#engine, started.id);
    return started;
  }

  #stepsOf(name: string, planned: readonly PlannedStep<A>[]): NewStep[] {
    this.require(
      name,
      planned.map(({ task }) => task),
    );
    if (planned.length === 0) throw new TypeError(`${name} has no step.`);
    const before = new Set<string>();
    return planned.map(({ ref, task, params, after = [], approval = false }, position) => {
      if (!Value.Check(task.params, params)) throw new TypeError(`The parameters do not fit ${task.name}.`);
      if (before.has(ref)) throw new TypeError(`Two steps of ${name} are called ${ref}.`);
      const stray = after.find((other) => !before.has(other));
      if (stray !== undefined) throw new TypeError(`No step of ${name} before ${ref} is called ${stray}.`);
      before.add(ref);
      const of = { task: task.name, params, queue: task.queue };
      return { id: randomUUID(), job: null, ...of, ref, position, depends_on: after, needs_approval: approval };
    });
  }

  async #insert(
    trx: Transaction<DB>,
    { name, exclusive }: Pick<Plan<A>, 'name' | 'exclusive'>,
    params: unknown,
    steps: NewStep[],
    { starter, subject, priority = 0 }: StartOptions,
  ): Promise<Started & { isNew: boolean }> {
    const id = randomUUID();
    const run = { id, task: name, params, steps, subject, starter, priority, exclusive: exclusive !== undefined };
    while (!(await insertRun(trx, run))) {
      const other = await findUnfinished(trx, name, subject);
      // It has ended since.
      if (!other) continue;
      if (exclusive === 'join') return { id: other.id, joined: true, isNew: false };
      throw new RunRefused(`${name} has an unfinished run.`, other.state, 'overtaken');
    }
    return { id, joined: false, isNew: true };
  }

  /** The unfinished run of an exclusive task for a subject. */
  async findUnfinished(trx: Transaction<DB>, { name }: { name: string }, subject: Subject) {
    return findUnfinished(trx, name, subject);
  }

  /** Ends a run: at once, or when its task has heard of it. Throws RunNotFound, and RunRefused if it is finished. */
  async cancel(trx: Transaction<DB>, id: string, actor: string): Promise<void> {
    const state = await this.#lock(trx, id);
    if (isFinished(state)) throw new RunRefused(`The run is ${state}.`, state);
    for (const step of await requestCancel(trx, id, actor)) await end(trx, this.#engine, step, 'cancelled');
    await advance(trx, this.#engine, id);
  }

  /** Continues a run at its steps that did not complete. Throws RunNotFound, and RunRefused if nothing can be continued. */
  async retry(trx: Transaction<DB>, id: string): Promise<void> {
    const state = await this.#lock(trx, id);
    const { refusal, repaired_by } = await findRetryRefusal(trx, id);
    if (refusal !== null) throw new RunRefused(`The run is not continued (${refusal}).`, state, refusal, repaired_by);
    const { task, params } = await reopenRun(trx, id);
    if ((await this.#engine.tasks.get(task)?.reopened?.(trx, params)) === false)
      throw new RunRefused('What the run did cannot be continued.', state);
    await advance(trx, this.#engine, id);
  }

  /** Begins attempts at once that wait for their time. Throws RunNotFound, and RunRefused if none waits. */
  async hasten(trx: Transaction<DB>, id: string): Promise<void> {
    const state = await this.#lock(trx, id);
    if ((await takeWaiting(trx, id)) === 0) throw new RunRefused(`The run is ${state}.`, state);
    await advance(trx, this.#engine, id);
  }

  /** When a schedule starts its next run, or why it never does. */
  nextTime(times: Pick<Schedule, 'cron' | 'timeZone'>) {
    return nextTime(this.#engine.queue, times);
  }

  /** Throws NotConfigured if a task cannot be done here; `name` is that of the run. */
  require(name: string, tasks: readonly Task<A>[]): void {
    const missing = new Set(tasks.flatMap((task) => task.needs?.(this.#adapters) ?? []));
    if (missing.size > 0) throw new NotConfigured(name, [...missing]);
  }

  /**
   * Lets a step begin that waits for it. Throws RunNotFound, StepNotFound, and RunRefused with the state of the step if it does
   * not wait for an approval.
   */
  async approve(trx: Transaction<DB>, id: string, ref: string, actor: string): Promise<void> {
    await this.#lock(trx, id);
    const state = await approveStep(trx, id, ref, actor);
    if (state === undefined) throw new StepNotFound(`The run has no step ${ref}.`);
    if (state !== 'held') throw new RunRefused(`The step ${ref} does not wait for an approval.`, state);
    await advance(trx, this.#engine, id);
  }

  /** Ends a step that nobody has approved in time, and with it the run. Throws RunNotFound, and RunRefused if it does not wait for that. */
  async expire(trx: Transaction<DB>, id: string, ref: string, message: string): Promise<void> {
    const state = await this.#lock(trx, id);
    const step = await stopWaiting(trx, id, ref);
    if (step === undefined) throw new RunRefused(`The step ${ref} does not wait for an approval.`, state);
    const error = { code: 'timeout' satisfies FailureCode, type: 'NotApproved', message };
    await end(trx, this.#engine, step, 'timeout', { error });
    await advance(trx, this.#engine, id);
  }

  async #lock(trx: Transaction<DB>, id: string) {
    if (!(await lockRun(trx, id))) throw new RunNotFound(`There is no run ${id}.`);
    return findState(trx, id);
  }
}
