import { ApiError } from '#http/api-error.ts';

export function noKeys(): ApiError {
  return new ApiError(409, 'No keys', 'No keys are configured, so there is nothing to sign in to. Set API_KEYS.');
}

export function wrongKey(): ApiError {
  return new ApiError(401, 'Key refused', 'This API does not know the key. API_KEYS lists its keys.');
}
