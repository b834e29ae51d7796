import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoverError } from '@at/adapters/covers';
import { openDisk } from '@at/adapters/disk';
import { identify } from '@at/adapters/file-identity';
import { markerName } from '@at/adapters/file-trash';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { openTransmission } from '@at/adapters/transmission';
import type { Activity } from '@at/contracts/activity';
import type { Problem } from '@at/contracts/problem';
import type { QueueItemDetails } from '@at/contracts/queue';
import type { QueueAccepted, QueueActed } from '@at/contracts/queue-actions';
import { type QueueAction, queueActionRefusal } from '@at/contracts/queue-rule';
import type { QueueHealth, QueueMeta, QueueStepSettings } from '@at/contracts/queue-status';
import { queueStatuses } from '@at/contracts/vocabulary';
import { startProxy } from '@at/db/test-proxy';
import { emptyTables } from '@at/db/testing';
import { type TaskAdapters, tasks } from '@at/domain/tasks';
import { Worker } from '@at/runs/worker';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { insertQueueItem, queueSettings } from '#test/sample-queue.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
let bare: TestApp;
let root: string;
let queue: QueueSystems;
let found: Record<string, { title: string } | Error> = {};
const folder = (name: string) => join(root, name);
const patience = 20_000;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'queue-api-'));
  for (const name of ['watch', 'library', 'unprocessed']) {
    await mkdir(folder(name));
    await writeFile(join(folder(name), markerName), '');
  }
  const config = {
    ...queueSettings,
    QUEUE_WATCH_PATH: folder('watch'),
    QUEUE_LIBRARY_PATH: folder('library'),
    QUEUE_UNPROCESSED_PATH: folder('unprocessed'),
    MEDIA_SERVER_PUBLIC_URL: 'https://emby.example/',
  };
  app = await startTestApp({ config, deps: () => ({ runPatience: patience }) });
  bare = await startTestApp({ database: app.config.database as string });
  queue = {
    folders: { watch: folder('watch'), library: folder('library'), unprocessed: folder('unprocessed') },
    disk: openDisk(),
    provider: {
      search: async (code) => {
        const facts = found[code];
        if (facts instanceof Error) throw facts;
        const rest = { original_title: null, overview: null, release_date: null, genre: [], label: null };
        return (
          facts && { movie_code: code, actress: ['Ann Miller'], cover_url: null, backdrop_url: null, ...rest, ...facts }
        );
      },
    },
    server: {
      publicUrl: null,
      id: async () => 'server',
      scan: async () => 0,
      find: async () => '77',
      findByName: async () => [],
      write: async () => true,
      differences: async () => [],
      addImage: async () => {},
    },
  };
});
afterAll(async () => {
  await bare.close();
  await app.close();
  await rm(root, { recursive: true });
});
beforeEach(() => {
  found = {};
});
afterEach(async () => {
  await emptyTables(
    app.db,
    'console.run',
    'console.queue_item',
    'console.worker',
    'console.job',
    'console.queue_ignored',
  );
});

function work(): void {
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
}

/** An item whose file lies in the watch folder. */
async function dropped(name: string, facts: Parameters<typeof insertQueueItem>[1] = {}): Promise<number> {
  const file_path = join(folder('watch'), name);
  await writeFile(file_path, name);
  const { id } = await insertQueueItem(app.db, {
    status: 'pending',
    movie_code: null,
    metadata_json: null,
    ...facts,
    file_path,
  });
  const file = JSON.stringify(await identify(Buffer.from(file_path)));
  await sql`update console.queue_item set file = ${file}::jsonb where id = ${id}`.execute(app.db);
  return id;
}

const post = <Body = QueueActed & Problem>(path: string, body: object = {}, by = app) =>
  by.call<Body>('POST', `/api/queue/${path}`, { body });
const get = async (id: number) => (await app.call<QueueItemDetails>('GET', `/api/queue/${id}`)).body;

