import { openDisk } from '@at/adapters/disk';
import { openMediaServer } from '@at/adapters/media-server';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { openTransmission } from '@at/adapters/transmission';
import type { Problem } from '@at/contracts/problem';
import type { QueueBulkResult, QueueCleaned, QueueRefreshed } from '@at/contracts/queue-bulk';
import type { RunDetails } from '@at/contracts/runs';
import { emptyTables } from '@at/db/testing';
import { type TaskAdapters, tasks } from '@at/domain/tasks';
import { Worker } from '@at/runs/worker';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { insertQueueItem, queueSettings } from '#test/sample-queue.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
let calls: string[] = [];
/** Codes that the provider does not know. */
let unknown: string[] = [];
beforeAll(async () => {
  app = await startTestApp({ config: queueSettings, deps: () => ({ runPatience: 30_000 }) });
});
afterAll(() => app.close());
afterEach(async () => {
  calls = [];
  unknown = [];
  await emptyTables(app.db, 'console.run', 'console.queue_item', 'console.job');
});

const facts = { original_title: null, overview: null, release_date: null, genre: [], label: null, cover_url: null };
// Its disk is not there: the steps behind the metadata wait for it.
const queue: QueueSystems = {
  disk: openDisk(),
  folders: { watch: '/nowhere/watch', library: '/nowhere/library', unprocessed: '/nowhere/unprocessed' },
  server: openMediaServer({ url: 'http://127.0.0.1:1', key: 'key', libraryId: null, paths: null, publicUrl: null }),
  provider: {
    search: async (code, { fresh } = {}) => {
      calls.push(fresh ? `${code} fresh` : code);
      if (unknown.includes(code)) return undefined;
      return { movie_code: code, title: `New ${code}`, actress: ['Bea'], backdrop_url: null, ...facts };
    },
  },
};

