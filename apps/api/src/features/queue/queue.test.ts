import type { Problem } from '@at/contracts/problem';
import type { QueueItemDetails, QueueList } from '@at/contracts/queue';
import type { QueueFailure, QueuePeriod, QueueStats, QueueSummary } from '@at/contracts/queue-status';
import { queueStatuses } from '@at/contracts/vocabulary';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertQueueItem } from '#test/sample-queue.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
/** Of one item in each status, in this order; the last ones are the newest. */
const ids: Record<string, number> = {};
let failedRun: string;
beforeAll(async () => {
  app = await startTestApp();
  for (const [i, status] of queueStatuses.entries()) {
    const { id, run } = await insertQueueItem(app.db, {
      status,
      movie_code: status === 'pending' ? null : `XYZ-10${i}`,
      actress: i % 2 === 0 ? 'Zoë Ä_%' : 'Ann Miller',
      file_path: `/watch/100%_${status}.mkv`,
      created_at: `2025-05-0${i + 1}T00:00:00Z`,
    });
    ids[status] = id;
    if (status === 'error') failedRun = run;
  }
});
afterAll(() => app.close());

const list = async (query = '') => (await app.call<QueueList>('GET', `/api/queue${query}`)).body;
const idsOf = async (query: string) => (await list(query)).items.map(({ id }) => id);
const of = (...statuses: string[]) => statuses.map((status) => ids[status]);

describe('the list', () => {
  test('has each status, newest first, with the members and the page that callers of the original read', async () => {
    const { items, ...rest } = await list();
    expect(rest).toEqual({ total: 6, limit: 50, offset: 0, page: 1 });
    expect(items.map(({ status }) => status)).toEqual(queueStatuses.toReversed());
    expect(items[0]).toMatchObject({
      id: ids.error,
      status: 'error',
      movie_code: 'XYZ-105',
      failed_step: 'metadata',
      error_message: 'The provider does not know it.',
      error_code: 'code_unknown',
      error_fingerprint: expect.any(String),
      metadata_json: { title: expect.any(String) },
      next_retry_at: null,
      run_id: failedRun,
      is_active: false,
    });
  });

  test.each([
    ['status=error', ['error']],
    ['status=moved,completed', ['completed', 'moved']],
    ['status=moved&status=completed', ['completed', 'moved']],
    ['movie_code=xyz-105', ['error']],
    ['movie_code=Z-10', ['error', 'completed', 'emby_pending', 'moved', 'processing']],
    ['actress=zo%C3%AB', ['completed', 'moved', 'pending']],
    ['actress=%C3%84_%25', ['completed', 'moved', 'pending']],
    ['search=100%25_moved', ['moved']],
    ['search=ann+m', ['error', 'emby_pending', 'processing']],
    ['search=xyz+105', ['error']],
    ['search=ZOE', ['completed', 'moved', 'pending']],
    ['search=%E2%80%94', []],
    ['search=nothing', []],
    ['fingerprint=000000000000', []],
    ['error_code=code_unknown,limited', ['error']],
    ['error_code=disk_full', []],
    ['waits=false', ['error']],
    ['waits=true', []],
    ['sort_by=movie_code&sort_order=asc&limit=2', ['processing', 'moved']],
    ['sort_by=actress&sort_order=desc&limit=3', ['completed', 'moved', 'pending']],
    ['sort_by=created_at&sort_order=asc&limit=2', ['pending', 'processing']],
  ])('is narrowed and sorted by %s', async (query, expected) => {
    expect(await idsOf(`?${query}`)).toEqual(of(...expected));
  });

  test('has only the items with these ids', async () => {
    expect(await idsOf(`?id=${ids.moved},${ids.error}&status=moved`)).toEqual(of('moved'));
  });

  test('pages by page, and by offset', async () => {
    expect(await list('?limit=4&page=2')).toMatchObject({ items: [{}, {}], total: 6, limit: 4, offset: 4, page: 2 });
    expect(await idsOf('?limit=2&offset=1')).toEqual(of('completed', 'emby_pending'));
  });

  test.each(['limit=0', 'limit=1001', 'status=done', 'page=0', 'page=1&offset=1', 'sort_by=id'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await app.call<Problem>('GET', `/api/queue?${query}`);
      expect([status, body.detail]).toEqual([422, body.message]);
    },
  );

  test('is a file with every match: csv and json', async () => {
    const csv = await app.call('GET', '/api/queue/export?status=moved,error');
    expect(csv.text.split('\r\n')).toHaveLength(4);
    const { text } = await app.call('GET', '/api/queue/export?format=json&status=moved');
    expect(JSON.parse(text)).toEqual((await list('?status=moved')).items);
  });
});

