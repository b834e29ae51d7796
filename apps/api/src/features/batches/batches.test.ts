import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type {
  BatchCreated,
  BatchDetails,
  BatchFileList,
  BatchList,
  BatchTimeline,
  BatchUndone,
} from '@at/contracts/batches';
import type { Problem } from '@at/contracts/problem';
import { sql } from 'kysely';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

let app: TestApp;
let base: string;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'at-batches-'));
  app = await startTestApp({ template: 'plain', works: false, deps: () => ({ runPatience: 20_000 }) });
  onTestFinished(async () => {
    await app.close();
    rmSync(base, { recursive: true });
  });
});

const at = (path: string) => join(base, path);
function put(path: string, content = path): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
  utimesSync(at(path), 1_700_000_000, 1_700_000_000);
}
function work() {
  const worker = startWorker(app.config);
  onTestFinished(() => worker.stop());
}

const photo = ['Camera/IMG_1.HEIC', 'Camera/IMG_1.MOV', 'b.jpg'];

/** An inbox with files that were scanned, and a folder for batches. */
async function prepare(more: object = {}, files = photo): Promise<void> {
  for (const name of ['inbox', 'batches']) mkdirSync(at(name));
  for (const path of files) put(`inbox/${path}`, path);
  const paths = { source_dir: at('inbox'), batch_dir: at('batches') };
  const saved = await app.call('PUT', '//api/config', { body: { paths, ...more } });
  expect([saved.status, (saved.body as Problem).detail]).toEqual([200, undefined]);
  expect((await app.call('POST', '//api/config/roots', { body: {} })).status).toBe(200);
  expect((await app.call('POST', '//api/dedup/start', { body: {} })).status).toBe(200);
  const isRunning = async () => (await app.call<{ running: boolean }>('GET', '//api/dedup/status')).body.running;
  await expect.poll(isRunning, { interval: 50, timeout: 20_000 }).toBe(false);
}

const create = (body: object = {}, headers: Record<string, string> = {}) =>
  app.call<BatchCreated & Problem>('POST', '//api/batch/create', { body, headers: { 'x-actor': 'Anna', ...headers } });
const undo = (id: number | string) =>
  app.call<BatchUndone & Problem>('POST', `//api/batches/${id}/undo`, { body: {}, headers: { 'x-actor': 'Anna' } });
const get = <B>(path: string) => app.call<B & Problem>('GET', `//api/${path}`);

test('a batch is shown before it is made, made, listed by id and name, and undone', async () => {
  work();
  await prepare();
  const preview = await create({ dry_run: true });
  expect(preview).toMatchObject({
    status: 200,
    body: {
      created: false,
      dry_run: true,
      batch_id: null,
      batch_name: 'batch_001',
      file_count: 3,
      files: photo,
      run_id: null,
    },
  });
  expect(photo.every((path) => existsSync(at(`inbox/${path}`)))).toBe(true);

  const { status, body: made } = await create();
  const manifest_path = at('batches/batch_001/manifest.json');
  expect([status, made]).toMatchObject([
    200,
    {
      created: true,
      message: 'batch_001 has 3 files.',
      batch_name: 'batch_001',
      file_count: 3,
      manifest_path,
      files: photo,
    },
  ]);
  expect((await get(`batches/${made.batch_id}/manifest`)).body).toEqual(
    JSON.parse(readFileSync(manifest_path, 'utf8')),
  );

  for (const path of ['batches', 'batch/list', 'batches?status=PENDING']) {
    const { body } = await get<BatchList>(path);
    expect([
      path,
      body.data.map(({ name, status, is_ready }) => [name, status, is_ready]),
      body.pagination.total,
    ]).toEqual([path, [['batch_001', 'PENDING', true]], 1]);
  }
  for (const id of [made.batch_id, 'batch_001']) {
    const { body } = await get<BatchDetails>(`batches/${id}`);
    expect(body).toMatchObject({
      path: at('batches/batch_001'),
      files_by_state: { BATCHED: 3 },
      allowed: ['SORTING'],
      undo_refusal: null,
      unfinished_run_id: null,
    });
  }
  const files = (await get<BatchFileList>('batches/batch_001/files?limit=2')).body;
  expect(files.data.map(({ path, source, state }) => [path, source, state])).toEqual(
    photo.slice(0, 2).map((path) => [path, path, 'BATCHED']),
  );
  const rest = await get<BatchFileList>(`batches/batch_001/files?limit=2&cursor=${files.pagination.next_cursor}`);
  expect(rest.body.data.map(({ path }) => path)).toEqual(['b.jpg']);
  expect((await get<BatchFileList>('batches/batch_001/files?state=LEFT')).body.data).toEqual([]);

  expect((await undo('batch_001')).body).toMatchObject({ undone: true, returned: 3, kept: [] });
  expect(photo.map((path) => readFileSync(at(`inbox/${path}`), 'utf8'))).toEqual(photo);
  expect(existsSync(at('batches/batch_001'))).toBe(false);
  expect((await get<BatchDetails>('batches/batch_001')).body).toMatchObject({
    status: 'CLEANED',
    is_undone: true,
    reason: 'Undone by Anna.',
    undo_refusal: 'It is undone already.',
  });
  const { events } = (await get<BatchTimeline>('batches/batch_001/timeline')).body;
  expect(events.map(({ type, status, message, task }) => [type, status, task ?? message])).toEqual(
    expect.arrayContaining([
      ['status', 'PENDING', 'Its files are being moved.'],
      ['status', 'PENDING', null],
      ['run', 'completed', 'files.batch'],
      ['run', 'completed', 'files.undo_batch'],
      ['status', 'CLEANED', 'Undone by Anna.'],
    ]),
  );
  expect(await undo('batch_001')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('CLEANED') } });
  expect((await create()).body).toMatchObject({ created: true, batch_name: 'batch_002' });
});

