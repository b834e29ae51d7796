import { ApiError } from '#shared/api-error.ts';

export function staleSetting(section: string): ApiError {
  return new ApiError(
    412,
    'Stale version',
    `The settings ${section} have changed since the version in If-Match. Nothing was changed; read them again.`,
  );
}
