import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { expectSameResult } from '../../test/interrupted-scans.ts';

let product: FilesProduct;
beforeAll(async () => {
  product = await openFiles();
  return () => product.close();
});
beforeEach(() => product.reset());

type Place = Awaited<ReturnType<FilesProduct['root']>>;

/** A root with files, by their paths; their contents are the values. */
async function rootOf(files: Record<string, string | Buffer>): Promise<Place> {
  const root = await product.root();
  for (const [path, content] of Object.entries(files)) product.put(join(root.at, path), content);
  return root;
}

/** The states of the files of a root, without its name. */
async function statesOf({ name }: Place): Promise<Record<string, string>> {
  const mine = Object.entries(await product.states()).filter(([path]) => path.startsWith(`${name}/`));
  return Object.fromEntries(
    mine.map(([path, state]) => [path.slice(name.length + 1), state.replace(`of ${name}/`, 'of ')]),
  );
}

/** Writes as the later steps of the pipeline do. */
const set = (root: Place, name: string, columns: string) =>
  sql`update console.file f set ${sql.raw(columns)} from console.file_directory d
    where d.id = f.directory_id and d.root_id = ${root.id} and f.name = ${Buffer.from(name)}`.execute(product.db);

const big = (fill: string, length = 300_000) => Buffer.alloc(length, fill);

test('files with the same content are duplicates of the first of them; others are unique', async () => {
  const middle = big('x');
  middle[150_000] = 1;
  const root = await rootOf({
    'b/1.jpg': 'one',
    'a/2.jpg': 'one',
    'a/3.jpg': 'two',
    'c.jpg': 'longer',
    'big/1.mov': big('x'),
    'big/2.mov': big('x'),
    'big/3.mov': middle,
    'big/4.mov': big('y'),
    'empty/1': '',
    'empty/2': '',
  });
  expect(await product.scan(root.id)).toMatchObject({
    files: 10,
    fresh: 10,
    missing: 0,
    duplicates: 2,
    duplicate_bytes: 300_003,
    unique: 8,
    states: { UNIQUE: 8, DUPLICATE: 2 },
  });
  expect(await statesOf(root)).toEqual({
    'a/2.jpg': 'UNIQUE',
    'a/3.jpg': 'UNIQUE',
    'b/1.jpg': 'DUPLICATE of a/2.jpg',
    'big/1.mov': 'UNIQUE',
    'big/2.mov': 'DUPLICATE of big/1.mov',
    'big/3.mov': 'UNIQUE',
    'big/4.mov': 'UNIQUE',
    'c.jpg': 'UNIQUE',
    'empty/1': 'UNIQUE',
    'empty/2': 'UNIQUE',
  });
});

test.each([
  ['the shortest path', { keep: 'shortest' }, 'b.jpg'],
  ['what was changed first', { keep: 'oldest' }, 'c/last.jpg'],
  ['what is in a preferred folder', { keep: 'shortest', preferred: ['nowhere', 'a/long/'] }, 'a/long/name.jpg'],
])('%s goes on where that is chosen', async (_, rule, kept) => {
  const root = await rootOf({ 'a/long/name.jpg': 'same', 'b.jpg': 'same', 'c/last.jpg': 'same' });
  utimesSync(join(root.at, 'c/last.jpg'), 0, 1_000_000_000);
  await product.scan(root.id, rule);
  const states = await statesOf(root);
  expect(Object.keys(states).filter((path) => states[path] === 'UNIQUE')).toEqual([kept]);
});

