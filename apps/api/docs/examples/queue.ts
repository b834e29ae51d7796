import { exportQueue, getQueueCover, getQueueItem, listQueue, type QueueItem, suggestQueue } from '@at/contracts/queue';
import {
  deleteQueueFile,
  deleteQueueItem,
  extractQueueCode,
  fetchQueueMetadata,
  fullRetryQueueItem,
  generateQueuePreview,
  type QueueActed,
  renameQueueFile,
  reprocessQueueItem,
  retryQueueItem,
  updateQueueServer,
} from '@at/contracts/queue-actions';
import { cleanUpQueue, refreshQueueItems, retryQueueItems } from '@at/contracts/queue-bulk';
import { getQueueRemoval, restoreQueueItem } from '@at/contracts/queue-removals';
import {
  getQueueHealth,
  getQueueHistory,
  getQueueMeta,
  getQueueStats,
  getQueueSteps,
  getQueueSummary,
  listQueueFailures,
  type QueuePeriod,
} from '@at/contracts/queue-status';
import { type Example, exampleOf, problem } from './example.ts';

const run = '5b0d7c1e-9f42-4a36-8d15-2c7e6a9b3f08';

const item: QueueItem = {
  id: 42,
  file_path: '/watch/abc-123.mkv',
  movie_code: 'ABC-123',
  code_given_by: null,
  actress: 'Ann Miller',
  subtitle: 'English Sub',
  status: 'completed',
  error_message: null,
  error_code: null,
  failed_step: null,
  error_fingerprint: null,
  new_path: '/library/Ann Miller/Ann Miller - [English Sub] ABC-123 A Summer.mkv',
  emby_item_id: '8841',
  metadata_json: {
    movie_code: 'ABC-123',
    title: 'A Summer',
    release_date: '2024-07-01',
    actress: ['Ann Miller'],
    genre: ['Drama'],
  },
  retry_count: 0,
  next_retry_at: null,
  next_step: null,
  published_at: '2025-06-02T10:05:41.203000Z',
  run_id: run,
  is_active: false,
  has_move: false,
  created_at: '2025-06-02T10:05:02.118000Z',
  updated_at: '2025-06-02T10:05:41.203000Z',
};

const failed: QueueItem = {
  ...item,
  id: 43,
  file_path: '/watch/abc-124.mkv',
  movie_code: 'ABC-124',
  actress: null,
  status: 'error',
  error_message: 'The provider does not know ABC-124.',
  error_code: 'code_unknown',
  failed_step: 'metadata',
  error_fingerprint: '3f1c09a7d2be',
  new_path: null,
  emby_item_id: null,
  metadata_json: null,
  retry_count: 3,
  next_step: 'metadata',
  published_at: null,
  created_at: '2025-06-02T11:20:10.004000Z',
  updated_at: '2025-06-02T11:41:33.870000Z',
};

const notFound = problem(404, 'Item not found', 'No item of the queue has the id 42.');

const busy = 'The item is being processed. Wait for the end of its run, or cancel it.';
const refused = (why: string) => problem(409, 'Not possible', why);
const unreachable = 'The database is unreachable.';
const system = { cpu_percent: 12.5, memory_percent: 41.3, disk_percent: 73.8 };
const seen = '2025-06-02T12:00:00.000000Z';
const accepted = (message: string) => ({ success: true as const, message, item_id: 42, run_id: run });
const { status, movie_code, actress, new_path, emby_item_id, metadata_json } = item;
const acted = (message: string): QueueActed => ({
  ...accepted(message),
  ...{ status, movie_code, actress, new_path, emby_item_id, metadata_json },
});

const period = (at: string, done: number, failures: number, average_seconds: number | null): QueuePeriod => ({
  at,
  done,
  failed: failures,
  average_seconds,
});

