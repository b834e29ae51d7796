import { ApiError } from '#http/api-error.ts';
import type { ApiKey } from '#request/api-keys.ts';

export function staleSetting(section: string): ApiError {
  return new ApiError(
    412,
    'Stale version',
    `The settings ${section} have changed since the version in If-Match. Nothing was changed; load them again.`,
  );
}

export function notForAll({ name, role }: ApiKey): ApiError {
  return new ApiError(
    403,
    'Role refused',
    `Shared settings need the role admin; the key ${name} has the role ${role}. Leave scope out to write your own.`,
  );
}
