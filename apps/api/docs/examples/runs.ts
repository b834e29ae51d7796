import { getTaskRunLogs, type LogLine, listLogs } from '@at/contracts/logs';
import {
  approveTaskRunStep,
  cancelTaskRun,
  changeTaskRuns,
  getTaskRun,
  listRunQueues,
  listTaskRunFailures,
  listTaskRuns,
  type Run,
  type RunDetails,
  retryTaskRun,
} from '@at/contracts/runs';
import { type Example, exampleOf, problem } from './example.ts';

const id = 'c2b7a0d4-3f6e-4d0b-8a51-9e7d1f2c3b4a';
const step = '7d0e4b92-51c8-4c5e-9f3a-2b6a8c1d0e5f';

const run: Run = {
  id,
  task: 'media.trash_purge',
  state: 'completed',
  subject_type: null,
  subject_id: null,
  trigger: 'cron',
  requested_by: null,
  requested_by_verified: false,
  schedule: 'media.trash_purge',
  slot: '2025-06-02T04:30:00.000000Z',
  created_at: '2025-06-02T04:30:02.118000Z',
  started_at: '2025-06-02T04:30:02.134000Z',
  cancel_requested_at: null,
  finished_at: '2025-06-02T04:30:02.391000Z',
  next_attempt_at: null,
  progress: null,
  error: null,
  worked_ms: 257,
  repaired_by: null,
  retries: 0,
  retry_refusal: 'state',
};

const details: RunDetails = {
  ...run,
  role: 'operator',
  undo: null,
  params: {},
  steps: [
    {
      id: step,
      ref: null,
      depends_on: [],
      needs_approval: false,
      approved_at: null,
      approved_by: null,
      task: run.task,
      state: 'completed',
      progress: null,
      output: { purged: 3 },
      error: null,
      next_attempt_at: null,
      started_at: run.started_at,
      finished_at: run.finished_at,
      worked_ms: run.worked_ms,
      attempts: [
        {
          number: 1,
          worker: 'nas 4711',
          outcome: 'completed',
          error: null,
          started_at: '2025-06-02T04:30:02.134000Z',
          finished_at: run.finished_at,
        },
      ],
    },
  ],
};

const line: LogLine = {
  timestamp: '2025-06-02T04:30:02.302000Z',
  level: 'warn',
  source: run.task,
  run_id: id,
  subject_type: null,
  subject_id: null,
  message:
    '/media/.trash/2025-05-20T10-00-00.000Z_1a2b3c4d stays: no removal of a week ago names it, or it was undone. Move it back, or delete it.',
  step,
  ref: null,
  attempt: 1,
  line: 0,
  fields: null,
};

const pagination = {
  total: null,
  limit: 100,
  offset: 0,
  next: null,
  previous: null,
  has_more: false,
  next_cursor: null,
};
const notFound = problem(404, 'Run not found', `No run has the id ${id}. Runs are deleted 90 days after they end.`);

const lines = { lines: [`${line.timestamp} WARN [${line.source}] ${line.message}`], entries: [line], count: 1 };

/** The reply for each content type; `data` is that of an event. */
function listOrTail<R>(reply: R, data: object): R {
  const events = [
    'retry: 2000\n\n',
    'id: 7421:7421:\nevent: ready\ndata: {}\n\n',
    `id: 7423:7423:\nevent: lines\ndata: ${JSON.stringify(data)}\n\n`,
    'id: 7423:7423:\n: still here\n\n',
  ];
  return { 'application/json': reply, 'text/event-stream': events.join('') } as unknown as R;
}

export const runExamples: Example[] = [
  exampleOf(listTaskRuns, {
    reply: {
      'application/json': { data: [run], pagination },
      'text/csv': `id,task,state\r\n${id},media.trash_purge,completed\r\n`,
      'application/x-ndjson': `${JSON.stringify(run)}\n`,
    } as never,
  }),
  exampleOf(listTaskRunFailures, {
    reply: {
      failures: [
        {
          fingerprint: '3f2a9c1b7d40',
          task: 'training.rerun_metadata',
          code: 'unreachable',
          message: 'TMDB did not answer within 30 s.',
          count: 7,
          latest_at: '2025-06-02T04:30:02.391000Z',
          example_ids: [id],
        },
      ],
      total: 7,
    },
  }),
  exampleOf(listRunQueues, {
    reply: {
      queues: [
        { queue: 'short', waiting: 0, running: 1, ended: 240, seconds_left: 3 },
        { queue: 'disk', waiting: 120, running: 2, ended: 610, seconds_left: 120 },
        { queue: 'network', waiting: 12, running: 0, ended: 0, seconds_left: null },
      ],
    },
  }),
  exampleOf(changeTaskRuns, {
    body: { action: 'retry', ids: [id, step] },
    reply: {
      success: true,
      message: '1 run continues, 1 was refused',
      total: 2,
      done: 1,
      refused: 1,
      more: false,
      results: [
        { id, done: true, error: null },
        { id: step, done: false, error: 'The run is running (running), so there is nothing to continue.' },
      ],
    },
  }),
  exampleOf(getTaskRun, { reply: details, problems: { 404: notFound } }),
  exampleOf(getTaskRunLogs, {
    reply: listOrTail(
      {
        logs: [line],
        pagination,
        cursor: 'WyJydW4gbG9nIiwwLCIyMDI1LTA2LTAyVDA0OjMwOjAyLjMwMjAwMFoiLCJhOjA6MCJd',
        last_event_id: '7421:7421:',
      },
      { logs: [line] },
    ),
    problems: { 404: notFound },
  }),
  exampleOf(listLogs, { reply: listOrTail({ ...lines, pagination, last_event_id: '7421:7421:' }, lines) }),
  exampleOf(cancelTaskRun, {
    body: {},
    reply: { success: true, message: 'The run is being cancelled', run_id: id },
    problems: {
      404: notFound,
      409: problem(409, 'Cannot cancel', 'The run is done (completed), so there is nothing to cancel.'),
    },
  }),
  exampleOf(retryTaskRun, {
    body: {},
    reply: { success: true, message: 'The run continues', run_id: id },
    problems: {
      404: notFound,
      409: problem(409, 'Cannot retry', 'The run is running (running), so there is nothing to continue.'),
    },
  }),
  exampleOf(approveTaskRunStep, {
    body: {},
    reply: { success: true, message: 'The step begins', run_id: id },
    problems: {
      404: notFound,
      409: problem(409, 'Cannot approve', 'The step move is done (completed), so it does not wait for an approval.'),
    },
  }),
];
