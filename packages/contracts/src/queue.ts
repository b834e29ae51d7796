import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { EmptyBody, endpoint, RunAccepted, RunId } from './endpoint.ts';
import { exportOf } from './export.ts';
import { CommaList, maximumOffset, Nullable, SortOrder, StringEnum, Text } from './paging.ts';
import { Problem, problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { queueStatuses, queueSteps, runStates, runTriggers } from './vocabulary.ts';

export const tag = {
  name: 'queue',
  description: 'The processing queue: video files from a watch folder to a media server, at the paths of its original',
};
const tags = [tag.name];
const NullableText = Nullable(Type.String());

const QueueId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [42] });
const params = Type.Object({ id: QueueId });

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
    movie_code: NullableText,
    code_given_by: Nullable(Type.String(), {
      description: 'Who set the code by hand; null: it is that of the file name',
    }),
    actress: NullableText,
    subtitle: NullableText,
    status: StringEnum(queueStatuses, {
      description:
        'moved: the file is in the library, and not published; emby_pending: it is being published; error: a step failed, also while ' +
        'it waits for its next attempt (next_retry_at)',
    }),
    error_message: NullableText,
    failed_step: Nullable(Type.String(), { description: 'The step that failed' }),
    error_fingerprint: Nullable(Type.String(), { description: 'The same for the same failure of other items' }),
    new_path: Nullable(Type.String(), { description: 'Where the file is in the library' }),
    emby_item_id: NullableText,
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
  search: Type.Optional(Text({ description: 'Part of the code, the performer or the path, in any case' })),
  movie_code: Type.Optional(Text({ description: 'Part of the code, in any case' })),
  actress: Type.Optional(Text({ description: 'Part of the name, in any case' })),
  fingerprint: Type.Optional(
    Text({ description: 'Items in error with this failure, as in GET /api/queue/failures', maxLength: 64 }),
  ),
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
    tags,
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
  requested_by: NullableText,
  created_at: Timestamp,
  started_at: Nullable(Timestamp),
  finished_at: Nullable(Timestamp),
  error: Nullable(Type.String(), { description: 'Of the step that failed' }),
});
export type QueueRun = Static<typeof QueueRun>;

export const QueueItemDetails = Type.Object(
  {
    ...QueueItem.properties,
    runs: Type.Array(QueueRun, { description: 'Its runs, newest first, at most 50' }),
    previous_id: Nullable(QueueId, { description: 'The next newer item' }),
    next_id: Nullable(QueueId, { description: 'The next older item' }),
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
    tags,
    params,
    response: { 200: QueueItemDetails, ...problems(404) },
  },
});

/** The reply to a request that a run of one item carries out. */
const accepted = { ...RunAccepted.properties, item_id: QueueId };
export const QueueAccepted = Type.Object(accepted, { $id: 'QueueAccepted' });
export type QueueAccepted = Static<typeof QueueAccepted>;

/** The same, with what the item has become: for requests that wait for their run. */
export const QueueActed = Type.Object(
  {
    ...accepted,
    status: StringEnum(queueStatuses),
    movie_code: NullableText,
    actress: NullableText,
    new_path: NullableText,
    emby_item_id: NullableText,
    metadata_json: QueueItem.properties.metadata_json,
  },
  { $id: 'QueueActed' },
);
export type QueueActed = Static<typeof QueueActed>;

/** Requests that wait so many seconds for the run that they start. */
export const queueWait = 10;
const waits = `Waits up to ${queueWait} s for its run: 200 when it has completed, 409 when it has failed, else 202 with what is known so far.`;

const FreshBody = Type.Object(
  { fresh: Type.Optional(Type.Boolean({ default: false, description: "Bypass the provider's cache" })) },
  { additionalProperties: false },
);
const CodeBody = Type.Object(
  {
    ...FreshBody.properties,
    movie_code: Type.Optional(
      Nullable(Type.String({ pattern: '^[A-Za-z]{2,6}-[0-9]{1,5}$', examples: ['ABC-123'] }), {
        description:
          'The code to set, instead of the one in the name of the file; null: takes back one that was set, and processes the item from ' +
          'its first step',
      }),
    ),
  },
  { additionalProperties: false },
);

