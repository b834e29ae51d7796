import { ApiError } from '#http/api-error.ts';
import { metadataRefusal } from '#titles/metadata-refresh.ts';

export function metadataUnavailable(): ApiError {
  return new ApiError(409, 'Not available', metadataRefusal);
}