export const queueExamples: Example[] = [
  exampleOf(listQueue, { reply: { items: [failed, item], total: 2, limit: 50, offset: 0, page: 1 } }),
  exampleOf(exportQueue, {
    reply: {
      'text/csv': 'id,file_path,movie_code,actress\r\n42,/watch/abc-123.mkv,ABC-123,Ann Miller\r\n',
      'application/json': [item],
      'application/x-ndjson': `${JSON.stringify(item)}\n`,
    },
  }),
  exampleOf(suggestQueue, {
    reply: {
      suggestions: [
        { type: 'movie_code', value: 'ABC-123', items: 1 },
        { type: 'movie_code', value: 'ABC-124', items: 1 },
      ],
    },
  }),
  exampleOf(listQueueFailures, {
    reply: {
      failures: [
        {
          fingerprint: '3f1c09a7d2be',
          code: 'code_unknown',
          message: 'The provider does not know ABC-124.',
          is_alike: true,
          step: 'metadata',
          count: 1,
          waiting: 0,
          latest_at: failed.updated_at,
          example_ids: [43],
        },
      ],
      total: 1,
    },
  }),
  exampleOf(getQueueCover, {
    reply: { 'image/jpeg': '', 'image/png': '', 'image/webp': '' },
    problems: {
      404: notFound,
      502: problem(502, 'The cover was not sent', 'The host of the cover did not send it. Try again later.'),
    },
  }),
  exampleOf(getQueueItem, {
    reply: {
      ...item,
      cover: null,
      runs: [
        {
          id: run,
          state: 'completed',
          steps: ['extract', 'metadata', 'move', 'publish'],
          trigger: 'event',
          requested_by: 'watcher',
          created_at: item.created_at,
          started_at: '2025-06-02T10:05:02.131000Z',
          finished_at: item.updated_at,
          worked_ms: 1843,
          repaired_by: null,
          error: null,
        },
      ],
      previous_id: 43,
      next_id: 41,
    },
    problems: { 404: notFound },
  }),
  exampleOf(getQueueStats, {
    reply: {
      total: 2,
      completed: 1,
      pending: 0,
      processing: 0,
      moved: 0,
      emby_pending: 0,
      error: 1,
      error_waiting: 0,
      by_actress: [{ actress: 'Ann Miller', count: 1 }],
      timestamp: '2025-06-02T12:00:00.000000Z',
    },
  }),
  exampleOf(getQueueHistory, {
    reply: {
      hourly: [period('2025-06-02T10:00:00.000000Z', 1, 0, 38.4), period('2025-06-02T11:00:00.000000Z', 0, 1, null)],
      daily: [period('2025-06-02T00:00:00.000000Z', 1, 1, 38.4)],
    },
  }),
  exampleOf(getQueueSummary, {
    reply: { completed_24h: 1, errors_24h: 1, avg_processing_seconds: 38.4, error_rate_24h: 0.5 },
  }),
  exampleOf(retryQueueItem, {
    body: {},
    reply: accepted('The item is being retried'),
    problems: {
      404: notFound,
      409: refused('Only an item that has failed can be retried. This one is done (completed).'),
    },
  }),
  exampleOf(reprocessQueueItem, {
    body: { fresh: true },
    reply: accepted('The item is being processed again'),
    problems: {
      404: notFound,
      409: refused(
        'Only a completed item can be refreshed and published again. This one was moved, and is not published (moved).',
      ),
    },
  }),
  exampleOf(fullRetryQueueItem, {
    body: {},
    reply: accepted('The item is being processed from its first step'),
    problems: { 404: notFound, 409: refused(busy) },
  }),
  exampleOf(extractQueueCode, {
    body: { movie_code: 'ABC-123' },
    reply: acted('The code was set'),
    problems: { 404: notFound, 409: refused(busy) },
  }),
  exampleOf(fetchQueueMetadata, {
    body: { fresh: true },
    reply: acted('The metadata were fetched'),
    problems: {
      404: notFound,
      409: refused('The item has no code. Read the code first (extract-code), or set it by hand.'),
    },
  }),
  exampleOf(renameQueueFile, {
    body: {},
    reply: acted('The file is in the library'),
    problems: { 404: notFound, 409: refused('The item has no metadata. Fetch metadata first (fetch-metadata).') },
  }),
  exampleOf(updateQueueServer, {
    body: {},
    reply: acted('The item was published'),
    problems: { 404: notFound, 409: refused('The file is not in the library. Rename it first.') },
  }),
  exampleOf(deleteQueueItem, {
    reply: { success: true, message: 'The item was removed; its file stays', item_id: 42 },
    problems: { 404: notFound, 409: refused(busy) },
  }),
  exampleOf(deleteQueueFile, {
    reply: accepted('The item and its file were removed'),
    problems: { 404: notFound, 409: refused(busy) },
  }),
  exampleOf(getQueueRemoval, {
    reply: { item_id: 42, name: 'ABC-123', removed_at: '2026-03-02T09:15:00.000000Z', has_file: true },
    problems: { 404: notFound },
  }),
  exampleOf(restoreQueueItem, {
    body: {},
    reply: { success: true, message: 'The item is back, and its file is being moved back', item_id: 42, run_id: run },
    problems: {
      404: notFound,
      409: refused('Another item of the queue has its place by now. Remove that one first.'),
    },
  }),
  exampleOf(cleanUpQueue, {
    body: { older_than_days: 30 },
    reply: { success: true, message: '12 items were removed', deleted_count: 12, run_id: run },
    problems: {
      409: problem(409, 'Step failed', `The run was cancelled. GET /api/runs/${run} has its steps and attempts.`),
    },
  }),
  exampleOf(retryQueueItems, {
    body: { filter: { fingerprint: '3f1c09a7d2be' } },
    reply: { success: true, message: '7 items are being retried', run_id: run, refused: [] },
    problems: { 409: problem(409, 'Not possible', 'The task is being started already.') },
  }),
  exampleOf(refreshQueueItems, {
    body: { status: 'completed', update_emby: true },
    reply: {
      success: true,
      message: 'The metadata of 1 item were fetched, and not those of 1',
      run_id: run,
      total: 2,
      updated: 1,
      failed: 1,
      failed_items: [{ id: 43, movie_code: 'ABC-124', error: 'The provider does not know ABC-124.' }],
    },
    problems: { 409: problem(409, 'Not configured', 'Not configured: set QUEUE_PROVIDER_URL.') },
  }),
  exampleOf(getQueueSteps, {
    reply: {
      steps: [
        { step: 'extract', missing: [] },
        { step: 'metadata', missing: [] },
        { step: 'move', missing: [] },
        { step: 'publish', missing: ['MEDIA_SERVER_URL', 'MEDIA_SERVER_API_KEY'] },
      ],
      watch: { missing: [], path: '/srv/queue/watch' },
    },
  }),
  exampleOf(getQueueHealth, {
    reply: {
      status: 'healthy',
      database: 'connected',
      folders: 'ready',
      workers: { FileProcessor: 'running', EmbyUpdater: 'running', RetryHandler: 'running' },
      heartbeats: { FileProcessor: seen, EmbyUpdater: seen, RetryHandler: seen },
      uptime: '5h 32m',
      system,
    },
    problems: {
      503: {
        ...problem(503, 'Database error occurred', unreachable),
        status: 'degraded',
        database: `error: ${unreachable}`,
        folders: 'ready',
        workers: { FileProcessor: 'unknown', EmbyUpdater: 'unknown', RetryHandler: 'unknown' },
        heartbeats: { FileProcessor: null, EmbyUpdater: null, RetryHandler: null },
        uptime: '5h 32m',
        system,
      },
    },
  }),
  exampleOf(getQueueMeta, {
    reply: { emby_public_url: 'https://emby.example', emby_server_id: '4c1f6f3b9e1d4b2f8a70' },
  }),
  exampleOf(generateQueuePreview, {
    body: {},
    reply: { success: true, message: 'The preview is being generated', run_id: run },
    problems: {
      409: problem(
        409,
        'Not configured',
        'This version generates no previews: it has no setting for it. The media server makes its own.',
      ),
    },
  }),
];
