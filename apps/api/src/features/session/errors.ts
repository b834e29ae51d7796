import { ApiError } from '#http/api-error.ts';

export function noKeys(): ApiError {
  return new ApiError(
    409,
    'No keys',
    'This API asks for no keys, so there is nothing to sign in to. API_KEYS names keys.',
  );
}

export function wrongKey(): ApiError {
  return new ApiError(401, 'Key refused', 'The key is not one of this API. Look at API_KEYS for its own.');
}