describe('a path of the original that did its work at once', () => {
  test('pushes an item through each step, and replies with what it has become', async () => {
    work();
    found = { 'ABC-1': { title: 'A Summer' } };
    const id = await dropped('abc-1.mkv');
    const code = await post(`${id}/actions/extract-code`);
    expect([code.status, code.body]).toMatchObject([200, { success: true, item_id: id, movie_code: 'ABC-1' }]);
    const metadata = await post(`${id}/actions/fetch-metadata`, { fresh: true });
    expect([metadata.status, metadata.body]).toMatchObject([
      200,
      { metadata_json: { title: 'A Summer' }, actress: 'Ann Miller' },
    ]);
    const renamed = await post(`${id}/actions/rename-file`);
    const new_path = join(folder('library'), 'Ann Miller', 'Ann Miller - [No Sub] ABC-1 A Summer.mkv');
    expect([renamed.status, renamed.body]).toMatchObject([200, { new_path, status: 'moved' }]);
    expect((await stat(new_path)).isFile()).toBe(true);
    const published = await post(`${id}/actions/update-emby`);
    expect([published.status, published.body]).toMatchObject([200, { emby_item_id: '77', status: 'completed' }]);
    expect((await get(id)).runs.map(({ steps }) => steps)).toEqual([['publish'], ['move'], ['metadata'], ['extract']]);
  });

  test('is in the list of activity, with who asked for what, how it ended and the removal, and is found there by code and file name', async () => {
    work();
    found = { 'ACT-1': { title: 'A Summer' } };
    const id = await dropped('an odd name.mkv');
    const asked = await app.call<QueueActed>('POST', `/api/queue/${id}/actions/extract-code`, {
      body: { movie_code: 'ACT-1' },
      headers: { 'x-actor': 'Anna' },
    });
    expect([asked.status, asked.body.status]).toEqual([200, 'completed']);
    const again = await insertQueueItem(app.db, { status: 'error', movie_code: 'ACT-2' });
    expect((await post(`${again.id}/retry`)).status).toBe(202);

    await vi.waitFor(
      async () => expect(await get(again.id)).toMatchObject({ status: 'error', is_active: false }),
      patience,
    );
    expect((await app.call('DELETE', `/api/queue/${again.id}`)).status).toBe(200);
    const list = async (query: string) =>
      (await app.call<{ data: Activity[] }>('GET', `/activity?${query}`)).body.data.map(
        ({ actor, actor_verified, file }) => [actor, actor_verified, file?.action, file?.name, file?.error ?? null],
      );
    const own = [
      ['worker', true, 'completed', 'ACT-1', null],
      ['Anna', false, 'set-code', 'ACT-1', null],
    ];
    expect(await list('q=act-1')).toEqual(own);
    expect(await list('q=odd%20name&type=queue.changed')).toEqual(own);
    expect(await list('q=ACT-2')).toEqual([
      ['anonymous', false, 'delete', 'ACT-2', null],
      ['worker', true, 'failed', 'ACT-2', expect.stringContaining('ACT-2')],
      ['anonymous', false, 'retry', 'ACT-2', null],
      // As its run before has it.
      ['worker', true, 'failed', 'ACT-2', 'The provider does not know it.'],
      ['watcher', true, 'found', 'ACT-2', null],
    ]);
    expect(await list('actor=Anna')).toEqual(own.slice(1));
  });

  test('is 409 with the reason when its run has failed, also for a repeated request', async () => {
    work();
    const { id } = await insertQueueItem(app.db, { status: 'pending', movie_code: 'ABC-2', metadata_json: null });
    const ask = () =>
      app.call<Problem>('POST', `/api/queue/${id}/actions/fetch-metadata`, {
        headers: { 'idempotency-key': 'of this test' },
      });
    const first = await ask();
    expect([first.status, first.body.error, first.body.message]).toEqual([
      409,
      'Step failed',
      expect.stringMatching(/^The provider does not know ABC-2\. GET \/api\/runs\/\S+ has its steps and attempts\.$/),
    ]);
    expect((await ask()).body.message).toBe(first.body.message);
  });

  test('is 202 at once when its run waits for another attempt, and when the time is up', async () => {
    found = { 'ABC-3': new Error('The provider is away.') };
    const { id } = await insertQueueItem(app.db, { status: 'pending', movie_code: 'ABC-3', metadata_json: null });
    const nobody = await bare.call<Problem>('POST', `/api/queue/${id}/actions/fetch-metadata`);
    // That API has no provider; the one that has it finds no worker.
    expect([nobody.status, nobody.body.message]).toEqual([409, 'Not configured: set QUEUE_PROVIDER_URL.']);
    work();
    const { status, body } = await post(`${id}/actions/fetch-metadata`);
    expect([status, body]).toMatchObject([
      202,
      { success: true, message: 'The metadata are being fetched', status: 'error' },
    ]);
    expect(await get(id)).toMatchObject({
      is_active: true,
      next_retry_at: expect.any(String),
      error_message: 'The provider is away.',
    });
  });

  test('moves a file to the trash and removes its item', async () => {
    work();
    const id = await dropped('abc-4.mkv');
    const { status, body } = await app.call('DELETE', `/api/queue/${id}/file`);
    expect([status, body]).toMatchObject([
      200,
      { success: true, message: 'The item and its file were removed', item_id: id },
    ]);
    expect((await app.call('GET', `/api/queue/${id}`)).status).toBe(404);
    const [trashed] = await readdir(join(folder('watch'), '.trash'));
    expect(await readdir(join(folder('watch'), '.trash', trashed as string))).toEqual(['abc-4.mkv']);
  });

  test('a removal is undone: the item is back with its file, and the activity says so', async () => {
    work();
    const id = await dropped('abc-5.mkv');
    const undoOf = async () =>
      (await app.call<{ data: Activity[] }>('GET', '/activity?q=abc-5')).body.data.flatMap(({ file }) =>
        file && file.item_id === id ? [[file.action, file.undo]] : [],
      );
    expect((await post(`${id}/restore`)).body).toMatchObject({ detail: 'The item is in the queue.' });
    expect((await app.call('GET', `/api/queue/${id}/removal`)).status).toBe(404);
    expect((await app.call('DELETE', `/api/queue/${id}/file`)).status).toBe(200);
    expect((await undoOf())[0]).toEqual(['delete-file', 'possible']);
    const removal = await app.call('GET', `/api/queue/${id}/removal`);
    expect(removal.body).toMatchObject({ item_id: id, has_file: true, removed_at: expect.any(String) });
    const { status, body } = await post(`${id}/restore`);
    expect([status, body]).toMatchObject([202, { item_id: id, run_id: expect.any(String) }]);
    await vi.waitFor(async () => expect(await readdir(folder('watch'))).toContain('abc-5.mkv'), patience);
    expect((await undoOf()).slice(0, 2)).toEqual([
      ['restore', null],
      ['delete-file', 'done'],
    ]);
  });
});