export const retryQueueItem = endpoint({
  method: 'POST',
  url: '/api/queue/:id/retry',
  config: { role: 'operator' },
  schema: {
    operationId: 'retryQueueItem',
    summary: 'Retry an item in error',
    description:
      'Continues where it failed; one that waits for its next attempt begins at once. 409 if the item is not in error.',
    tags,
    params,
    body: EmptyBody,
    response: { 202: QueueAccepted, ...problems(400, 404, 409, 413, 415) },
  },
});

export const reprocessQueueItem = endpoint({
  method: 'POST',
  url: '/api/queue/:id/reprocess-metadata',
  config: { role: 'operator' },
  schema: {
    operationId: 'reprocessQueueItem',
    summary: 'Fetch the metadata of a completed item again and publish it',
    description: '409 if the item is not completed.',
    tags,
    params,
    body: FreshBody,
    response: { 202: QueueAccepted, ...problems(400, 404, 409, 413, 415) },
  },
});

/** An action that did its work within the request in the original. */
const action = <const P extends string, const I extends string, B extends TSchema>(
  path: P,
  operationId: I,
  summary: string,
  description: string,
  body: B,
) =>
  endpoint({
    method: 'POST',
    url: `/api/queue/:id/actions/${path}`,
    config: { role: 'operator' },
    schema: {
      operationId,
      summary,
      description: `${description} ${waits}`,
      tags,
      params,
      body,
      response: { 200: QueueActed, 202: { ...QueueActed, $id: 'QueueActing' }, ...problems(400, 404, 409, 413, 415) },
    },
  });

export const extractQueueCode = action(
  'extract-code',
  'extractQueueCode',
  "Read an item's code from the name of its file, or set it",
  '409 while the item is being processed.',
  CodeBody,
);
export const fetchQueueMetadata = action(
  'fetch-metadata',
  'fetchQueueMetadata',
  'Fetch the metadata of an item from the provider',
  '409 with what is missing: the code, or a setting.',
  FreshBody,
);
export const renameQueueFile = action(
  'rename-file',
  'renameQueueFile',
  'Rename the file of an item and move it into the library',
  '409 with what is missing: the code, the metadata, or a setting.',
  FreshBody,
);
export const updateQueueServer = action(
  'update-emby',
  'updateQueueServer',
  'Publish an item to the media server',
  '409 with what is missing: the metadata, the file in the library, or a setting.',
  FreshBody,
);

export const fullRetryQueueItem = endpoint({
  method: 'POST',
  url: '/api/queue/:id/actions/full-retry',
  config: { role: 'operator' },
  schema: {
    operationId: 'fullRetryQueueItem',
    summary: 'Process an item from its first step',
    description: '409 while the item is being processed, or with the setting that is missing.',
    tags,
    params,
    body: FreshBody,
    response: { 202: QueueAccepted, ...problems(400, 404, 409, 413, 415) },
  },
});

export const deleteQueueItem = endpoint({
  method: 'DELETE',
  url: '/api/queue/:id',
  config: { role: 'admin' },
  schema: {
    operationId: 'deleteQueueItem',
    summary: 'Remove an item from the queue; its file stays',
    description:
      'A file that still lies in the watch folder is taken again when it has changed. 409 while the item is being processed.',
    tags,
    params,
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String(), item_id: QueueId }),
      ...problems(404, 409),
    },
  },
});

export const deleteQueueFile = endpoint({
  method: 'DELETE',
  url: '/api/queue/:id/file',
  config: { role: 'admin' },
  schema: {
    operationId: 'deleteQueueFile',
    summary: 'Remove an item with its file, which goes to the trash',
    description: `Only a file in the folders of the queue is moved. 409 while the item is being processed. ${waits}`,
    tags,
    params,
    response: { 200: QueueAccepted, 202: { ...QueueAccepted, $id: 'QueueRemoving' }, ...problems(404, 409) },
  },
});

