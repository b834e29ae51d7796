import { createHash } from 'node:crypto';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SyncthingPair, startSyncthingPair } from '@at/adapters/test/syncthing-daemons';
import { closedPort } from '@at/adapters/test/transmission-daemon';
import { sized } from '@at/db/test-size';
import { JobQueue } from '@at/runs/job-queue';
import { findRun } from '@at/runs/reports';
import { Runs } from '@at/runs/runs';
import { Worker } from '@at/runs/worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type FilesProduct, openFiles } from '../../../test/files.ts';
import { insertBatch } from '../../../test/synced-batch.ts';
import { moveBatch } from '../../batches/rules.ts';
import { startBatch } from '../../batches/starts.ts';
import { batch as batchTask } from '../../batches/tasks/make.ts';
import { makeRoot } from '../../files/roots.ts';
import { changeConfig } from '../../pipeline-config/writes.ts';
import { sort } from '../../sorting/tasks/sort.ts';
import { startSync } from '../starts.ts';
import { syncOf } from './sync.ts';

let product: FilesProduct;
let pair: SyncthingPair;
let queue: JobQueue;
let runs: Runs<unknown>;
let worker: Worker<unknown>;
const task = syncOf({ patience: 1, calm: 300, shortest: 1 });

beforeAll(async () => {
  [product, pair] = await Promise.all([openFiles(), startSyncthingPair()]);
  const connection = product.database.connectionString;
  queue = new JobQueue({ connection }, { supervises: false, onError: console.error });
  runs = new Runs(queue, {}, [task, sort]);
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  worker = new Worker({ database: { connection }, tasks: [task], schedules: [], adapters: {}, log, version: '0' });
  worker.start();
});
afterAll(async () => {
  await worker.stop();
  await queue.stop();
  await Promise.all([product.close(), pair.stop()]);
});
beforeEach(() => connect());

const connect = ({ url = pair.here.settings.url, key = pair.here.settings.key } = {}) =>
  product.db
    .transaction()
    .execute((trx) => changeConfig(trx, { part: { syncthing: { api_url: url, api_key: key } }, actor: 'ann' }));

const contents = { 'a.jpg': 'first photo', 'b.mov': Buffer.alloc(300_000, 'b'), 'c.xmp': 'beside' };

/** A batch in a folder that both share, whose root it is. */
async function makeBatch(
  options: Parameters<SyncthingPair['share']>[0] = {},
  files: Record<string, string | Buffer> = contents,
) {
  const folder = await pair.share({ ...options, here: { ignored: ['/.at-*'], ...options.here } });
  const { id: root } = await makeRoot(product.db, Buffer.from(folder.here), folder.id);
  const name = `batch of ${folder.id}`;
  const id = await insertBatch(product.db, { root, at: folder.here, name, files });
  return { id, name, folder, files };
}
type Batch = Awaited<ReturnType<typeof makeBatch>>;

/** Starts a run; returns its id. */
async function start({ id, folder }: Batch, more: object = {}): Promise<string> {
  const params = {
    batch: id,
    folder: folder.id,
    device: pair.there.device,
    poll_interval_sec: 1,
    rescan_delay_sec: 0,
    stall_min: 30,
    on_stall: 'error' as const,
    ...more,
  };
  const starter = { trigger: 'manual', actor: { name: 'ann', verified: true } } as const;
  return product.db.transaction().execute(async (trx) => {
    await moveBatch(trx, id, 'SYNCING');
    return (await runs.start(trx, task, params, { starter, subject: { type: 'batch', id: String(id) } })).id;
  });
}

async function batchRow({ id }: Pick<Batch, 'id'>) {
  const { rows } = await sql<{
    status: string;
    reason: string | null;
    has_time: boolean;
    files: Record<string, string>;
  }>`
    select b.status, b.reason, b.synced_at is not null as has_time,
      (select jsonb_object_agg(m.path, concat_ws(' ', m.state, f.status, case when m.confirmed_at is not null then 'confirmed' end))
       from console.batch_file m join console.file f on f.id = m.file_id where m.batch_id = b.id) as files
    from console.batch b where b.id = ${id}
  `.execute(product.db);
  return rows[0] as (typeof rows)[0];
}
const snapshots = async ({ id }: Pick<Batch, 'id'>) =>
  (
    await sql<{ state: string; percent: number; needed_items: number }>`
      select state, percent, needed_items from console.sync_snapshot where batch_id = ${id} order by id
    `.execute(product.db)
  ).rows;

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
/** Whether each file is on the disk of the device with the content of the manifest. */
async function isThere({ folder, name, files }: Batch): Promise<boolean> {
  const looks = Object.entries(files).map(async ([path, content]) => {
    const found = await readFile(join(folder.there, name, path)).catch(() => undefined);
    return found !== undefined && sha256(found) === sha256(content);
  });
  return (await Promise.all(looks)).every(Boolean);
}
const stateOf = async (run: string) => (await findRun(product.db, run))?.state;

