import type { PipelineStatus } from '@at/contracts/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
