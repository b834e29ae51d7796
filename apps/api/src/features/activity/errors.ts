import { ApiError } from '#http/api-error.ts';

export function tooManyReaders(limit: number): ApiError {
  const message = `${limit} clients follow the events, the maximum. Try again later.`;
  return new ApiError(503, 'Too many clients', message);
}
