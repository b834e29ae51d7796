import { type Static, type TSchema, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, StringEnum } from './paging.ts';
import { Problem, problems } from './problem.ts';
import { QueueId, QueueText, queueTags } from './queue.ts';
import { Timestamp } from './training.ts';
import { failureCodes, queueSteps } from './vocabulary.ts';

export const QueueFailure = Type.Object(
  {
    fingerprint: Type.String({ description: 'Pass it as fingerprint= to the list' }),
    code: Nullable(StringEnum(failureCodes), { description: 'Of the latest item' }),
    message: Type.String({ description: 'Of the latest item' }),
    is_alike: Type.Boolean({ description: 'Whether all of the items have this message, to the letter' }),
    step: QueueText,
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
    tags: queueTags,
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
    tags: queueTags,
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
    tags: queueTags,
    response: { 200: QueueStats, ...problems() },
  },
});

const period = {
  at: Timestamp,
  done: Type.Integer({ description: 'Items that were published, each in the period of its latest publication' }),
  failed: Type.Integer({ description: 'Items of which an attempt failed, each in the period of its latest failure' }),
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
    tags: queueTags,
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
    tags: queueTags,
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
    tags: queueTags,
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
    tags: queueTags,
    response: { 200: QueueMeta, ...problems() },
  },
});
