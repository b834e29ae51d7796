import {
  type DedupStatus,
  type FileStorage,
  getDedupStatus,
  getFileDashboard,
  listFileRoots,
  makeFileRoots,
  startDedup,
} from '@at/contracts/files';
import { type Example, exampleOf, problem } from './example.ts';

const run_id = 'c2b7a0d4-3f6e-4d0b-8a51-9e7d1f2c3b4a';

const status: DedupStatus = {
  running: true,
  total_files: 1_204,
  processed_files: 311,
  duplicate_files: 0,
  error: null,
  error_code: null,
  last_processed: '/media/inbox/phone/IMG_0311.HEIC',
  run_id,
  state: 'running',
  message: 'Reading files with equal ends: 311 of 1204',
  total_bytes: 3_112_960_000,
  processed_bytes: 803_012_608,
  bytes_per_second: 412_000_000,
  remaining_seconds: 6,
  started_at: '2025-06-02T04:30:02.134000Z',
  finished_at: null,
};

const inbox: FileStorage = {
  place: 'source',
  path: '/media/inbox',
  state: 'ready',
  message: null,
  root_id: 1,
  name: 'Inbox',
  scanned_at: '2025-06-02T04:31:12.500000Z',
  files: 5_120,
  size_bytes: 16_106_127_360,
  free_bytes: 214_748_364_800,
  total_bytes: 1_099_511_627_776,
};

const none = { NEW: 0, DUPLICATE: 0, BATCHED: 0, SYNCED: 0, SORTED: 0, ARCHIVED: 0, ERROR: 0, MISSING: 0 };

export const fileExamples: Example[] = [
  exampleOf(makeFileRoots, {
    body: { create: true },
    reply: {
      roots: [
        { place: 'source', path: '/media/inbox', root_id: 1, result: 'present', created: false, message: null },
        { place: 'sorted', path: '/media/photos', root_id: 2, result: 'made', created: true, message: null },
      ],
    },
    problems: {
      409: problem(
        409,
        'Not ready',
        'The configuration names no folder. Set paths.source_dir and the others first (PUT /api/config).',
      ),
    },
  }),
  exampleOf(listFileRoots, {
    reply: {
      roots: [
        {
          id: 1,
          name: 'Inbox',
          path: '/media/inbox',
          place: 'source',
          held: null,
          scanned_at: '2025-06-02T04:31:12.500000Z',
        },
      ],
    },
  }),
  exampleOf(startDedup, {
    body: {},
    reply: { started: true, run_id },
    problems: {
      409: problem(
        409,
        'Not ready',
        '/media/inbox has no marker yet. Make the folders usable first (POST /api/config/roots).',
      ),
    },
  }),
  exampleOf(getDedupStatus, { reply: status }),
  exampleOf(getFileDashboard, {
    reply: {
      generated_at: '2025-06-02T04:32:00.000000Z',
      files: {
        total: 5_120,
        size_bytes: 16_106_127_360,
        by_status: { ...none, UNIQUE: 5_120 },
        bytes_by_status: { ...none, UNIQUE: 16_106_127_360 },
      },
      batches: {
        total: 1,
        by_status: { PENDING: 0, SYNCING: 1, SYNCED: 0, SORTING: 0, SORTED: 0, CLEANED: 0, ERROR: 0 },
      },
      recent_batches: [
        {
          id: 1,
          name: 'batch_001',
          status: 'SYNCING',
          reason: null,
          file_count: 812,
          size_bytes: 15_032_385_536,
          created_at: '2025-06-01T20:10:00.000000Z',
        },
      ],
      has_device: true,
      storage: [inbox],
    },
  }),
];