describe('an item', () => {
  test('has its runs, newest first, and its neighbours', async () => {
    const { body } = await app.call<QueueItemDetails>('GET', `/api/queue/${ids.completed}`);
    expect(body).toMatchObject({
      id: ids.completed,
      previous_id: ids.error,
      next_id: ids.emby_pending,
      runs: [{ state: 'completed', steps: ['metadata', 'move', 'publish'], error: null, requested_by: 'watcher' }],
    });
    const { body: failed } = await app.call<QueueItemDetails>('GET', `/api/queue/${ids.error}`);
    expect(failed.previous_id).toBe(null);
    expect(failed.runs).toMatchObject([{ id: failedRun, state: 'failed', error: 'The provider does not know it.' }]);
  });

  test('that is not there is 404, in the form of every error', async () => {
    const { status, body } = await app.call<Problem>('GET', '/api/queue/999999');
    expect([status, body.detail]).toEqual([404, 'No item of the queue has the id 999999.']);
    expect((await app.call('GET', '/api/queue/abc')).status).toBe(422);
  });
});

test('codes and performers are suggested, those that begin with the text first', async () => {
  type Reply = { suggestions: { type: string; value: string; items: number }[] };
  const suggest = async (q: string) => (await app.call<Reply>('GET', `/api/queue/suggest?q=${q}`)).body.suggestions;
  expect(await suggest('zo')).toEqual([{ type: 'actress', value: 'Zoë Ä_%', items: 3 }]);
  expect((await suggest('1'))[0]).toMatchObject({ type: 'movie_code' });
  expect(await suggest('')).toEqual([]);
});

test('failures are grouped by what they have in common, and lead to their items', async () => {
  const message = 'No metadata was found for ABC-1.';
  const more = [];
  for (const code of ['ABC-1', 'ABC-2']) {
    const error_message = message.replace('ABC-1', code);
    more.push((await insertQueueItem(app.db, { status: 'error', movie_code: code, error_message })).id);
  }
  type Reply = { failures: QueueFailure[]; total: number };
  const { body } = await app.call<Reply>('GET', '/api/queue/failures');
  expect(body.total).toBe(3);
  expect(body.failures).toMatchObject([
    {
      count: 2,
      step: 'metadata',
      waiting: 0,
      example_ids: more.toReversed(),
      message: expect.stringContaining('ABC-2'),
      is_alike: false,
    },
    { count: 1, is_alike: true, example_ids: of('error') },
  ]);
  const [first] = body.failures;
  expect((await idsOf(`?fingerprint=${first?.fingerprint}`)).toSorted()).toEqual(more.toSorted());
  await sql`delete from console.queue_item where id = any(${more}::bigint[])`.execute(app.db);
});

describe('statistics', () => {
  test('count by status, and name the performers with the most completed items', async () => {
    const { body } = await app.call<QueueStats>('GET', '/api/stats');
    const one = Object.fromEntries(queueStatuses.map((status) => [status, 1]));
    expect(body).toMatchObject({ total: 6, ...one, by_actress: [{ actress: 'Zoë Ä_%', count: 1 }] });
  });

  test('say what the last 24 hours did, and each hour and day', async () => {
    const before = (await app.call<QueueSummary>('GET', '/api/metrics-summary')).body;
    expect(before).toEqual({ completed_24h: 0, errors_24h: 0, avg_processing_seconds: null, error_rate_24h: 0 });
    // The steps took a minute each.
    await sql`update console.step set finished_at = now() where finished_at is not null`.execute(app.db);
    await sql`update console.step_attempt set started_at = now() - interval '1 minute', finished_at = now()
      where finished_at is not null`.execute(app.db);
    // A file that failed before counts once, at its latest failure.
    await sql`insert into console.step_attempt (step_id, job_id, retry_count, worker_id, outcome, started_at, finished_at)
      select step_id, gen_random_uuid(), retry_count, worker_id, outcome, started_at - interval '2 hours', finished_at - interval '2 hours'
      from console.step_attempt where outcome = 'failed' limit 1`.execute(app.db);
    await sql`update console.queue_item set updated_at = now()`.execute(app.db);
    await expect
      .poll(async () => (await app.call<QueueSummary>('GET', '/api/metrics-summary')).body, { interval: 50 })
      .toMatchObject({ completed_24h: 1, errors_24h: 3, avg_processing_seconds: 180, error_rate_24h: 0.75 });
    type History = { hourly: QueuePeriod[]; daily: QueuePeriod[] };
    const { hourly, daily } = (await app.call<History>('GET', '/api/stats/history?hours=48&days=7')).body;
    expect([hourly.length, daily.length]).toEqual([48, 7]);
    expect(daily.at(-1)).toMatchObject({ done: 1, failed: 3, average_seconds: 180 });
    expect(hourly[0]).toMatchObject({ done: 0, failed: 0, average_seconds: null });
    expect(hourly.reduce((sum, { failed }) => sum + failed, 0)).toBe(3);
  });
});
