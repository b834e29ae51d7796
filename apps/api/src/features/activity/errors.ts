import { ApiError } from '#http/api-error.ts';

export function tooManyReaders(limit: number): ApiError {
  const message = `${limit} clients follow the events already, which is as many as may. Try again later.`;
  return new ApiError(503, 'Too many clients', message);
}
