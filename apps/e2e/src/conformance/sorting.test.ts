import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer, type Server } from './server.ts';

/** The callers of the media pipeline's original: scripts that sort a batch by its id or name. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

test.for(['no-such-batch', '9007199254740990'])(
  'an unknown batch, by name or id, is 404 with detail: %s',
  async (key) => {
    const status = await server.get<Problem>(`//api/sort/status/${key}`);
    expect([status.status, status.body.detail]).toEqual([404, expect.stringContaining(key)]);
    for (const path of ['sort/start', 'workflow/sort']) {
      const { status: code, body } = await server.ask<Problem>('POST', `//api/${path}/${key}`, { body: {} });
      expect([code, body.detail]).toEqual([404, expect.stringContaining(key)]);
    }
  },
);
