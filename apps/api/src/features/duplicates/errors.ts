import { DuplicateRefused, FileNotFound } from '@at/domain/duplicates/duplicates';
import { RunRefused } from '@at/runs/states';
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

/** 409: the run that moves files back has failed. */
export function moveFailed(run: string, why: string): ApiError {
  return new ApiError(
    409,
    'Run failed',
    `${why} GET /api/runs/${run} has its log, POST /api/runs/${run}/retry continues it.`,
  );
}

/** What the domain refuses in the words of the API; another error as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof FileNotFound) return new ApiError(404, 'File not found', error.message);
  if (error instanceof DuplicateRefused) return new ApiError(409, 'Not possible', error.message);
  if (error instanceof RunRefused)
    return new ApiError(409, 'Not possible', 'The file is being moved back already. Wait until that has ended.');
  return error;
}
