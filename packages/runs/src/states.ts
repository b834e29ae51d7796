/** How an ended step or run ended. */
export const outcomes = ['completed', 'skipped', 'failed', 'cancelled', 'timeout'] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * What the views step_state and run_state say. `pending`: not sent yet; `held`: waits for an approval; `stopping`: cancelled, and still running; `lost`: its
 * worker is gone, and another one takes over soon.
 */
export type State = 'pending' | 'held' | 'queued' | 'running' | 'retrying' | 'stopping' | 'lost' | Outcome;

export const isRetryable = (state: State) => ['failed', 'cancelled', 'timeout'].includes(state);
export const isFinished = (state: State) => (outcomes as readonly string[]).includes(state);

/** What was asked for is not possible in the present state of the run. */
export class RunRefused extends Error {
  override name = 'RunRefused';
  readonly state: State;
  /** Another run of an exclusive task goes on for the subject. */
  readonly isOvertaken: boolean;
  /** The later run that has completed what failed. */
  readonly repairedBy: string | undefined;
  constructor(message: string, state: State, isOvertaken = false, repairedBy?: string) {
    super(message);
    this.repairedBy = repairedBy;
    this.state = state;
    this.isOvertaken = isOvertaken;
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
