import { ApiError } from '#http/api-error.ts';

/** 404 with the text that callers match. */
export function titleNotFound(imdbId: string): ApiError {
  return new ApiError(404, 'Training data not found', `No training data found with IMDB ID: ${imdbId}`);
}
