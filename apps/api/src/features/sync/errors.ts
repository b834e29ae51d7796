import { ApiError } from '#http/api-error.ts';

export function syncthingRefused(message: string): ApiError {
  return new ApiError(409, 'Syncthing not connected', message);
}
