import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RootMade } from '@at/contracts/file-roots';
import type { DedupStatus, FileDashboard } from '@at/contracts/files';
import type { Problem } from '@at/contracts/problem';
import type { PlaceName } from '@at/contracts/vocabulary';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

let app: TestApp;
let base: string;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'at-places-'));
  app = await startTestApp({ template: 'plain', works: false });
  onTestFinished(async () => {
    await app.close();
    rmSync(base, { recursive: true });
  });
});

const folder = (name: string) => {
  const path = join(base, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const configure = async (paths: Partial<Record<`${PlaceName}_dir`, string>>) =>
  expect((await app.call('PUT', '//api/config', { body: { paths } })).status).toBe(200);
const make = (body: object = {}) =>
  app.call<{ roots: RootMade[] } & Problem>('POST', '//api/config/roots', { body, headers: { 'x-actor': 'Anna' } });
const results = async (body?: object) =>
  Object.fromEntries((await make(body)).body.roots.map(({ place, result }) => [place, result]));
const start = (body: object = {}) =>
  app.call<{ started: boolean; run_id: string } & Problem>('POST', '//api/dedup/start', { body });
const status = async () => (await app.call<DedupStatus>('GET', '//api/dedup/status')).body;
const dashboard = async () => (await app.call<FileDashboard>('GET', '//api/dashboard')).body;
const stateOf = async (place: PlaceName) => (await dashboard()).storage.find((one) => one.place === place);
function work() {
  const worker = startWorker(app.config);
  onTestFinished(() => worker.stop());
}
const ended = () => expect.poll(async () => (await status()).running, { interval: 50, timeout: 20_000 }).toBe(false);

test('the configured folders get markers once, and others say what they lack', async () => {
  expect(await make()).toMatchObject({ status: 409, body: { detail: expect.stringContaining('names no folder') } });
  const source_dir = folder('inbox');
  const batch_dir = folder('send/batches');
  writeFileSync(join(base, 'file'), '');
  await configure({ source_dir, batch_dir, sorted_dir: join(base, 'archive'), quarantine_dir: join(base, 'file') });

  expect(await results()).toEqual({ source: 'made', batch: 'made', sorted: 'missing', quarantine: 'refused' });
  expect(readFileSync(join(source_dir, '.at-root'), 'utf8')).toContain('"root"');
  const { roots } = (await make()).body;
  expect(roots).toMatchObject([
    { place: 'source', path: source_dir, result: 'present', created: false, message: null },
    { place: 'batch', result: 'present' },
    { place: 'sorted', result: 'missing', message: expect.stringContaining('archive does not exist.') },
    { place: 'quarantine', result: 'refused', message: expect.stringContaining('is not a directory') },
  ]);
  // Nothing was created, and the file is as it was.
  expect(await make({ places: ['sorted', 'duplicates'] })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('paths.duplicates_dir is not set') },
  });
  const names = (await dashboard()).storage.map(({ place, name, state }) => [place, name, state]);
  expect(names).toEqual([
    ['source', 'Inbox', 'ready'],
    ['duplicates', null, 'unset'],
    ['batch', 'Batches', 'ready'],
    ['sorted', null, 'missing'],
    ['quarantine', null, 'unmade'],
  ]);
});

test('a missing folder is created on request only, and only below one that exists', async () => {
  await configure({ source_dir: join(base, 'inbox'), sorted_dir: join(base, 'disk/archive') });
  expect(await make()).toMatchObject({ status: 409 });
  const { roots } = (await make({ create: true })).body;
  expect(roots).toMatchObject([
    { place: 'source', result: 'made', created: true },
    {
      place: 'sorted',
      result: 'missing',
      created: false,
      message: `${join(base, 'disk')} does not exist: only the last folder is created.`,
    },
  ]);
});

test('a folder that is refused after it was created is removed again', async () => {
  const source_dir = folder('inbox');
  await configure({ source_dir });
  await make();
  // Its folder above has become a root since.
  await configure({ source_dir: '', sorted_dir: join(source_dir, 'archive') });
  expect(await make({ create: true })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('Roots may not contain each other') },
  });
  expect(() => rmSync(join(source_dir, 'archive'), { recursive: true })).toThrow('ENOENT');
});