const cleaned = {
  success: Type.Literal(true),
  message: Type.String(),
  deleted_count: Type.Integer({ description: 'Items that were deleted so far; with dry_run: that would be' }),
  run_id: Nullable(RunId, { description: 'null: a dry run, which has none' }),
};
export const QueueCleaned = Type.Object(cleaned, { $id: 'QueueCleaned' });
export type QueueCleaned = Static<typeof QueueCleaned>;

export const cleanUpQueue = endpoint({
  method: 'POST',
  url: '/api/cleanup',
  config: { role: 'admin' },
  schema: {
    operationId: 'cleanUpQueue',
    summary: 'Remove completed items by their age; files stay',
    description: waits,
    tags,
    body: Type.Object(
      {
        older_than_days: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 365,
            default: 30,
            description: 'Items that were last changed so many days ago; 0: all completed items',
          }),
        ),
        dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Only count them' })),
      },
      { additionalProperties: false },
    ),
    response: { 200: QueueCleaned, 202: { ...QueueCleaned, $id: 'QueueCleaning' }, ...problems(400, 409, 413, 415) },
  },
});

/** The most items that a bulk request changes. */
export const mostQueueItems = 10_000;
/** The most refused items that its run names. */
export const mostNamedFailures = 200;

const selection = {
  ids: Type.Optional(
    Type.Array(QueueId, { minItems: 1, maxItems: mostQueueItems, description: 'These items; or use filter instead' }),
  ),
  filter: Type.Optional(
    Type.Object(queueFilters, {
      additionalProperties: false,
      description: `The filters of the list, with lists as arrays; the oldest ${mostQueueItems.toLocaleString('en')} items that match`,
    }),
  ),
};

/** The output of the run of a bulk request. */
export const QueueBulkResult = Type.Object({
  total: Type.Integer(),
  updated: Type.Integer(),
  failed: Type.Integer(),
  failed_items: Type.Array(
    Type.Object({ id: QueueId, movie_code: NullableText, error: Type.String({ description: 'Why, as a sentence' }) }),
    { description: `The first ${mostNamedFailures.toLocaleString('en')} of them` },
  ),
});
export type QueueBulkResult = Static<typeof QueueBulkResult>;

export const retryQueueItems = endpoint({
  method: 'POST',
  url: '/api/bulk/retry',
  config: { role: 'operator' },
  schema: {
    operationId: 'retryQueueItems',
    summary: 'Retry many items in error',
    description:
      'Starts one run that continues each item where it failed, and whose output has total, updated, failed and failed_items. ' +
      'Without ids and filter: every item in error. The items are chosen at the request.',
    tags,
    body: Type.Object(selection, { additionalProperties: false }),
    response: { 202: RunAccepted, ...problems(400, 409, 413, 415) },
  },
});

const refreshed = {
  ...RunAccepted.properties,
  success: Type.Boolean({ description: 'false: of no item the metadata were fetched; failed_items says why' }),
  ...QueueBulkResult.properties,
};
export const QueueRefreshed = Type.Object(refreshed, { $id: 'QueueRefreshed' });
export type QueueRefreshed = Static<typeof QueueRefreshed>;

