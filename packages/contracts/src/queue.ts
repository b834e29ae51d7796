import { type Static, type TProperties, Type } from 'typebox';
import { endpoint, RunId, WorkedMs } from './endpoint.ts';
import { exportOf } from './export.ts';
import { CommaList, maximumOffset, Nullable, SortOrder, StringEnum, Text } from './paging.ts';
import { pictureReply } from './posters.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { failureCodes, queueStatuses, runStates, runTriggers } from './vocabulary.ts';

export const tag = {
  name: 'queue',
  description: 'The processing queue: video files from a watch folder to a media server, at the paths of its original',
};
export const queueTags = [tag.name];
export const QueueText = Nullable(Type.String());

export const QueueId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [42] });
export const queueParams = Type.Object({ id: QueueId });

/** What the provider knows of an item; it may have more members, and each may be missing. */
export type QueueMetadata = {
  movie_code?: string;
  title?: string;
  original_title?: string;
  overview?: string;
  release_date?: string;
  actress?: string[];
  genre?: string[];
  label?: string;
  [member: string]: unknown;
};

export const QueueItem = Type.Object(
  {
    id: QueueId,
    file_path: Type.String({ description: 'Where the file was found, or lies since it could not be processed' }),
    movie_code: QueueText,
    code_given_by: Nullable(Type.String(), {
      description: 'Who set the code by hand; null: it is that of the file name',
    }),
    actress: QueueText,
    subtitle: QueueText,
    status: StringEnum(queueStatuses, {
      description:
        'moved: the file is in the library, and not published; emby_pending: it is being published; error: a step failed, also while ' +
        'it waits for its next attempt (next_retry_at)',
    }),
    error_message: QueueText,
    error_code: Nullable(StringEnum(failureCodes), {
      description: 'Why the step failed, for programs: unlike the message it stays the same',
    }),
    failed_step: Nullable(Type.String(), { description: 'The step that failed' }),
    error_fingerprint: Nullable(Type.String(), { description: 'The same for the same failure of other items' }),
    new_path: Nullable(Type.String(), { description: 'Where the file is in the library' }),
    emby_item_id: QueueText,
    metadata_json: Type.Unsafe<QueueMetadata | null>({
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'What the provider knows of it; null: not fetched',
    }),
    retry_count: Type.Integer({ description: 'Attempts after the first one' }),
    next_retry_at: Nullable(Timestamp, { description: 'When its next attempt begins by itself' }),
    next_step: Nullable(Type.String(), {
      description: 'The step that it rests before, which no run will begin; null: it is active or completed',
    }),
    published_at: Nullable(Timestamp),
    run_id: Nullable(RunId, { description: 'Its latest run, which is deleted 90 days after its end' }),
    is_active: Type.Boolean({ description: 'Its run goes on, or waits for its next attempt: no other run can start' }),
    has_move: Type.Boolean({
      description:
        'A move of its file has begun and not ended. When its run has ended, the item can be removed only with its file',
    }),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { $id: 'QueueItem', description: 'A file in the processing queue' },
);
export type QueueItem = Static<typeof QueueItem>;

export const queueSorts = ['created_at', 'updated_at', 'movie_code', 'actress'] as const;
export type QueueSort = (typeof queueSorts)[number];
export const queueDefaultSort = { sort_by: 'created_at', sort_order: 'desc' } as const;

export const queueFilters = {
  id: CommaList(QueueId, { description: 'Only these items' }),
  status: CommaList(StringEnum(queueStatuses), { description: 'Any of these statuses' }),
  search: Type.Optional(
    Text({
      description: 'Part of the code, the performer or the path, in any case and with any punctuation and accents',
    }),
  ),
  movie_code: Type.Optional(Text({ description: 'Part of the code, however it is typed' })),
  actress: Type.Optional(Text({ description: 'Part of the name, however it is typed' })),
  fingerprint: Type.Optional(
    Text({ description: 'Items in error with this failure, as in GET /api/queue/failures', maxLength: 64 }),
  ),
  error_code: CommaList(StringEnum(failureCodes), { description: 'Items in error with one of these codes' }),
  waits: Type.Optional(
    Type.Boolean({
      description: 'true: items in error that wait for their next attempt; false: those that need a person',
    }),
  ),
} satisfies TProperties;
export type QueueFilters = Static<ReturnType<typeof Type.Object<typeof queueFilters>>>;

export const QueueQuery = Type.Object({
  ...queueFilters,
  sort_by: Type.Optional(
    StringEnum(queueSorts, {
      default: queueDefaultSort.sort_by,
      description: 'Items without a value come last; those with the same value by id, in the same direction',
    }),
  ),
  sort_order: SortOrder(queueDefaultSort.sort_order),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 50, description: 'Items a page, 1 to 1000' }),
  ),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: maximumOffset, description: 'Items to skip' })),
  page: Type.Optional(
    Type.Integer({ minimum: 1, maximum: maximumOffset, description: 'Page number from 1, instead of offset' }),
  ),
});
export type QueueQuery = Static<typeof QueueQuery>;

