import type { FailureCode } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Kysely, Transaction } from 'kysely';
import type { Static, TSchema } from 'typebox';
import type { Runs } from './runs.ts';
import type { Outcome } from './states.ts';

/** What steps wait for: the database alone, another machine, the disk, or for so long that two at a time are enough. */
export const queues = ['short', 'network', 'disk', 'long'] as const;
export type QueueName = (typeof queues)[number];

type Write = { (fields: object, message: string): void; (message: string): void };
export type Log = { info: Write; warn: Write; error: Write };

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export type Progress = {
  done: number;
  total?: number;
  unit?: string;
  message?: string;
  /** More of it, for readers that know the task. */
  facts?: { [name: string]: Json };
};

/** What a task gets. `adapters` are the foreign systems that its program has. */
export type TaskContext<A> = {
  adapters: A;
  db: Kysely<DB>;
  /** The id of the run. */
  run: string;
  /** Its lines belong to the attempt. They stay when a transaction rolls back. */
  log: Log;
  /** Aborted when the run is cancelled, the time is up, the worker stops, or another worker has taken over. */
  signal: AbortSignal;
  progress: (progress: Progress) => void;
  /** Starts and continues other runs. */
  runs: Runs<A>;
  /** What an earlier attempt kept; null: nothing. */
  kept: Json;
  /** In a transaction of `checkpoint`: keeps a value for later attempts. It is shown as the output until the step has one. */
  keep: (trx: Transaction<DB>, value: Json) => Promise<void>;
  /**
   * A transaction that commits only while this attempt holds its step. Keep it under two seconds: a longer one delays the
   * takeover of other steps.
   */
  checkpoint: <T>(work: (trx: Transaction<DB>) => Promise<T>) => Promise<T>;
  /** Ends the step with an output, or with its last writes in the same transaction: what they return is the output then. */
  finish: (last?: Json | ((trx: Transaction<DB>) => Promise<Json> | Promise<void>)) => Promise<void>;
  /**
   * Ends the attempt without a failure; the step begins again after so many seconds. For what is not ready yet, so that no worker
   * waits for it.
   */
  again: (seconds: number, work?: (trx: Transaction<DB>) => Promise<void>) => Promise<void>;
};

/** Code with a name. It must call `finish` or `again`, and may be repeated from its beginning after any line. */
export type Task<A, P extends TSchema = TSchema> = {
  /** `noun.verb`. */
  name: string;
  title: string;
  queue: QueueName;
  params: P;
  /** Seconds before each further attempt after one that failed. */
  retries: readonly number[];
  /** Seconds for an attempt, up to 23 hours: after a day the queue gives the step to another worker. */
  timeout: number;
  /** A subject has one unfinished run at most: a second start joins it, or is refused. */
  exclusive?: 'join' | 'refuse';
  /** The lowest role that may start it, and so continue it by a retry or an approval. Absent: operator. */
  role?(params: Static<P>): 'operator' | 'admin';
  /** The variables that must be set and are not. */
  needs?(adapters: A): string[];
  /** Whether there is something to do: otherwise a schedule whose time has come starts no run. */
  isDue?(db: Kysely<DB>): Promise<boolean>;
  /**
   * Why this worker cannot do it at the moment, such as a disk that is not mounted; undefined: it can. Another worker gets the
   * step, or this one after a while, and it counts as no attempt.
   */
  obstacle?(adapters: A): Promise<Error | undefined>;
  run(params: Static<P>, context: TaskContext<A>): Promise<void>;
  /**
   * Its last word: called in the transaction that ends a run with its name, in whichever process that is. A run that is cancelled
   * before a worker has it ends in the API. It may write rows and nothing else.
   */
  ended?(trx: Transaction<DB>, params: Static<P>, outcome: Outcome): Promise<void>;
  /** Called in the transaction that continues an ended run with its name. Returns false if that is not possible any more. */
  reopened?(trx: Transaction<DB>, params: Static<P>): Promise<boolean>;
};

/** A part of a run of several. */
export type PlannedStep<A> = {
  /** Its name among the steps of the run. */
  ref: string;
  task: Task<A>;
  params: object;
  /** Begins when these steps have completed, which stand before it; by default at once. */
  after?: readonly string[];
  /** Whether a person must approve it when its turn has come. */
  approval?: boolean;
};

/** What a run of several steps does; `name` is that of a task. */
export type Plan<A> = { name: string; params: object; steps: readonly PlannedStep<A>[]; exclusive?: 'join' | 'refuse' };

/** A failure with its code, which another attempt may mend. Errors of foreign systems have a `failure` of their own. */
export class StepFailure extends Error {
  override name = 'StepFailure';
  readonly failure: FailureCode;
  constructor(failure: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** A failure that another attempt cannot mend, such as a key that is refused: the step ends with it. */
export class FinalFailure extends StepFailure {
  override name = 'FinalFailure';
}

/** Keeps the type of the parameters. By default an attempt takes an hour at most, and three others follow one that failed. */
export function defineTask<A, P extends TSchema>(
  task: Omit<Task<A, P>, 'retries' | 'timeout'> & Partial<Pick<Task<A, P>, 'retries' | 'timeout'>>,
): Task<A, P> {
  return { retries: [60, 300, 900], timeout: 3_600, ...task };
}

const taskName = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;

/** Seconds. */
const longest = 82_800;

/** Tasks by name. Throws if two have the same name, or one has a name or a timeout that the tables do not take. */
export function tableOf<A>(tasks: readonly Task<A>[]): Map<string, Task<A>> {
  const table = new Map<string, Task<A>>();
  for (const task of tasks) {
    if (!taskName.test(task.name)) throw new Error(`${task.name} cannot be the name of a task: write it as noun.verb.`);
    if (task.timeout > longest) throw new Error(`${task.name} may take ${longest} s at most.`);
    if (table.has(task.name)) throw new Error(`Two tasks have the name ${task.name}.`);
    table.set(task.name, task);
  }
  return table;
}