export const refreshQueueItems = endpoint({
  method: 'POST',
  url: '/api/bulk/refresh-metadata',
  config: { role: 'operator' },
  schema: {
    operationId: 'refreshQueueItems',
    summary: 'Fetch the metadata of many items again',
    description: `Starts one run, which starts one for each item and waits for it. Without ids and filter: every item with a code. ${waits}`,
    tags,
    body: Type.Object(
      {
        ...selection,
        status: Type.Optional(StringEnum(queueStatuses, { description: 'Only items with this status' })),
        update_emby: Type.Optional(
          Type.Boolean({
            default: false,
            description: 'Publish items in the library afterwards; without it completed items stay completed',
          }),
        ),
        ...FreshBody.properties,
      },
      { additionalProperties: false },
    ),
    response: {
      200: QueueRefreshed,
      202: { ...QueueRefreshed, $id: 'QueueRefreshing' },
      ...problems(400, 409, 413, 415),
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
    tags,
    querystring: Type.Object({ q: Type.Optional(Text({ description: 'Their start, or a part; in any case' })) }),
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

export const QueueFailure = Type.Object(
  {
    fingerprint: Type.String({ description: 'Pass it as fingerprint= to the list' }),
    message: Type.String({ description: 'Of the latest item' }),
    step: NullableText,
    count: Type.Integer({ description: 'Items in error with this failure' }),
    waiting: Type.Integer({ description: 'Those of them that wait for their next attempt' }),
    latest_at: Timestamp,
    example_ids: Type.Array(QueueId, { description: 'The latest items, at most 5' }),
  },
  { $id: 'QueueFailure' },
);
export type QueueFailure = Static<typeof QueueFailure>;

export const listQueueFailures = endpoint({
  method: 'GET',
  url: '/api/queue/failures',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listQueueFailures',
    summary: 'Items in error, grouped by their failure, the largest group first',
    tags,
    response: {
      200: Type.Object({
        failures: Type.Array(QueueFailure, { description: 'At most 100' }),
        total: Type.Integer({ description: 'Items in error' }),
      }),
      ...problems(),
    },
  },
});

export const QueueStepSettings = Type.Object(
  {
    step: StringEnum(queueSteps),
    missing: Type.Array(Type.String(), { description: 'The variables that are not set; none: the step can be done' }),
  },
  { $id: 'QueueStepSettings' },
);
export type QueueStepSettings = Static<typeof QueueStepSettings>;

export const getQueueSteps = endpoint({
  method: 'GET',
  url: '/api/queue/steps',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getQueueSteps',
    summary: 'What each step of the queue lacks to be done',
    tags,
    response: {
      200: Type.Object({
        steps: Type.Array(QueueStepSettings),
        watch: Type.Object({
          missing: Type.Array(Type.String(), {
            description: 'The variables without which no file is found; none: files are',
          }),
          path: Nullable(Type.String(), { description: 'Where files are dropped; null: not configured' }),
        }),
      }),
      ...problems(),
    },
  },
});

const Count = Type.Integer();
export const QueueStats = Type.Object(
  {
    total: Count,
    completed: Count,
    pending: Count,
    processing: Count,
    moved: Count,
    emby_pending: Count,
    error: Count,
    error_waiting: Type.Integer({ description: 'Those of the items in error that wait for their next attempt' }),
    by_actress: Type.Array(Type.Object({ actress: Type.String(), count: Count }), {
      description: 'The ten performers with the most completed items',
    }),
    timestamp: Timestamp,
  },
  { $id: 'QueueStats' },
);
export type QueueStats = Static<typeof QueueStats>;

export const getQueueStats = endpoint({
  method: 'GET',
  url: '/api/stats',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getQueueStats',
    summary: 'Items of the queue by status',
    description: 'At most one second old; cheap to poll.',
    tags,
    response: { 200: QueueStats, ...problems() },
  },
});

const period = {
  at: Timestamp,
  done: Type.Integer({ description: 'Items that were published' }),
  failed: Type.Integer({ description: 'Items of which an attempt failed' }),
  average_seconds: Nullable(Type.Number(), { description: 'Work on the items that were published; null: none was' }),
};
export const QueuePeriod = Type.Object(period, { $id: 'QueuePeriod' });
export type QueuePeriod = Static<typeof QueuePeriod>;

export const getQueueHistory = endpoint({
  method: 'GET',
  url: '/api/stats/history',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getQueueHistory',
    summary: 'What the queue did, by hour and by day',
    description: 'Oldest first, with the present hour and day; those in which nothing happened have zeros. In UTC.',
    tags,
    querystring: Type.Object({
      hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 168, default: 24, description: 'How many hours' })),
      days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: 30, description: 'How many days' })),
    }),
    response: {
      200: Type.Object({ hourly: Type.Array(QueuePeriod), daily: Type.Array(QueuePeriod) }),
      ...problems(),
    },
  },
});

export const QueueSummary = Type.Object({
  completed_24h: Type.Integer({ description: 'Items that were published' }),
  errors_24h: Type.Integer({ description: 'Items of which an attempt failed' }),
  avg_processing_seconds: Nullable(Type.Number(), {
    description: 'Work on the items that were published, without waiting; null: none was',
  }),
  error_rate_24h: Type.Number({ description: 'errors_24h of both, 0 to 1; 0: nothing happened' }),
});
export type QueueSummary = Static<typeof QueueSummary>;

