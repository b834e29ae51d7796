import type { SyncStatus } from '@at/contracts/sync';
import { expect, test } from 'vitest';
import { keyFor, stepResult, withRemaining } from './rules.ts';

const status: SyncStatus = {
  batch: 'batch_001',
  batch_id: 1,
  status: 'SYNCING',
  progress: 40,
  synced_at: null,
  detail: null,
  state: 'sending',
  changed_at: null,
  size_bytes: 1_000,
  needed_bytes: 600,
  needed_items: 3,
  bytes_per_second: null,
  remaining_seconds: null,
  can_start: false,
  run_id: null,
};

test.each<[word: string, message: string, of: Partial<SyncStatus>, failure: string | null]>([
  ['completed', 'The device has all files of batch_001.', { status: 'SYNCED', progress: 100 }, null],
  ['completed', 'The device has all files of batch_001.', { status: 'SORTING', progress: 100 }, null],
  ['running', 'The device has 40 % of batch_001.', {}, null],
  ['waiting', 'The device is away.', { detail: 'The device is away.' }, null],
  ['error', 'a.jpg is ignored.', { status: 'ERROR', detail: 'a.jpg is ignored.' }, 'The run failed.'],
  ['error', 'The run failed.', {}, 'The run failed.'],
])('a sync is %s: %s', (word, message, of, failure) => {
  const data = { ...status, ...of };
  expect(stepResult(data, 'run', failure)).toEqual({ status: word, message, data, run_id: 'run' });
});

test('what remains follows from the rate', () => {
  expect(withRemaining({ ...status, bytes_per_second: 7 }).remaining_seconds).toBe(86);
  expect(withRemaining(status).remaining_seconds).toBeNull();
});

test('the stored key is for the stored address alone', () => {
  const stored = { api_url: 'http://127.0.0.1:8384/rest', key: 'stored' };
  expect(keyFor({ api_url: 'http://127.0.0.1:8384/rest', api_key: undefined }, stored)).toBe('stored');
  expect(keyFor({ api_url: 'HTTP://127.0.0.1:8384/rest', api_key: '********' }, stored)).toBe('stored');
  expect(keyFor({ api_url: 'http://127.0.0.1:8385/rest', api_key: '********' }, stored)).toBeUndefined();
  expect(keyFor({ api_url: 'http://other.example/rest', api_key: undefined }, stored)).toBeUndefined();
  expect(keyFor({ api_url: 'http://other.example/rest', api_key: 'its own' }, stored)).toBe('its own');
  expect(keyFor({ api_url: 'http://other.example/rest', api_key: undefined }, { ...stored, key: '' })).toBe('');
});
