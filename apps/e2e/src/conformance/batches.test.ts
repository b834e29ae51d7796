import type { BatchList } from '@at/contracts/batches';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isOwn, openServer, type Server } from './server.ts';

/** The callers of the media pipeline's original: scripts that make batches, and a screen that lists them. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

test('GET /api/batches and /api/batch/list have the same batches', async () => {
  const [now, before] = [await server.get<BatchList>('//api/batches'), await server.get<BatchList>('//api/batch/list')];
  expect([now.status, before.status]).toEqual([200, 200]);
  expect(before.body.data).toEqual(now.body.data);
});

test('GET /api/batches/{id} of none is 404 with detail, by id and by name', async () => {
  for (const id of ['999999', 'no_such_batch']) {
    const { status, body } = await server.get<Problem>(`//api/batches/${id}`);
    expect([status, body.detail]).toEqual([404, expect.stringContaining(id)]);
  }
});

test.runIf(isOwn)('POST /api/batch/create without folders is 409 with detail', async () => {
  const { status, body } = await server.ask<Problem>('POST', '//api/batch/create', { body: {} });
  expect([status, body.detail]).toEqual([409, expect.stringContaining('is not set')]);
});
