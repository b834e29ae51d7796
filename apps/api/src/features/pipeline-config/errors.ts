import { ApiError } from '#http/api-error.ts';

export function staleConfig(): ApiError {
  return new ApiError(
    412,
    'Stale version',
    'The configuration has changed since the version in If-Match. Nothing was changed; load it again.',
  );
}

export function versionNotFound(id: number): ApiError {
  return new ApiError(404, 'Version not found', `The configuration has no version ${id}.`);
}

export function presetNotFound(name: string): ApiError {
  return new ApiError(404, 'Preset not found', `There is no preset of your own with the name ${JSON.stringify(name)}.`);
}

/** Presets that a user may have. */
export const mostPresets = 50;

export function tooManyPresets(): ApiError {
  return new ApiError(409, 'Too many presets', `There are ${mostPresets} presets of your own. Delete one first.`);
}

export function presetOfProduct(name: string): ApiError {
  return new ApiError(
    409,
    'Preset of the product',
    `${JSON.stringify(name)} comes with the product and stays as it is. Save yours with another name.`,
  );
}