export const getQueueSummary = endpoint({
  method: 'GET',
  url: '/api/metrics-summary',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getQueueSummary',
    summary: 'How the queue did in the last 24 hours',
    tags,
    response: { 200: QueueSummary, ...problems() },
  },
});

export const queueWorkers = ['FileProcessor', 'EmbyUpdater', 'RetryHandler'] as const;
export type QueueWorker = (typeof queueWorkers)[number];
const byWorker = <S extends TSchema>(schema: S) =>
  Object.fromEntries(queueWorkers.map((name) => [name, schema])) as Record<QueueWorker, S>;

const health = {
  status: StringEnum(['healthy', 'degraded'], {
    description: 'degraded: the database is unreachable, a worker does not run, or a folder cannot be used',
  }),
  database: Type.String({ description: 'connected, or "error: " and why' }),
  folders: Type.String({
    description:
      'ready, "not configured", "not seen" (the API has no access to them, which the workers may have), or "error: " and why',
  }),
  workers: Type.Object(byWorker(StringEnum(['running', 'stopped', 'stale', 'unknown'])), {
    description:
      'FileProcessor: extract, metadata and move; EmbyUpdater: publish; RetryHandler: any worker. stale: it was last seen ' +
      'more than 30 seconds ago and did not say that it stops; unknown: the database is unreachable',
  }),
  heartbeats: Type.Object(byWorker(Nullable(Timestamp)), {
    description: 'When each was last seen; null: never, or longer than a week ago',
  }),
  uptime: Type.String({ description: 'Of the API, such as "5h 32m"' }),
  system: Type.Object({
    cpu_percent: Type.Number({ description: 'Load of the last minute by processors, at most 100' }),
    memory_percent: Type.Number(),
    disk_percent: Nullable(Type.Number(), {
      description: 'Of the disk of the library, or of the watch folder; null: the API sees neither',
    }),
  }),
};
export const QueueHealth = Type.Object(health, { $id: 'QueueHealth' });
export type QueueHealth = Static<typeof QueueHealth>;

export const getQueueHealth = endpoint({
  method: 'GET',
  url: '/api/health',
  config: { role: 'public' },
  schema: {
    operationId: 'getQueueHealth',
    summary: 'Health of the database, the workers and the machine',
    description:
      '503 when the database is unreachable, with the members of a problem beside these; status stays the word.',
    tags,
    response: {
      ...problems(),
      200: QueueHealth,
      // Its status is the word, which clients of the original read; that of a problem is in the first line of the reply.
      503: Type.Object({ ...Problem.properties, ...health }, { $id: 'QueueUnhealthy' }),
    },
  },
});

export const QueueMeta = Type.Object(
  {
    emby_public_url: Nullable(Type.String(), {
      description: 'Where people open the media server, without a slash at its end; null: not configured',
    }),
    emby_server_id: Nullable(Type.String(), {
      description: 'The id that links to its items need; null: not configured, or the server does not respond',
    }),
  },
  { $id: 'QueueMeta' },
);
export type QueueMeta = Static<typeof QueueMeta>;

export const getQueueMeta = endpoint({
  method: 'GET',
  url: '/api/meta',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getQueueMeta',
    summary: 'What links to the media server are made of',
    description: 'A link is {emby_public_url}/web/index.html#!/item?id={emby_item_id}&serverId={emby_server_id}.',
    tags,
    response: { 200: QueueMeta, ...problems() },
  },
});

export const generateQueuePreview = endpoint({
  method: 'POST',
  url: '/api/generate-preview',
  config: { role: 'operator' },
  schema: {
    operationId: 'generateQueuePreview',
    summary: 'Generate a preview of a video, which no installation has configured',
    description: 'Always 409: kept so that callers of the original learn why.',
    tags,
    body: Type.Object({}, { additionalProperties: true }),
    response: { 202: RunAccepted, ...problems(400, 409, 413, 415) },
  },
});
