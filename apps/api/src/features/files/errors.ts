import { StartRefused } from '@at/domain/refused';
import { ApiError } from '#http/api-error.ts';

export const noFolders = new StartRefused(
  'The configuration names no folder. Set paths.source_dir and the others first (PUT /api/config).',
);

export function fileNotFound(id: number): ApiError {
  return new ApiError(404, 'File not found', `No file has the id ${id}. GET /api/files lists them.`);
}
