import { BatchNotFound, BatchRefused } from '@at/domain/batches/rules';
import { StartRefused } from '@at/domain/files/starts';
import { ApiError } from '#http/api-error.ts';

export function syncthingRefused(message: string): ApiError {
  return new ApiError(409, 'Syncthing not connected', message);
}

export function batchNotFound(of: string): ApiError {
  return new ApiError(
    404,
    'Batch not found',
    `No batch has the id or name ${JSON.stringify(of)}. GET /api/batches lists them.`,
  );
}

/** Why a sync was not started, as a reply. */
export function startRefusal(error: unknown, of: string): unknown {
  if (error instanceof BatchNotFound) return batchNotFound(of);
  if (error instanceof BatchRefused) return new ApiError(409, 'Not possible', error.message);
  if (error instanceof StartRefused) return new ApiError(409, 'Not ready', error.message);
  return error;
}
