import type { Problem } from '@at/contracts/problem';
import type { QueueItemDetails, QueueList } from '@at/contracts/queue';
import type { QueueHealth, QueueStats, QueueSummary } from '@at/contracts/queue-status';
import { queueStatuses } from '@at/contracts/vocabulary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { need, openServer, type Server } from './server.ts';

/** The callers of the processing queue's original: a page that polls, and scripts. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const list = async (query = '') => (await server.get<QueueList>(`//api/queue${query}`)).body;

test('GET /api/stats counts each status, and they add up to the total of GET /api/queue', async () => {
  const { status, body } = await server.get<QueueStats>('//api/stats');
  expect(status).toBe(200);
  expect(queueStatuses.reduce((sum, word) => sum + body[word], 0)).toBe(body.total);
  expect(body.by_actress.length).toBeLessThanOrEqual(10);
  for (const one of body.by_actress) expect(one).toEqual({ actress: expect.any(String), count: expect.any(Number) });
  expect(Date.parse(body.timestamp)).toBeGreaterThan(0);
  expect((await list('?limit=1')).total).toBe(body.total);
});

describe('GET /api/queue', () => {
  test('has items, total, limit, offset and page, 50 a page, newest first', async () => {
    const { items, ...rest } = await list();
    expect(rest).toEqual({ total: expect.any(Number), limit: 50, offset: 0, page: 1 });
    const times = items.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted().reverse());
  });

  test('an item has the members that callers of the original read', async (context) => {
    const item = need(context, (await list('?limit=1')).items[0], 'item of the queue');
    const names = ['id', 'file_path', 'movie_code', 'actress', 'subtitle', 'status', 'error_message', 'new_path'];
    const more = ['emby_item_id', 'metadata_json', 'retry_count', 'next_retry_at', 'created_at', 'updated_at'];
    expect(Object.keys(item)).toEqual(expect.arrayContaining([...names, ...more]));
    expect(queueStatuses).toContain(item.status);
    expect(typeof item.id).toBe('number');
  });

  test('pages by page and limit follow each other, and limit goes up to 1000', async (context) => {
    const all = await list('?limit=1000');
    need(context, all.items[4], 'five items of the queue');
    const pages = await Promise.all([1, 2, 3].map((page) => list(`?limit=2&page=${page}`)));
    expect(pages.map(({ page, offset }) => [page, offset])).toEqual([
      [1, 0],
      [2, 2],
      [3, 4],
    ]);
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(all.items.slice(0, 6).map(({ id }) => id));
    expect((await list('?limit=2&offset=2')).items).toEqual(pages[1]?.items);
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'status=nothing', 'page=0']) {
      const { status, body } = await server.get<Problem>(`//api/queue?${query}`);
      expect([query, status, body.detail]).toEqual([query, 422, body.message]);
    }
  });

  test('status, movie_code and actress narrow it', async (context) => {
    const { items } = await list('?limit=1000');
    const item = need(
      context,
      items.find(({ movie_code, actress }) => movie_code !== null && actress !== null),
      'item of the queue with a code and a performer',
    );
    const { movie_code, actress, status } = item as { movie_code: string; actress: string; status: string };
    for (const [name, value] of Object.entries({ status, movie_code, actress })) {
      const found = (await list(`?limit=1000&${name}=${encodeURIComponent(value)}`)).items;
      const expected = items.filter((one) =>
        String(one[name as 'status'])
          .toLowerCase()
          .includes(value.toLowerCase()),
      );
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    }
  });

  test('GET /api/queue/{id} has the item with its runs; an unknown one is 404 with detail', async (context) => {
    const item = need(context, (await list('?limit=1')).items[0], 'item of the queue');
    const { status, body } = await server.get<QueueItemDetails>(`//api/queue/${item.id}`);
    expect([status, body]).toMatchObject([200, { ...item, runs: expect.any(Array) }]);
    const none = await server.get<Problem>('//api/queue/9007199254740991');
    expect([none.status, none.body.detail]).toEqual([404, none.body.message]);
  });
});

test('GET /api/metrics-summary has the last 24 hours', async () => {
  const { body } = await server.get<QueueSummary>('//api/metrics-summary');
  expect(Object.keys(body).toSorted()).toEqual([
    'avg_processing_seconds',
    'completed_24h',
    'error_rate_24h',
    'errors_24h',
  ]);
  expect(body.error_rate_24h).toBeGreaterThanOrEqual(0);
  expect(body.error_rate_24h).toBeLessThanOrEqual(1);
});

test('GET /api/health names the workers of the original and the uptime', async () => {
  const { status, body } = await server.get<QueueHealth>('//api/health');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: expect.stringMatching(/^(healthy|degraded)$/),
    database: 'connected',
    uptime: expect.stringMatching(/^(\d+d )?\d+h \d+m$/),
  });
  expect(Object.keys(body.workers)).toEqual(['FileProcessor', 'EmbyUpdater', 'RetryHandler']);
  for (const word of Object.values(body.workers)) expect(['running', 'stopped', 'stale']).toContain(word);
});

test('POST /api/cleanup with dry_run counts and removes nothing', async () => {
  const { total } = await list('?limit=1');
  const { status, body } = await server.ask<{ deleted_count: number }>('POST', '//api/cleanup', {
    body: { older_than_days: 0, dry_run: true },
  });
  expect([status, body]).toMatchObject([
    200,
    { success: true, deleted_count: (await list('?status=completed')).total },
  ]);
  expect((await list('?limit=1')).total).toBe(total);
});

test.each([
  ['POST', 'retry'],
  ['POST', 'reprocess-metadata'],
  ['POST', 'actions/extract-code'],
  ['POST', 'actions/fetch-metadata'],
  ['POST', 'actions/rename-file'],
  ['POST', 'actions/update-emby'],
  ['POST', 'actions/full-retry'],
  ['DELETE', ''],
  ['DELETE', 'file'],
])('%s /api/queue/{id}/%s of an item that is not there is 404 with detail', async (method, path) => {
  const { status, body } = await server.ask<Problem>(method, `//api/queue/9007199254740991/${path}`);
  expect([status, body.detail]).toEqual([404, 'No item of the queue has the id 9007199254740991.']);
});

test('what the original downloaded and previewed is refused with the reason', async () => {
  const preview = await server.ask<Problem>('POST', '//api/generate-preview', { body: {} });
  expect([preview.status, preview.body.error]).toEqual([409, 'Not configured']);
  for (const [method, path] of [
    ['GET', 'downloads'],
    ['POST', 'downloads'],
    ['POST', 'download'],
  ] as const) {
    const { status, body } = await server.ask<Problem>(method, `//api/${path}`);
    expect([path, status, body.detail]).toEqual([path, 404, expect.stringContaining('media.torrent')]);
  }
});
