import { ApiError } from '#http/api-error.ts';

export function metadataUnavailable(): ApiError {
  return new ApiError(409, 'Not available', 'Metadata refresh is not available yet');
}
