import { getSortStatus, type SortStarted, sortStep, startSort } from '@at/contracts/sorting';
import { type Example, exampleOf, problem } from './example.ts';

const run_id = '0197c2a4-5f1e-7c3a-9d42-6f0b8a1e5c77';
const { started, ...status }: SortStarted = {
  batch: 'batch_001',
  batch_id: 1,
  status: 'SORTED',
  reason: null,
  total_files: 412,
  sorted_files: 411,
  skipped_files: 1,
  started: true,
  run_id,
};
const problems = {
  404: problem(404, 'Batch not found', 'No batch has the id or name "batch_007". GET /api/batches lists them.'),
  409: problem(
    409,
    'Not possible',
    'The batch batch_001 is SYNCING and cannot become SORTING. It can become SYNCED or ERROR.',
  ),
};

export const sortingExamples: Example[] = [
  exampleOf(startSort, { body: {}, reply: { ...status, started }, problems }),
  exampleOf(sortStep, {
    body: {},
    reply: {
      status: 'completed',
      message: '411 of 412 files of batch_001 are sorted',
      data: { ...status, started },
      run_id,
    },
    problems,
  }),
  exampleOf(getSortStatus, {
    reply: {
      ...status,
      run_id,
      can_start: false,
      refusal: 'The batch batch_001 is SORTED and cannot become SORTING. It can become CLEANED.',
      transfer_mode: 'move',
      leaves_device: true,
    },
    problems: { 404: problems[404] },
  }),
];
