import { type Static, type TProperties, Type } from 'typebox';
import { endpoint, RunId } from './endpoint.ts';
import { exportOf } from './export.ts';
import { fileTag, Place, RootId } from './file-roots.ts';
import {
  CommaList,
  CountsByWord,
  Nullable,
  Pagination,
  pageParameters,
  SortOrder,
  StringEnum,
  Text,
} from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import {
  batchFileStates,
  batchStatuses,
  failureCodes,
  fileKinds,
  fileStatuses,
  nameRefusals,
  runStates,
} from './vocabulary.ts';

export const tag = fileTag;
const tags = [tag.name];

const Bytes = (description: string) => Type.Integer({ minimum: 0, description });
const Files = (description: string) => Type.Integer({ minimum: 0, description });

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
      ...problems(400, 409),
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
    moves_duplicates: Type.Boolean({
      description: 'Whether the next scan moves copies into the folder of duplicates, as the configuration says',
    }),
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
      refused: Type.Object(
        { files: Files('How many'), size_bytes: Bytes('Their size') },
        { description: 'Those of UNIQUE that can be in no batch: their names cannot be sent' },
      ),
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

const FileId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [42] });

export const PipelineFile = Type.Object(
  {
    id: FileId,
    root_id: Nullable(RootId, { description: 'null: it is missing, and another file has its place' }),
    root: Nullable(Type.String(), { description: 'The name of its folder' }),
    name: Nullable(Type.String(), { description: 'Bytes that are not UTF-8 are escaped' }),
    path: Nullable(Type.String(), { description: 'Below its folder' }),
    size: Bytes('Its size when it was looked at last'),
    kind: StringEnum(fileKinds),
    status: StringEnum(fileStatuses),
    error: Nullable(Type.String(), { description: 'For ERROR: why' }),
    batch_refusal: Nullable(StringEnum(nameRefusals), {
      description: 'For UNIQUE: why it can be in no batch, as in the preview of one',
    }),
    duplicate_of: Nullable(FileId, { description: 'For DUPLICATE: the file that is kept' }),
    batch_id: Nullable(Type.Integer()),
    modified_at: Timestamp,
    captured_at: Nullable(Type.String(), { description: 'When it was taken, local time; null: not known yet' }),
    captured_from: Nullable(Type.String(), { description: 'Where that time comes from: a tag, the name, or mtime' }),
    found_at: Timestamp,
  },
  { $id: 'PipelineFile' },
);
export type PipelineFile = Static<typeof PipelineFile>;

export const fileSorts = ['id', 'size'] as const;
export type FileSort = (typeof fileSorts)[number];
export const fileDefaultSort = { sort_by: 'id', sort_order: 'desc' } as const;

export const fileFilters = {
  id: CommaList(FileId, { description: 'Only these files' }),
  status: CommaList(StringEnum(fileStatuses), { description: 'Any of these statuses' }),
  kind: CommaList(StringEnum(fileKinds), { description: 'Any of these kinds' }),
  root: CommaList(RootId, { description: 'Only files in these folders, as in GET /api/config/roots' }),
  search: Type.Optional(Text({ description: 'Part of the name, in any case and with any punctuation and accents' })),
} satisfies TProperties;
export type FileFilters = Static<ReturnType<typeof Type.Object<typeof fileFilters>>>;

export const FilesQuery = Type.Object({
  ...fileFilters,
  sort_by: Type.Optional(
    StringEnum(fileSorts, {
      default: fileDefaultSort.sort_by,
      description: 'id: in the order in which they were found',
    }),
  ),
  sort_order: SortOrder(fileDefaultSort.sort_order),
  ...pageParameters,
});
export type FilesQuery = Static<typeof FilesQuery>;

export const listFiles = endpoint({
  method: 'GET',
  url: '/api/files',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listFiles',
    summary: 'Files of the pipeline, the latest found first',
    description: 'One row for each file that a scan has found, where it is now.',
    tags,
    querystring: FilesQuery,
    response: { 200: Type.Object({ data: Type.Array(PipelineFile), pagination: Pagination }), ...problems() },
  },
});

export const exportFiles = exportOf(listFiles, {
  operationId: 'exportFiles',
  summary: 'Files of the pipeline as a file',
});

const Where = (description: string) => Nullable(Type.String(), { description });

export const FileHistory = Type.Object(
  {
    file: PipelineFile,
    sha256: Nullable(Type.String(), { description: 'null: its content was not read' }),
    companions: Type.Array(Type.Object({ id: FileId, name: Type.String(), status: StringEnum(fileStatuses) }), {
      description: 'Files that stay together with it, such as the video of a live photo; at most 50',
    }),
    kept: Nullable(Type.Object({ id: FileId, root: Where('Its folder'), path: Where('Below its folder') }), {
      description: 'For DUPLICATE: the file with the same content that is kept',
    }),
    moves: Type.Array(
      Type.Object({
        id: Type.Integer(),
        action: StringEnum(['move', 'copy', 'quarantine']),
        state: StringEnum(['planned', 'done', 'given_up', 'missing', 'undone']),
        from_root: Type.String(),
        from_path: Type.String(),
        to_root: Type.String(),
        to_path: Type.String(),
        is_undo: Type.Boolean({ description: 'true: it took another move back' }),
        reason: Nullable(Type.String(), { description: 'Why it was given up' }),
        run_id: Nullable(RunId),
        planned_at: Timestamp,
        ended_at: Nullable(Timestamp),
      }),
      { description: 'From the journal, the latest first; at most 100' },
    ),
    batches: Type.Array(
      Type.Object({
        batch_id: Type.Integer(),
        name: Type.String(),
        state: StringEnum(batchFileStates),
        path: Type.String({ description: 'Its path in the batch' }),
        confirmed_at: Nullable(Timestamp, { description: 'When the device confirmed that it has it' }),
        error: Nullable(Type.String()),
      }),
      { description: 'The batches it was in, the latest first' },
    ),
  },
  { $id: 'FileHistory' },
);
export type FileHistory = Static<typeof FileHistory>;

export const getFileHistory = endpoint({
  method: 'GET',
  url: '/api/files/:id/history',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getFileHistory',
    summary: 'What is known of a file, and what was done with it',
    tags,
    params: Type.Object({ id: FileId }),
    response: { 200: FileHistory, ...problems(404) },
  },
});
