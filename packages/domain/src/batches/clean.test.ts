import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { contextOf, newRun, openBatches } from '../../test/batches.ts';
import { cleanBatches } from './clean.ts';

/** The directory of a batch goes once nothing but the manifest is in it, and a file that nothing knows keeps it. */

async function opened() {
  const product = await openBatches();
  onTestFinished(() => product.close());
  await product.fill(['Camera/a.jpg', 'b.jpg']);
  await product.make();
  const { db, batches, base } = product;
  const directory = join(batches.at, 'batch_001');
  const { context } = contextOf(db, await newRun(db, 'files.cleanup'));
  return {
    ...product,
    directory,
    clean: (dry_run = false, boundary?: (step: string) => void) =>
      cleanBatches(context, { dry_run, ...(boundary && { boundary }) }),
    /** As a sort leaves it: the files are elsewhere. */
    sort: async () => {
      renameSync(join(directory, 'Camera/a.jpg'), join(base, 'a.jpg'));
      renameSync(join(directory, 'b.jpg'), join(base, 'b.jpg'));
      await sql`update console.batch_file set state = 'SORTED'`.execute(db);
      await sql`update console.batch set status = 'SORTED', sorted_at = now()`.execute(db);
    },
    status: async () => (await product.rows()).map(({ status }) => status),
  };
}

test('a sorted batch loses its manifest and its empty directories, and is CLEANED; a dry run only counts it', async () => {
  const { clean, sort, status, directory } = await opened();
  expect(await clean()).toEqual({ removed: 0, left: [] });
  await sort();
  expect(await clean(true)).toEqual({ removed: 1, left: [] });
  expect([await status(), existsSync(join(directory, 'manifest.json'))]).toEqual([['SORTED'], true]);
  expect(await clean()).toEqual({ removed: 1, left: [] });
  expect([await status(), existsSync(directory)]).toEqual([['CLEANED'], false]);
  expect(await clean()).toEqual({ removed: 0, left: [] });
});

test('a cleanup that ends behind any step is finished by the next one', async () => {
  const { clean, sort, status, directory } = await opened();
  await sort();
  const cut = new Error('cut off');
  const boundary = () => {
    throw cut;
  };
  await expect(clean(false, boundary)).rejects.toBe(cut);
  expect([await status(), existsSync(directory)]).toEqual([['SORTED'], true]);
  await clean();
  expect([await status(), existsSync(directory)]).toEqual([['CLEANED'], false]);
});

test('a directory with any other file, or a manifest that is not ours, stays as it is and is named', async () => {
  const { clean, sort, status, directory } = await opened();
  await sort();
  const manifest = readFileSync(join(directory, 'manifest.json'));
  writeFileSync(join(directory, 'Camera/other.txt'), 'mine');
  writeFileSync(join(directory, 'manifest.json'), `${manifest} `);
  const { removed, left } = await clean();
  expect([removed, left.map(({ path }) => path.slice(directory.length + 1)).toSorted(), await status()]).toEqual([
    0,
    ['Camera/other.txt', 'manifest.json'],
    ['SORTED'],
  ]);
  writeFileSync(join(directory, 'manifest.json'), manifest);
  expect((await clean()).left).toMatchObject([{ path: join(directory, 'Camera/other.txt') }]);
  expect(existsSync(join(directory, 'manifest.json'))).toBe(true);
});

test('a batch of which a file has no place yet is not cleaned', async () => {
  const { clean, sort, status, db, directory } = await opened();
  await sort();
  await sql`update console.batch_file set state = 'ERROR', error = 'No capture date' where path = 'b.jpg'`.execute(db);
  expect([await clean(), await status(), existsSync(directory)]).toEqual([{ removed: 0, left: [] }, ['SORTED'], true]);
});

test('what undone batches have left in the staging directory is removed if it is empty; others are named', async () => {
  const { clean, undo, batches, rows } = await opened();
  await undo(1);
  const staging = join(batches.at, '.at-staging');
  mkdirSync(join(staging, 'batch_001/Camera'), { recursive: true });
  mkdirSync(join(staging, 'strange'));
  expect(await clean()).toEqual({
    removed: 1,
    left: [{ path: '.at-staging/strange', reason: 'No unfinished batch has this name.' }],
  });
  expect([existsSync(join(staging, 'batch_001')), existsSync(join(staging, 'strange'))]).toEqual([false, true]);
  mkdirSync(join(staging, 'batch_001'));
  writeFileSync(join(staging, 'batch_001/lost.jpg'), 'a photo');
  expect(await clean()).toMatchObject({ removed: 0, left: [{ path: join(staging, 'batch_001/lost.jpg') }, {}] });
  expect(await rows()).toMatchObject([{ status: 'CLEANED' }]);
});
