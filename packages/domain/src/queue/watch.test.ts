import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { openDisk } from '@at/adapters/disk';
import { markerName } from '@at/adapters/file-trash';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { filesBelow, openQueue, type QueueProduct, starter } from '../../test/queue.ts';
import { removeItem } from './starts.ts';
import { FolderWatch } from './watch.ts';

let product: QueueProduct;
let time: number;
let said: string[];
let watch: FolderWatch;
beforeAll(async () => {
  product = await openQueue();
  return () => product.close();
});
beforeEach(async () => {
  await product.reset();
  time = 0;
  said = [];
  watch = open();
  product.provider.facts.set('ABC-123', { title: 'The lantern', actress: ['Ada'] });
});

function open(systems = product.systems): FolderWatch {
  const warn = (fields: object | string) => void said.push(String(fields));
  return new FolderWatch({ systems, settle: 5_000, log: { info: () => {}, warn, error: () => {} }, now: () => time });
}

/** The paths that a look adds, so many milliseconds after the one before, below the watch folder. */
async function look(later = 5_000): Promise<string[]> {
  time += later;
  const ids = await watch.look(product.db, product.runs);
  const rows = await Promise.all(ids.map((id) => product.look(id)));
  return rows.map((row) => (row?.file_path ?? '').slice(product.folders.watch.length + 1)).toSorted();
}

const rests = (status: string) =>
  expect
    .poll(() => product.db.selectFrom('console.queue_item_state').select(['status', 'is_active']).execute(), {
      interval: 20,
    })
    .toEqual([{ status, is_active: false }]);

test('a file is taken once two looks five seconds apart have found the same', async () => {
  product.drop('ABC-123.mkv');
  expect(await look()).toEqual([]);
  expect(await look(4_999)).toEqual([]);
  product.drop('ABC-123.mkv', 'it still grows');
  expect(await look(1)).toEqual([]);
  utimesSync(join(product.folders.watch, 'ABC-123.mkv'), 1, 1);
  expect(await look()).toEqual([]);
  expect(await look()).toEqual(['ABC-123.mkv']);
  expect(await look()).toEqual([]);
});

test('a file that is on its way back from the trash is not taken as a new one', async () => {
  const path = product.drop('ABC-123.mkv');
  await look();
  await look();
  const { id } = await product.db.selectFrom('console.queue_item').select('id').executeTakeFirstOrThrow();
  product.work();
  await rests('completed');
  const { new_path } = (await product.look(id)) ?? {};
  // As a worker leaves it that dies behind the link to the old name.
  renameSync(new_path as string, path);
  const move = JSON.stringify({ purpose: 'unprocessed' });
  await sql`update console.queue_item set new_path = null, published_at = null, file_path = '/srv/.trash/x', move = ${move}`.execute(
    product.db,
  );
  await sql`insert into console.queue_removal (item_id, item, restored_at) values (${id}, '{}', now())`.execute(
    product.db,
  );
  expect([await look(), await look(), await look()]).toEqual([[], [], []]);
  await sql`update console.queue_removal set restored_at = null`.execute(product.db);
  expect(await look()).toEqual(['ABC-123.mkv']);
});

test('a new file at the path of an item whose file waits in the trash is left until that has come back', async () => {
  product.drop('ABC-123.mkv');
  await look();
  await look();
  const { id } = await product.db.selectFrom('console.queue_item').select('id').executeTakeFirstOrThrow();
  product.work();
  await rests('completed');
  const { new_path } = (await product.look(id)) ?? {};
  await sql`update console.queue_item set new_path = '/srv/.trash/x' where id = ${id}`.execute(product.db);
  await sql`
    insert into console.queue_removal (item_id, item, trash, entry, restored_at) values (${id}, '{}', '/srv/.trash/x', 'x', now())
  `.execute(product.db);
  product.drop('ABC-123.mkv', 'another film');
  expect([await look(), await look(), await look()]).toEqual([[], [], []]);
  await sql`update console.queue_item set new_path = ${new_path as string} where id = ${id}`.execute(product.db);
  expect(await look()).toEqual(['ABC-123.mkv']);
});