test('a root of another folder keeps its name, and a folder without its marker is accepted by a person', async () => {
  await configure({ source_dir: folder('one') });
  await make();
  const source_dir = folder('two');
  await configure({ source_dir });
  expect(await results()).toEqual({ source: 'made' });
  expect(await stateOf('source')).toMatchObject({ name: 'Inbox 2', state: 'ready' });
  expect((await app.call('GET', '//api/config/roots')).body).toMatchObject({
    roots: [
      { id: 1, name: 'Inbox', place: null },
      { id: 2, name: 'Inbox 2', path: source_dir, place: 'source', held: null, scanned_at: null },
    ],
  });

  rmSync(join(source_dir, '.at-root'));
  expect(await stateOf('source')).toMatchObject({
    state: 'absent',
    message: expect.stringContaining('Mount its disk'),
  });
  expect(await make()).toMatchObject({ status: 409, body: { detail: expect.stringContaining('marker of') } });
  expect(await results({ accept: ['source'] })).toEqual({ source: 'accepted' });
  expect(await stateOf('source')).toMatchObject({ state: 'ready', root_id: 2 });

  await app.db.updateTable('console.file_root').set({ held: 'It is a copy.' }).where('id', '=', 2).execute();
  expect(await make()).toMatchObject({ status: 409, body: { detail: 'It is a copy.' } });
  expect(await stateOf('source')).toMatchObject({ state: 'held', message: 'It is a copy.' });
  expect(await start()).toMatchObject({ status: 409, body: { detail: '"Inbox 2" is held. It is a copy.' } });
  expect(await results({ accept: ['source'] })).toEqual({ source: 'accepted' });
  expect((await start()).status).toBe(200);
});

test('a scan keeps the configuration it began with, a second start joins it, and its end is in the figures', async () => {
  expect(await start()).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('source_dir is not set') },
  });
  const nothing = { running: false, run_id: null, error: null, total_files: 0, moves_duplicates: true };
  expect(await status()).toMatchObject(nothing);
  const source_dir = folder('inbox');
  await configure({ source_dir });
  expect(await start()).toMatchObject({ status: 409, body: { detail: expect.stringContaining('has no marker yet') } });
  await make();
  await app.call('PUT', '//api/config', {
    body: {
      dedup: { ignore: ['*.skip'], threads: 2, keep: 'shortest' },
      sorter: { timezone: 'Europe/Berlin', exif_fallback: false },
    },
  });
  for (const name of ['b.jpg', 'copy of b.jpg', 'x.skip']) writeFileSync(join(source_dir, name), 'the same');
  writeFileSync(join(source_dir, 'c.jpg'), 'another one');
  writeFileSync(Buffer.from(`${source_dir}/\xff.jpg`, 'latin1'), 'odd');

  const first = await start();
  expect(first).toMatchObject({ status: 200, body: { started: true } });
  expect((await start()).body).toEqual({ started: false, run_id: first.body.run_id });
  expect(await status()).toMatchObject({ running: true, run_id: first.body.run_id });
  const [run] = await app.db.selectFrom('console.run').select(['params', 'subject_type', 'subject_id']).execute();
  expect(run).toMatchObject({
    params: {
      root: 1,
      ignored: ['*.skip'],
      keep: 'shortest',
      threads: 2,
      timezone: 'Europe/Berlin',
      exif_fallback: false,
      duplicates_root: null,
    },
    subject_type: 'file_root',
    subject_id: '1',
  });

  work();
  await ended();
  expect(await status()).toMatchObject({
    state: 'completed',
    total_files: 4,
    processed_files: 4,
    duplicate_files: 1,
    last_processed: expect.stringContaining('b.jpg'),
    remaining_seconds: null,
  });
  // Counts may be a second old.
  await expect.poll(async () => (await dashboard()).files.total).toBe(4);
  const { files, storage } = await dashboard();
  expect(files).toMatchObject({ total: 4, size_bytes: 30, by_status: { UNIQUE: 3, DUPLICATE: 1, NEW: 0, MISSING: 0 } });
  expect(files.bytes_by_status).toMatchObject({ UNIQUE: 22, DUPLICATE: 8 });
  expect(files.refused).toEqual({ files: 1, size_bytes: 3 });
  expect(storage[0]).toMatchObject({ files: 4, size_bytes: 30, scanned_at: expect.any(String) });
  expect(storage[0]?.free_bytes).toBeGreaterThan(0);

  // All is gone, which may be the wrong disk: a person decides.
  rmSync(Buffer.from(`${source_dir}/\xff.jpg`, 'latin1'));
  for (const name of ['b.jpg', 'copy of b.jpg', 'c.jpg']) rmSync(join(source_dir, name));
  await start();
  await ended();
  expect(await status()).toMatchObject({
    state: 'failed',
    error_code: 'file_gone',
    error: expect.stringContaining('start the scan again and accept'),
  });
  await start({ accept_missing: true });
  await ended();
  expect(await status()).toMatchObject({ state: 'completed', error: null, total_files: 0 });
  await expect
    .poll(async () => (await dashboard()).files)
    .toMatchObject({ total: 0, size_bytes: 0, by_status: { MISSING: 4 } });
});