describe('a request that its run outlives is 202', () => {
  const accepted = (body: object) => expect.objectContaining({ success: true, run_id: expect.any(String), ...body });

  test('retry continues the run that failed, and reprocess and full-retry start one', async () => {
    const failed = await insertQueueItem(app.db, { status: 'error' });
    const retried = await post<QueueAccepted>(`${failed.id}/retry`);
    expect([retried.status, retried.body]).toEqual([202, accepted({ item_id: failed.id, run_id: failed.run })]);
    const done = await insertQueueItem(app.db, { status: 'completed' });
    const again = await post<QueueAccepted>(`${done.id}/reprocess-metadata`, { fresh: true });
    expect([again.status, again.body]).toEqual([202, accepted({ item_id: done.id })]);
    expect((await get(done.id)).runs[0]?.steps).toEqual(['metadata', 'publish']);
    const other = await insertQueueItem(app.db, { status: 'moved' });
    expect((await post(`${other.id}/actions/full-retry`)).status).toBe(202);
    expect((await get(other.id)).runs[0]?.steps).toEqual(['extract', 'metadata', 'move', 'publish']);
  });

  test('a code that is given by hand is set at once, and the steps behind it follow', async () => {
    work();
    found = { 'XY-7': { title: 'Found' } };
    const id = await dropped('no code.mkv');
    const { status, body } = await post(`${id}/actions/extract-code`, { movie_code: 'xy-7' });
    expect([status, body]).toMatchObject([200, { movie_code: 'XY-7', status: 'completed' }]);
    expect((await post(`${id}/actions/extract-code`, { movie_code: '7' })).status).toBe(422);
  });
});

