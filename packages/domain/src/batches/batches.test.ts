import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type BatchesProduct,
  contents,
  expectWhole,
  inBatch,
  inInbox,
  newRun,
  openBatches,
  photo,
} from '../../test/batches.ts';
import { type FilesProduct, openFiles } from '../../test/files.ts';

/** A batch is whole or not there at all, no file is lost or in two places, and everything can be undone. */

let files: FilesProduct;
let product: BatchesProduct;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());
beforeEach(async () => {
  await files.reset();
  product = await openBatches(files);
});

test('the files of a batch get their place at once, with a manifest, and a scan finds each where its row says', async () => {
  await product.fill(photo);
  const seen: Record<string, string>[] = [];
  const boundary = (step: string) => {
    if (step === 'manifest written') seen.push(product.disk());
  };
  expect(await product.make({}, { boundary })).toMatchObject({
    created: true,
    batch_name: 'batch_001',
    file_count: 3,
    size_bytes: photo.join('').length,
  });
  expect(Object.keys(seen[0] ?? {}).every((path) => path.startsWith('batches/.at-staging/batch_001/'))).toBe(true);
  await expectWhole(product);
  await product.scan(product.batches.id);
  await product.scan(product.source.id);
  expect(await product.states()).toMatchObject(
    Object.fromEntries(photo.map((path) => [`batches/batch_001/${path}`, 'BATCHED'])),
  );
});

test('nothing to do, a batch before, and files that are all too large are three replies', async () => {
  expect(await product.make()).toMatchObject({ created: false, reason: 'nothing_to_do', skipped: [] });
  await product.fill(photo);
  const tiny = { max_size_gb: 1 / 1024 ** 3 };
  expect(await product.make(tiny)).toMatchObject({
    created: false,
    reason: 'all_too_large',
    skipped: [
      { path: 'Camera/IMG_1.HEIC', files: 2, reason: 'too_large' },
      { path: 'b.jpg', files: 1, reason: 'too_large' },
    ],
  });
  const first = await product.make({ max_files: 2 });
  expect(first).toMatchObject({ created: true, file_count: 2 });
  expect(await product.make()).toMatchObject({
    created: false,
    reason: 'blocked',
    blocking_batch: { id: first.batch_id, name: 'batch_001', status: 'PENDING' },
  });
  expect(await product.make({ allow_parallel: true })).toMatchObject({ created: true, batch_name: 'batch_002' });
});

test('names are NFC in the batch, twins get a number, and an undo brings back the original bytes', async () => {
  const [nfd, nfc] = ['a\u0308', '\u00e4'];
  const odd = Buffer.concat([Buffer.from(`${product.source.at}/`), Buffer.from([0xff, 0x2e, 0x6a, 0x70, 0x67])]);
  product.put(odd, 'not UTF-8');
  await product.fill({
    [`${nfd}/1.jpg`]: 'one',
    [`${nfc}/1.jpg`]: 'two',
    [`${nfd}.jpg`]: 'three',
    'new\nline.jpg': 'four',
  });
  const before = product.disk();
  // Its row has said so since the scan.
  expect(
    await product.rowsOf(
      `select encode(name, 'hex') as name, batch_refusal from console.file where batch_refusal is not null`,
    ),
  ).toEqual([{ name: 'ff2e6a7067', batch_refusal: 'not_utf8' }]);
  const made = await product.make();
  expect(made).toMatchObject({ created: true, skips: { not_utf8: 1 } });
  const found = Object.keys(product.disk()).map((path) => Buffer.from(path, 'latin1').toString());
  expect(found.toSorted()).toEqual(
    [
      'batches/batch_001/manifest.json',
      'batches/batch_001/new\nline.jpg',
      `batches/batch_001/${nfc}.jpg`,
      `batches/batch_001/${nfc}/1.jpg`,
      `batches/batch_001/${nfc}/1_1.jpg`,
      'inbox/\ufffd.jpg',
    ].toSorted(),
  );
  expect(await product.undo(made.batch_id as number)).toMatchObject({ undone: true, returned: 4 });
  expect(product.disk()).toEqual(before);
});

test('the name of a batch is used once, also if it was undone or its directory was there before', async () => {
  mkdirSync(join(product.batches.at, 'batch_001'));
  await product.fill(photo);
  const made = await product.make();
  expect(made.batch_name).toBe('batch_002');
  await product.undo(made.batch_id as number);
  expect((await product.make()).batch_name).toBe('batch_003');
  expect(existsSync(join(product.batches.at, 'batch_001'))).toBe(true);
});

