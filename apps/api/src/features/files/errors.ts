import { ApiError } from '#http/api-error.ts';

/** 409: the folders or the configuration lack something; the message says what to do. */
export function notReady(why: string): ApiError {
  return new ApiError(409, 'Not ready', why);
}

export const noFolders = notReady(
  'The configuration names no folder. Set paths.source_dir and the others first (PUT /api/config).',
);

export function fileNotFound(id: number): ApiError {
  return new ApiError(404, 'File not found', `No file has the id ${id}. GET /api/files lists them.`);
}
