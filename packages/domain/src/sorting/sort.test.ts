import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disk } from '@at/adapters/disk';
import { heic, jpeg, movie, tag } from '@at/adapters/test/captures';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { byAnError, clear, expectSurvival, june, may, photo, text } from '../../test/interrupted-sorts.ts';
import { interrupted, newSortRun, openSorting, type SortingProduct, sortContext } from '../../test/sorting.ts';
import { moveBatch } from '../batches/rules.ts';
import { settleBatches } from '../batches/tasks/settle.ts';
import { returnStranded } from '../duplicates/returns.ts';
import { RootUnusable, withRoots } from '../files/roots.ts';
import { writeMissing } from '../files/writes.ts';
import { undo } from '../moves/tasks/undo.ts';
import { undoMoves } from '../moves/undo.ts';

/** Files of a batch are filed by the day they were taken; nothing is replaced, and companions stay together. */

let product: SortingProduct;

beforeAll(async () => {
  product = await openSorting();
});
afterAll(() => product.close());
beforeEach(() => clear(product));

test('each file goes to the folder of its day, and the batch is sorted', async () => {
  const { id } = await product.add([{ 'a.jpg': may }, { 'trip/b.jpg': june }]);
  expect(await product.sort(id)).toMatchObject({ output: { sorted_files: 2, skipped_files: 0, total_files: 2 } });
  expect(product.disk()).toEqual({ 'archive/2019/05/03/a.jpg': text(may), 'archive/2019/06/04/b.jpg': text(june) });
  expect(await product.places()).toEqual({
    'archive/2019/05/03/a.jpg': 'SORTED',
    'archive/2019/06/04/b.jpg': 'SORTED',
  });
  expect([await product.batch(id), await product.files(id)]).toEqual([
    'SORTED',
    { 'a.jpg': 'SORTED', 'trip/b.jpg': 'SORTED' },
  ]);
});

test('folders are named by day, hour, camera and kind, and never by more than a name', async () => {
  const evil = Buffer.concat([
    jpeg({ main: { [tag.model]: '../../etc/\n.x' }, exif: { [tag.original]: '2019:05:03 09:30:05' } }),
  ]);
  const { id } = await product.add([{ 'a.jpg': may }, { 'b.jpg': evil }]);
  await product.sort(id, { folder_pattern: '{camera}/{year}-{month}/{kind} {hour:02d}' });
  expect(Object.keys(product.disk())).toEqual([
    'archive/Pixel 5/2019-5/photo 23/a.jpg',
    'archive/etc .x/2019-5/photo 09/b.jpg',
  ]);
});

test.for(['../{year}', '/{year}', '{year}/../../x', '{year}/.hidden', 'x', '{year'])(
  'the pattern %s is refused',
  async (folder_pattern) => {
    const { id, name } = await product.add([{ 'a.jpg': may }]);
    const { error } = await product.sort(id, { folder_pattern });
    expect(error).toMatchObject({ failure: 'refused' });
    expect(Object.keys(product.disk())).toEqual([`batches/${name}/a.jpg`]);
  },
);

test('a folder that leads out of the archive is not used', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'at-outside-'));
  symlinkSync(outside, join(product.archive.at, '2019'));
  const { id, name } = await product.add([{ 'a.jpg': may }]);
  await product.sort(id);
  expect(Object.keys(product.disk())).toEqual([`batches/${name}/a.jpg`]);
  expect((await product.files(id))['a.jpg']).toMatch(/leads out of the archive/);
  expect(readdirSync(outside)).toEqual([]);
  rmSync(outside, { recursive: true });
});

