import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activity } from '@at/contracts/activity';
import type { DuplicateActed, DuplicateList } from '@at/contracts/duplicates';
import type { Problem } from '@at/contracts/problem';
import { emptyTables } from '@at/db/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { insertFileRoot, insertFiles } from '#test/sample-files.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

let app: TestApp;
let inbox: number;
beforeAll(async () => {
  app = await startTestApp({ works: false });
});
afterAll(() => app.close());
beforeEach(async () => {
  await emptyTables(
    app.db,
    'console.move',
    'console.file',
    'console.file_directory',
    'console.file_root',
    'console.batch',
    'console.duplicate_set',
  );
  inbox = await insertFileRoot(app.db, 'inbox');
});

const list = async (query = '') => {
  const { status, body } = await app.call<DuplicateList>('GET', `//api/duplicates${query}`);
  expect(status).toBe(200);
  return body;
};
const ids = async (query = '') => (await list(query)).data.map(({ id }) => id);
const act = (id: number, what: 'keep' | 'restore') =>
  app.call<Omit<DuplicateActed, 'success'> & Omit<Problem, 'success'>>('POST', `//api/duplicates/${id}/${what}`, {
    body: {},
  });
const states = async () => {
  const { rows } = await sql<{ path: string; status: string; keeper: string | null }>`
    select console.file_path(f.directory_id, f.name) as path, f.status, console.file_path(k.directory_id, k.name) as keeper
    from console.file f left join console.file k on k.id = f.duplicate_of order by path
  `.execute(app.db);
  return Object.fromEntries(rows.map(({ path, status, keeper }) => [path, keeper ? `${status} of ${keeper}` : status]));
};
/** A file with duplicates, by their paths. */
async function set(paths: string[], more: Partial<Parameters<typeof insertFiles>[2][0]> = {}): Promise<number[]> {
  const [keeper = '', ...others] = paths;
  const [id] = await insertFiles(app.db, inbox, [{ path: keeper, content: keeper, ...more }]);
  const { status: _, ...rest } = more;
  const duplicates = others.map((path) => ({ path, content: keeper, ...rest, duplicate_of: id as number }));
  return [id as number, ...(await insertFiles(app.db, inbox, duplicates))];
}

