import { type Static, Type } from 'typebox';
import { EmptyBody, endpoint, RunId } from './endpoint.ts';
import { CommaList, CountsByWord, Nullable, Pagination, pageParameters, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { batchFileStates, batchLacks, batchSkipReasons, batchStatuses, fileKinds } from './vocabulary.ts';

export const tag = {
  name: 'file pipeline: batches',
  description: 'Files that go to the device and into the archive together',
};
const tags = [tag.name];

const BatchId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Status = StringEnum(batchStatuses, {
  description:
    'PENDING: its files wait for the sync, or are being moved; SYNCING, SORTING: a run works on it; ERROR: see reason; CLEANED: ' +
    'nothing of it is left in its folder',
});

const batchFields = {
  id: BatchId,
  name: Type.String({ description: 'Also of its directory' }),
  status: Status,
  reason: Nullable(Type.String(), { description: 'Why it has its status; null: there is nothing to say' }),
  is_ready: Type.Boolean({ description: 'false: its files are being moved, there or back' }),
  is_undone: Type.Boolean({ description: 'true: its files are back where they came from' }),
  file_count: Type.Integer({ minimum: 0 }),
  size_bytes: Type.Integer({ minimum: 0 }),
  run_id: Nullable(RunId, { description: 'The run that made it' }),
  created_at: Timestamp,
  ready_at: Nullable(Timestamp, { description: 'When its directory got its place' }),
  synced_at: Nullable(Timestamp),
  sorted_at: Nullable(Timestamp),
  cleaned_at: Nullable(Timestamp),
};

export const Batch = Type.Object(batchFields, { $id: 'Batch' });
export type Batch = Static<typeof Batch>;

export const BatchList = Type.Object({ data: Type.Array(Batch), pagination: Pagination }, { $id: 'BatchList' });
export type BatchList = Static<typeof BatchList>;

export const BatchesQuery = Type.Object({
  ...pageParameters,
  status: CommaList(StringEnum(batchStatuses), { description: 'Only batches with one of these statuses' }),
});
export type BatchesQuery = Static<typeof BatchesQuery>;

export const batchDefaultSort = { sort_by: 'created_at', sort_order: 'desc' } as const;

const listed = (operationId: string, url: string, summary: string) =>
  endpoint({
    method: 'GET',
    url,
    config: { role: 'viewer', replyHeaders: ['Age'] },
    schema: { operationId, summary, tags, querystring: BatchesQuery, response: { 200: BatchList, ...problems() } },
  });

export const listBatches = listed('listBatches', '/api/batches', 'Batches, newest first');
export const listBatchesAsBefore = listed(
  'listBatchesAsBefore',
  '/api/batch/list',
  'Batches, newest first, at the path of the original',
);

const Skipped = Type.Object({
  path: Type.String({ description: 'Of the first file of its group, below the inbox' }),
  files: Type.Integer({ minimum: 1, description: 'Files that belong together' }),
  size_bytes: Type.Integer({ minimum: 0 }),
  reason: StringEnum(batchSkipReasons, {
    description:
      'not_utf8: its name is not UTF-8, and Syncthing sends no such files; name_too_long; never_synced: Syncthing takes it for a temporary ' +
      'file of its own; not_ready: a companion was not compared yet, or has an error; too_large: it is larger than a batch may be',
  }),
});
export type BatchSkipped = Static<typeof Skipped>;

export const BatchCreated = Type.Object(
  {
    created: Type.Boolean(),
    dry_run: Type.Boolean(),
    message: Type.String(),
    run_id: Nullable(RunId, { description: 'null: a dry run' }),
    batch_id: Nullable(BatchId, { description: 'null: there is none, or not yet' }),
    batch_name: Nullable(Type.String()),
    file_count: Type.Integer({ minimum: 0 }),
    size_bytes: Type.Integer({ minimum: 0 }),
    manifest_path: Nullable(Type.String()),
    created_at: Nullable(Timestamp),
    files: Type.Array(Type.String(), { description: 'Paths below the directory of the batch' }),
    reason: Nullable(StringEnum(batchLacks), {
      description:
        'Why there is none. nothing_to_do: no file of the inbox can go into a batch; blocked: see blocking_batch; all_too_large: see skipped. ' +
        'null: there is one, or its files are still being moved',
    }),
    blocking_batch: Nullable(Type.String(), { description: 'The name of the batch that has to be sorted first' }),
    blocking_batch_id: Nullable(BatchId),
    blocking_status: Nullable(StringEnum(batchStatuses)),
    blocking_reason: Nullable(Type.String(), { description: 'Why that one has its status' }),
    skipped: Type.Array(Skipped, { description: 'What is in no batch, at most 200' }),
    skipped_groups: CountsByWord(batchSkipReasons, { description: 'All of them, by reason' }),
  },
  { $id: 'BatchCreated' },
);
export type BatchCreated = Static<typeof BatchCreated>;

export const createBatch = endpoint({
  method: 'POST',
  url: '/api/batch/create',
  config: { role: 'operator' },
  schema: {
    operationId: 'createBatch',
    summary: 'Make the next batch',
    description:
      'Starts a run of files.batch with the configuration of this moment, and waits up to 10 s for it: 200 with the batch, or with the reason ' +
      'why there is none; 202 while its files are still being moved. While one is being made, the reply is that of its run. With ' +
      'dry_run nothing is moved, and the reply is what the next batch would be. 409: the folders are not usable, or the run has failed.',
    tags,
    body: Type.Object(
      {
        dry_run: Type.Optional(Type.Boolean({ default: false, description: 'true: only says what it would do' })),
      },
      { additionalProperties: false },
    ),
    response: { 200: BatchCreated, 202: BatchCreated, ...problems(400, 409) },
  },
});

/** A batch in a path. */
export const BatchParams = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 255,
    description: 'The id or the name of the batch',
    pattern: '^[^\\u0000]*$',
    examples: ['batch_001'],
  }),
});

