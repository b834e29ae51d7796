import type { FileNotShown } from '@at/domain/files/pictures';
import { ApiError } from '#http/api-error.ts';

export const noSuchFile = (id: number) =>
  new ApiError(404, 'File not found', `No file has the id ${id}. GET /api/files lists them.`);

export const noPicture = (why: string) => new ApiError(415, 'No picture', why);

export const noPictureKind = noPicture('Pictures are made of photos and raw photos alone, by their names.');
export const noPictureInside = noPicture(
  'No picture can be made of the file: it is damaged, too large, or of a kind that needs another program. HEIC needs heif-convert where the API runs.',
);

/** 404, or 409: the file of the row is not there, is another one, or cannot be read. */
export const notShown = ({ kind, message }: FileNotShown) =>
  kind === 'gone' ? new ApiError(404, 'File gone', message) : new ApiError(409, `File ${kind}`, message);

/** 503; `why` is a sentence. */
export const notNow = (why: string) => new ApiError(503, 'No picture at the moment', why, {}, { 'retry-after': '5' });
