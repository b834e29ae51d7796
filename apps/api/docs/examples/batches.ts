import {
  type Batch,
  confirmDeviceCleaned,
  createBatch,
  getBatch,
  getBatchManifest,
  getBatchTimeline,
  listBatches,
  listBatchesAsBefore,
  listBatchFiles,
  undoBatch,
} from '@at/contracts/batches';
import { type Example, exampleOf, problem } from './example.ts';

const run_id = '7b0d1f0e-6c55-4f0d-9d55-0f3b8f6f2a11';
const notFound = problem(
  404,
  'Batch not found',
  'No batch has the id or name "batch_009". GET /api/batches lists them.',
);
const notReady = problem(
  409,
  'Not ready',
  '/photos/inbox has no marker yet. Make the folders usable first (POST /api/config/roots).',
);

const batch: Batch = {
  id: 3,
  name: 'batch_003',
  status: 'PENDING',
  reason: null,
  is_ready: true,
  is_undone: false,
  file_count: 2,
  size_bytes: 51_904_117,
  run_id,
  created_at: '2025-06-02T10:05:02.118000Z',
  ready_at: '2025-06-02T10:05:04.902000Z',
  synced_at: null,
  sorted_at: null,
  cleaned_at: null,
};
const pagination = {
  total: 1,
  limit: 20,
  offset: 0,
  next: null,
  previous: null,
  has_more: false,
  next_cursor: null,
};
const list = { data: [batch], pagination };
const path = '/photos/batches/batch_003';
const details = {
  device_cleaned_at: null,
  device_cleaned_by: null,
  device_cleaned_refusal: 'Sort it first: the archive does not have all of its files.',
  unfinished_run_id: null,
};
const paths = ['Camera/IMG_1001.HEIC', 'Camera/IMG_1001.MOV'];

export const batchExamples: Example[] = [
  exampleOf(listBatches, { reply: list }),
  exampleOf(listBatchesAsBefore, { reply: list }),
  exampleOf(createBatch, {
    body: { dry_run: false },
    reply: {
      created: true,
      dry_run: false,
      message: 'batch_003 has 2 files.',
      run_id,
      batch_id: 3,
      batch_name: 'batch_003',
      file_count: 2,
      size_bytes: 51_904_117,
      manifest_path: `${path}/manifest.json`,
      created_at: batch.created_at,
      files: paths,
      reason: null,
      blocking_batch: null,
      blocking_batch_id: null,
      blocking_status: null,
      blocking_reason: null,
      skipped: [{ path: 'Camera/film.mov', files: 1, size_bytes: 19_327_352_832, reason: 'too_large' }],
      skipped_groups: { not_utf8: 0, name_too_long: 0, never_synced: 0, not_ready: 0, too_large: 1 },
    },
    problems: { 409: notReady },
  }),
  exampleOf(getBatch, {
    reply: {
      ...batch,
      path,
      manifest_path: `${path}/manifest.json`,
      files_by_state: { PLANNED: 0, BATCHED: 2, SYNCED: 0, SORTED: 0, DUPLICATE: 0, ERROR: 0, LEFT: 0 },
      allowed: ['SYNCING'],
      undo_refusal: null,
      ...details,
    },
    problems: { 404: notFound },
  }),
  exampleOf(confirmDeviceCleaned, {
    body: {},
    reply: {
      ...batch,
      status: 'SORTED',
      synced_at: '2025-06-02T10:21:40.020000Z',
      sorted_at: '2025-06-02T10:24:01.771000Z',
      path,
      manifest_path: `${path}/manifest.json`,
      files_by_state: { PLANNED: 0, BATCHED: 0, SYNCED: 0, SORTED: 2, DUPLICATE: 0, ERROR: 0, LEFT: 0 },
      allowed: ['CLEANED'],
      undo_refusal: 'Its files are in the archive. Undo the run that sorted it.',
      ...details,
      device_cleaned_at: '2025-06-09T18:00:12.500000Z',
      device_cleaned_by: 'Anna',
      device_cleaned_refusal: 'That is confirmed already.',
    },
    problems: {
      404: notFound,
      409: problem(409, 'Not possible now', 'Sort it first: the archive does not have all of its files.'),
    },
  }),
  exampleOf(listBatchFiles, {
    reply: {
      data: paths.map((file, position) => ({
        position,
        file_id: 41 + position,
        kind: 'photo' as const,
        path: file,
        source: file,
        size: position === 0 ? 3_692_213 : 48_211_904,
        sha256: null,
        state: 'BATCHED' as const,
        confirmed_at: null,
        error: null,
      })),
      pagination: { ...pagination, total: 2 },
    },
    problems: { 404: notFound },
  }),
  exampleOf(getBatchTimeline, {
    reply: {
      events: [
        {
          at: batch.created_at,
          type: 'status',
          status: 'PENDING',
          message: 'Its files are being moved.',
          percent: null,
          run_id: null,
          task: null,
        },
        {
          at: batch.ready_at as string,
          type: 'status',
          status: 'PENDING',
          message: null,
          percent: null,
          run_id: null,
          task: null,
        },
      ],
    },
    problems: { 404: notFound },
  }),
  exampleOf(getBatchManifest, {
    reply: {
      batch: 'batch_003',
      id: 3,
      created_at: '2025-06-02T10:05:02.118Z',
      files: paths.map((file) => ({
        path: file,
        source: file,
        size: 3_692_213,
        mtime_ns: '1719842531000000000',
        sha256: null,
      })),
    },
    problems: { 404: notFound },
  }),
  exampleOf(undoBatch, {
    body: {},
    reply: { undone: true, message: 'The batch is undone.', run_id, returned: 2, kept: [] },
    problems: {
      404: notFound,
      409: problem(
        409,
        'Not possible',
        'The batch batch_003 is SYNCING and cannot be undone. A run works on it. Cancel that first.',
      ),
    },
  }),
];
