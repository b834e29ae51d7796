import { type Static, Type } from 'typebox';
import { endpoint, RunId } from './endpoint.ts';
import { CountsByWord, Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { batchStatuses, failureCodes, fileStatuses, placeNames, runStates } from './vocabulary.ts';

export const tag = {
  name: 'file pipeline: files',
  description: 'Photos and videos that were found, and where they are',
};
const tags = [tag.name];

const Place = StringEnum(placeNames, {
  description: 'A folder of the configuration: source is paths.source_dir, and so on',
});
const RootId = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const Bytes = (description: string) => Type.Integer({ minimum: 0, description });
const Files = (description: string) => Type.Integer({ minimum: 0, description });

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
    response: { 200: Type.Object({ roots: Type.Array(RootMade) }), ...problems(400, 409, 413, 415) },
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
    response: { 200: Type.Object({ roots: Type.Array(FileRoot) }), ...problems() },
  },
});

export const startDedup = endpoint({
  method: 'POST',
  url: '/api/dedup/start',
  config: { role: 'operator' },
  schema: {
    operationId: 'startDedup',
    summary: 'Find new files in the inbox, and their duplicates',
    description:
      'Starts a run of files.scan with the configuration of this moment. While one runs, the reply has its run_id and started false. ' +
      '409: the inbox is not set, not made or held.',
    tags,
    body: Type.Object(
      {
        accept_missing: Type.Optional(
          Type.Boolean({
            default: false,
            description: 'true: goes on although more than half of the known files are gone',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({
        started: Type.Boolean({ description: 'false: run_id is that of the run in progress' }),
        run_id: RunId,
      }),
      ...problems(400, 409, 413, 415),
    },
  },
});

export const DedupStatus = Type.Object(
  {
    running: Type.Boolean(),
    total_files: Files(
      'Files of the present part of the scan: found so far, or to be read; of an ended scan all files',
    ),
    processed_files: Files('Those of them that were looked at'),
    duplicate_files: Files('New duplicates that it has found'),
    error: Nullable(Type.String(), { description: 'Why the last scan failed, or its last attempt' }),
    error_code: Nullable(StringEnum(failureCodes), {
      description:
        'The same for programs; file_gone: more than half of the known files are gone, and nothing was changed',
    }),
    last_processed: Nullable(Type.String(), { description: 'The path of the file that was read last' }),
    run_id: Nullable(RunId, { description: 'The latest scan; null: there was none in the last 90 days' }),
    state: Nullable(StringEnum(runStates)),
    message: Nullable(Type.String(), { description: 'What it does at the moment' }),
    total_bytes: Nullable(Bytes('Bytes to read'), { description: 'null: not known yet' }),
    processed_bytes: Bytes('Bytes that were read'),
    bytes_per_second: Nullable(Type.Number(), { description: 'null: nothing was read yet' }),
    remaining_seconds: Nullable(Type.Integer(), { description: 'At this rate; null: not known' }),
    started_at: Nullable(Timestamp),
    finished_at: Nullable(Timestamp),
  },
  { $id: 'DedupStatus' },
);
export type DedupStatus = Static<typeof DedupStatus>;

export const getDedupStatus = endpoint({
  method: 'GET',
  url: '/api/dedup/status',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getDedupStatus',
    summary: 'The scan in progress, or the last one',
    description: 'Cheap: poll it once a second while a scan runs.',
    tags,
    response: { 200: DedupStatus, ...problems() },
  },
});

export const placeStates = ['ready', 'unset', 'missing', 'unmade', 'held', 'absent', 'unreachable'] as const;

const Storage = Type.Object(
  {
    place: Place,
    path: Nullable(Type.String(), { description: 'The folder; null: not set' }),
    state: StringEnum(placeStates, {
      description:
        'unset: the configuration names no folder; missing: there is no such folder; unmade: it has no marker yet; held: a person must ' +
        'accept it; absent: its marker is not there, so its disk is probably not mounted; unreachable: its disk does not respond',
    }),
    message: Nullable(Type.String(), { description: 'What to do; null: it is ready or unset' }),
    root_id: Nullable(RootId, { description: 'null: it was never made' }),
    name: Nullable(Type.String(), { description: 'The name of the root, as runs show it' }),
    scanned_at: Nullable(Timestamp, { description: 'When a scan saw all of it last' }),
    files: Files('Files that are known there, without missing ones'),
    size_bytes: Bytes('Their size'),
    free_bytes: Nullable(Bytes('Free on its disk'), { description: 'null: the API cannot see it' }),
    total_bytes: Nullable(Bytes('Size of its disk')),
  },
  { $id: 'FileStorage' },
);
export type FileStorage = Static<typeof Storage>;

export const FileDashboard = Type.Object(
  {
    generated_at: Timestamp,
    files: Type.Object({
      total: Files('Files, without missing ones'),
      size_bytes: Bytes('Their size'),
      by_status: CountsByWord(fileStatuses, { description: 'Files by status' }),
      bytes_by_status: CountsByWord(fileStatuses, { description: 'Their size by status' }),
    }),
    batches: Type.Object({
      total: Type.Integer({ minimum: 0 }),
      by_status: CountsByWord(batchStatuses, { description: 'Batches by status' }),
    }),
    recent_batches: Type.Array(
      Type.Object({
        id: Type.Integer(),
        name: Type.String(),
        status: StringEnum(batchStatuses),
        reason: Nullable(Type.String(), { description: 'Why it has its status, such as an error' }),
        file_count: Files('Files in it'),
        size_bytes: Bytes('Their size'),
        created_at: Timestamp,
      }),
      { description: 'The ten newest, newest first' },
    ),
    has_device: Type.Boolean({
      description: 'false: no Syncthing folder is set, and batches are sorted without a sync',
    }),
    storage: Type.Array(Storage, { description: 'The folders, in the order in which files pass them' }),
  },
  { $id: 'FileDashboard' },
);
export type FileDashboard = Static<typeof FileDashboard>;

export const getFileDashboard = endpoint({
  method: 'GET',
  url: '/api/dashboard',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getFileDashboard',
    summary: 'Where the files of the pipeline are',
    description: 'From the database, and free space from the disks; no folder is walked. At most one second old.',
    tags,
    response: { 200: FileDashboard, ...problems() },
  },
});
