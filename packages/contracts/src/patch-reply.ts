import { type TProperties, Type } from 'typebox';
import { Nullable } from './paging.ts';

/** Members of every successful PATCH, which clients of the original read; null where there is nothing to report. */
export const patchMembers = {
  error: Type.Null({ description: 'Always null: an error has its own status and body' }),
  file_deleted: Nullable(Type.Boolean(), { description: 'Files were removed; null: removing files is not part of it' }),
  file_deletion_warning: Nullable(Type.String(), { description: 'Why files were not removed' }),
  torrent_removed: Nullable(Type.Boolean(), {
    description: 'The torrent was removed from Transmission; null: removing it is not part of the request',
  }),
} satisfies TProperties;

/** The values of a PATCH that removes nothing. */
export const nothingRemoved = {
  error: null,
  file_deleted: null,
  file_deletion_warning: null,
  torrent_removed: null,
} as const;
