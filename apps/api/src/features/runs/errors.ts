import type { RunState } from '@at/contracts/vocabulary';
import { mostRetries, type RunRefused } from '@at/runs/states';
import { ApiError } from '#http/api-error.ts';

export function runNotFound(id: string): ApiError {
  return new ApiError(404, 'Run not found', `No run has the id ${id}. Runs are deleted 90 days after they end.`);
}

/** The state in the words of the screen, with that of the wire. */
const words: Record<RunState, string> = {
  pending: 'is waiting',
  queued: 'is waiting',
  retrying: 'is waiting for another attempt',
  held: 'is held until its approval',
  running: 'is running',
  stopping: 'is stopping',
  lost: 'has lost its worker, and another one takes over',
  completed: 'is done',
  skipped: 'was skipped',
  failed: 'has failed',
  cancelled: 'was cancelled',
  timeout: 'has run out of time',
};
const saying = (state: RunState) => `${words[state]} (${state})`;

/** Why a run is not cancelled, as a sentence. */
export const uncancellable = (state: RunState) => `The run ${saying(state)}, so there is nothing to cancel.`;

/** Why a run is not continued, as a sentence. */
export function unretryable({ state, reason, repairedBy }: RunRefused): string {
  switch (reason) {
    case 'repaired':
      return `A later run (${repairedBy}) has completed what failed, so there is nothing to continue.`;
    case 'spent':
      return (
        `The run was continued ${mostRetries} times, which is the most. Start a new run instead; one for the torrent or ` +
        'files of a media item starts by itself.'
      );
    case 'overtaken':
      return 'Another run does the same at the moment. Wait until it has ended.';
    case 'state':
      return `The run ${saying(state)}, so there is nothing to continue.`;
  }
}

export function notCancellable(state: RunState): ApiError {
  return new ApiError(409, 'Cannot cancel', uncancellable(state));
}

export function notRetryable(refused: RunRefused): ApiError {
  return new ApiError(409, 'Cannot retry', unretryable(refused));
}

export const onlyAdmins = 'Only a key with the role admin may continue this run.';

export function selectionMissing(): ApiError {
  return new ApiError(422, 'Invalid request', 'Send either ids or a filter; {} as filter means all runs.', {
    errors: [{ in: 'body', pointer: '/ids', message: 'or filter is required, and not both' }],
  });
}

export function stepNotFound(id: string, ref: string): ApiError {
  return new ApiError(404, 'Step not found', `The run ${id} has no step called ${ref}.`);
}

export function notApprovable(ref: string, state: RunState): ApiError {
  return new ApiError(409, 'Cannot approve', `The step ${ref} ${saying(state)}, so it does not wait for an approval.`);
}
