import { ApiError, invalid } from '#http/api-error.ts';

/** Duplicates of one reply: each has its path looked up. */
export const mostFiles = 5_000;

export function tooManyFiles(): ApiError {
  return invalid(
    'query',
    'files_per_set',
    `limit times files_per_set may be ${mostFiles} at most. Send a smaller limit.`,
  );
}

export function movedBackAlready(): ApiError {
  return new ApiError(409, 'Not possible', 'The file is being moved back already. Wait until that has ended.');
}
