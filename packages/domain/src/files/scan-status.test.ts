import { expect, test } from 'vitest';
import { dedupStatus } from './scan-status.ts';

const scan = {
  run_id: 'c2b7a0d4-3f6e-4d0b-8a51-9e7d1f2c3b4a',
  state: 'running',
  progress: null,
  output: null,
  error: null,
  started_at: '2025-06-02T04:30:02.134000Z',
  finished_at: null,
} as const;

const config = { move_duplicates: true };

test('a scan that looks through directories has found as many files as it has looked at', () => {
  const progress = { done: 70, unit: 'files', message: 'Looking through the directories' };
  expect(dedupStatus({ ...scan, progress }, config)).toMatchObject({
    running: true,
    total_files: 70,
    processed_files: 70,
    total_bytes: null,
    bytes_per_second: null,
    message: progress.message,
  });
});

test('a scan that reads files has its rate and what remains; one that stopped has no remaining time', () => {
  const facts = { files: 3, total_files: 12, bytes_per_second: 200, last: '/inbox/a.jpg' };
  const progress = { done: 600, total: 1_001, unit: 'bytes', message: 'Reading', facts };
  const reading = { total_files: 12, processed_files: 3, last_processed: '/inbox/a.jpg', processed_bytes: 600 };
  expect(dedupStatus({ ...scan, progress }, config)).toMatchObject({
    ...reading,
    remaining_seconds: 3,
    bytes_per_second: 200,
  });
  const failed = { ...scan, state: 'failed' as const, error: { message: 'The disk is gone.' }, progress };
  expect(dedupStatus(failed, config)).toMatchObject({
    ...reading,
    running: false,
    error: 'The disk is gone.',
    remaining_seconds: null,
    message: null,
  });
});

test('a scan that decides has the duplicates so far', () => {
  const progress = { done: 4, unit: 'files', message: 'Finding duplicates', facts: { duplicates: 4, last: null } };
  expect(dedupStatus({ ...scan, progress }, config)).toMatchObject({
    duplicate_files: 4,
    total_files: 0,
    last_processed: null,
  });
});
