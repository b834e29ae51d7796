import { ItemNotFound, ItemRefused } from '@at/domain/queue/starts';
import { NotConfigured, RunRefused } from '@at/runs/states';
import { ApiError } from '#http/api-error.ts';

export function queueItemNotFound(id: number): ApiError {
  return new ApiError(404, 'Item not found', `No item of the queue has the id ${id}.`);
}

export const noCover = (id: number) =>
  new ApiError(404, 'Cover not found', `The item ${id} has no cover that can be fetched, or POSTERS is off.`);

/** 502; `why` is a sentence without an address. */
export function coverNotSent(why: string, cause: unknown): ApiError {
  const error = new ApiError(502, 'The cover was not sent', why);
  error.cause = cause;
  return error;
}

/** 409: what the item or the installation lacks, as a sentence. */
export function actionRefused(why: string): ApiError {
  return new ApiError(409, why.startsWith('Not configured') ? 'Not configured' : 'Not possible', why);
}

/** 409: the run of a request that waits for it has failed. */
export function stepFailed(run: string, why: string): ApiError {
  return new ApiError(409, 'Step failed', `${why} GET /api/runs/${run} has its steps and attempts.`);
}

export function selectionTwice(): ApiError {
  return new ApiError(422, 'Invalid request', 'ids and filter cannot be combined. Send one of them.', {
    errors: [{ in: 'body', pointer: '/filter', message: 'cannot be combined with ids' }],
  });
}

export const noPreviews = new ApiError(
  409,
  'Not configured',
  'This version generates no previews: it has no setting for it. The media server makes its own.',
);

export const noDownloads = new ApiError(
  404,
  'Not found',
  'Downloads are not part of this API. The task media.torrent adds torrents to Transmission: approve a media item instead (PATCH /media/{hash}/approve).',
);

/** What the domain refuses in the words of the API; another error as it is. */
export function refusalOf(error: unknown, id: number): unknown {
  if (error instanceof ItemNotFound) return queueItemNotFound(id);
  if (error instanceof ItemRefused) return actionRefused(error.message);
  if (error instanceof NotConfigured) return actionRefused(`Not configured: set ${error.missing.join(', ')}.`);
  if (error instanceof RunRefused)
    return actionRefused(`A run of this item goes on (${error.state}). Wait for its end, or cancel it.`);
  return error;
}
