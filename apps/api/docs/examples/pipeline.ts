import { advancePipeline, getPipelineStatus, startPipeline } from '@at/contracts/pipeline';
import { type Example, exampleOf, problem } from './example.ts';

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
  exampleOf(advancePipeline, {
    body: {},
    reply: { advanced: 'sort', run_id },
    problems: { 409: problem(409, 'Not waiting', 'No step of the file pipeline waits to be continued.') },
  }),
];
