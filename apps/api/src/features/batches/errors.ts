import { BatchNotFound, BatchRefused } from '@at/domain/batches/rules';
import { StartRefused } from '@at/domain/files/starts';
import { ApiError } from '#http/api-error.ts';

export function batchNotFound(idOrName: string): ApiError {
  return new ApiError(
    404,
    'Batch not found',
    `No batch has the id or name ${JSON.stringify(idOrName)}. GET /api/batches lists them.`,
  );
}

/** 409: the run has failed. */
export function batchFailed(run: string, why: string): ApiError {
  return new ApiError(
    409,
    'Run failed',
    `${why} GET /api/runs/${run} has its log, POST /api/runs/${run}/retry continues it.`,
  );
}

/** What the domain refuses in the words of the API; another error as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof BatchNotFound) return new ApiError(404, 'Batch not found', error.message);
  if (error instanceof BatchRefused) return new ApiError(409, 'Not possible', error.message);
  if (error instanceof StartRefused) return new ApiError(409, 'Not ready', error.message);
  return error;
}
