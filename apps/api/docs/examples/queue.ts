import {
  exportQueue,
  getQueueHistory,
  getQueueItem,
  getQueueStats,
  getQueueSummary,
  listQueue,
  listQueueFailures,
  type QueueItem,
  type QueuePeriod,
  suggestQueue,
} from '@at/contracts/queue';
import { type Example, exampleOf, problem } from './example.ts';

const run = '5b0d7c1e-9f42-4a36-8d15-2c7e6a9b3f08';

const item: QueueItem = {
  id: 42,
  file_path: '/watch/abc-123.mkv',
  movie_code: 'ABC-123',
  actress: 'Ann Miller',
  subtitle: 'English Sub',
  status: 'completed',
  error_message: null,
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
          message: 'The provider does not know ABC-124.',
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
  exampleOf(getQueueItem, {
    reply: {
      ...item,
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
];