test('videos in directories are taken; hidden names, links, other files and the unprocessed are not', async () => {
  product.drop('a/b/ABC-123.mp4');
  product.drop('ABC-124.WMV');
  product.drop('.ABC-125.mkv');
  product.drop('.hidden/ABC-126.mkv');
  product.drop('ABC-127.txt');
  product.drop('ABC-128.mkv.part');
  symlinkSync(join(product.folders.watch, 'ABC-124.WMV'), join(product.folders.watch, 'ABC-129.mkv'));
  symlinkSync(product.folders.library, join(product.folders.watch, 'library'));
  writeFileSync(join(product.folders.library, 'ABC-130.mkv'), '');
  writeFileSync(
    Buffer.concat([Buffer.from(`${product.folders.watch}/ABC-131 `), Buffer.from([0xff]), Buffer.from('.mkv')]),
    '',
  );
  await look();
  expect(await look()).toEqual(['ABC-124.WMV', 'a/b/ABC-123.mp4']);
  await look();
  expect(said).toEqual([expect.stringContaining('its name is no UTF-8')]);
});

test('what was found before a restart is not found again, and what came during it is', async () => {
  product.drop('ABC-123.mkv');
  await look();
  await look();
  product.drop('ABC-124.mkv');
  watch = open();
  await look();
  expect(await look()).toEqual(['ABC-124.mkv']);
});

test('of two watchers each file has one', async () => {
  for (let n = 1; n <= 20; n += 1) product.drop(`ABC-${n}.mkv`);
  const other = open();
  await Promise.all([watch.look(product.db, product.runs), other.look(product.db, product.runs)]);
  time += 5_000;
  const found = await Promise.all([watch.look(product.db, product.runs), other.look(product.db, product.runs)]);
  expect(found.flat()).toHaveLength(20);
  const items = await product.db.selectFrom('console.queue_item').select('id').execute();
  const runs = await product.db.selectFrom('console.run').select('id').execute();
  expect([items.length, runs.length]).toEqual([20, 20]);
});

test('the same path is new again when its file came back or is another one, and its facts are forgotten', async () => {
  product.work();
  const path = product.drop('ABC-123.mkv');
  await look();
  await look();
  await rests('completed');
  expect(await look()).toEqual([]);
  // Moved back unchanged.
  const [file = ''] = filesBelow(product.folders.library);
  renameSync(join(product.folders.library, file), path);
  product.provider.facts.clear();
  await look();
  expect(await look()).toEqual(['ABC-123.mkv']);
  await rests('error');
  const [row] = await product.db.selectFrom('console.queue_item').selectAll().execute();
  expect(row).toMatchObject({ new_path: null, emby_item_id: null, metadata_json: null, published_at: null });
  // In error it stays, until it changes.
  expect(await look()).toEqual([]);
  product.drop('ABC-123.mkv', 'a better copy');
  await look();
  expect(await look()).toEqual(['ABC-123.mkv']);
});

test('a file whose row was removed is left until it changes', async () => {
  product.work();
  product.provider.facts.clear();
  product.drop('ABC-123.mkv');
  await look();
  await look();
  await rests('error');
  const remove = async () => {
    const { id } = await product.db.selectFrom('console.queue_item').select('id').executeTakeFirstOrThrow();
    await product.transaction((trx) => removeItem(trx, product.runs, id, starter));
  };
  await remove();
  expect([await look(), await look()]).toEqual([[], []]);
  product.drop('ABC-123.mkv', 'a better copy');
  await look();
  expect(await look()).toEqual(['ABC-123.mkv']);
  await rests('error');
  await remove();
  rmSync(join(product.folders.watch, 'ABC-123.mkv'));
  await look();
  expect(await product.db.selectFrom('console.queue_ignored').selectAll().execute()).toEqual([]);
});

