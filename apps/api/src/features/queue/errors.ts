import { ApiError } from '#http/api-error.ts';

export function queueItemNotFound(id: number): ApiError {
  return new ApiError(404, 'Item not found', `No item of the queue has the id ${id}.`);
}