export const BatchDetails = Type.Object(
  {
    ...batchFields,
    path: Type.String({ description: 'Its directory' }),
    manifest_path: Type.String({
      description: 'A file until the cleanup; GET /api/batches/{id}/manifest has it afterwards too',
    }),
    files_by_state: CountsByWord(batchFileStates, { description: 'Its files by state' }),
    allowed: Type.Array(StringEnum(batchStatuses), { description: 'The statuses that it can get next' }),
    undo_refusal: Nullable(Type.String(), { description: 'Why it cannot be undone; null: it can' }),
    device_cleaned_at: Nullable(Timestamp, { description: 'When a person said that the device was cleaned' }),
    device_cleaned_by: Nullable(Type.String(), { description: 'Who said so' }),
    device_cleaned_refusal: Nullable(Type.String(), {
      description: 'Why that cannot be said now; null: it can, and the cleanup waits for it',
    }),
    unfinished_run_id: Nullable(RunId, { description: 'The run that works on it' }),
  },
  { $id: 'BatchDetails' },
);
export type BatchDetails = Static<typeof BatchDetails>;

export const getBatch = endpoint({
  method: 'GET',
  url: '/api/batches/:id',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getBatch',
    summary: 'A batch',
    tags,
    params: BatchParams,
    response: { 200: BatchDetails, ...problems(404) },
  },
});

export const BatchFile = Type.Object(
  {
    position: Type.Integer({ minimum: 0 }),
    file_id: Nullable(Type.Integer(), { description: 'null: its row was removed' }),
    kind: Nullable(StringEnum(fileKinds), { description: 'null: its row was removed' }),
    path: Type.String({ description: 'Below the directory of the batch' }),
    source: Type.String({ description: 'Where it came from, below the inbox' }),
    size: Type.Integer({ minimum: 0 }),
    sha256: Nullable(Type.String(), { description: 'null: no other file has its size, so it was never read' }),
    state: StringEnum(batchFileStates, {
      description:
        'PLANNED: still in the inbox; LEFT: not in the batch, because it stayed there or went back, see error',
    }),
    confirmed_at: Nullable(Timestamp, { description: 'When the device confirmed it' }),
    error: Nullable(Type.String(), { description: 'Why it is where it is' }),
  },
  { $id: 'BatchFile' },
);
export type BatchFile = Static<typeof BatchFile>;

export const BatchFilesQuery = Type.Object({
  ...pageParameters,
  state: CommaList(StringEnum(batchFileStates), { description: 'Only files with one of these states' }),
});
export type BatchFilesQuery = Static<typeof BatchFilesQuery>;

