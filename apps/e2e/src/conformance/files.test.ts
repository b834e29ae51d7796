import type { DedupStatus, FileDashboard } from '@at/contracts/files';
import type { FilesCleaned } from '@at/contracts/moves';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isOwn, openServer, type Server } from './server.ts';

/** The callers of the media pipeline's original: scripts that look for files, and a screen with the figures. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

test('GET /api/dedup/status has every member that callers of the original read', async () => {
  const { status, body } = await server.get<DedupStatus>('//api/dedup/status');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    running: expect.any(Boolean),
    total_files: expect.any(Number),
    processed_files: expect.any(Number),
    duplicate_files: expect.any(Number),
  });
  expect(body).toHaveProperty('error');
  expect(body).toHaveProperty('last_processed');
});

test.runIf(isOwn)('POST /api/dedup/start without an inbox is 409 with detail', async () => {
  const { status, body } = await server.ask<Problem>('POST', '//api/dedup/start', { body: {} });
  expect([status, body.detail]).toEqual([409, expect.stringContaining('paths.source_dir is not set')]);
});

test('GET /api/dashboard has files, batches and storage', async () => {
  const { body } = await server.get<FileDashboard>('//api/dashboard');
  expect(body).toMatchObject({
    generated_at: expect.any(String),
    files: expect.any(Object),
    batches: expect.any(Object),
    storage: expect.any(Array),
    recent_batches: expect.any(Array),
  });
});

test('POST /api/cleanup/run has the counts that callers of the original read', async () => {
  const { status, body } = await server.ask<FilesCleaned>('POST', '//api/cleanup/run', { body: { dry_run: true } });
  expect([200, 202]).toContain(status);
  const counts = ['removed_batch_dirs', 'deleted_temp_files', 'rotated_logs'].map((name) => [name, expect.any(Number)]);
  expect(body).toMatchObject({ ...Object.fromEntries(counts), left_alone: expect.any(Array) });
});