export const QueueList = Type.Object({
  items: Type.Array(QueueItem),
  total: Type.Integer({ description: 'Matching items, at most one second old' }),
  limit: Type.Integer(),
  offset: Type.Integer(),
  page: Type.Integer({ description: 'The page that the first item is on, from 1' }),
});
export type QueueList = Static<typeof QueueList>;

export const listQueue = endpoint({
  method: 'GET',
  url: '/api/queue',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listQueue',
    summary: 'Items of the queue, newest first',
    tags: queueTags,
    querystring: QueueQuery,
    response: { 200: QueueList, ...problems() },
  },
});

export const exportQueue = exportOf(listQueue, {
  operationId: 'exportQueue',
  summary: 'Items of the queue as a file',
  row: QueueItem,
});

export const QueueRun = Type.Object({
  id: RunId,
  state: StringEnum(runStates),
  steps: Type.Array(Type.String(), { description: 'The names of its steps, in their order' }),
  trigger: StringEnum(runTriggers),
  requested_by: QueueText,
  created_at: Timestamp,
  started_at: Nullable(Timestamp),
  finished_at: Nullable(Timestamp),
  worked_ms: WorkedMs,
  repaired_by: Nullable(RunId, { description: 'The later run that has completed what failed here' }),
  error: Nullable(Type.String(), { description: 'Of the step that failed' }),
});
export type QueueRun = Static<typeof QueueRun>;

export const QueueItemDetails = Type.Object(
  {
    ...QueueItem.properties,
    runs: Type.Array(QueueRun, { description: 'Its runs, newest first, at most 50' }),
    previous_id: Nullable(QueueId, { description: 'The next newer item' }),
    next_id: Nullable(QueueId, { description: 'The next older item' }),
    cover: Nullable(Type.String(), {
      description:
        'The `version` of its cover, which may turn out not to be there; null: none is named, or POSTERS is off',
    }),
  },
  { $id: 'QueueItemDetails' },
);
export type QueueItemDetails = Static<typeof QueueItemDetails>;

export const getQueueItem = endpoint({
  method: 'GET',
  url: '/api/queue/:id',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getQueueItem',
    summary: 'An item of the queue with its metadata and its runs',
    tags: queueTags,
    params: queueParams,
    response: { 200: QueueItemDetails, ...problems(404) },
  },
});

export const getQueueCover = endpoint({
  method: 'GET',
  url: '/api/queue/:id/cover',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'getQueueCover',
    summary: 'The cover of an item',
    description:
      'Fetched once from where the metadata say, and kept. 404: none is named, POSTERS is off, or what is there is no picture of a public host. ' +
      '502: its host did not send it now. ' +
      '304: If-None-Match has the ETag of the picture.',
    tags: queueTags,
    params: queueParams,
    querystring: Type.Object({
      version: Type.Optional(
        Text({ description: 'The `cover` of an item: names the picture for caches, and is not read', maxLength: 120 }),
      ),
    }),
    response: {
      200: pictureReply('The cover of an item'),
      304: Type.Null({ description: 'The picture has not changed' }),
      ...problems(404, 502),
    },
  },
});

export const suggestQueue = endpoint({
  method: 'GET',
  url: '/api/queue/suggest',
  config: { role: 'viewer' },
  schema: {
    operationId: 'suggestQueue',
    summary: 'Codes and performers that a text may mean, at most 10',
    tags: queueTags,
    querystring: Type.Object({
      q: Type.Optional(Text({ description: 'Their start, or a part; however they are typed' })),
    }),
    response: {
      200: Type.Object({
        suggestions: Type.Array(
          Type.Object({
            type: StringEnum(['movie_code', 'actress']),
            value: Type.String(),
            items: Type.Integer({ description: 'Items that have it' }),
          }),
        ),
      }),
      ...problems(),
    },
  },
});