/** The only way to SYNCED that counts: at that moment all files are there. */
async function untilSynced(batch: Batch): Promise<void> {
  await expect.poll(async () => (await batchRow(batch)).status, { interval: 20 }).toBe('SYNCED');
  expect(await isThere(batch)).toBe(true);
}
async function untilFailed(batch: Batch, run: string, reason: RegExp): Promise<void> {
  await expect.poll(() => stateOf(run), { interval: 20 }).toBe('failed');
  expect(await batchRow(batch)).toMatchObject({
    status: 'ERROR',
    reason: expect.stringMatching(reason),
    has_time: false,
  });
}
const untilReason = (batch: Batch, reason: RegExp) =>
  expect.poll(async () => (await batchRow(batch)).reason ?? '', { interval: 20 }).toMatch(reason);

test('a batch is SYNCED once the device has each file with its content; the files and their confirmations with it', async () => {
  const batch = await makeBatch();
  const run = await start(batch);
  await untilSynced(batch);
  expect(await batchRow(batch)).toEqual({
    status: 'SYNCED',
    reason: null,
    has_time: true,
    files: Object.fromEntries(Object.keys(contents).map((path) => [path, 'SYNCED SYNCED confirmed'])),
  });
  await expect.poll(() => stateOf(run)).toBe('completed');
  expect((await snapshots(batch)).at(-1)).toEqual({ state: 'synced', percent: 100, needed_items: 0 });
});

test('a batch of which files have their place is SYNCED again with the others', async () => {
  const batch = await makeBatch();
  await start(batch);
  await untilSynced(batch);
  // As an undo leaves it that could not bring all back.
  await rm(join(batch.folder.here, batch.name, 'a.jpg'));
  await sql`
    with file as (
      update console.file set status = case when name = 'a.jpg' then 'SORTED' else 'BATCHED' end where batch_id = ${batch.id}
    ), row as (
      update console.batch_file set state = case path when 'a.jpg' then 'SORTED' else 'BATCHED' end,
        confirmed_at = case when path = 'a.jpg' then confirmed_at end where batch_id = ${batch.id}
    )
    update console.batch set status = 'ERROR', failed_in = 'SYNCING', reason = 'x' where id = ${batch.id}
  `.execute(product.db);
  const { 'a.jpg': _sorted, ...files } = contents;
  await start(batch);
  await untilSynced({ ...batch, files });
  expect((await batchRow(batch)).files).toEqual({
    'a.jpg': 'SORTED SORTED confirmed',
    'b.mov': 'SYNCED SYNCED confirmed',
    'c.xmp': 'SYNCED SYNCED confirmed',
  });
});

test('the batch is sorted next if that is wanted; what the sorting lacks is its reason', async () => {
  const configure = (part: Record<string, unknown>) =>
    product.db.transaction().execute((trx) => changeConfig(trx, { part, actor: 'ann' }));
  const undecided = await makeBatch();
  await configure({ syncthing: { folder_id: undecided.folder.id } });
  await start(undecided, { sort_next: true });
  await untilSynced(undecided);
  expect((await batchRow(undecided)).reason).toMatch(/Choose syncthing\.after_sync first/);
  const archive = await product.root();
  await configure({ syncthing: { after_sync: 'remove' }, paths: { sorted_dir: archive.at } });
  const batch = await makeBatch();
  await start(batch, { sort_next: true });
  await expect.poll(async () => (await batchRow(batch)).status, { interval: 20 }).toBe('SORTING');
  expect(await isThere(batch)).toBe(true);
  const { rows } = await sql`
    select requested_by, trigger from console.run where task = 'files.sort' and subject_id = ${String(batch.id)}
  `.execute(product.db);
  expect(rows).toEqual([{ requested_by: 'ann', trigger: 'event' }]);
});