function work(): Worker<TaskAdapters> {
  const worker = new Worker<TaskAdapters>({
    database: { connection: app.config.database as string },
    tasks,
    schedules: [],
    adapters: {
      files: app.config.files,
      metadata: app.config.metadata,
      queue,
      transmission: openTransmission(null),
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    version: '0',
  });
  worker.start();
  onTestFinished(() => worker.stop());
  return worker;
}

const post = <Body>(path: string, body: object = {}) =>
  app.call<Body & Pick<Problem, 'errors'>>('POST', `/api/${path}`, { body });
const run = async (id: string) => (await app.call<RunDetails>('GET', `/api/runs/${id}`)).body;
const resultOf = async (id: string) => {
  await expect.poll(async () => (await run(id)).state, { interval: 50, timeout: 60_000 }).toBe('completed');
  return (await run(id)).steps[0]?.output as QueueBulkResult;
};
const statuses = async () => {
  const { rows } = await sql<{ status: string }>`select status from console.queue_item_state order by id`.execute(
    app.db,
  );
  return rows.map(({ status }) => status);
};

/** Items of which the metadata were not found. */
async function insertFailed(count: number): Promise<number[]> {
  const ids = [];
  for (let i = 1; i <= count; i += 1) {
    const movie_code = `ABC-${i}`;
    ids.push((await insertQueueItem(app.db, { status: 'error', movie_code, metadata_json: null })).id);
  }
  return ids;
}

describe('retrying many', () => {
  test('continues every item in error of the filter, and says which were refused', async () => {
    work();
    const failed = await insertFailed(3);
    const done = await insertQueueItem(app.db, { status: 'completed' });
    const { status, body } = await post<{ run_id: string }>('bulk/retry', { filter: { movie_code: 'ABC-' } });
    expect([status, body]).toMatchObject([202, { success: true, message: '3 items are being retried' }]);
    expect(await resultOf(body.run_id)).toEqual({ total: 3, updated: 3, failed: 0, failed_items: [] });
    await expect.poll(() => calls.toSorted()).toEqual(['ABC-1', 'ABC-2', 'ABC-3']);
    const named = await post<{ run_id: string }>('bulk/retry', { ids: [done.id, 999_999, done.id, failed[0]] });
    expect(await resultOf(named.body.run_id)).toMatchObject({
      total: 3,
      failed_items: expect.arrayContaining([
        expect.objectContaining({
          id: done.id,
          error: 'Only an item that has failed can be retried. This one is done (completed).',
        }),
        { id: 999_999, movie_code: null, error: 'No item of the queue has the id 999999.' },
      ]),
    });
  });

  test('by ids says at once which are refused, and why', async () => {
    const [failed] = await insertFailed(1);
    const done = await insertQueueItem(app.db, { status: 'completed' });
    const { body } = await post('bulk/retry', { ids: [done.id, 999_999, failed] });
    expect(body).toMatchObject({
      message: '1 item is being retried, 2 are refused',
      refused: [
        { id: done.id, error: 'Only an item that has failed can be retried. This one is done (completed).' },
        { id: 999_999, error: 'No item of the queue has the id 999999.' },
      ],
    });
  });

  test('without ids and filter takes every item in error, and no other', async () => {
    await insertFailed(2);
    await insertQueueItem(app.db, { status: 'completed' });
    const { body } = await post<{ run_id: string }>('bulk/retry');
    expect((await run(body.run_id)).params).toMatchObject({ items: [expect.any(Number), expect.any(Number)] });
  });

  test('goes on where a lost worker was: no item is retried twice', async () => {
    await insertFailed(60);
    const { body } = await post<{ run_id: string }>('bulk/retry');
    // The first 25 are done, and their place is kept, when another worker takes over.
    const first = work();
    const next = () =>
      sql<{
        next: number;
      }>`select coalesce((output ->> 'next')::integer, 0) as next from console.step where ref is null`
        .execute(app.db)
        .then(({ rows }) => rows[0]?.next ?? 0);
    await expect.poll(next, { interval: 1 }).toBeGreaterThan(0);
    await first.stop();
    work();
    expect(await resultOf(body.run_id)).toEqual({ total: 60, updated: 60, failed: 0, failed_items: [] });
    // Attempts that the end of the first worker interrupted were begun twice, and ended once.
    const fetched = async () => {
      const { rows } = await sql`
        select count(*)::integer as attempts, count(distinct r.subject_id)::integer as items
        from console.step_attempt a join console.step s on s.id = a.step_id join console.run r on r.id = s.run_id
        where s.ref = 'metadata' and a.outcome = 'completed'
      `.execute(app.db);
      return rows[0];
    };
    await expect.poll(fetched, { timeout: 60_000 }).toEqual({ attempts: 60, items: 60 });
  });

  test('takes ids or a filter', async () => {
    const { status, body } = await post('bulk/retry', { ids: [1], filter: {} });
    expect([status, body.errors]).toMatchObject([422, [{ pointer: '/filter' }]]);
    expect((await post('bulk/retry', { ids: [] })).status).toBe(422);
    expect((await post('bulk/retry', { filter: { colour: 'blue' } })).status).toBe(422);
  });
});

describe('refreshing many', () => {
  test('waits for its items and says what became of them', async () => {
    work();
    unknown = ['ABC-2'];
    for (let i = 1; i <= 3; i += 1) await insertQueueItem(app.db, { status: 'moved', movie_code: `ABC-${i}` });
    await insertQueueItem(app.db, { status: 'error', movie_code: 'ABC-4' });
    await insertQueueItem(app.db, { status: 'moved', movie_code: null });
    const { status, body } = await post<QueueRefreshed>('bulk/refresh-metadata', { status: 'moved', fresh: true });
    expect([status, body]).toMatchObject([
      200,
      {
        success: true,
        total: 3,
        updated: 2,
        failed: 1,
        failed_items: [{ movie_code: 'ABC-2', error: 'The provider does not know ABC-2.' }],
        run_id: expect.any(String),
      },
    ]);
    expect(calls.toSorted()).toEqual(['ABC-1 fresh', 'ABC-2 fresh', 'ABC-3 fresh']);
    expect(await statuses()).toEqual(['moved', 'error', 'moved', 'error', 'moved']);
    expect(body.message).toBe('The metadata of 2 items were fetched, and not those of 1');
  });

  test('leaves completed items completed unless they are to be published, and takes ids by their status', async () => {
    work();
    const done = await insertQueueItem(app.db, { status: 'completed', movie_code: 'ABC-1' });
    const moved = await insertQueueItem(app.db, { status: 'moved', movie_code: 'ABC-2' });
    const ids = [done.id, moved.id];
    const { body } = await post<QueueRefreshed>('bulk/refresh-metadata', { ids, status: 'completed' });
    expect(body).toMatchObject({ success: true, total: 1, updated: 1, failed: 0 });
    expect(await statuses()).toEqual(['completed', 'moved']);
    expect(calls).toEqual(['ABC-1']);
  });

  test('claims no success for items that another one is fetching', async () => {
    for (let i = 1; i <= 2; i += 1) await insertQueueItem(app.db, { status: 'processing', movie_code: `ABC-${i}` });
    work();
    const { body } = await post<QueueRefreshed>('bulk/refresh-metadata');
    expect(body).toMatchObject({
      success: false,
      message: 'The metadata of 0 items were fetched, and not those of 2',
      updated: 0,
      failed: 2,
      failed_items: [{ error: expect.stringMatching(/^The item is being processed/) }, {}],
    });
  });
});

describe('cleaning up', () => {
  const insertOld = async () => {
    for (const days of [0, 40, 400]) {
      const { id } = await insertQueueItem(app.db, { status: 'completed' });
      await sql`update console.queue_item set published_at = now() - make_interval(days => ${days}) where id = ${id}`.execute(
        app.db,
      );
    }
    await insertQueueItem(app.db, { status: 'error' });
    await insertQueueItem(app.db, { status: 'moved' });
  };
  const clean = (body: object = {}) => post<QueueCleaned>('cleanup', body);

  test('counts first, then removes completed items that are old enough', async () => {
    await insertOld();
    expect((await clean({ dry_run: true })).body).toMatchObject({ deleted_count: 2, run_id: null });
    expect((await clean({ dry_run: true, older_than_days: 0 })).body.deleted_count).toBe(3);
    expect(await statuses()).toHaveLength(5);
    work();
    const { status, body } = await clean();
    expect([status, body]).toMatchObject([200, { success: true, deleted_count: 2, run_id: expect.any(String) }]);
    expect((await clean({ older_than_days: 0 })).body.deleted_count).toBe(1);
    expect(await statuses()).toEqual(['error', 'moved']);
  });

  test.each([{ older_than_days: -1 }, { older_than_days: 366 }, { older_than_days: '30' }])(
    'refuses %j',
    async (body) => {
      expect((await clean(body)).status).toBe(422);
    },
  );
});