export const BatchFileList = Type.Object(
  { data: Type.Array(BatchFile), pagination: Pagination },
  { $id: 'BatchFileList' },
);
export type BatchFileList = Static<typeof BatchFileList>;

export const listBatchFiles = endpoint({
  method: 'GET',
  url: '/api/batches/:id/files',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listBatchFiles',
    summary: 'The files of a batch, in their order',
    tags,
    params: BatchParams,
    querystring: BatchFilesQuery,
    response: { 200: BatchFileList, ...problems(404) },
  },
});

export const BatchTimeline = Type.Object(
  {
    events: Type.Array(
      Type.Object({
        at: Timestamp,
        type: StringEnum(['status', 'sync', 'run'], {
          description:
            'status: it got a status, or its files their place; sync: what a sync saw; run: a run worked on it',
        }),
        status: Nullable(Type.String(), { description: 'Of the batch, the sync or the run' }),
        message: Nullable(Type.String()),
        percent: Nullable(Type.Number(), { description: 'Of a sync' }),
        run_id: Nullable(RunId),
        task: Nullable(Type.String(), { description: 'What the run does' }),
      }),
      { description: 'Oldest first, at most 500' },
    ),
  },
  { $id: 'BatchTimeline' },
);
export type BatchTimeline = Static<typeof BatchTimeline>;

export const getBatchTimeline = endpoint({
  method: 'GET',
  url: '/api/batches/:id/timeline',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getBatchTimeline',
    summary: 'What happened to a batch',
    tags,
    params: BatchParams,
    response: { 200: BatchTimeline, ...problems(404) },
  },
});

export const getBatchManifest = endpoint({
  method: 'GET',
  url: '/api/batches/:id/manifest',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getBatchManifest',
    summary: 'The manifest of a batch',
    description: 'As manifest.json in its directory has it, also after the cleanup.',
    tags,
    params: BatchParams,
    response: {
      200: Type.Object(
        {
          batch: Type.String(),
          id: BatchId,
          created_at: Type.String(),
          files: Type.Array(
            Type.Object({
              path: Type.String(),
              source: Type.String(),
              size: Type.Integer(),
              mtime_ns: Type.String(),
              sha256: Nullable(Type.String()),
            }),
          ),
        },
        { $id: 'BatchManifest' },
      ),
      ...problems(404),
    },
  },
});

export const BatchUndone = Type.Object(
  {
    undone: Type.Boolean({ description: 'false: some files are still in it, or the run goes on' }),
    message: Type.String(),
    run_id: RunId,
    returned: Type.Integer({ minimum: 0, description: 'Files that are back where they came from' }),
    kept: Type.Array(Type.String(), { description: 'Files that are still in the batch, at most 200' }),
  },
  { $id: 'BatchUndone' },
);
export type BatchUndone = Static<typeof BatchUndone>;

export const undoBatch = endpoint({
  method: 'POST',
  url: '/api/batches/:id/undo',
  config: { role: 'operator' },
  schema: {
    operationId: 'undoBatch',
    summary: 'Undo a batch',
    description:
      'Brings its files back to where they came from, under their original names. Files that were changed ' +
      'go there as new ones. A batch that has no files then is CLEANED; one of which files have to stay keeps these and its status. What leaves the folder of Syncthing leaves the device too. Waits up to 10 s; ' +
      '202: the run goes on. 409: a run works on it, or it is sorted already.',
    tags,
    params: BatchParams,
    body: EmptyBody,
    response: { 200: BatchUndone, 202: BatchUndone, ...problems(400, 404, 409) },
  },
});

export const confirmDeviceCleaned = endpoint({
  method: 'POST',
  url: '/api/batches/:id/device-cleaned',
  config: { role: 'operator' },
  schema: {
    operationId: 'confirmDeviceCleaned',
    summary: 'Say that the device was cleaned of a batch',
    description:
      'Where the archive gets copies (syncthing.after_sync is keep), a sorted batch stays in its folder and on the device until a person says ' +
      'this. Then the next cleanup brings its files to the quarantine, each only while the archive has its content, and the batch becomes ' +
      'CLEANED. What leaves the folder leaves the device too. 409: it is not sorted, or nothing of it is left.',
    tags,
    params: BatchParams,
    body: EmptyBody,
    response: { 200: BatchDetails, ...problems(400, 404, 409) },
  },
});
