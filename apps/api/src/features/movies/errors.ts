import { ApiError } from '#http/api-error.ts';

/** 404: there is no such title, or the model has not judged it. */
export function movieNotFound(imdbId: string): ApiError {
  return new ApiError(
    404,
    'Movie not found',
    `No title with a prediction found with IMDB ID: ${imdbId}. A title without one is at /training/${imdbId}.`,
  );
}