test.each(['BATCHED', 'SYNCED', 'SORTED', 'ARCHIVED', 'UNIQUE'])(
  'a duplicate of a file that is %s changes only the new file, also in another root',
  async (status) => {
    const content = `content of ${status}`;
    const [archive, inbox] = [await rootOf({ 'z.jpg': content }), await rootOf({ 'a.jpg': content })];
    await product.scan(archive.id);
    const batch = await product.batch(archive.id, `batch ${status}`);
    await set(archive, 'z.jpg', `status = '${status}', batch_id = ${batch}`);
    const row = () => sql`select f.*, xmin from console.file f where f.batch_id = ${batch}`.execute(product.db);
    await product.scan(archive.id);
    await product.scan(inbox.id);
    expect(await statesOf(inbox)).toEqual({ 'a.jpg': `DUPLICATE of ${archive.name}/z.jpg` });
    expect(await statesOf(archive)).toEqual({ 'z.jpg': status });
    const before = await row();
    product.put(join(inbox.at, 'b.jpg'), content);
    await product.scan(inbox.id);
    expect(await statesOf(inbox)).toMatchObject({ 'b.jpg': `DUPLICATE of ${archive.name}/z.jpg` });
    expect((await row()).rows).toEqual(before.rows);
    await set(archive, 'z.jpg', "batch_id = null, status = 'UNIQUE'");
  },
);

test('changed content is read again, and what was its duplicate begins again', async () => {
  const root = await rootOf({ 'a.jpg': 'same', 'b.jpg': 'same', 'c.jpg': 'same' });
  await product.scan(root.id);
  expect(await statesOf(root)).toMatchObject({ 'b.jpg': 'DUPLICATE of a.jpg', 'c.jpg': 'DUPLICATE of a.jpg' });
  product.put(join(root.at, 'a.jpg'), 'else');
  utimesSync(join(root.at, 'a.jpg'), 1_600_000_000, 1_600_000_000);
  expect(await product.scan(root.id)).toMatchObject({ fresh: 0, changed: 1 });
  expect(await statesOf(root)).toEqual({ 'a.jpg': 'UNIQUE', 'b.jpg': 'UNIQUE', 'c.jpg': 'DUPLICATE of b.jpg' });
});

test('a change that keeps size and time is found by ctime, and the content is compared', async () => {
  const root = await rootOf({ 'a.jpg': 'same', 'b.jpg': 'same', 'c.jpg': 'kept' });
  await product.scan(root.id);
  product.put(join(root.at, 'a.jpg'), 'SAME');
  product.put(join(root.at, 'c.jpg'), 'kept');
  await product.scan(root.id);
  expect(await statesOf(root)).toEqual({ 'a.jpg': 'UNIQUE', 'b.jpg': 'UNIQUE', 'c.jpg': 'UNIQUE' });
  const unverified = await sql`select from console.file where is_unverified`.execute(product.db);
  expect(unverified.rows).toEqual([]);
});

test('a file that may have changed keeps nothing until its content was compared', async () => {
  const [archive, inbox] = [
    await rootOf({ 'y.jpg': 'kept', 'z.jpg': 'same' }),
    await rootOf({ 'a.jpg': 'same', 'b.jpg': 'kept' }),
  ];
  await product.scan(archive.id);
  await sql`update console.file set status = 'SORTED', is_unverified = true, sha256 = sha256('same')
    where name = 'z.jpg'`.execute(product.db);
  await sql`update console.file set status = 'SORTED', is_unverified = true, sha256 = sha256('kept')
    where name = 'y.jpg'`.execute(product.db);
  product.put(join(archive.at, 'z.jpg'), 'SAME');
  await product.scan(inbox.id);
  expect(await statesOf(inbox)).toEqual({ 'a.jpg': 'UNIQUE', 'b.jpg': `DUPLICATE of ${archive.name}/y.jpg` });
});

test('a keeper that becomes a duplicate takes its own duplicates along', async () => {
  const root = await rootOf({ 'a.jpg': 'same', 'b.jpg': 'same' });
  await product.scan(root.id);
  // As where a scan is cut off before files are unique.
  await set(root, 'a.jpg', `status = 'NEW'`);
  const archive = await rootOf({ 'z.jpg': 'same' });
  await product.scan(archive.id);
  await set(archive, 'z.jpg', `status = 'SORTED', duplicate_of = null`);
  await product.scan(root.id);
  expect(new Set(Object.values(await statesOf(root)))).toEqual(new Set([`DUPLICATE of ${archive.name}/z.jpg`]));
});