test('a disk that is not mounted is no empty folder, and is said once', async () => {
  product.drop('ABC-123.mkv');
  await look();
  rmSync(join(product.folders.watch, markerName));
  expect([await look(), await look()]).toEqual([[], []]);
  expect(said).toEqual([expect.stringContaining('marker file')]);
  writeFileSync(join(product.folders.watch, markerName), '');
  await look();
  expect(await look()).toEqual(['ABC-123.mkv']);
});

test('nothing is taken while a step is not configured, and that is said once with the names', async () => {
  product.drop('ABC-123.mkv');
  watch = open({ ...product.systems, provider: null });
  expect([await look(), await look(), await look()]).toEqual([[], [], []]);
  expect(said).toEqual(['The watch folder is not looked at: set QUEUE_PROVIDER_URL.']);
});

test('a directory that cannot be read does not hide the others, is said once, and what is ignored in it stays ignored', async () => {
  product.work();
  product.provider.facts.clear();
  product.drop('closed/ABC-123.mkv');
  await look();
  await look();
  await rests('error');
  const { id } = await product.db.selectFrom('console.queue_item').select('id').executeTakeFirstOrThrow();
  await product.transaction((trx) => removeItem(trx, product.runs, id, starter));
  product.drop('open/ABC-124.mkv');
  const closed = join(product.folders.watch, 'closed');
  const readdir = async (path: Buffer, options: never) => {
    if (`${path}` === closed) throw Object.assign(new Error('raw'), { code: 'EACCES', syscall: 'scandir' });
    return fs.readdir(path, options);
  };
  const calls = { ...fs, readdir: readdir as unknown as typeof fs.readdir };
  watch = open({ ...product.systems, disk: openDisk({ calls }) });
  expect([await look(), await look(), await look()]).toEqual([[], ['open/ABC-124.mkv'], []]);
  expect(said).toEqual([
    `A folder is passed over. No permission for ${closed}. Give the user of the workers the right to read and write there, then retry. (scandir: EACCES)`,
  ]);
  watch = open();
  expect([await look(), await look()]).toEqual([[], []]);
});

test('a failed file that gets another name goes on as the same item, wherever it lay', async () => {
  product.work();
  product.drop('holiday.mkv');
  await look();
  await look();
  await rests('error');
  const before = await product.db.selectFrom('console.queue_item').select('id').executeTakeFirstOrThrow();
  renameSync(join(product.folders.unprocessed, 'holiday.mkv'), join(product.folders.watch, 'ABC-999 holiday.mkv'));
  await look();
  expect(await look()).toEqual(['ABC-999 holiday.mkv']);
  // The provider does not know it.
  await rests('error');
  renameSync(join(product.folders.watch, 'ABC-999 holiday.mkv'), join(product.folders.watch, 'ABC-123 holiday.mkv'));
  await look();
  expect(await look()).toEqual(['ABC-123 holiday.mkv']);
  await rests('completed');
  expect(await product.db.selectFrom('console.queue_item').select('id').execute()).toEqual([before]);
});

test('a file that is as large and as old as a failed one is another item while that is there', async () => {
  product.work();
  product.drop('holiday.mkv', 'same size');
  await look();
  await look();
  await rests('error');
  product.drop('ABC-123.mkv', 'same size');
  await look();
  expect(await look()).toEqual(['ABC-123.mkv']);
  expect(await product.db.selectFrom('console.queue_item').select('id').execute()).toHaveLength(2);
});

test('directories below the eighth are not searched', async () => {
  mkdirSync(join(product.folders.watch, 'deep'));
  let directory = join(product.folders.watch, 'deep');
  for (let n = 0; n < 12; n += 1) {
    directory = join(directory, 'x');
    mkdirSync(directory);
  }
  writeFileSync(join(directory, 'ABC-124.mkv'), '');
  product.drop('deep/ABC-123.mkv');
  await look();
  expect(await look()).toEqual(['deep/ABC-123.mkv']);
});
