import { ApiError, invalid } from '#http/api-error.ts';

export function metadataNotConfigured(why: string): ApiError {
  return new ApiError(409, 'Not configured', why);
}

export function refreshNeedsTitles(): ApiError {
  return invalid('body', '', 'Send either imdb_ids or without_facts.');
}
