import { ApiError } from '#http/api-error.ts';

export const postersOff = () => new ApiError(404, 'Poster not found', 'Posters are off. Set POSTERS=true.');

export const noPoster = (imdbId: string) =>
  new ApiError(404, 'Poster not found', `No poster of ${imdbId} is known. Refresh its metadata to look for one.`);

/** 502; `why` is a sentence without an address. */
export function posterNotSent(why: string, cause: unknown): ApiError {
  const error = new ApiError(502, 'TMDB did not send the poster', why);
  error.cause = cause;
  return error;
}
