import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { contextOf, newRun, openBatches } from '../../test/batches.ts';
import { openSorting } from '../../test/sorting.ts';
import { forgetCleaned, forgetMissing } from '../files/retention.ts';
import { undoMoves } from '../moves/undo.ts';
import { cleanBatches } from './clean.ts';
import { reopenReturned } from './rules.ts';
import { confirmDeviceCleaned } from './writes.ts';

/** The directory of a batch goes once nothing but the manifest is in it, and a file that nothing knows keeps it; rows go after their retention. */

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
    context,
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

test('the timeline of a cleaned batch is deleted after its retention; the batch, its manifest and other timelines stay', async () => {
  const { db, clean, sort, rowsOf, status } = await opened();
  await sort();
  await clean();
  await sql`insert into console.sync_snapshot (batch_id, state, percent, needed_bytes, needed_items) values (1, 'sending', 50, 1, 1)`.execute(
    db,
  );
  const forget = (days: number, dry_run = false) => forgetCleaned(db, { days, dry_run });
  const history = () => rowsOf('select from console.batch_change union all select from console.sync_snapshot');
  expect(await forget(30)).toBe(0);
  await sql`update console.batch set cleaned_at = now() - interval '31 days'`.execute(db);
  const before = (await history()).length;
  expect([await forget(0), await forget(30, true), (await history()).length]).toEqual([0, 1, before]);
  expect([await forget(30), await forget(30), await history(), await status()]).toEqual([1, 0, [], ['CLEANED']]);
  expect(await rowsOf("select from console.batch where jsonb_array_length(manifest -> 'files') = 2")).toHaveLength(1);
});

test('the row of a missing file is deleted after its retention, and not while something may bring the file back', async () => {
  const { db, fill, source, scan, rowsOf, context } = await opened();
  const gone = ['IMG_1.HEIC', 'IMG_1.MOV', 'kept.jpg', 'removed.jpg', 'vanished.jpg'];
  await fill([...gone, '1', '2', '3', '4', '5']);
  for (const name of gone) rmSync(join(source.at, name));
  await scan(source.id);
  const forget = (days: number, dry_run = false) => forgetMissing(context, { days, dry_run });
  const missing = async () =>
    (
      await rowsOf<{ name: string }>(
        "select encode(name, 'escape') as name from console.file where status = 'MISSING' order by id",
      )
    ).map(({ name }) => name);
  expect([await forget(30), (await missing()).toSorted()]).toEqual([0, gone]);
  await sql`update console.file set missing_at = now() - interval '31 days' where name <> 'kept.jpg'`.execute(db);
  const move = (name: string, action: string, state: string) => sql`
    insert into console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode, action, state, ended_at)
    select gen_random_uuid(), id, directory_id, name, directory_id, 'to', size, mtime_ns, inode, ${action}, ${state}, now()
    from console.file where name = convert_to(${name}, 'UTF8')
  `;
  await move('removed.jpg', 'quarantine', 'done').execute(db);
  await move('vanished.jpg', 'move', 'missing').execute(db);
  expect([await forget(0), await forget(30, true), (await missing()).toSorted()]).toEqual([0, 2, gone]);
  expect([await forget(30), (await missing()).toSorted()]).toEqual([2, ['kept.jpg', 'removed.jpg', 'vanished.jpg']]);
  // Purged, and looked for in vain.
  await sql`update console.move set state = 'purged', purged_at = now() where action = 'quarantine'`.execute(db);
  await sql`update console.move set ended_at = now() - interval '31 days' where state = 'missing'`.execute(db);
  expect([await forget(30), await missing()]).toEqual([2, ['kept.jpg']]);
});

/** A batch of which the archive has got copies: companions, a file of its own, and one that the archive had already. */
async function copied() {
  const product = await openSorting();
  onTestFinished(() => product.close());
  const { db } = product;
  const { id, name } = await product.add([
    { 'IMG_20200102_030405.jpg': 'still', 'IMG_20200102_030405.MOV': 'movie' },
    { 'IMG_20200102_030406.jpg': 'own' },
    { 'IMG_20200102_030407.jpg': 'known' },
  ]);
  product.put(join(product.archive.at, '2020/01/02/IMG_20200102_030407.jpg'), 'known');
  expect(await product.sort(id, { transfer_mode: 'copy' })).toMatchObject({ error: undefined });
  const statusOf = async () => (await product.batch(id)).split(':')[0];
  const cleanup = async (dry_run = false) => {
    const run = await newRun(db, 'files.cleanup');
    return { run, ...(await cleanBatches(contextOf(db, run).context, { dry_run })) };
  };
  const confirm = () =>
    db.transaction().execute((trx) => confirmDeviceCleaned(trx, id, { name: 'ann', verified: true }));
  return { product, id, name, statusOf, cleanup, confirm };
}

test('of a batch whose files were copied the cleanup touches nothing until a person says that the device was cleaned', async () => {
  const { product, name, statusOf, cleanup, confirm } = await copied();
  const before = product.disk();
  expect(await cleanup()).toMatchObject({
    removed: 0,
    left: [{ path: name, reason: expect.stringMatching(/Say in the batch/) }],
  });
  expect([product.disk(), await statusOf()]).toEqual([before, 'SORTED']);
  await confirm();
  await expect(confirm()).rejects.toThrow('already');
  expect(await cleanup(true)).toMatchObject({ removed: 1, left: [] });
  expect(product.disk()).toEqual(before);
  const { run, ...cleaned } = await cleanup();
  expect([cleaned, await statusOf()]).toEqual([{ removed: 1, left: [] }, 'CLEANED']);
  const contents = (disk: Record<string, string>, top: string) =>
    Object.entries(disk)
      .flatMap(([path, text]) => (path.startsWith(top) ? [text] : []))
      .toSorted();
  expect(contents(product.disk(), 'batches/.at-quarantine')).toEqual(['known', 'movie', 'own', 'still']);
  expect(contents(product.disk(), `batches/${name}`)).toEqual([]);
  expect(contents(product.disk(), 'archive')).toEqual(contents(before, 'archive'));

  // What comes back waits for a person again.
  expect(await undoMoves({ db: product.db }, { run })).toMatchObject({ kept: [], open: [] });
  await product.db.transaction().execute(reopenReturned);
  expect(contents(product.disk(), `batches/${name}`)).toEqual(['known', 'movie', 'own', 'still']);
  expect(await statusOf()).not.toBe('CLEANED');
});

test('a file of a cleaned device stays while the archive does not have its content as it was, with its companions', async () => {
  const { product, name, statusOf, cleanup, confirm } = await copied();
  await confirm();
  rmSync(join(product.archive.at, '2020/01/02/IMG_20200102_030405.MOV'));
  product.put(join(product.archive.at, '2020/01/02/IMG_20200102_030406.jpg'), 'other');
  const { removed, left } = await cleanup();
  expect([removed, await statusOf()]).toEqual([0, 'SORTED']);
  expect(left).toContainEqual({ path: `${name}/IMG_20200102_030405.MOV`, reason: expect.stringMatching(/last copy/) });
  const here = Object.keys(product.disk()).filter((path) => path.startsWith(`batches/${name}/`));
  expect(here.map((path) => path.slice(9 + name.length))).toEqual([
    'IMG_20200102_030405.MOV',
    'IMG_20200102_030405.jpg',
    'IMG_20200102_030406.jpg',
  ]);
});
