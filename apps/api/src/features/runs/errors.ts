import type { RunState } from '@at/contracts/vocabulary';
import type { RunRefused } from '@at/runs/states';
import { ApiError } from '#http/api-error.ts';

export function runNotFound(id: string): ApiError {
  return new ApiError(404, 'Run not found', `No run has the id ${id}. Runs are deleted 90 days after they end.`);
}

const words: Partial<Record<RunState, string>> = {
  completed: 'has completed',
  failed: 'has failed',
  cancelled: 'has been cancelled',
  timeout: 'has run out of time',
  stopping: 'is stopping',
};

export function notCancellable(state: RunState): ApiError {
  return new ApiError(
    409,
    'Cannot cancel',
    `The run ${words[state] ?? 'has ended'} (${state}), so there is nothing to cancel.`,
  );
}

export function notRetryable({ state, isOvertaken }: RunRefused): ApiError {
  const why = isOvertaken
    ? 'Another run does the same at the moment. Wait until it has ended.'
    : `The run ${words[state] ?? 'goes on'} (${state}), so there is nothing to continue.`;
  return new ApiError(409, 'Cannot retry', why);
}

export function stepNotFound(id: string, ref: string): ApiError {
  return new ApiError(404, 'Step not found', `The run ${id} has no step called ${ref}.`);
}

export function notApprovable(ref: string, state: RunState): ApiError {
  return new ApiError(409, 'Cannot approve', `The step ${ref} is ${state}, so it does not wait for an approval.`);
}
