import { ApiError, invalid } from '#http/api-error.ts';
import type { ApiKey } from '#request/api-keys.ts';

export function idMismatch(): ApiError {
  return new ApiError(400, 'IMDB ID mismatch', 'Path IMDB ID and body IMDB ID do not match');
}

export function badLabel(): ApiError {
  return new ApiError(400, 'Invalid request', 'Label must be one of: would_watch, would_not_watch');
}

export function nothingToUpdate(): ApiError {
  return new ApiError(400, 'No fields to update', 'At least one field must be provided for update');
}

export function staleVersion(imdbId: string): ApiError {
  return new ApiError(
    412,
    'Stale version',
    `${imdbId} has changed since the version in If-Match. Nothing was changed; load it and decide again.`,
  );
}

/** A warning: why the files of a title stay. */
export const notDeleted = ({ name, role }: ApiKey) =>
  'The files were not deleted. Without a trash they are deleted for good, which needs the role admin; ' +
  `the key ${name} has the role ${role}.`;

/** PostgreSQL's error for a time zone that it does not know, because its list is older. */
export const isUnknownTimeZone = (error: unknown) => (error as { code?: string }).code === '22023';

export function unknownTimeZone(name: string): ApiError {
  return invalid('query', 'time_zone', `There is no time zone "${name}". Use an IANA name, such as Europe/Berlin.`);
}
