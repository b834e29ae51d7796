import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { batchStatuses, placeNames } from './vocabulary.ts';

/** Also of the endpoints of files: those of roots are apart because every page of the console loads them. */
export const fileTag = {
  name: 'file pipeline: files',
  description: 'Photos and videos that were found, and where they are',
};
const tags = [fileTag.name];

export const Place = StringEnum(placeNames, {
  description: 'A folder of the configuration: source is paths.source_dir, and so on',
});
export const RootId = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

export const rootResults = ['made', 'present', 'accepted', 'held', 'missing', 'refused'] as const;

export const RootMade = Type.Object(
  {
    place: Place,
    path: Nullable(Type.String(), { description: 'The folder; null: the configuration names none' }),
    root_id: Nullable(RootId),
    result: StringEnum(rootResults, {
      description:
        'made: its marker was written; present: it had one; accepted: its hold has ended; held: a person must accept it; missing: there ' +
        'is no such folder; refused: see message',
    }),
    created: Type.Boolean({ description: 'true: the folder did not exist and was created' }),
    message: Nullable(Type.String(), { description: 'Why it cannot be used, and what to do' }),
  },
  { $id: 'RootMade' },
);
export type RootMade = Static<typeof RootMade>;

export const makeFileRoots = endpoint({
  method: 'POST',
  url: '/api/config/roots',
  config: { role: 'admin' },
  schema: {
    operationId: 'makeFileRoots',
    summary: 'Make the configured folders usable',
    description:
      'Writes a marker file (.at-root) into each folder. Without its marker a folder counts as a disk that is not mounted, and nothing in ' +
      'it is moved. The folders must exist; with create the last part of a path is made. A folder whose marker is not the expected one is ' +
      'held until a person accepts it. 409: none of them can be used.',
    tags,
    body: Type.Object(
      {
        places: Type.Optional(
          Type.Array(Place, { maxItems: placeNames.length, description: 'Only these; absent: all that are set' }),
        ),
        create: Type.Optional(
          Type.Boolean({ default: false, description: 'true: creates a folder that is missing in one that exists' }),
        ),
        accept: Type.Optional(
          Type.Array(Place, {
            maxItems: placeNames.length,
            description: 'Held folders that are the right ones, for example after a move to a new disk',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: Type.Object({ roots: Type.Array(RootMade) }), ...problems(400, 409) },
  },
});

export const FileRoot = Type.Object(
  {
    id: RootId,
    name: Type.String(),
    path: Type.String({ description: 'Where it was found last' }),
    place: Nullable(Place, { description: 'null: the configuration names another folder now' }),
    held: Nullable(Type.String(), { description: 'Why nothing is done in it until a person accepts it' }),
    scanned_at: Nullable(Timestamp, { description: 'When a scan saw all of it last' }),
  },
  { $id: 'FileRoot' },
);
export type FileRoot = Static<typeof FileRoot>;

export const listFileRoots = endpoint({
  method: 'GET',
  url: '/api/config/roots',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listFileRoots',
    summary: 'Folders that were made usable',
    description: 'Also those that the configuration named before: files may still be there.',
    tags,
    response: {
      200: Type.Object({
        roots: Type.Array(FileRoot),
        lost_files: Type.Integer({
          minimum: 0,
          description: 'Files that vanished while they were moved in the last 30 days, and were not found since',
        }),
        waiting_batches: Type.Array(
          Type.Object({
            id: Type.Integer(),
            name: Type.String(),
            status: StringEnum(batchStatuses),
            reason: Nullable(Type.String()),
          }),
          {
            description:
              'Batches that wait for a person, at most 20: stopped (ERROR), on the device and not sorted (SYNCED, see reason), or sorted ' +
              'while nobody has said that the device was cleaned (SORTED)',
          },
        ),
        too_large: Type.Array(
          Type.Object({
            path: Type.String({ description: 'A file of the group, below the inbox' }),
            files: Type.Integer({ minimum: 1 }),
            size_bytes: Type.Integer({ minimum: 0 }),
          }),
          { description: 'Groups of files that are larger than a batch may be, the largest first, at most 20' },
        ),
      }),
      ...problems(),
    },
  },
});
