import { listFileRoots, makeFileRoots } from '@at/contracts/file-roots';
import {
  type DedupStatus,
  exportFiles,
  type FileStorage,
  getDedupStatus,
  getFileDashboard,
  getFileHistory,
  listFiles,
  type PipelineFile,
  startDedup,
} from '@at/contracts/files';
import { type Example, exampleOf, problem } from './example.ts';

const run_id = 'c2b7a0d4-3f6e-4d0b-8a51-9e7d1f2c3b4a';

export const status: DedupStatus = {
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
  moves_duplicates: true,
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

const file: PipelineFile = {
  id: 42,
  root_id: 3,
  root: 'Duplicates',
  name: 'IMG_0311.HEIC',
  path: 'phone/IMG_0311.HEIC',
  size: 2_402_311,
  kind: 'photo',
  status: 'DUPLICATE',
  error: null,
  batch_refusal: null,
  duplicate_of: 17,
  batch_id: null,
  modified_at: '2025-05-20T18:02:11.000000Z',
  captured_at: '2025-05-20T20:02:11',
  captured_from: 'DateTimeOriginal',
  found_at: '2025-06-02T04:30:03.000000Z',
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
      lost_files: 0,
      waiting_batches: [{ id: 3, name: 'batch_003', status: 'ERROR', reason: 'The sync was cancelled.' }],
      too_large: [{ path: 'Camera/film.mov', files: 1, size_bytes: 19_327_352_832 }],
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
        refused: { files: 0, size_bytes: 0 },
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
  exampleOf(listFiles, {
    reply: {
      data: [file],
      pagination: { total: 1, limit: 100, offset: 0, has_more: false, next: null, previous: null, next_cursor: null },
    },
  }),
  exampleOf(exportFiles, {
    reply: {
      'text/csv': 'id,root,path,size\r\n42,Duplicates,phone/IMG_0311.HEIC,2402311\r\n',
      'application/json': [file],
      'application/x-ndjson': `${JSON.stringify(file)}\n`,
    },
  }),
  exampleOf(getFileHistory, {
    reply: {
      file,
      sha256: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
      companions: [],
      kept: { id: 17, root: 'Inbox', path: 'camera/IMG_0311.HEIC' },
      moves: [
        {
          id: 7,
          action: 'move',
          state: 'done',
          from_root: 'Inbox',
          from_path: 'phone/IMG_0311.HEIC',
          to_root: 'Duplicates',
          to_path: 'phone/IMG_0311.HEIC',
          is_undo: false,
          reason: null,
          run_id,
          planned_at: '2025-06-02T04:30:05.000000Z',
          ended_at: '2025-06-02T04:30:05.200000Z',
        },
      ],
      batches: [],
    },
    problems: { 404: problem(404, 'File not found', 'No file has the id 42. GET /api/files lists them.') },
  }),
];
