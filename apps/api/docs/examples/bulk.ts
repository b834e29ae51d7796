import {
  cancelOperation,
  createOperation,
  getOperation,
  invertOperation,
  listOperationItems,
  listOperations,
  type Operation,
  type OperationItem,
  runOperation,
} from '@at/contracts/bulk';
import type { Pagination } from '@at/contracts/paging';
import { type Example, exampleOf, problem } from './example.ts';

const operation_id = '0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59';
const nothing = { pending: 0, done: 0, unchanged: 0, conflict: 0, failed: 0, cancelled: 0 };

const previewed: Operation = {
  operation_id,
  subject: 'training',
  action: 'would_not_watch',
  change: {},
  filter: { label: 'none', genre: ['Horror'] },
  state: 'previewed',
  total: 12,
  counts: { ...nothing, pending: 12 },
  actor: 'alice',
  actor_verified: true,
  run_by: null,
  run_by_verified: false,
  created_at: '2025-06-02T19:40:12.500000Z',
  expires_at: '2025-06-03T19:40:12.500000Z',
  started_at: null,
  finished_at: null,
  inverse_of: null,
  taken_back_by: null,
  can_invert: false,
};
const running: Operation = {
  ...previewed,
  state: 'running',
  counts: { ...nothing, pending: 9, done: 3 },
  run_by: 'alice',
  run_by_verified: true,
  started_at: '2025-06-02T19:41:00.000000Z',
};
const ended: Operation = {
  ...running,
  state: 'done',
  counts: { ...nothing, done: 11, conflict: 1 },
  finished_at: '2025-06-02T19:41:02.250000Z',
  can_invert: true,
};
const inverse: Operation = {
  ...previewed,
  operation_id: '5f7c2d8e-9b1a-4f3c-8d2e-7a6b5c4d3e2f',
  filter: null,
  total: 11,
  counts: { ...nothing, pending: 11 },
  inverse_of: operation_id,
};

const before = { label: null, human_labeled: false, anomalous: false, reviewed: false };
const item: OperationItem = {
  position: 1,
  key: 'tt0185937',
  title: 'The Blair Witch Project',
  result: 'pending',
  problem: null,
  before: null,
  after: null,
  event_id: null,
};
const doneItem: OperationItem = {
  ...item,
  result: 'done',
  before,
  after: { ...before, label: 'would_not_watch', human_labeled: true, reviewed: true },
  event_id: 33,
};

const page: Pagination = {
  total: null,
  limit: 100,
  offset: 0,
  next: null,
  previous: null,
  has_more: false,
  next_cursor: null,
};
const notFound = problem(
  404,
  'Operation not found',
  `No operation has the id ${operation_id}. Previews are forgotten after two days.`,
);
const refused = (kind: string, message: string) => ({ 404: notFound, 409: problem(409, kind, message) });

export const operationExamples: Example[] = [
  exampleOf(createOperation, {
    body: { subject: 'training', action: 'would_not_watch', filter: { label: 'none', genre: ['Horror'] } },
    reply: { success: true, message: 'Operation previewed', operation: previewed, sample: [item] },
  }),
  exampleOf(runOperation, {
    body: {},
    reply: { success: true, message: 'Operation started', operation: running },
    problems: refused(
      'Cannot run',
      'The operation was previewed more than a day ago, so it cannot run. Preview it again.',
    ),
  }),
  exampleOf(cancelOperation, {
    body: {},
    reply: { success: true, message: 'Operation cancelled', operation: { ...running, state: 'cancelling' } },
    problems: refused('Cannot cancel', 'The operation has ended. Its inverse reverts it.'),
  }),
  exampleOf(invertOperation, {
    body: {},
    reply: { success: true, message: 'Operation previewed', operation: inverse, sample: [item] },
    problems: refused('Cannot revert', 'The operation is still running. Wait until it ends, or cancel it first.'),
  }),
  exampleOf(getOperation, { reply: ended, problems: { 404: notFound } }),
  exampleOf(listOperationItems, {
    reply: { data: [doneItem], pagination: page },
    problems: { 404: notFound },
  }),
  exampleOf(listOperations, { reply: { data: [ended], pagination: page } }),
];
