import { linkSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { filesBelow, moveAlone } from '../../test/duplicates.ts';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { undoMoves } from '../moves/undo.ts';
import { choose } from './duplicates.ts';
import type { MovedDuplicates } from './move.ts';
import { restoreDuplicate } from './tasks/restore.ts';

let product: FilesProduct;
beforeAll(async () => {
  product = await openFiles();
  return () => product.close();
});
beforeEach(() => product.reset());

/** An empty object matches any other one in `toMatchObject`. */
const nobody = expect.toSatisfy((stayed: object) => Object.keys(stayed).length === 0);

type Place = Awaited<ReturnType<FilesProduct['root']>>;
type Files = Record<string, string>;

const photo = {
  'a/IMG_1.HEIC': 'photo',
  'a/IMG_1.MOV': 'video',
  'b/deep/IMG_1.HEIC': 'photo',
  'b/deep/IMG_1.MOV': 'video',
  'c/alone.jpg': 'single',
  'd/alone.jpg': 'single',
};
const left = { 'a/IMG_1.HEIC': 'photo', 'a/IMG_1.MOV': 'video', 'c/alone.jpg': 'single' };

/** An inbox with files, and a folder of duplicates. */
async function opened(files: Files = photo) {
  const [inbox, target] = [await product.root(), await product.root()];
  for (const [path, content] of Object.entries(files)) product.put(join(inbox.at, path), content);
  return { inbox, target, roots: { root: inbox.id, to: target.id } };
}
const scanAndMove = async (inbox: Place, target: Place) => {
  const output = await product.scan(inbox.id, { duplicates_root: target.id });
  return (output as { moved_duplicates: MovedDuplicates }).moved_duplicates;
};
const rows = async (place: Place) => {
  const of = `${place.name}/`;
  const all = Object.entries(await product.states()).filter(([path]) => path.startsWith(of));
  return Object.fromEntries(all.map(([path, state]) => [path.slice(of.length), state.split(' ')[0]]));
};
const idOf = async (path: string) => {
  const { rows: found } = await sql<{ id: number }>`
    select id from console.file where console.file_path(directory_id, name) = ${path} order by id desc limit 1
  `.execute(product.db);
  return found[0]?.id as number;
};
const move = (roots: { root: number; to: number }) => moveAlone(product.db, roots);
const sets = async () =>
  (
    await sql<{
      files: number;
      saving: number;
    }>`select files, saving from console.duplicate_set order by keeper_id`.execute(product.db)
  ).rows;

test('duplicates move to the folder of duplicates with their paths, companions together, and all can be undone', async () => {
  const { inbox, target } = await opened();
  // A name that is taken: both companions get the number.
  product.put(join(target.at, 'b/deep/IMG_1.MOV'), 'another');
  expect(await scanAndMove(inbox, target)).toEqual({ moved: 3, moved_bytes: 16, stayed: {}, stayed_files: [] });
  const arrived = {
    'b/deep/IMG_1 (1).HEIC': 'photo',
    'b/deep/IMG_1 (1).MOV': 'video',
    'b/deep/IMG_1.MOV': 'another',
    'd/alone.jpg': 'single',
  };
  expect([filesBelow(inbox.at), filesBelow(target.at)]).toEqual([left, arrived]);
  expect(new Set(Object.values(await rows(target)))).toEqual(new Set(['DUPLICATE']));
  // They take as much as before.
  expect(await sets()).toEqual([
    { files: 1, saving: 5 },
    { files: 1, saving: 5 },
    { files: 1, saving: 6 },
  ]);
  expect(await scanAndMove(inbox, target)).toMatchObject({ moved: 0, stayed: nobody });

  const { rows: runs } = await sql<{ run: string }>`select distinct run_id as run from console.move`.execute(
    product.db,
  );
  expect(await undoMoves({ db: product.db }, { run: runs[0]?.run as string })).toMatchObject({ kept: [], open: [] });
  expect(filesBelow(inbox.at)).toEqual(photo);
  // What a person has undone stays.
  expect(await scanAndMove(inbox, target)).toMatchObject({ moved: 0, stayed: { undone: 3 } });
  expect(filesBelow(inbox.at)).toEqual(photo);
});

test('a scan that is not to move duplicates leaves them; without a usable folder it says so and moves nothing', async () => {
  const { inbox, target } = await opened();
  expect(await product.scan(inbox.id)).not.toHaveProperty('moved_duplicates');
  expect(await product.scan(inbox.id, { duplicates_root: null })).toMatchObject({
    duplicates: 0,
    moved_duplicates: { moved: 0, problem: expect.stringMatching(/folder of duplicates is not set/) },
  });
  renameSync(target.at, `${target.at} away`);
  mkdirSync(target.at);
  expect(await scanAndMove(inbox, target)).toMatchObject({ moved: 0, problem: expect.stringMatching(/is not at/) });
  expect([filesBelow(inbox.at), filesBelow(target.at)]).toEqual([photo, {}]);
});

test('a file that has become a hard link to the kept one is not moved, and saves nothing', async () => {
  const { inbox, target } = await opened({ 'a.jpg': 'same', 'b.jpg': 'same', 'c.jpg': 'same' });
  await product.scan(inbox.id);
  rmSync(join(inbox.at, 'b.jpg'));
  linkSync(join(inbox.at, 'a.jpg'), join(inbox.at, 'b.jpg'));
  expect(await scanAndMove(inbox, target)).toMatchObject({
    moved: 1,
    stayed: { 'hard link': 1 },
    stayed_files: [{ path: join(inbox.at, 'b.jpg'), reason: 'hard link' }],
  });
  expect([filesBelow(inbox.at), filesBelow(target.at)]).toEqual([
    { 'a.jpg': 'same', 'b.jpg': 'same' },
    { 'c.jpg': 'same' },
  ]);
  expect(await sets()).toEqual([{ files: 2, saving: 4 }]);
});

/** Changes a file and keeps its size and time. */
const change = ({ at }: Place, path: string, content: string) => product.put(join(at, path), content);

test.each([
  ['the duplicate', 'b/deep/IMG_1.MOV', 'VIDEO', { 'changed or gone': 2 }],
  ['the kept file', 'a/IMG_1.MOV', 'VIDEO', { 'kept file changed or gone': 2 }],
])('where %s was changed since it was compared, it stays with its companions', async (_, path, content, stayed) => {
  const { inbox, target, roots } = await opened();
  await product.scan(inbox.id);
  change(inbox, path, content);
  expect(await move(roots)).toMatchObject({ moved: 1, stayed });
  expect([filesBelow(inbox.at), filesBelow(target.at)]).toEqual(
    [{ ...photo, 'd/alone.jpg': undefined, [path]: content }, { 'd/alone.jpg': 'single' }].map((files) =>
      JSON.parse(JSON.stringify(files)),
    ),
  );
  // The next scan compares them again.
  await product.scan(inbox.id);
  expect((await rows(inbox))['b/deep/IMG_1.MOV']).toBe('UNIQUE');
});

test('other content behind the same size, times and inode is found, and is no duplicate', async () => {
  const { inbox, target, roots } = await opened({ 'a.jpg': 'same', 'b.jpg': 'same' });
  await product.scan(inbox.id);
  await sql`update console.file set sha256 = sha256('else') where sha256 is not null`.execute(product.db);
  expect(await move(roots)).toMatchObject({ moved: 0, stayed: { 'changed or gone': 1 } });
  expect([filesBelow(target.at), new Set(Object.values(await rows(inbox)))]).toEqual([{}, new Set(['NEW'])]);
});

test('a group of which a companion is no duplicate stays, and so does what was kept and is gone', async () => {
  const { inbox, target, roots } = await opened({ ...photo, 'e/alone.jpg': 'single' });
  await product.scan(inbox.id);
  product.put(join(inbox.at, 'b/deep/IMG_1.AAE'), 'edits');
  await product.scan(inbox.id);
  rmSync(join(inbox.at, 'c/alone.jpg'));
  expect(await move(roots)).toMatchObject({ moved: 0, stayed: { companion: 2, 'kept file changed or gone': 2 } });
  expect(filesBelow(target.at)).toEqual({});
});

/** Does `work` while a move waits for a lock that a session has taken with a statement. */
async function whileWaiting(lock: string, moving: () => Promise<MovedDuplicates>, work: () => Promise<void> | void) {
  const holder = product.session();
  onTestFinished(() => holder.end());
  await holder.query('begin');
  await holder.query(lock);
  const result = moving();
  const waiting = () =>
    sql<{ n: number }>`
      select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `.execute(product.db);
  await expect.poll(async () => (await waiting()).rows[0]?.n, { interval: 10, timeout: 20_000 }).toBe(1);
  await work();
  await holder.query('commit');
  return result;
}

test('a file that is changed between the comparison and its move stays', async () => {
  const { inbox, target, roots } = await opened({ 'a.jpg': 'same', 'b.jpg': 'same' });
  await product.scan(inbox.id);
  await product.stop();
  // The move takes the row of its root once both files are read.
  const report = await whileWaiting(
    `select from console.file_root where id = ${target.id} for update`,
    () => move(roots),
    () => {
      writeFileSync(join(inbox.at, 'b.jpg'), 'SAME');
      utimesSync(join(inbox.at, 'b.jpg'), 1_700_000_000, 1_700_000_000);
    },
  );
  expect(report).toMatchObject({ moved: 0, stayed: { 'changed or gone': 1 } });
  expect([filesBelow(inbox.at), filesBelow(target.at)]).toEqual([{ 'a.jpg': 'same', 'b.jpg': 'SAME' }, {}]);
});

test('a file that a person takes out of its set while it is about to move stays', async () => {
  const { inbox, target, roots } = await opened({ 'a.jpg': 'same', 'b.jpg': 'same' });
  await product.scan(inbox.id);
  await product.stop();
  const id = await idOf('b.jpg');
  const report = await whileWaiting(
    `with taken as (select pg_advisory_xact_lock(hashtextextended('console.file states', 0)))
      update console.file set status = 'UNIQUE', duplicate_of = null where id = ${id} and exists (select from taken)`,
    () => move(roots),
    () => {},
  );
  expect(report).toMatchObject({ moved: 0, stayed: { 'changed or gone': 1 } });
  expect([filesBelow(target.at), await rows(inbox)]).toEqual([{}, { 'a.jpg': 'UNIQUE', 'b.jpg': 'UNIQUE' }]);
});

/** What a person has chosen for a file that was moved. */
async function chosen(file: number, choice: 'keep' | 'restore') {
  const { id } = await product.db.transaction().execute((trx) =>
    product.runs.start(
      trx,
      restoreDuplicate,
      { file, choice },
      {
        starter: { trigger: 'manual', actor: { name: 'ann', verified: true } },
        subject: { type: 'file', id: String(file) },
      },
    ),
  );
  product.work();
  await expect.poll(async () => (await product.report(id))?.state, { timeout: 20_000, interval: 20 }).toBe('completed');
}

test('a moved duplicate goes back with its companions as a file of its own, and later scans leave it there', async () => {
  const { inbox, target } = await opened();
  await scanAndMove(inbox, target);
  const file = await idOf('b/deep/IMG_1.MOV');
  const asked = await product.db.transaction().execute((trx) => choose(trx, file, 'restore'));
  expect([asked.files, asked.moves.length]).toEqual([[], 2]);
  await chosen(file, 'restore');
  expect(filesBelow(target.at)).toEqual({ 'd/alone.jpg': 'single' });
  expect(await scanAndMove(inbox, target)).toMatchObject({ moved: 0, stayed: nobody });
  expect(filesBelow(inbox.at)).toEqual({ ...left, 'b/deep/IMG_1.HEIC': 'photo', 'b/deep/IMG_1.MOV': 'video' });
  expect(new Set(Object.values(await rows(inbox)))).toEqual(new Set(['UNIQUE']));
});

test('a moved duplicate that is kept goes back, and the next scan moves those that were kept before', async () => {
  const { inbox, target } = await opened();
  await scanAndMove(inbox, target);
  await chosen(await idOf('b/deep/IMG_1.HEIC'), 'keep');
  expect(await scanAndMove(inbox, target)).toMatchObject({ moved: 2, stayed: nobody });
  expect([filesBelow(inbox.at), filesBelow(target.at)]).toEqual([
    { 'b/deep/IMG_1.HEIC': 'photo', 'b/deep/IMG_1.MOV': 'video', 'c/alone.jpg': 'single' },
    { 'a/IMG_1.HEIC': 'photo', 'a/IMG_1.MOV': 'video', 'd/alone.jpg': 'single' },
  ]);
});

test('moved duplicates whose kept file is gone come back, and one of them is kept', async () => {
  const { inbox, target } = await opened({ ...photo, 'e/alone.jpg': 'single' });
  await scanAndMove(inbox, target);
  rmSync(join(inbox.at, 'c/alone.jpg'));
  // One that a person has changed in the meantime is left alone.
  writeFileSync(join(target.at, 'b/deep/IMG_1.MOV'), 'another video');
  expect(await scanAndMove(inbox, target)).toMatchObject({ moved: 1, stayed: nobody });
  expect([filesBelow(inbox.at), filesBelow(target.at)]).toEqual([
    { 'a/IMG_1.HEIC': 'photo', 'a/IMG_1.MOV': 'video', 'd/alone.jpg': 'single' },
    { 'b/deep/IMG_1.HEIC': 'photo', 'b/deep/IMG_1.MOV': 'another video', 'e/alone.jpg': 'single' },
  ]);
  expect(await rows(inbox)).toMatchObject({ 'd/alone.jpg': 'UNIQUE', 'c/alone.jpg': 'MISSING' });
  expect(await rows(target)).toMatchObject({ 'e/alone.jpg': 'DUPLICATE' });
});

test('many duplicates move in several calls, each once', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 250 }, (_, i) => [`${i % 5}/IMG_${i}.jpg`, `${i % 20}`] as const),
  );
  const { inbox, target } = await opened(files);
  expect(await scanAndMove(inbox, target)).toMatchObject({ moved: 230, stayed: nobody });
  expect({ ...filesBelow(inbox.at), ...filesBelow(target.at) }).toEqual(files);
});
