import { ApiError } from '#http/api-error.ts';

export function viewNotFound(id: string): ApiError {
  return new ApiError(404, 'View not found', `Neither your saved views nor the shared ones have the id ${id}`);
}

export function nameTaken(name: string, page: string): ApiError {
  return new ApiError(
    409,
    'Name taken',
    `You have a view named ${JSON.stringify(name)} on the page ${page}. Choose another name.`,
  );
}

export function notYours(owner: string): ApiError {
  return new ApiError(
    403,
    'View refused',
    `The view belongs to ${owner}; only they and admins can change it. Save your own.`,
  );
}

export function nothingToUpdate(): ApiError {
  return new ApiError(400, 'No fields to update', 'At least one field must be provided for update');
}

export function staleView(id: string): ApiError {
  return new ApiError(
    412,
    'Stale version',
    `The view ${id} has changed since the version in If-Match. Nothing was changed.`,
  );
}