test('hard links to one file are no duplicates and no saving; a copy of them is one', async () => {
  const root = await rootOf({ 'a.jpg': 'linked', 'c.jpg': 'linked', 'x.jpg': 'only linked' });
  linkSync(join(root.at, 'a.jpg'), join(root.at, 'b.jpg'));
  linkSync(join(root.at, 'x.jpg'), join(root.at, 'y.jpg'));
  expect(await product.scan(root.id)).toMatchObject({ duplicates: 1, duplicate_bytes: 6 });
  expect(await statesOf(root)).toEqual({
    'a.jpg': 'UNIQUE',
    'b.jpg': 'UNIQUE',
    'c.jpg': 'DUPLICATE of a.jpg',
    'x.jpg': 'UNIQUE',
    'y.jpg': 'UNIQUE',
  });
});

test('companions never part: a group is a duplicate if all of it is', async () => {
  const root = await rootOf({
    'a/IMG_1.HEIC': 'photo',
    'a/IMG_1.MOV': 'video',
    'b/IMG_1.HEIC': 'photo',
    'b/IMG_1.MOV': 'video',
    'c/IMG_1.HEIC': 'photo',
    'c/IMG_1.MOV': 'other',
    'd/IMG_1.HEIC': 'photo',
  });
  await product.scan(root.id);
  expect(await statesOf(root)).toEqual({
    'a/IMG_1.HEIC': 'UNIQUE',
    'a/IMG_1.MOV': 'UNIQUE',
    'b/IMG_1.HEIC': 'DUPLICATE of a/IMG_1.HEIC',
    'b/IMG_1.MOV': 'DUPLICATE of a/IMG_1.MOV',
    'c/IMG_1.HEIC': 'UNIQUE',
    'c/IMG_1.MOV': 'UNIQUE',
    'd/IMG_1.HEIC': 'DUPLICATE of a/IMG_1.HEIC',
  });
});

test('odd names, links, pipes and sparse files are listed or named, and never fatal', async () => {
  const root = await rootOf({ 'plain.jpg': 'same' });
  const directory = Buffer.concat([Buffer.from(`${root.at}/d`), Buffer.from([0xfe])]);
  mkdirSync(directory);
  const put = (name: Buffer | string) =>
    writeFileSync(Buffer.concat([directory, Buffer.from('/'), Buffer.from(name)]), 'same');
  const names = ['new\nline.jpg', 'x'.repeat(255), '\u00e9.jpg', 'e\u0301.jpg', 'twin.JPG', 'twin.jpg', '"\\,{}\t.jpg'];
  for (const name of names) put(name);
  put(Buffer.from([0xff, 0x2e]));
  symlinkSync('..', join(root.at, 'loop'));
  execFileSync('mkfifo', [join(root.at, 'pipe')]);
  for (const name of ['sparse 1', 'sparse 2']) {
    writeFileSync(join(root.at, name), '');
    truncateSync(join(root.at, name), 200_000);
  }
  const output = await product.scan(root.id);
  expect(output).toMatchObject({ files: 11, left_out: { link: 1, special: 1, 'not UTF-8': 1 } });
  const states = await statesOf(root);
  const latin = (name: string) => `d\u00fe/${Buffer.from(name).toString('latin1')}`;
  expect(Object.keys(states).toSorted()).toEqual(
    [...names.map(latin), 'd\u00fe/\u00ff.', 'plain.jpg', 'sparse 1', 'sparse 2'].toSorted(),
  );
  const [first = ''] = names.map(latin).toSorted();
  expect([states[first], states['plain.jpg']]).toEqual(['UNIQUE', `DUPLICATE of ${first}`]);
  expect(states['sparse 2']).toBe('DUPLICATE of sparse 1');
});