describe('sets of duplicates', () => {
  test('are there with the largest saving first, page by page, with totals of all that match', async () => {
    const [small] = await set(['a/1.jpg', 'b/1.jpg'], { size: 10 });
    const [many] = await set(['a/2.jpg', 'b/2.jpg', 'c/2.jpg', 'd/2.jpg'], { size: 40 });
    const [big] = await set(['a/3.mov', 'b/3.mov'], { size: 90, kind: 'video' });
    const all = await list();
    expect(all.data.map(({ id, files, saving }) => [id, files, saving])).toEqual([
      [many, 3, 120],
      [big, 1, 90],
      [small, 1, 10],
    ]);
    expect([all.totals, all.pagination.total]).toEqual([{ sets: 3, files: 5, bytes: 220 }, 3]);
    const first = await list('?limit=2');
    expect(first.data.map(({ id }) => id)).toEqual([many, big]);
    const next = await list(`?limit=2&cursor=${first.pagination.next_cursor}`);
    expect([next.data.map(({ id }) => id), next.pagination.has_more]).toEqual([[small], false]);
    expect(await ids('?sort_by=size')).toEqual([big, many, small]);
    expect(await ids('?sort_by=files&sort_order=asc')).toEqual([small, big, many]);
    expect(await list('?kind=video')).toMatchObject({ data: [{ id: big }], totals: { sets: 1, files: 1, bytes: 90 } });
  });

  test('count what inodes take: hard links of one inode once, and those of the kept file never', async () => {
    const [keeper] = await insertFiles(app.db, inbox, [{ path: 'a.jpg', content: 'x', inode: 1 }]);
    const of = { content: 'x', duplicate_of: keeper as number };
    await insertFiles(app.db, inbox, [
      { path: 'copy.jpg', inode: 2, ...of },
      { path: 'linked to copy.jpg', inode: 2, ...of },
      { path: 'linked to a.jpg', inode: 1, ...of },
    ]);
    // An inode of another disk is another one; one of another root on the same disk is not.
    await insertFiles(app.db, await insertFileRoot(app.db, 'other', 'other disk'), [
      { path: 'b.jpg', inode: 2, ...of },
    ]);
    await insertFiles(app.db, await insertFileRoot(app.db, 'beside', 'disk'), [{ path: 'b.jpg', inode: 2, ...of }]);
    const { data } = await list();
    expect([data[0]?.files, data[0]?.saving]).toEqual([5, 200]);
    // Totals are up to a second old.
    await expect.poll(async () => (await list()).totals).toEqual({ sets: 1, files: 5, bytes: 200 });
    expect(data[0]?.duplicates.map(({ path, is_linked }) => [path, is_linked])).toContainEqual([
      'linked to a.jpg',
      true,
    ]);
    await sql`update console.file set inode = 1 where name = 'copy.jpg'`.execute(app.db);
    expect((await list()).data[0]?.saving).toBe(200);
    await sql`update console.file set inode = 1 where inode = 2`.execute(app.db);
    expect((await list()).data[0]?.saving).toBe(100);
  });

  test('follow the states of files, by any client of the database', async () => {
    const [first, second, third] = await set(['a.jpg', 'b.jpg', 'c.jpg']);
    expect((await list()).data).toMatchObject([{ id: first, files: 2, saving: 200 }]);
    await sql`update console.file set status = 'MISSING', status_before = 'DUPLICATE', duplicate_of = null where id = ${third}`.execute(
      app.db,
    );
    expect((await list()).data).toMatchObject([{ id: first, files: 1, saving: 100 }]);
    await sql`update console.file set status = 'NEW', duplicate_of = null where id = ${second}`.execute(app.db);
    expect((await list()).data).toEqual([]);
    await expect.poll(async () => (await list()).totals).toEqual({ sets: 0, files: 0, bytes: 0 });
  });

  test('say what tells the files apart', async () => {
    const [keeper] = await insertFiles(app.db, inbox, [{ path: 'a/IMG_1.jpg', content: 'x', status: 'SORTED' }]);
    const of = { content: 'x', duplicate_of: keeper as number };
    await insertFiles(app.db, inbox, [
      { path: 'a/IMG_1 (1).jpg', ...of },
      { path: 'b/IMG_1.jpg', mtime: 1_600_000_000, ...of },
    ]);
    const { data } = await list();
    expect(data[0]).toMatchObject({
      kind: 'photo',
      size: 100,
      keeper: { id: keeper, root: 'inbox', path: 'a/IMG_1.jpg', status: 'SORTED', captured_at: null, companions: 0 },
      duplicates: [
        { path: 'a/IMG_1 (1).jpg', differs: ['name'], moved_from: null },
        { path: 'b/IMG_1.jpg', differs: ['folder', 'modified'], modified_at: '2020-09-13T12:26:40.000000Z' },
      ],
    });
  });

  test('are found by kind, size, saving, number, state of the kept file, name, folder and file', async () => {
    const [first, its] = await set(['trip/Größe 1.jpg', 'b/1.jpg'], { size: 10 });
    const [second] = await set(['a/2.mov', 'b/2.mov', 'c/2.mov'], { size: 20, kind: 'video', status: 'SORTED' });
    expect(await ids('?size_min=11')).toEqual([second]);
    expect(await ids('?saving_min=40')).toEqual([second]);
    expect(await ids('?files_min=2')).toEqual([second]);
    expect(await ids('?status=SORTED,ARCHIVED')).toEqual([second]);
    expect(await ids('?kind=photo')).toEqual([first]);
    expect(await ids('?search=TRIP')).toEqual([first]);
    expect(await ids('?search=gr%C3%B6%C3%9Fe')).toEqual([first]);
    expect(await ids('?search=c')).toEqual([second]);
    expect(await ids('?search=%25')).toEqual([]);
    expect(await ids(`?id=${its}`)).toEqual([first]);
    expect(await ids('?moved=false')).toEqual([second, first]);
    expect(await ids('?moved=true')).toEqual([]);
  });

  test('have names that are not UTF-8 with their bytes escaped, and as many files as a request wants', async () => {
    const [first] = await set(['a.jpg', 'b.jpg', 'c.jpg']);
    await sql`update console.file set name = '\\xff2e6a7067' where name = 'b.jpg'`.execute(app.db);
    const { data } = await list(`?id=${first}&limit=1&files_per_set=1`);
    expect(data[0]).toMatchObject({ files: 2, duplicates: [{ path: '\\377.jpg' }] });
    expect((await app.call('GET', '//api/duplicates?files_per_set=1000')).status).toBe(422);
  });
});