test('a taken name gets _1, with all companions, and nothing is replaced', async () => {
  const other = join(product.archive.at, '2019/05/03');
  mkdirSync(other, { recursive: true });
  product.put(join(other, 'a.jpg'), 'another file');
  product.put(join(other, 'IMG_1.MOV'), 'another movie');
  const live = heic({ exif: { [tag.original]: '2019:05:03 23:30:05' } });
  const clip = movie({ created: new Date('2001-01-01T00:00:00Z') });
  const { id } = await product.add([{ 'a.jpg': may }, { 'IMG_1.HEIC': live, 'IMG_1.MOV': clip }]);
  await product.sort(id);
  expect(product.disk()).toEqual({
    'archive/2019/05/03/IMG_1.MOV': 'another movie',
    'archive/2019/05/03/IMG_1_1.HEIC': text(live),
    'archive/2019/05/03/IMG_1_1.MOV': text(clip),
    'archive/2019/05/03/a.jpg': 'another file',
    'archive/2019/05/03/a_1.jpg': text(may),
  });
});

test('files of one batch that want one name get numbers', async () => {
  const contents = ['1', '2', '3'].map((extra) => photo('2019:05:03 10:00:00', extra));
  const { id } = await product.add(contents.map((content, i) => ({ [`${i}/a.jpg`]: content })));
  await product.sort(id);
  expect(await product.batch(id)).toBe('SORTED');
  expect(product.disk()).toEqual({
    'archive/2019/05/03/a.jpg': text(contents[0] as Buffer),
    'archive/2019/05/03/a_1.jpg': text(contents[1] as Buffer),
    'archive/2019/05/03/a_2.jpg': text(contents[2] as Buffer),
  });
});

describe('content that is in its place already is a duplicate', () => {
  const there = async () => {
    const day = join(product.archive.at, '2019/05/03');
    product.put(join(day, 'a.jpg'), 'another file');
    product.put(join(day, 'a_1.jpg'), may);
    return product.add([{ 'x/a.jpg': may }, { 'b.jpg': june }]);
  };

  test('and moves to the folder of duplicates', async () => {
    const { id, name } = await there();
    expect(await product.sort(id)).toMatchObject({ output: { sorted_files: 1, skipped_files: 1, duplicate_files: 1 } });
    expect(product.disk()).toEqual({
      'archive/2019/05/03/a.jpg': 'another file',
      'archive/2019/05/03/a_1.jpg': text(may),
      'archive/2019/06/04/b.jpg': text(june),
      [`duplicates/${name}/x/a.jpg`]: text(may),
    });
    expect(await product.places()).toEqual({
      'archive/2019/05/03/a_1.jpg': 'SORTED',
      'archive/2019/06/04/b.jpg': 'SORTED',
      [`duplicates/${name}/x/a.jpg`]: 'DUPLICATE of archive/2019/05/03/a_1.jpg',
    });
    expect(await product.batch(id)).toBe('SORTED');
  });

  test('and stays in the batch where there is no such folder', async () => {
    const { id, name } = await there();
    await product.sort(id, { duplicates: undefined as never });
    expect(product.disk()[`batches/${name}/x/a.jpg`]).toBe(text(may));
    expect(await product.batch(id)).toBe('SORTED');
  });

  test('and is not sorted while it cannot be moved there', async () => {
    const { id, name } = await there();
    product.put(join(product.duplicates.at, name), 'no folder');
    expect(await product.sort(id)).toMatchObject({ error: { failure: 'incomplete' }, output: { sorted_files: 1 } });
    expect(await product.files(id)).toEqual({
      'x/a.jpg': expect.stringMatching(/^ERROR: .*is a file where a directory should be/),
      'b.jpg': 'SORTED',
    });
    expect(await product.batch(id)).toMatch(/^ERROR: 1 of 2 files are not sorted/);
    expect(product.disk()[`batches/${name}/x/a.jpg`]).toBe(text(may));
    unlinkSync(join(product.duplicates.at, name));
    expect(await product.sort(id)).toMatchObject({ output: { sorted_files: 1, duplicate_files: 1 } });
    expect(await product.files(id)).toEqual({ 'x/a.jpg': 'DUPLICATE', 'b.jpg': 'SORTED' });
    expect(product.disk()[`duplicates/${name}/x/a.jpg`]).toBe(text(may));
  });

  test('and is compared while no lock is held, however large it is', async () => {
    const { db, archive, batches } = product;
    const { id } = await there();
    await sql`update console.file set sha256 = null`.execute(db);
    const free: Record<string, boolean> = {};
    const { open } = disk;
    const spy = vi.spyOn(disk, 'open').mockImplementation(async (path, flags) => {
      if (/a(_1)?[.]jpg$/.test(`${path}`))
        free[`${path}`] = await withRoots(db, [archive.id, batches.id], async () => true).catch((error) => {
          if (error instanceof RootUnusable) return false;
          throw error;
        });
      return open(path, flags);
    });
    onTestFinished(() => spy.mockRestore());
    expect(await product.sort(id, { duplicates: undefined as never })).toMatchObject({
      output: { duplicate_files: 1 },
    });
    expect(Object.values(free)).toEqual([true, true]);
  });

  test('only if all companions are', async () => {
    const day = join(product.archive.at, '2019/05/03');
    product.put(join(day, 'a.jpg'), may);
    const { id } = await product.add([{ 'a.jpg': may, 'a.json': '{}' }]);
    await product.sort(id);
    expect(Object.keys(product.disk())).toEqual([
      'archive/2019/05/03/a.jpg',
      'archive/2019/05/03/a_1.jpg',
      'archive/2019/05/03/a_1.json',
    ]);
  });
});

