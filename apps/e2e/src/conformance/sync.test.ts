import type { Problem } from '@at/contracts/problem';
import type { SyncDiagnostics, SyncRefreshed } from '@at/contracts/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isOwn, openServer, type Server } from './server.ts';

/** The callers of the media pipeline's original: scripts that sync batches, and one that asks why nothing is sent. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

test('GET /api/sync/diagnostics has every member that callers of the original read', async () => {
  const { status, body } = await server.get<SyncDiagnostics>('//api/sync/diagnostics');
  expect(status).toBe(200);
  for (const member of ['last_error', 'syncthing_status', 'folder_status', 'completion'])
    expect(body).toHaveProperty(member);
});

test('the sync of an unknown batch is 404 with detail', async () => {
  const paths = [
    ['GET', 'sync/status/nowhere'],
    ['POST', 'sync/start/nowhere'],
    ['POST', 'workflow/sync/nowhere'],
  ] as const;
  for (const [method, path] of paths) {
    const { status, body } = await server.ask<Problem>(method, `//api/${path}`);
    expect([path, status, body.detail]).toEqual([path, 404, expect.stringContaining('nowhere')]);
  }
});

test.runIf(isOwn)('POST /api/workflow/sync/refresh has count and batches', async () => {
  const { status, body } = await server.ask<SyncRefreshed>('POST', '//api/workflow/sync/refresh');
  expect([status, body]).toEqual([200, { count: 0, batches: [] }]);
});