test('files that are gone are missing, their duplicates begin again, and they are what they were when they return', async () => {
  const root = await rootOf({
    'a/1.jpg': 'same',
    'b/2.jpg': 'same',
    'c/3.jpg': 'else',
    'd.jpg': 'more',
    'e.jpg': 'most',
  });
  await product.scan(root.id);
  await set(root, '3.jpg', `status = 'SORTED'`);
  const away = `${root.at} away`;
  mkdirSync(away);
  renameSync(join(root.at, 'a'), join(away, 'a'));
  renameSync(join(root.at, 'c/3.jpg'), join(away, '3.jpg'));
  expect(await product.scan(root.id)).toMatchObject({ missing: 2 });
  expect(await statesOf(root)).toMatchObject({ 'a/1.jpg': 'MISSING', 'b/2.jpg': 'UNIQUE', 'c/3.jpg': 'MISSING' });
  renameSync(join(away, 'a'), join(root.at, 'a'));
  renameSync(join(away, '3.jpg'), join(root.at, 'c/3.jpg'));
  await product.scan(root.id);
  // It is the later one now.
  expect(await statesOf(root)).toMatchObject({
    'a/1.jpg': 'DUPLICATE of b/2.jpg',
    'b/2.jpg': 'UNIQUE',
    'c/3.jpg': 'SORTED',
  });
});

test('a file that an interrupted move may have taken along is not missing', async () => {
  const root = await rootOf({ 'a.jpg': '1', 'b.jpg': '22', 'c.jpg': '333' });
  await product.scan(root.id);
  await sql`
    insert into console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode)
    select gen_random_uuid(), id, directory_id, name, directory_id, 'moved.jpg', size, mtime_ns, inode from console.file where name = 'a.jpg'
  `.execute(product.db);
  rmSync(join(root.at, 'a.jpg'));
  expect(await product.scan(root.id)).toMatchObject({ missing: 0 });
  expect(await statesOf(root)).toMatchObject({ 'a.jpg': 'UNIQUE' });
  await sql`update console.move set state = 'given_up', ended_at = now()`.execute(product.db);
  expect(await product.scan(root.id)).toMatchObject({ missing: 1 });
});

test('a scan that finds less than half of the files stops and says so, until a person accepts it', async () => {
  const root = await rootOf({ '1.jpg': '1', '2.jpg': '22', 'a/3.jpg': '333' });
  await product.scan(root.id);
  rmSync(join(root.at, '1.jpg'));
  rmSync(join(root.at, 'a'), { recursive: true });
  expect(await product.scan(root.id)).toMatch(/^Of 3 files in "root \d+", 2 are gone\./);
  expect(await statesOf(root)).toEqual({ '1.jpg': 'UNIQUE', '2.jpg': 'UNIQUE', 'a/3.jpg': 'UNIQUE' });
  expect(await product.scan(root.id, { accept_missing: true })).toMatchObject({ missing: 2 });
  expect(await statesOf(root)).toEqual({ '1.jpg': 'MISSING', '2.jpg': 'UNIQUE', 'a/3.jpg': 'MISSING' });
});

test('a root whose disk is not mounted keeps all files, and so do ignored names and directories of other roots', async () => {
  const root = await rootOf({ 'a.jpg': '1', 'b.tmp': '22', 'c/d.jpg': '333', 'e/f.jpg': '4444' });
  await product.scan(root.id);
  renameSync(root.at, `${root.at} away`);
  mkdirSync(root.at);
  expect(await product.scan(root.id)).toMatch('is not at');
  await product.forget();
  rmSync(root.at, { recursive: true });
  renameSync(`${root.at} away`, root.at);
  writeFileSync(join(root.at, 'c/.at-root'), '');
  expect(await product.scan(root.id, { ignored: ['*.tmp', 'e'] })).toMatchObject({
    files: 1,
    missing: 0,
    left_out: { ignored: 2, 'other root': 1 },
  });
  expect(new Set(Object.values(await statesOf(root)))).toEqual(new Set(['UNIQUE']));
});