describe('keep', () => {
  test('swaps the file that is kept; the others become its duplicates', async () => {
    const [, , third] = await set(['a.jpg', 'b.jpg', 'c.jpg']);
    const { status, body } = await act(third as number, 'keep');
    expect([status, body.run_id]).toEqual([200, null]);
    expect(await states()).toEqual({
      'a.jpg': 'DUPLICATE of c.jpg',
      'b.jpg': 'DUPLICATE of c.jpg',
      'c.jpg': 'UNIQUE',
    });
    expect((await list()).data).toMatchObject([{ id: third, files: 2, saving: 200 }]);
  });

  test('swaps companions together, also where they are duplicates of files of other groups', async () => {
    const [photo, photoCopy] = await set(['a/1.heic', 'b/1.heic']);
    const [video, videoCopy] = await set(['a/1.mov', 'b/1.mov']);
    await sql`update console.file set group_id = ${photo} where id = ${video}`.execute(app.db);
    await sql`update console.file set group_id = ${photoCopy} where id = ${videoCopy}`.execute(app.db);
    expect((await act(videoCopy as number, 'keep')).status).toBe(200);
    expect(await states()).toEqual({
      'a/1.heic': 'DUPLICATE of b/1.heic',
      'a/1.mov': 'DUPLICATE of b/1.mov',
      'b/1.heic': 'UNIQUE',
      'b/1.mov': 'UNIQUE',
    });
  });

  test('is refused where companions would be parted', async () => {
    const [photo, copy] = await set(['a/1.heic', 'b/1.heic']);
    await insertFiles(app.db, inbox, [{ path: 'a/1.mov', group_id: photo as number }]);
    const before = await states();
    const { status, body } = await act(copy as number, 'keep');
    expect([status, body.detail]).toEqual([409, expect.stringMatching(/^a\/1\.mov belongs to .* Companions stay/)]);
    expect(await states()).toEqual(before);
  });

  test.each([
    ['BATCHED', /is in a batch/],
    ['SYNCED', /is in a batch and on the device/],
    ['SORTED', /is in the archive/],
    ['ARCHIVED', /is in the archive/],
  ])('is refused if the kept file is %s', async (status, why) => {
    const [kept, copy] = await set(['a.jpg', 'b.jpg']);
    await sql`
      with batch as (
        insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id)
        select ${status}, 1, 1, '{}', '{}', min(id) from console.file_directory returning id
      ) update console.file set status = ${status}, batch_id = (select id from batch) where id = ${kept}
    `.execute(app.db);
    const reply = await act(copy as number, 'keep');
    expect([reply.status, reply.body.detail]).toEqual([409, expect.stringMatching(why)]);
    expect(await states()).toEqual({ 'a.jpg': status, 'b.jpg': 'DUPLICATE of a.jpg' });
  });

  test('is refused for what may have changed, moves now, or is no duplicate; and is 404 for what is not there', async () => {
    const [first, copy] = (await set(['a.jpg', 'b.jpg'])) as [number, number];
    expect((await act(first, 'keep')).body).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/no duplicate/),
    });
    await sql`update console.file set is_unverified = true where id = ${first}`.execute(app.db);
    expect((await act(copy, 'keep')).body).toMatchObject({ status: 409, detail: expect.stringMatching(/Scan first/) });
    await sql`update console.file set is_unverified = false`.execute(app.db);
    await sql`
      insert into console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode)
      select gen_random_uuid(), id, directory_id, name, directory_id, 'c.jpg', size, mtime_ns, inode from console.file where id = ${copy}
    `.execute(app.db);
    for (const what of ['keep', 'restore'] as const)
      expect((await act(copy, what)).body).toMatchObject({ status: 409, detail: expect.stringMatching(/being moved/) });
    expect((await act(copy + 1000, 'keep')).status).toBe(404);
  });
});

