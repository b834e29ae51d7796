import { MovesNotFound, UndoRefused } from '@at/domain/moves/starts';
import { ApiError } from '#http/api-error.ts';

/** What the domain refuses in the words of the API; another error as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof MovesNotFound) return new ApiError(404, 'Moves not found', error.message);
  if (error instanceof UndoRefused) return new ApiError(409, 'Not possible', error.message);
  return error;
}

/** 409: the run of a request that waits for it has failed. */
export const cleanupFailed = (run: string, why: string) =>
  new ApiError(409, 'Run failed', `${why} GET /api/runs/${run} has its log, POST /api/runs/${run}/retry continues it.`);
