import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineStatus } from '@at/contracts/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

let app: TestApp;
let worker: ReturnType<typeof startWorker>;
const base = mkdtempSync(join(tmpdir(), 'at-pipeline-'));
beforeAll(async () => {
  app = await startTestApp({ template: 'plain', works: false });
  worker = startWorker(app.config);
  const paths = {
    source_dir: join(base, 'inbox'),
    batch_dir: join(base, 'batches'),
    sorted_dir: join(base, 'archive'),
  };
  for (const folder of Object.values(paths)) mkdirSync(folder);
  await app.call('PUT', '//api/config', { body: { paths } });
  await app.call('POST', '//api/config/roots', { body: {} });
});
afterAll(async () => {
  await worker.stop();
  await app.close();
  rmSync(base, { recursive: true });
});

const post = (path: string) => app.call<Record<string, unknown>>('POST', `/${path}`, { body: {} });
const status = async () => (await app.call<PipelineStatus>('GET', '//api/workflow/status')).body;
const ended = () => expect.poll(async () => (await status()).running, { interval: 50 }).toBe(false);
const resultsOf = ({ last_result }: PipelineStatus) =>
  Object.fromEntries((last_result?.steps ?? []).map(({ step, result, message }) => [step, [result, message]]));

test('the status has what each step did, also why it had nothing to do', async () => {
  expect(await status()).toMatchObject({ running: false, run_id: null, last_result: null });
  writeFileSync(join(base, 'inbox/IMG-20240501-WA0001.jpg'), 'a photo');
  const { body } = await post('/api/workflow/run');
  expect(body).toMatchObject({ started: true });
  await ended();
  const found = await status();
  expect(found).toMatchObject({ run_id: body.run_id, state: 'completed', error: null, step: null });
  expect(resultsOf(found)).toEqual({
    scan: ['completed', null],
    batch: ['completed', null],
    sync: ['skipped', 'No device is configured: batches are sorted without one.'],
    sort: ['completed', null],
    cleanup: ['completed', null],
  });
  expect(found.last_result?.steps[3]?.data).toEqual([
    { run_id: expect.any(String), batch: 'batch_001', output: expect.objectContaining({ sorted_files: 1 }) },
  ]);
  await post('/api/workflow/run');
  await ended();
  expect(resultsOf(await status())).toMatchObject({ batch: ['skipped', 'No file in the inbox waits for a batch.'] });
});

test('with debug each step after the first waits until it is advanced', async () => {
  expect((await post('/api/workflow/debug/advance')).status).toBe(409);
  await app.call('PUT', '//api/config', { body: { workflow: { debug: true } } });
  await post('/api/workflow/run');
  for (const step of ['batch', 'sync', 'sort', 'cleanup']) {
    await expect
      .poll(async () => (await status()).debug, { interval: 50 })
      .toEqual({ enabled: true, waiting_for: step });
    expect((await post('/api/workflow/debug/advance')).body).toMatchObject({ advanced: step });
  }
  await ended();
  expect((await status()).state).toBe('completed');
});