test('files of the inbox become a batch, reach the device, and are sorted', async () => {
  const folder = await pair.share({ here: { ignored: ['/.at-*'] } });
  const [inbox, archive] = [await product.root(), await product.root()];
  await makeRoot(product.db, Buffer.from(folder.here), folder.id);
  const files = { 'Camera/a.HEIC': 'still', 'Camera/a.MOV': 'moving', 'b.jpg': 'another' };
  for (const [path, content] of Object.entries(files)) product.put(join(inbox.at, path), content);
  const connection = product.database.connectionString;
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const others = [batchTask, sort] as never[];
  const second = new Worker({
    database: { connection },
    tasks: others,
    schedules: [],
    adapters: {},
    log,
    version: '0',
  });
  onTestFinished(() => second.stop());
  const paths = { source_dir: inbox.at, batch_dir: folder.here, sorted_dir: archive.at };
  const syncthing = {
    folder_id: folder.id,
    device_id: pair.there.device,
    rescan_delay_sec: 0,
    after_sync: 'remove',
    auto_sort_after_sync: true,
  };
  await product.db
    .transaction()
    .execute((trx) => changeConfig(trx, { part: { paths, syncthing, batch: { allow_parallel: true } }, actor: 'ann' }));
  await product.scan(inbox.id);
  // It has no other task, and would give them back.
  await product.stop();
  second.start();
  const starter = { trigger: 'manual', actor: { name: 'ann', verified: true } } as const;
  const run = await product.db.transaction().execute((trx) => startBatch(trx, runs, starter));
  await expect.poll(() => stateOf(run.id), { interval: 20 }).toBe('completed');
  const { rows } = await sql<{ id: number; name: string }>`
    select id, name from console.batch where made_by = ${run.id}::uuid
  `.execute(product.db);
  const { id, name } = rows[0] as (typeof rows)[0];
  await product.db.transaction().execute((trx) => startSync(trx, runs, { batch: id, starter }));
  await expect.poll(async () => (await batchRow({ id })).status, { interval: 20 }).toBe('SORTED');
  // Nothing has scanned the folder since.
  expect(await isThere({ id, name, folder, files })).toBe(true);
  const found = await readdir(archive.at, { recursive: true });
  expect(found.map((path) => path.replace(/^.*\//, '')).toSorted()).toEqual(
    expect.arrayContaining(['a.HEIC', 'a.MOV', 'b.jpg']),
  );
  const { rows: history } = await sql<{ status: string }>`
    select status from console.batch_change where batch_id = ${id} and is_ready order by id
  `.execute(product.db);
  expect([...new Set(history.map(({ status }) => status))].join(' ')).toBe('PENDING SYNCING SYNCED SORTING SORTED');
});

test('what the device ignores is named after three quiet passes; what it has stays confirmed, and a new start does the rest', async () => {
  const batch = await makeBatch({ there: { ignored: ['*.mov'] } });
  await untilFailed(batch, await start(batch), /^1 of 3 files are not confirmed: b\.mov \(The device does not have it/);
  expect((await batchRow(batch)).files).toEqual({
    'a.jpg': 'BATCHED BATCHED confirmed',
    'b.mov': 'BATCHED BATCHED',
    'c.xmp': 'BATCHED BATCHED confirmed',
  });
  expect((await snapshots(batch)).at(-1)).toMatchObject({ state: 'blocked', needed_items: 1 });
  await pair.there.ask('POST', `db/ignores?folder=${batch.folder.id}`, { ignore: [] });
  await start(batch);
  await untilSynced(batch);
});

describe.runIf(sized(false, true))('never SYNCED while', () => {
  test('the device has stopped the folder, and at first has no index', async () => {
    const batch = await makeBatch({ there: { more: { paused: true } } });
    await untilFailed(batch, await start(batch, { stall_min: 0.05 }), /connected, but has taken nothing/);
    await pair.there.ask('PATCH', `config/folders/${batch.folder.id}`, { paused: false });
    await start(batch);
    await untilSynced(batch);
  });

  test('we ignore a file, or it has a name that Syncthing does not take', async () => {
    const batch = await makeBatch({ here: { ignored: ['/.at-*', '*.xmp'] } }, { ...contents, 'e\u0301.jpg': 'accent' });
    await untilFailed(
      batch,
      await start(batch),
      /c\.xmp \(Ignored here.*e\u0301\.jpg \(Syncthing does not take it: .*normalization/,
    );
    expect((await batchRow(batch)).files).toMatchObject({
      'a.jpg': 'BATCHED BATCHED confirmed',
      'c.xmp': 'BATCHED BATCHED',
    });
  });

  test('the device deletes a file that was confirmed before', async () => {
    const batch = await makeBatch({ there: { ignored: ['*.mov'], more: { type: 'sendreceive' } } });
    await untilFailed(batch, await start(batch), /b\.mov/);
    await rm(join(batch.folder.there, batch.name, 'a.jpg'));
    await pair.there.ask('POST', `db/ignores?folder=${batch.folder.id}`, { ignore: [] });
    await pair.there.ask('POST', `db/scan?folder=${batch.folder.id}`);
    await untilFailed(batch, await start(batch), /a\.jpg \(Changed or deleted on the device\)/);
    expect((await batchRow(batch)).files).toMatchObject({
      'a.jpg': 'BATCHED BATCHED',
      'b.mov': 'BATCHED BATCHED confirmed',
    });
  });

  test('a file here is another one, even with the same size and time, or its row says so', async () => {
    const batch = await makeBatch();
    const path = join(batch.folder.here, batch.name, 'a.jpg');
    const { rows } = await sql<{ mtime: number }>`
      select mtime_ns::float8 / 1e9 as mtime from console.batch_file where batch_id = ${batch.id} and path = 'a.jpg'
    `.execute(product.db);
    await writeFile(path, 'other photo');
    await utimes(path, rows[0]?.mtime as number, rows[0]?.mtime as number);
    await sql`update console.batch_file set mtime_ns = (
      ${String((await import('node:fs')).statSync(path, { bigint: true }).mtimeNs)}::bigint
    ) where batch_id = ${batch.id} and path = 'a.jpg'`.execute(product.db);
    await untilFailed(batch, await start(batch), /a\.jpg \(It is not the file that it was/);

    const other = await makeBatch();
    await sql`update console.file set status = 'NEW', sha256 = null where batch_id = ${other.id} and name = 'a.jpg'`.execute(
      product.db,
    );
    await untilFailed(other, await start(other), /1 of 3 files are not what they were/);
    expect((await batchRow(other)).files['b.mov']).toBe('BATCHED BATCHED confirmed');
  });

  test('the key is wrong, or Syncthing is not there; both are mended while it waits', async () => {
    const batch = await makeBatch();
    await connect({ key: 'wrong-key' });
    const run = await start(batch, { on_stall: 'wait' });
    await untilReason(batch, /refuses the API key/);
    await connect({ url: `http://127.0.0.1:${closedPort}/rest` });
    await untilReason(batch, /is unreachable/);
    expect((await batchRow(batch)).status).toBe('SYNCING');
    await connect();
    await untilSynced(batch);
    await expect.poll(() => stateOf(run)).toBe('completed');
    const texts = await sql<{ all: string }>`
      select (select string_agg(s::text, '') from console.step s) || (select string_agg(l::text, '') from console.run_log l) as all
    `.execute(product.db);
    expect(texts.rows[0]?.all).not.toContain(pair.here.settings.key);
  });

  test('our marker is gone', async () => {
    const batch = await makeBatch();
    await rm(join(batch.folder.here, '.stfolder'), { recursive: true });
    await untilFailed(batch, await start(batch), /There is no \.stfolder/);
  });

  test('the device is away; the daemons are killed, and it goes on by itself', async () => {
    const batch = await makeBatch();
    await pair.there.kill();
    await expect
      .poll(() => pair.here.ask('GET', 'system/connections'))
      .toMatchObject({
        connections: { [pair.there.device]: { connected: false } },
      });
    const run = await start(batch);
    await untilReason(batch, /is away since 20/);
    await pair.here.kill();
    await untilReason(batch, /is unreachable/);
    await Promise.all([pair.here.start(), pair.there.start()]);
    await untilSynced(batch);
    await expect.poll(() => stateOf(run)).toBe('completed');
    expect((await snapshots(batch)).map(({ state }) => state)).toContain('offline');
  });

  test('a sync is cancelled; a retry of its run goes on', async () => {
    const batch = await makeBatch({ there: { more: { paused: true } } });
    const run = await start(batch);
    await expect.poll(async () => (await snapshots(batch)).length).toBeGreaterThan(0);
    await product.db.transaction().execute((trx) => runs.cancel(trx, run, 'ann'));
    await expect.poll(async () => (await batchRow(batch)).reason).toBe('The sync was cancelled.');
    await pair.there.ask('PATCH', `config/folders/${batch.folder.id}`, { paused: false });
    await product.db.transaction().execute((trx) => runs.retry(trx, run));
    await untilSynced(batch);
  });
});