/** Whether the directories of a root have digests. */
const digestsOf = async ({ id }: Place) =>
  (
    await sql<{ digest: Buffer | null }>`
      select digest from console.file_directory where root_id = ${id} and parent_id is not null order by name
    `.execute(product.db)
  ).rows.map(({ digest }) => digest !== null);

/** Scans until no file is young. */
const settle = (root: Place) =>
  expect
    .poll(
      async () => {
        await product.scan(root.id);
        return digestsOf(root);
      },
      { timeout: 15_000, interval: 300 },
    )
    .not.toContain(false);

test('a file that is not what was found stays new with its companions, and is named', async () => {
  const root = await rootOf({ 'a/1.jpg': 'same', 'a/1.mov': 'video', 'b/2.jpg': 'same', 'c/3.jpg': 'same' });
  await settle(root);
  await set(root, '2.jpg', `status = 'UNIQUE', duplicate_of = null`);
  await set(root, '1.jpg', `status = 'NEW', head = null, sha256 = null, ctime_ns = 1`);
  await set(root, '1.mov', `status = 'NEW'`);
  // Its hash may be that of former content.
  await set(root, '3.jpg', `status = 'NEW', duplicate_of = null, is_unverified = true, ctime_ns = 1`);
  expect(await product.scan(root.id)).toMatchObject({
    left_out: { changing: 2 },
    left_out_files: ['c/3.jpg', 'a/1.jpg'].map((path) => ({ path: join(root.at, path), reason: 'changing' })),
    states: { NEW: 3, UNIQUE: 1 },
  });
  await sql`update console.file_directory set digest = null where root_id = ${root.id}`.execute(product.db);
  await product.scan(root.id);
  expect(await statesOf(root)).toEqual({
    'a/1.jpg': 'UNIQUE',
    'a/1.mov': 'UNIQUE',
    'b/2.jpg': 'UNIQUE',
    'c/3.jpg': 'DUPLICATE of b/2.jpg',
  });
});

test('an unchanged directory is not compared again, and a changed one is', async () => {
  const root = await rootOf({ 'a/1.jpg': '1', 'a/2.jpg': '22', 'b/3.jpg': '333' });
  await settle(root);
  const writes = async () =>
    (await sql`select max(xmin::text::bigint) as latest from console.file`.execute(product.db)).rows;
  const before = await writes();
  expect(await product.scan(root.id)).toMatchObject({ files: 3, fresh: 0, changed: 0 });
  expect(await writes()).toEqual(before);
  // Without its digest the directory is compared.
  await set(root, '1.jpg', `size = 7`);
  expect(await product.scan(root.id)).toMatchObject({ changed: 0 });
  await sql`update console.file_directory set digest = null where root_id = ${root.id}`.execute(product.db);
  expect(await product.scan(root.id)).toMatchObject({ changed: 1 });
});

test('two scans of a root at once are one run; one whose worker was thought dead waits', async () => {
  const root = await rootOf({ 'a.jpg': '1' });
  const [one, two] = await Promise.all([product.start(root.id), product.start(root.id)]);
  expect(one.id).toBe(two.id);
  const holder = product.session();
  onTestFinished(() => holder.end());
  await product.scan(root.id);
  await holder.query(`select pg_advisory_lock(hashtextextended('console.file_root scan', ${root.id}))`);
  const { id } = await product.start(root.id);
  const lines = async () =>
    (await sql<{ message: string }>`select message from console.run_log`.execute(product.db)).rows.map(
      ({ message }) => message,
    );
  await expect
    .poll(lines, { interval: 50 })
    .toContainEqual(expect.stringContaining(`"${root.name}" is in use by rear-differential (`));
  await holder.query('select pg_advisory_unlock_all()');
  await sql`update console.job set start_after = now() where state < 'active'`.execute(product.db);
  await expect.poll(async () => (await product.report(id))?.state, { timeout: 20_000, interval: 50 }).toBe('completed');
});

test('a scan that is cut off anywhere is finished by the next attempt with the same result', () =>
  expectSameResult(product, false));
