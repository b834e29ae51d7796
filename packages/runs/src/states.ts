import type { RetryRefusal } from '@at/contracts/vocabulary';

/** How an ended step or run ended. */
export const outcomes = ['completed', 'skipped', 'failed', 'cancelled', 'timeout'] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * What the views step_state and run_state say. `pending`: not sent yet; `held`: waits for an approval; `stopping`: cancelled, and still running; `lost`: its
 * worker is gone, and another one takes over soon.
 */
export type State = 'pending' | 'held' | 'queued' | 'running' | 'retrying' | 'stopping' | 'lost' | Outcome;

export const isFinished = (state: State) => (outcomes as readonly string[]).includes(state);

/**
 * How often a run may be continued. After so many failures one more does not help, and each leaves attempts and log lines that are
 * kept as long as the run.
 */
export const mostRetries = 50;

/** What was asked for is not possible in the present state of the run. */
export class RunRefused extends Error {
  override name = 'RunRefused';
  readonly state: State;
  readonly reason: RetryRefusal;
  /** The later run that has completed what failed. */
  readonly repairedBy: string | null;
  constructor(message: string, state: State, reason: RetryRefusal = 'state', repairedBy: string | null = null) {
    super(message);
    this.state = state;
    this.reason = reason;
    this.repairedBy = repairedBy;
  }
}

export class RunNotFound extends Error {
  override name = 'RunNotFound';
}

export class StepNotFound extends Error {
  override name = 'StepNotFound';
}

/** The task cannot be done here: `missing` are the variables that are not set. */
export class NotConfigured extends Error {
  override name = 'NotConfigured';
  readonly missing: string[];
  constructor(task: string, missing: string[]) {
    super(`${task} is not configured: ${missing.join(', ')}.`);
    this.missing = missing;
  }
}

/** Why the signal of an attempt was aborted: its run was cancelled. */
export class RunCancelled extends Error {
  override name = 'RunCancelled';
}

/** Another worker has the step, or it has ended: nothing more of this attempt may be written. */
export class ClaimLost extends Error {
  override name = 'ClaimLost';
  constructor() {
    super('Another worker has taken over this step, or it has ended.');
  }
}
