import {
  advancePipeline,
  getDebugReport,
  getPipelineOverview,
  getPipelineStatus,
  startPipeline,
} from '@at/contracts/pipeline';
import { type Example, exampleOf, problem } from './example.ts';
import { status } from './files.ts';
import { config } from './pipeline-config.ts';

const run_id = 'a71f0c52-6a0b-4f8e-9d0e-0d2c7b7a5e11';
const waiting = { result: null, message: null, data: [] };

export const pipelineExamples: Example[] = [
  exampleOf(startPipeline, { body: {}, reply: { started: true, run_id } }),
  exampleOf(getPipelineStatus, {
    reply: {
      running: true,
      run_id,
      state: 'running',
      step: 'sync',
      last_result: {
        started_at: '2025-06-02T04:30:02.134000Z',
        finished_at: null,
        steps: [
          {
            step: 'scan',
            result: 'completed',
            message: null,
            data: [{ run_id: 'c2b7a0d4-3f6e-4d0b-8a51-9e7d1f2c3b4a', batch: null, output: { fresh: 812 } }],
          },
          {
            step: 'batch',
            result: 'skipped',
            message: 'No file in the inbox waits for a batch.',
            data: [{ run_id: '0d5e1f9a-5d1c-4a61-8a43-1c9f0a7d2b60', batch: null, output: { created: false } }],
          },
          { step: 'sync', ...waiting },
          { step: 'sort', ...waiting },
          { step: 'cleanup', ...waiting },
        ],
        errors: [],
      },
      error: null,
      debug: { enabled: false, waiting_for: null },
      schedule: {
        enabled: true,
        next_at: '2025-06-03T01:00:00.000000Z',
        problem: null,
        last_run: { run_id, started_at: '2025-06-02T01:00:02.114000Z', state: 'completed' },
      },
      watch: { enabled: false, next_at: null, problem: null, last_run: null },
    },
  }),
  exampleOf(getPipelineOverview, {
    reply: {
      running: false,
      dedup: status,
      recent_batches: [
        {
          id: 1,
          name: 'batch_001',
          status: 'SYNCING',
          reason: null,
          file_count: 812,
          size_bytes: 3_112_960_000,
          created_at: '2025-06-02T04:31:40.250000Z',
        },
      ],
      file_counts: {
        NEW: 893,
        UNIQUE: 0,
        DUPLICATE: 31,
        ERROR: 0,
        BATCHED: 812,
        SYNCED: 0,
        SORTED: 4_096,
        ARCHIVED: 0,
        MISSING: 0,
      },
      syncing_batches: [{ id: 1, name: 'batch_001', progress: 42.5, reason: null }],
      config,
      last_run: null,
    },
  }),
  exampleOf(getDebugReport, {
    reply: 'File pipeline\n  at 2025-06-02T04:32:00.000Z\n  version 0.3.0, Node v24.2.0, PostgreSQL 15.4\n',
  }),
  exampleOf(advancePipeline, {
    body: {},
    reply: { advanced: 'sort', run_id },
    problems: { 409: problem(409, 'Not waiting', 'No step of the file pipeline waits to be continued.') },
  }),
];