test('a file without a date stays for a review, and is sorted once its own time counts', async () => {
  const bare = jpeg();
  const { id, name } = await product.add([{ 'a.jpg': may }, { 'none.jpg': bare }]);
  const { error, output } = await product.sort(id);
  expect(error).toMatchObject({ failure: 'incomplete' });
  expect(output).toMatchObject({ sorted_files: 1, skipped_files: 1 });
  expect(await product.batch(id)).toBe('ERROR: 1 of 2 files are not sorted: 1 x No capture date');
  expect(await product.places()).toEqual({
    'archive/2019/05/03/a.jpg': 'SORTED',
    [`batches/${name}/none.jpg`]: 'ERROR',
  });
  expect(await product.files(id)).toEqual({ 'a.jpg': 'SORTED', 'none.jpg': 'ERROR: No capture date' });

  expect(await product.sort(id, { exif_fallback: true })).toMatchObject({ output: { sorted_files: 2 } });
  expect(await product.batch(id)).toBe('SORTED');
  expect(await product.places()).toEqual({
    'archive/2019/05/03/a.jpg': 'SORTED',
    'archive/2023/11/14/none.jpg': 'SORTED',
  });
});

test('what was changed or removed since is left, with its companions, and the rest is sorted', async () => {
  const { id, name } = await product.add([
    { 'a.jpg': may },
    { 'b.jpg': june, 'b.json': '{}' },
    { 'c.jpg': photo('2019:07:01 10:00:00') },
  ]);
  appendFileSync(join(product.batches.at, name, 'b.json'), ' ');
  unlinkSync(join(product.batches.at, name, 'c.jpg'));
  const { error } = await product.sort(id);
  expect(error).toMatchObject({ failure: 'incomplete' });
  expect(Object.keys(product.disk())).toEqual([
    'archive/2019/05/03/a.jpg',
    `batches/${name}/b.jpg`,
    `batches/${name}/b.json`,
  ]);
  expect(await product.batch(id)).toMatch(/^ERROR: 3 of 4 files are not sorted/);
});

test('a group that cannot be moved says why, and the others are sorted', async () => {
  const blocked = join(product.archive.at, '2019/05');
  product.put(blocked, 'no folder');
  const alone = await product.add([{ 'a.jpg': may }]);
  const { id } = await product.add([{ 'b.jpg': photo('2019:05:04 10:00:00') }, { 'c.jpg': june }]);
  for (const batch of [alone.id, id])
    expect(await product.sort(batch)).toMatchObject({ error: { failure: 'incomplete' } });
  expect(await product.files(alone.id)).toEqual({ 'a.jpg': expect.stringMatching(/^ERROR: .*2019[/]05/) });
  expect(await product.batch(alone.id)).toMatch(/^ERROR: 1 of 1 files are not sorted/);
  expect(await product.files(id)).toMatchObject({
    'c.jpg': 'SORTED',
    'b.jpg': expect.stringMatching(/^ERROR: .*2019[/]05/),
  });
  unlinkSync(blocked);
  for (const batch of [alone.id, id]) expect(await product.sort(batch)).toMatchObject({ error: undefined });
});

