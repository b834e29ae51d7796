import type { BatchList } from '@at/contracts/batches';
import type { PipelineOverview, PipelineStatus } from '@at/contracts/pipeline';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { isOwn, openServer, type Server } from './server.ts';

/** The callers of the media pipeline's original: a script that starts the whole of it, and a screen that polls its state. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

test('GET /api/workflow/status has every member that callers of the original read', async () => {
  const { status, body } = await server.get<PipelineStatus>('//api/workflow/status');
  expect(status).toBe(200);
  expect(body).toMatchObject({ running: expect.any(Boolean), debug: expect.any(Object) });
  expect(body).toHaveProperty('last_result');
  expect(body).toHaveProperty('error');
});

// It moves files where folders are configured.
test.runIf(isOwn)('POST /api/workflow/run starts a run, and a second call finds it', async () => {
  type Started = { started: boolean; run_id: string };
  const first = await server.ask<Started>('POST', '//api/workflow/run');
  expect([first.status, first.body.started]).toEqual([200, true]);
  const second = await server.ask<Started>('POST', '//api/workflow/run');
  expect(second.body).toEqual({ started: false, run_id: first.body.run_id });
  const { body } = await server.get<PipelineStatus>('//api/workflow/status');
  expect(body).toMatchObject({ running: true, run_id: first.body.run_id });
});

test('GET /api/workflow/overview has every member that callers of the original read', async () => {
  const { status, body } = await server.get<PipelineOverview>('//api/workflow/overview');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    running: expect.any(Boolean),
    dedup: { running: expect.any(Boolean), total_files: expect.any(Number) },
    recent_batches: expect.any(Array),
    file_counts: { NEW: expect.any(Number), MISSING: expect.any(Number) },
    syncing_batches: expect.any(Array),
    config: { paths: expect.any(Object), syncthing: expect.any(Object) },
  });
  expect(body).toHaveProperty('last_run');
});

test('GET /api/debug/report is one text with versions and the configuration', async () => {
  const { status, headers, text } = await server.get('//api/debug/report');
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
  for (const part of ['PostgreSQL', 'Syncthing', 'Latest failures', '"naming_pattern"']) expect(text).toContain(part);
});

// A server of its own has the key that the original reads.
test.runIf(isOwn)(
  '?api_key= with MEDIA_PIPELINE_API_KEY works at the paths of the original, and there alone',
  async () => {
    const secret = 'the-key-of-the-original';
    const own = await openServer({ environment: { MEDIA_PIPELINE_API_KEY: secret } });
    onTestFinished(() => own.close());
    const sent = `api_key=${secret}`;
    expect((await own.get('//api/workflow/status')).status).toBe(401);
    expect((await own.get('//api/workflow/status?api_key=another-key-of-16-characters')).status).toBe(401);
    for (const path of ['config', 'workflow/overview', 'batch/list', 'dashboard', 'sync/diagnostics', 'debug/report'])
      expect([path, (await own.get(`//api/${path}?${sent}`)).status]).toEqual([path, 200]);
    // It is no parameter of a list, and in no link.
    const page = await own.get<BatchList>(`//api/batches?limit=1&${sent}`);
    expect([page.status, page.headers.get('x-unknown-parameters'), page.text.includes('api_key')]).toEqual([
      200,
      null,
      false,
    ]);
    expect((await own.ask('PUT', `//api/config?${sent}`, { body: {} })).status).toBe(200);
    for (const path of [`//api/files?${sent}`, `/training?${sent}`, `//api/config/versions?${sent}`]) {
      const { status, text } = await own.get<Problem>(path);
      expect([path, status, text.includes(secret)]).toEqual([path, 401, false]);
    }
  },
);