test('nothing to do, a batch before, and files that are all too large have their own replies', async () => {
  work();
  await prepare({ batch: { max_size_gb: 1 / 1024 ** 3 } });
  for (const dry_run of [true, false])
    expect((await create({ dry_run })).body).toMatchObject({
      created: false,
      reason: 'all_too_large',
      message: expect.stringContaining('larger than a batch may be'),
      skipped: [{ path: 'Camera/IMG_1.HEIC', files: 2 }, { path: 'b.jpg' }],
      skipped_groups: { too_large: 2 },
    });
  const waits = async () => (await get<{ too_large: object[] }>('config/roots')).body.too_large;
  expect(await waits()).toEqual([
    { path: 'Camera/IMG_1.HEIC', files: 2, size_bytes: 33 },
    { path: 'b.jpg', files: 1, size_bytes: 5 },
  ]);
  await app.call('PUT', '//api/config', { body: { batch: { max_size_gb: 0, max_files: 1 } } });
  await expect.poll(waits, { timeout: 5_000 }).toEqual([{ path: 'Camera/IMG_1.HEIC', files: 2, size_bytes: 33 }]);
  await app.call('PUT', '//api/config', { body: { batch: { max_size_gb: 15, max_files: 0 } } });
  const { body: made } = await create();
  for (const dry_run of [true, false])
    expect((await create({ dry_run })).body).toMatchObject({
      created: false,
      reason: 'blocked',
      blocking_batch: 'batch_001',
      blocking_batch_id: made.batch_id,
      blocking_status: 'PENDING',
      message: 'The batch batch_001 is PENDING. The next one follows when it is sorted.',
    });
  await app.call('PUT', '//api/config', { body: { batch: { allow_parallel: true } } });
  for (const dry_run of [true, false])
    expect((await create({ dry_run })).body).toMatchObject({ created: false, reason: 'nothing_to_do', skipped: [] });
});

test('that the device was cleaned can be said of a sorted batch that has files in its folder, and is in its timeline', async () => {
  work();
  await prepare();
  await create();
  const confirm = () =>
    app.call<BatchDetails & Problem>('POST', '//api/batches/batch_001/device-cleaned', {
      body: {},
      headers: { 'x-actor': 'Anna' },
    });
  expect(await confirm()).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/^Sort it first/) } });
  await sql`update console.batch set status = 'SORTED'`.execute(app.db);
  expect(await confirm()).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/has none of its files/) },
  });
  await sql`update console.file set status = 'ARCHIVED'`.execute(app.db);
  expect((await get<BatchDetails>('batches/batch_001')).body).toMatchObject({ device_cleaned_refusal: null });
  expect(await confirm()).toMatchObject({ status: 200, body: { status: 'SORTED', device_cleaned_by: 'Anna' } });
  const { body } = await get<BatchTimeline>('batches/batch_001/timeline');
  expect(body.events.map(({ message }) => message)).toContain('Anna said that the device was cleaned.');
});

test('without usable folders, or a batch with that name, it says what to do', async () => {
  expect(await create()).toMatchObject({ status: 409, body: { detail: expect.stringContaining('paths.source_dir') } });
  expect(await create({ dry_run: true })).toMatchObject({ status: 409 });
  for (const path of ['', '/files', '/timeline', '/manifest'])
    for (const id of ['999', 'batch_999', '0', '%00', '99999999999999999999'])
      expect([path, id, (await get(`batches/${id}${path}`)).status]).toEqual([path, id, id === '%00' ? 422 : 404]);
  expect((await undo(999)).status).toBe(404);
});

test('a file that was changed in a batch goes back too, a batch that a run works on is not undone, and a request that is repeated makes one batch', async () => {
  work();
  await prepare();
  const key = { 'idempotency-key': 'one batch' };
  const [first, second] = [await create({}, key), await create({}, key)];
  expect(second.body).toEqual(first.body);
  await sql`update console.batch set status = 'SYNCING'`.execute(app.db);
  expect(await undo('batch_001')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('SYNCING') } });
  await sql`update console.batch set status = 'PENDING'`.execute(app.db);
  appendFileSync(at('batches/batch_001/b.jpg'), ' and more');
  expect((await undo('batch_001')).body).toMatchObject({ undone: true, returned: 3, kept: [] });
  expect((await get<BatchDetails>('batches/batch_001')).body).toMatchObject({ status: 'CLEANED' });
});