test('a code that was set by hand is undone: the item goes on with that of its name', async () => {
  work();
  found = { 'XY-7': { title: 'Wrong' }, 'ABC-5': { title: 'Right' } };
  const id = await dropped('abc-5.mkv');
  await post(`${id}/actions/extract-code`, { movie_code: 'xy-7' });
  expect(await get(id)).toMatchObject({ movie_code: 'XY-7', code_given_by: 'anonymous' });
  const { status, body } = await post(`${id}/actions/extract-code`, { movie_code: null });
  expect([status, body]).toMatchObject([200, { movie_code: 'ABC-5', status: 'completed' }]);
  expect(await get(id)).toMatchObject({ code_given_by: null, new_path: expect.stringContaining('ABC-5 Right') });
  const again = await post<Problem>(`${id}/actions/extract-code`, { movie_code: null });
  expect([again.status, again.body.message]).toEqual([
    409,
    'The code of the item was not set by hand. Set another one.',
  ]);
});

test('what an item does not allow is refused with the sentence that the screen shows, and nothing else', async () => {
  const { steps } = (await app.call<{ steps: QueueStepSettings[] }>('GET', '/api/queue/steps')).body;
  expect(steps.every(({ missing }) => missing.length === 0)).toBe(true);
  const requests: [QueueAction, string, string][] = [
    ['retry', 'POST', '/retry'],
    ['reprocess-metadata', 'POST', '/reprocess-metadata'],
    ['fetch-metadata', 'POST', '/actions/fetch-metadata'],
    ['rename-file', 'POST', '/actions/rename-file'],
    ['update-emby', 'POST', '/actions/update-emby'],
    ['full-retry', 'POST', '/actions/full-retry'],
    ['extract-code', 'POST', '/actions/extract-code'],
    ['delete', 'DELETE', ''],
  ];
  const impatient = await startTestApp({ database: app.config.database as string, config: queueSettings });
  onTestFinished(() => impatient.close());
  const seen = new Set<string>();
  for (const status of queueStatuses) {
    for (const [action, method, path] of requests) {
      for (const facts of [{}, { movie_code: null }, { metadata_json: null }, { has_move: true }]) {
        const { id } = await insertQueueItem(app.db, { status, ...facts });
        const refusal = queueActionRefusal(await get(id), action, steps);
        const reply = await impatient.call<Problem>(method, `/api/queue/${id}${path}`);
        expect([action, status, reply.status < 300 ? null : reply.body.message]).toEqual([action, status, refusal]);
        if (refusal !== null) expect([reply.status, reply.body.detail]).toEqual([409, refusal]);
        seen.add(`${refusal}`);
      }
    }
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'The item has no code. Read the code first (extract-code), or set it by hand.',
      'The item has no metadata. Fetch metadata first (fetch-metadata).',
      'The file is not in the library. Rename and move it first (rename-file).',
      'Only an item that has failed can be retried. This one is done (completed).',
      'Only a completed item can be refreshed and published again. This one has failed (error).',
      'The item is being processed. Wait for the end of its run, or cancel it.',
      'A move of the file was interrupted. Retry it, or remove the item with its file.',
    ]),
  );
});

test('without settings each step says which variables it lacks, and nothing starts', async () => {
  type Steps = { steps: QueueStepSettings[]; watch: { missing: string[]; path: string | null } };
  const { steps, watch } = (await bare.call<Steps>('GET', '/api/queue/steps')).body;
  const folders = ['QUEUE_WATCH_PATH', 'QUEUE_LIBRARY_PATH', 'QUEUE_UNPROCESSED_PATH'];
  expect(watch).toEqual({ missing: folders, path: null });
  expect((await app.call<Steps>('GET', '/api/queue/steps')).body.watch).toEqual({ missing: [], path: folder('watch') });
  expect(steps).toEqual([
    { step: 'extract', missing: folders },
    { step: 'metadata', missing: ['QUEUE_PROVIDER_URL'] },
    { step: 'move', missing: folders },
    { step: 'publish', missing: ['MEDIA_SERVER_URL', 'MEDIA_SERVER_API_KEY'] },
  ]);
  const { id } = await insertQueueItem(app.db, { status: 'moved' });
  const { status, body } = await bare.call<Problem>('POST', `/api/queue/${id}/actions/full-retry`);
  expect([status, body.error]).toEqual([409, 'Not configured']);
  expect((await get(id)).is_active).toBe(false);
});