describe('restore', () => {
  test('makes a duplicate and its companions files of their own, and leaves the rest', async () => {
    const [photo, photoCopy] = await set(['a/1.heic', 'b/1.heic', 'c/1.heic']);
    const [video, videoCopy] = await set(['a/1.mov', 'b/1.mov']);
    await sql`update console.file set group_id = ${photo} where id = ${video}`.execute(app.db);
    await sql`update console.file set group_id = ${photoCopy} where id = ${videoCopy}`.execute(app.db);
    const { status, body } = await act(photoCopy as number, 'restore');
    expect([status, body.files]).toEqual([200, [photoCopy, videoCopy]]);
    const { body: activity } = await app.call<{ data: Activity[] }>('GET', '/activity?type=queue.changed&limit=1');
    expect(activity.data.map(({ file }) => file)).toMatchObject([
      { action: 'restore-duplicate', name: '1.heic', item_id: null, run_id: null },
    ]);
    expect(await states()).toEqual({
      'a/1.heic': 'UNIQUE',
      'a/1.mov': 'UNIQUE',
      'b/1.heic': 'UNIQUE',
      'b/1.mov': 'UNIQUE',
      'c/1.heic': 'DUPLICATE of a/1.heic',
    });
  });

  test('starts a run, once, where files were moved', async () => {
    const [, copy] = (await set(['a.jpg', 'b.jpg'])) as [number, number];
    await sql`
      insert into console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode,
        state, ended_at)
      select gen_random_uuid(), id, directory_id, 'was.jpg', directory_id, name, size, mtime_ns, inode, 'done', now()
      from console.file where id = ${copy}
    `.execute(app.db);
    expect((await list()).data[0]?.duplicates).toMatchObject([
      { path: 'b.jpg', moved_from: 'was.jpg', moved_from_root: 'inbox', differs: ['name'] },
    ]);
    const { status, body } = await act(copy, 'restore');
    expect([status, body]).toEqual([202, expect.objectContaining({ files: [], run_id: expect.any(String) })]);
    expect((await act(copy, 'keep')).body).toMatchObject({ status: 409, detail: expect.stringMatching(/already/) });
    expect(await states()).toEqual({ 'a.jpg': 'UNIQUE', 'b.jpg': 'DUPLICATE of a.jpg' });
  });
});

test('a scan moves duplicates as configured, and a request brings one back and waits for it', async () => {
  const base = mkdtempSync(join(tmpdir(), 'at-duplicates-'));
  const own = await startTestApp({ works: false, deps: () => ({ runPatience: 30_000 }) });
  const worker = startWorker(own.config);
  onTestFinished(async () => {
    await worker.stop();
    await own.close();
    rmSync(base, { recursive: true, force: true });
  });
  const [source_dir, duplicates_dir] = [join(base, 'inbox'), join(base, 'duplicates')];
  for (const folder of [join(source_dir, 'a'), join(source_dir, 'b'), duplicates_dir])
    mkdirSync(folder, { recursive: true });
  for (const path of ['a/1.jpg', 'b/2.jpg']) writeFileSync(join(source_dir, path), 'the same');
  const ok = async (method: string, path: string, body?: object) => {
    const reply = await own.call<DuplicateList & DuplicateActed>(method, path, body && { body });
    expect([path, reply.status, reply.text]).toEqual([path, 200, expect.anything()]);
    return reply.body;
  };
  await ok('PUT', '//api/config', { paths: { source_dir, duplicates_dir } });
  await ok('POST', '//api/config/roots', {});
  await ok('POST', '//api/dedup/start', {});
  const moved = async () => (await ok('GET', '//api/duplicates?moved=true')).data;
  await expect.poll(async () => (await moved()).length).toBe(1);
  const file = (await moved())[0]?.duplicates[0];
  expect(file).toMatchObject({ path: 'b/2.jpg', moved_from: 'b/2.jpg' });
  expect(existsSync(join(duplicates_dir, 'b/2.jpg'))).toBe(true);

  const back = await ok('POST', `//api/duplicates/${file?.id}/restore`, {});
  expect(back).toMatchObject({
    message: 'The file is no duplicate any more',
    files: [file?.id],
    run_id: expect.anything(),
  });
  expect([existsSync(join(source_dir, 'b/2.jpg')), existsSync(join(duplicates_dir, 'b/2.jpg'))]).toEqual([true, false]);
  expect((await ok('GET', '//api/duplicates')).data).toEqual([]);
});