test('a file that has changed stays with its companions, and the others make the batch', async () => {
  await product.fill(photo);
  const boundary = (step: string) => {
    if (step === 'batch written') appendFileSync(join(product.source.at, 'Camera/IMG_1.MOV'), ' and more');
  };
  const made = await product.make({}, { boundary });
  expect(made).toMatchObject({ created: true, file_count: 1 });
  expect(await product.files(made.batch_id as number)).toMatchObject([
    { path: 'Camera/IMG_1.HEIC', state: 'LEFT' },
    { path: 'Camera/IMG_1.MOV', state: 'LEFT', error: 'It was changed.' },
    { path: 'b.jpg', state: 'BATCHED', error: null },
  ]);
  expect(await product.states()).toEqual({
    'inbox/Camera/IMG_1.HEIC': 'UNIQUE',
    'inbox/Camera/IMG_1.MOV': 'NEW',
    'batches/batch_001/b.jpg': 'BATCHED',
  });
});

test('copies leave the originals, which are in no later batch, and an undo removes the copies alone', async () => {
  await product.fill(photo);
  const made = await product.make({ transfer_mode: 'copy' });
  expect(contents(product)).toEqual({ ...inInbox, ...inBatch() });
  expect(await product.states()).toEqual({
    ...Object.fromEntries(photo.map((path) => [`inbox/${path}`, 'ARCHIVED'])),
    ...Object.fromEntries(photo.map((path) => [`batches/batch_001/${path}`, 'BATCHED'])),
  });
  expect(await product.make({ allow_parallel: true })).toMatchObject({ created: false, reason: 'nothing_to_do' });
  expect(await product.undo(made.batch_id as number)).toMatchObject({ undone: true, returned: 3 });
  const left = Object.entries(contents(product)).filter(([path]) => !path.includes('/.at-quarantine/'));
  expect(Object.fromEntries(left)).toEqual(inInbox);
  expect(Object.values(await product.states()).filter((state) => state === 'UNIQUE')).toHaveLength(3);
  expect(await product.rows()).toMatchObject([{ status: 'CLEANED' }]);
});

describe('an undo', () => {
  test('brings back a file that was changed in the batch as a new one, so that the next batch can have it', async () => {
    await product.fill(photo);
    const id = (await product.make()).batch_id as number;
    appendFileSync(join(product.batches.at, 'batch_001/Camera/IMG_1.MOV'), ' and more');
    expect(await product.undo(id)).toEqual({ undone: true, returned: 3, kept: [] });
    expect(product.disk()).toEqual({ ...inInbox, 'inbox/Camera/IMG_1.MOV': 'Camera/IMG_1.MOV and more' });
    expect(await product.states()).toEqual({
      'inbox/Camera/IMG_1.HEIC': 'NEW',
      'inbox/Camera/IMG_1.MOV': 'NEW',
      'inbox/b.jpg': 'UNIQUE',
    });
    expect(await product.rows()).toMatchObject([{ status: 'CLEANED' }]);
    await product.scan(product.source.id);
    await product.stop();
    expect(await product.make()).toMatchObject({ created: true, batch_name: 'batch_002', file_count: 3 });
  });

  test('of copies brings back what was changed beside its original, which is as before', async () => {
    await product.fill(photo);
    const id = (await product.make({ transfer_mode: 'copy' })).batch_id as number;
    appendFileSync(join(product.batches.at, 'batch_001/b.jpg'), ' and more');
    expect(await product.undo(id)).toMatchObject({ undone: true });
    expect(product.disk()).toMatchObject({ ...inInbox, 'inbox/b (1).jpg': 'b.jpg and more' });
    expect(await product.states()).toMatchObject({ 'inbox/b.jpg': 'UNIQUE', 'inbox/b (1).jpg': 'NEW' });
    expect(await product.rows()).toMatchObject([{ status: 'CLEANED' }]);
  });

  test('of a batch of which all other files were sorted ends it: a batch without files is never ready', async () => {
    await product.fill(photo);
    const id = (await product.make()).batch_id as number;
    // As a sort leaves it that ends with errors.
    await product.rowsOf(
      `update console.batch set status = 'ERROR', failed_in = 'SORTING', reason = 'x' where id = ${id}`,
    );
    renameSync(join(product.batches.at, 'batch_001/b.jpg'), join(product.source.at, 'sorted.jpg'));
    await product.rowsOf(`update console.file set status = 'SORTED', name = 'sorted.jpg', directory_id = (
      select id from console.file_directory where root_id = ${product.source.id} and parent_id is null) where name = 'b.jpg'`);
    await product.rowsOf(`update console.batch_file set state = 'SORTED' where path = 'b.jpg'`);
    expect(await product.undo(id)).toEqual({ undone: false, returned: 2, kept: [] });
    expect(await product.rows()).toMatchObject([{ status: 'CLEANED', is_ready: false }]);
    expect(await product.states()).toMatchObject({ 'inbox/sorted.jpg': 'SORTED', 'inbox/Camera/IMG_1.MOV': 'UNIQUE' });
  });

  test('that leaves files of a synced batch has the device get these again: they have left its folder', async () => {
    await product.fill(photo);
    const id = (await product.make()).batch_id as number;
    await product.rowsOf(`update console.batch set status = 'SYNCED', synced_at = now() where id = ${id}`);
    await product.rowsOf(`update console.batch_file set state = 'SYNCED', confirmed_at = now() where batch_id = ${id}`);
    await product.rowsOf(`update console.file set status = 'SYNCED' where batch_id = ${id}`);
    rmSync(join(product.source.at, 'Camera'), { recursive: true });
    symlinkSync(product.base, join(product.source.at, 'Camera'));
    const kept = ['Camera/IMG_1.HEIC', 'Camera/IMG_1.MOV'];
    expect(await product.undo(id)).toEqual({ undone: false, returned: 1, kept });
    const reason = expect.stringMatching(/^2 of its files are not undone\. .*Camera.* Sync it again\.$/);
    expect(await product.rows()).toEqual([
      { name: 'batch_001', status: 'ERROR', reason, file_count: 2, is_ready: true },
    ]);
    const inIt = kept.map((path) => `batches/batch_001/${path}`);
    expect(await product.states()).toEqual({
      ...Object.fromEntries(inIt.map((path) => [path, 'BATCHED'])),
      'inbox/b.jpg': 'UNIQUE',
    });
    expect(await product.rowsOf('select failed_in, synced_at from console.batch')).toEqual([
      { failed_in: 'SYNCING', synced_at: null },
    ]);
    expect(
      await product.rowsOf('select from console.batch_file where confirmed_at is not null and state <> $$LEFT$$'),
    ).toEqual([]);
  });

  test('puts a file beside what has taken its place, and refuses a batch that a run works on', async () => {
    await product.fill(photo);
    const id = (await product.make()).batch_id as number;
    writeFileSync(join(product.source.at, 'b.jpg'), 'another');
    await product.rowsOf(`update console.batch set status = 'SYNCING' where id = ${id}`);
    await expect(product.undo(id)).rejects.toMatchObject({ name: 'BatchRefused' });
    await product.rowsOf(`update console.batch set status = 'PENDING' where id = ${id}`);
    await product.undo(id);
    expect(product.disk()).toMatchObject({ 'inbox/b.jpg': 'another', 'inbox/b (1).jpg': 'b.jpg' });
  });

  test('of a batch whose files are gone says how many', async () => {
    await product.fill(photo);
    const id = (await product.make()).batch_id as number;
    rmSync(join(product.batches.at, 'batch_001/b.jpg'));
    await product.undo(id);
    expect(await product.rows()).toMatchObject([
      { status: 'CLEANED', reason: 'Undone by ann. 1 of its files are gone.' },
    ]);
  });
});