describe('health', () => {
  const health = async (by = app) => (await by.call<QueueHealth>('GET', '/api/health')).body;
  const seen = (names: string[], ago: string, stopped = false) =>
    sql`
    insert into console.worker (id, host, pid, version, tasks, queues, seen_at, stopped_at)
    values (gen_random_uuid(), 'nas', 1, '0', ${names}, '{}', now() - ${ago}::interval, ${stopped ? sql`now()` : null})
  `.execute(app.db);

  test('is that of the workers by their last sign of life', async () => {
    expect(await health()).toMatchObject({
      status: 'degraded',
      database: 'connected',
      workers: { FileProcessor: 'stopped', EmbyUpdater: 'stopped', RetryHandler: 'stopped' },
      heartbeats: { FileProcessor: null },
      uptime: expect.stringMatching(/^0h \d+m$/),
      system: { disk_percent: expect.any(Number) },
    });
    await seen(['item.extract', 'item.metadata', 'item.move'], '1 minute');
    await seen(['item.publish'], '2 seconds', true);
    expect((await health()).workers).toEqual({ FileProcessor: 'stale', EmbyUpdater: 'stopped', RetryHandler: 'stale' });
    await seen(['item.extract', 'item.metadata', 'item.move', 'item.publish'], '2 seconds');
    expect(await health()).toMatchObject({
      status: 'healthy',
      workers: { FileProcessor: 'running', EmbyUpdater: 'running', RetryHandler: 'running' },
      heartbeats: { EmbyUpdater: expect.any(String) },
    });
    expect(await health(bare)).toMatchObject({ status: 'healthy', workers: { FileProcessor: 'stopped' } });
  });

  test('is that of the folders, too: one that has lost its marker is named', async () => {
    await seen(['item.extract', 'item.metadata', 'item.move', 'item.publish'], '2 seconds');
    expect(await health()).toMatchObject({ status: 'healthy', folders: 'ready' });
    const marker = join(folder('library'), markerName);
    await rm(marker);
    onTestFinished(() => writeFile(marker, ''));
    expect(await health()).toMatchObject({
      status: 'degraded',
      folders: expect.stringMatching(/^error: The directory \S+library does not contain its marker file/),
    });
    expect(await health(bare)).toMatchObject({ folders: 'not configured' });
    // Only the workers have access to them.
    const remote = await startTestApp({ database: app.config.database as string, config: queueSettings });
    onTestFinished(() => remote.close());
    expect(await health(remote)).toMatchObject({ status: 'healthy', folders: 'not seen' });
  });

  test('is 503 without a database, with its members and those of a problem', async () => {
    const proxy = await startProxy(app.config.database as string);
    const cut = await startTestApp({ database: proxy.connectionString, timing: { connectTimeout: 500 } });
    onTestFinished(() => cut.close());
    proxy.close();
    const { status, body } = await cut.call<Omit<QueueHealth, 'status'> & Omit<Problem, 'status'>>(
      'GET',
      '/api/health',
    );
    expect([status, body]).toMatchObject([
      503,
      {
        status: 'degraded',
        database: expect.stringMatching(/^error: /),
        workers: { FileProcessor: 'unknown', EmbyUpdater: 'unknown', RetryHandler: 'unknown' },
        success: false,
        title: 'Service Unavailable',
        detail: expect.any(String),
      },
    ]);
    expect(body.detail).toBe(body.message);
  });
});

test('links to the media server have its address and its id, or nothing', async () => {
  const meta = async (by: TestApp) => (await by.call<QueueMeta>('GET', '/api/meta')).body;
  expect(await meta(bare)).toEqual({ emby_public_url: null, emby_server_id: null });
  // Nothing listens at its address.
  expect(await meta(app)).toEqual({ emby_public_url: 'https://emby.example', emby_server_id: null });
});

test('what the original had and this version has not says so', async () => {
  const preview = await app.call<Problem>('POST', '/api/generate-preview', { body: { file: 'a' } });
  expect([preview.status, preview.body.error]).toEqual([409, 'Not configured']);
  for (const [method, path] of [
    ['GET', '//api/downloads'],
    ['POST', '//api/download'],
    ['GET', '//api/download/1'],
  ] as const) {
    const { status, body } = await app.call<Problem>(method, path);
    expect([status, body.detail]).toEqual([404, expect.stringContaining('media.torrent')]);
  }
});