test('with copies the originals stay and are archived', async () => {
  const { id, name } = await product.add([{ 'a.jpg': may }]);
  expect(await product.sort(id, { transfer_mode: 'copy' })).toMatchObject({ output: { sorted_files: 1 } });
  expect(await product.places()).toEqual({
    'archive/2019/05/03/a.jpg': 'SORTED',
    [`batches/${name}/a.jpg`]: 'ARCHIVED',
  });
  expect([await product.batch(id), await product.files(id)]).toEqual(['SORTED', { 'a.jpg': 'SORTED' }]);
});

test('an attempt that fails is repeated, and moves nothing twice', async () => {
  const { id } = await product.add([{ 'a.jpg': may }, { 'b.jpg': june }]);
  const boundary = (done: string) => (done === 'moved' ? Promise.reject(interrupted) : undefined);
  expect(await product.sort(id, {}, { boundary })).toMatchObject({ error: interrupted });
  expect(await product.sort(id)).toMatchObject({ output: { sorted_files: 2 } });
  expect(Object.keys(product.disk())).toEqual(['archive/2019/05/03/a.jpg', 'archive/2019/06/04/b.jpg']);
});

describe('an undo of a sort', () => {
  /** Undoes the moves of a run, or one of them. `dies`: its worker does not come to its end. */
  async function undone(of: { run: string } | { move: number }, dies = false): Promise<void> {
    const { db } = product;
    expect(await undoMoves({ db }, of, await newSortRun(db))).toMatchObject({ kept: [], open: [] });
    if (!dies) await db.transaction().execute(async (trx) => undo.ended?.(trx, { run: '' }, 'cancelled'));
  }
  const movesOf = async (run: string) =>
    (await sql<{ id: number }>`select id from console.move where run_id = ${run}::uuid order by id`.execute(product.db))
      .rows;
  const settled = async () => {
    const { context, ended } = sortContext(product.db, await newSortRun(product.db));
    expect(await settleBatches.isDue?.(product.db)).toBe(true);
    await settleBatches.run({}, context as never);
    return ended.output;
  };
  const reopened = 'ERROR: The sorting of its files was undone. Sort it again.';

  test.for(['SORTED', 'CLEANED'])(
    'in two runs, of which the first was cut off, reopens a batch that is %s',
    async (status) => {
      const { db } = product;
      const run = await newSortRun(db);
      const { id, name } = await product.add([{ 'a.jpg': may }, { 'b.jpg': june }]);
      await sql`update console.batch_file set confirmed_at = now() where path = 'b.jpg'`.execute(db);
      await product.sort(id, {}, {}, run);
      if (status === 'CLEANED') await db.transaction().execute((trx) => moveBatch(trx, id, 'CLEANED'));
      const [first] = await movesOf(run);
      await undone({ move: first?.id as number }, true);
      await undone({ run });
      expect(await product.batch(id)).toBe(reopened);
      expect(await product.files(id)).toEqual({ 'a.jpg': 'BATCHED', 'b.jpg': 'SYNCED' });
      expect(await product.places()).toEqual({
        [`batches/${name}/a.jpg`]: 'BATCHED',
        [`batches/${name}/b.jpg`]: 'SYNCED',
      });
      expect(await product.sort(id)).toMatchObject({ output: { sorted_files: 2 } });
    },
  );

  test('that was cut off reopens the batch at once, and what comes back later by the schedule', async () => {
    const { db } = product;
    const run = await newSortRun(db);
    const { id } = await product.add([{ 'a.jpg': may }, { 'b.jpg': june }]);
    await product.sort(id, {}, {}, run);
    const [first, second] = await movesOf(run);
    await undone({ move: first?.id as number });
    expect([await product.batch(id), await product.files(id)]).toEqual([
      reopened,
      { 'a.jpg': 'BATCHED', 'b.jpg': 'SORTED' },
    ]);
    await undone({ move: second?.id as number }, true);
    expect(await settled()).toEqual({ done: 1 });
    expect([await product.batch(id), await product.files(id)]).toEqual([
      reopened,
      { 'a.jpg': 'BATCHED', 'b.jpg': 'BATCHED' },
    ]);
    expect(await settleBatches.isDue?.(db)).toBe(false);
    expect(await product.sort(id)).toMatchObject({ output: { sorted_files: 2 } });
  });

  test.for(['move', 'copy'] as const)(
    'brings files into the batch that had no date at first (%s)',
    async (transfer_mode) => {
      const run = await newSortRun(product.db);
      const { id, name } = await product.add([{ 'none.jpg': jpeg() }]);
      await product.sort(id, { transfer_mode });
      await product.sort(id, { exif_fallback: true, transfer_mode }, {}, run);
      await undone({ run });
      expect(await product.places()).toMatchObject({ [`batches/${name}/none.jpg`]: 'BATCHED' });
      expect([await product.batch(id), await product.files(id)]).toEqual([reopened, { 'none.jpg': 'BATCHED' }]);
      expect(await product.sort(id, { exif_fallback: true })).toMatchObject({ output: { sorted_files: 1 } });
    },
  );

  test('brings duplicates into the batch, which then is sorted again', async () => {
    product.put(join(product.archive.at, '2019/05/03/a.jpg'), may);
    const run = await newSortRun(product.db);
    const { id, name } = await product.add([{ 'a.jpg': may }]);
    expect(await product.sort(id, {}, {}, run)).toMatchObject({ output: { duplicate_files: 1 } });
    await undone({ run });
    expect(await product.places()).toMatchObject({ [`batches/${name}/a.jpg`]: 'BATCHED' });
    expect([await product.batch(id), await product.files(id)]).toEqual([reopened, { 'a.jpg': 'BATCHED' }]);
    expect(await product.sort(id, { duplicates: undefined as never })).toMatchObject({
      output: { duplicate_files: 1 },
    });
    expect([await product.batch(id), await settleBatches.isDue?.(product.db)]).toEqual(['SORTED', false]);
  });
});