test('files that cannot be moved are left behind with their reason, and those behind them make the batch', async () => {
  const camera = Array.from({ length: 201 }, (_, nth) => `Camera/${String(nth).padStart(3, '0')}.jpg`);
  await product.fill([...camera, 'z.jpg']);
  const boundary = (step: string) => {
    if (step !== 'batch written') return;
    mkdirSync(join(product.batches.at, '.at-staging/batch_001'), { recursive: true });
    symlinkSync(product.base, join(product.batches.at, '.at-staging/batch_001/Camera'));
  };
  const made = await product.make({}, { boundary });
  expect(made).toMatchObject({ created: true, file_count: 1 });
  const left = (await product.files(made.batch_id as number)).filter(({ state }) => state === 'LEFT');
  expect([left.length, new Set(left.map(({ error }) => error))]).toEqual([
    201,
    new Set([expect.stringContaining('.at-staging/batch_001/Camera')]),
  ]);
  expect(await product.states()).toMatchObject({
    'inbox/Camera/000.jpg': 'UNIQUE',
    'batches/batch_001/z.jpg': 'BATCHED',
  });
});

test('a file with the name of the manifest is never written over, and a folder with it goes along', async () => {
  await product.fill([...photo, 'manifest.json/c.jpg']);
  const path = join(product.batches.at, '.at-staging/batch_001/manifest.json');
  const run = await newRun(product.db);
  const boundary = (step: string) => {
    if (step === 'manifest kept') writeFileSync(path, 'not ours');
  };
  await expect(product.make({}, { boundary }, run)).rejects.toThrow(`${path} is another file.`);
  expect(readFileSync(path, 'utf8')).toBe('not ours');
  // As a process leaves it that ends while it writes.
  writeFileSync(path, '{\n "batch": "batch_001"');
  expect(await product.make({}, {}, run)).toMatchObject({ created: true, file_count: 4 });
  expect(contents(product)).toEqual({ ...inBatch(), 'batches/batch_001/manifest.json_1/c.jpg': 'manifest.json/c.jpg' });
});

test('a directory that another program puts in the place of a batch is not replaced', async () => {
  await product.fill(photo);
  const run = await newRun(product.db);
  const boundary = (step: string) => {
    if (step === 'manifest written') mkdirSync(join(product.batches.at, 'batch_001'));
  };
  await expect(product.make({}, { boundary }, run)).rejects.toThrow('exists already');
  renameSync(join(product.batches.at, 'batch_001'), join(product.batches.at, 'another'));
  await product.make({}, {}, run);
  await expectWhole(product);
});