describe('the cover of an item', () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2]);
  const address = 'https://covers.example/abc.jpg';
  const away = 'https://covers.example/away.jpg';
  const open = async (config: Record<string, string>) => {
    const asked: string[] = [];
    const directory = await mkdtemp(join(tmpdir(), 'covers-'));
    const own = await startTestApp({
      config: { ...config, DATA_DIR: directory },
      database: app.config.database as string,
      deps: () => ({
        fetchCover: async (from) => {
          asked.push(from);
          if (from.endsWith('away.jpg') && asked.length === 1) throw new CoverError('Its host is away.');
          return [address, away].includes(from) ? { bytes: jpeg, type: 'image/jpeg' } : undefined;
        },
      }),
    });
    onTestFinished(async () => {
      await own.close();
      await rm(directory, { recursive: true });
    });
    return { own, asked };
  };
  const ofItem = (cover_url: string | null) =>
    insertQueueItem(app.db, { status: 'completed', metadata_json: { title: 'A', cover_url } });

  test('is fetched once, from where its metadata say, and kept; one that cannot be had is 404 without another request', async () => {
    const { own, asked } = await open({ POSTERS: 'true' });
    const { id } = await ofItem(address);
    const { body } = await own.call<QueueItemDetails>('GET', `/api/queue/${id}`);
    const get = () => fetch(`http://127.0.0.1:${own.port}/api/queue/${id}/cover?version=${body.cover}`);
    for (const _ of [1, 2]) {
      const reply = await get();
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
      expect(Buffer.from(await reply.arrayBuffer())).toEqual(jpeg);
    }
    expect(asked).toEqual([address]);
    const other = await ofItem('https://covers.example/none.jpg');
    for (const _ of [1, 2]) expect((await own.call('GET', `/api/queue/${other.id}/cover`)).status).toBe(404);
    expect(asked).toHaveLength(2);
    const none = await ofItem(null);
    expect((await own.call<QueueItemDetails>('GET', `/api/queue/${none.id}`)).body.cover).toBeNull();
    expect((await own.call('GET', `/api/queue/${none.id}/cover`)).status).toBe(404);
  });

  test('whose host is away is fetched the next time', async () => {
    const { own } = await open({ POSTERS: 'true' });
    const { id } = await ofItem(away);
    const get = async () => (await fetch(`http://127.0.0.1:${own.port}/api/queue/${id}/cover`)).status;
    expect([await get(), await get()]).toEqual([502, 200]);
  });

  test('is not named and not fetched without POSTERS=true', async () => {
    const { own, asked } = await open({});
    const { id } = await ofItem(address);
    expect((await own.call<QueueItemDetails>('GET', `/api/queue/${id}`)).body.cover).toBeNull();
    expect((await own.call('GET', `/api/queue/${id}/cover`)).status).toBe(404);
    expect(asked).toEqual([]);
  });
});

test('a deleted row is gone until that is undone; a second deletion is 404', async () => {
  const { id } = await insertQueueItem(app.db, { status: 'completed' });
  const { status, body } = await app.call('DELETE', `/api/queue/${id}`);
  expect([status, body]).toMatchObject([200, { success: true, item_id: id }]);
  expect((await app.call('DELETE', `/api/queue/${id}`)).status).toBe(404);
  const undone = await post(`${id}/restore`);
  expect([undone.status, undone.body]).toMatchObject([200, { item_id: id, run_id: null }]);
  expect(await get(id)).toMatchObject({ status: 'completed' });
});

test('figures are never older than the last change of the caller, whose event comes later', async () => {
  const ids = [];
  for (const code of ['ABC-1', 'ABC-2', 'ABC-3', 'ABC-4', 'ABC-5'])
    ids.push((await insertQueueItem(app.db, { status: 'error', movie_code: code })).id);
  const figures = async () => {
    const replies = await Promise.all(
      ['/api/queue/failures', '/api/stats'].map((path) => app.call<{ total: number }>('GET', path)),
    );
    return replies.map(({ body }) => body.total);
  };
  for (const [n, id] of ids.entries()) {
    expect(await figures()).toEqual([5 - n, 5 - n]);
    expect((await app.call('DELETE', `/api/queue/${id}`)).status).toBe(200);
    expect(await figures()).toEqual([4 - n, 4 - n]);
  }
});
