import { ApiError } from '#http/api-error.ts';

export function mediaNotFound(hash: string): ApiError {
  return new ApiError(404, 'Media not found', `No media found with hash: ${hash}`);
}

export function hashMismatch(): ApiError {
  return new ApiError(400, 'Invalid request', 'Hash in URL path must match hash in request body');
}

export function nothingToUpdate(): ApiError {
  return new ApiError(400, 'No fields to update', 'At least one field must be provided for update');
}

export function noTorrentLink(): ApiError {
  return new ApiError(400, 'Invalid request', 'Media entry has no torrent link (original_link)');
}

export function alreadyDeleted(deletedAt: string): ApiError {
  return new ApiError(409, 'Media already deleted', `Media already deleted at: ${deletedAt}`);
}

export function mediaDeleted(hash: string): ApiError {
  return new ApiError(409, 'Media deleted', `Media has been deleted: ${hash}`);
}

export function notDeleted(hash: string): ApiError {
  return new ApiError(409, 'Media not deleted', `Media is not deleted: ${hash}`);
}

export function staleMedia(hash: string): ApiError {
  return new ApiError(
    412,
    'Stale version',
    `${hash} has changed since the version in If-Match. Nothing was changed; load it and decide again.`,
  );
}

export function transmissionRefused(message: string): ApiError {
  return new ApiError(502, 'Transmission error', message);
}