describe('a sort that is cut off', () => expectSurvival(byAnError));

test('a duplicate that was moved from a batch comes back to it once the archive lost its file, and is sorted again', async () => {
  const { db } = product;
  product.put(join(product.archive.at, '2019/05/03/a.jpg'), may);
  const { id, name } = await product.add([{ 'a.jpg': may }]);
  await product.sort(id);
  expect(await product.places()).toMatchObject({
    [`duplicates/${name}/a.jpg`]: 'DUPLICATE of archive/2019/05/03/a.jpg',
  });
  unlinkSync(join(product.archive.at, '2019/05/03/a.jpg'));
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: number }>`select id from console.file where status = 'SORTED'`.execute(trx);
    await writeMissing(
      trx,
      rows.map((row) => row.id),
    );
  });
  expect(await product.places()).toMatchObject({ [`duplicates/${name}/a.jpg`]: 'NEW' });

  const { context } = sortContext(db, await newSortRun(db));
  // As the next scan of the inbox does.
  expect(await returnStranded(context, (await product.root()).id)).toBe(1);
  expect(Object.keys(product.disk())).toEqual([`batches/${name}/a.jpg`]);
  expect(await product.batch(id)).toBe('ERROR: The sorting of its files was undone. Sort it again.');
  expect(await product.sort(id)).toMatchObject({ output: { sorted_files: 1 } });
  expect(product.disk()).toEqual({ 'archive/2019/05/03/a.jpg': text(may) });
});
