import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cr3, jpeg, movie, placeAt, tag } from '@at/adapters/test/captures';
import { mountDeadDisk } from '@at/adapters/test/dead-disk';
import { bomb, halves, landscape, look } from '@at/adapters/test/pictures';
import type { PipelineFile } from '@at/contracts/files';
import type { Problem } from '@at/contracts/problem';
import { sql } from 'kysely';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

let app: TestApp;
let base: string;
let inbox: string;
const isOdd = (name: string) => name.startsWith('odd');
const put = (name: string, content: Buffer | string) => writeFileSync(join(inbox, name), content);
const latin = () => Buffer.concat([Buffer.from(`${inbox}/`), Buffer.from('odd\n\xfc.jpg', 'latin1')]);

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'at-thumbnails-'));
  inbox = join(base, 'inbox');
  mkdirSync(join(inbox, 'album'), { recursive: true });
  const exif = { main: { [tag.orientation]: [6] }, place: placeAt(52.5, 13.4) };
  put('turned.jpg', jpeg(exif, { picture: await halves(400, 200, 'jpeg') }));
  for (const name of ['album/one.jpg', 'twin of one.jpg']) put(name, await landscape(900, 600, 10));
  writeFileSync(latin(), await landscape(900, 600, 20));
  put('raw.CR3', cr3({}, await landscape(900, 600, 30)));
  for (const name of ['gone.jpg', 'changed.jpg', 'linked.jpg']) put(name, await landscape(900, 600, name.length * 20));
  for (const name of ['pair.jpg', 'other of the pair.jpg']) put(name, await landscape(900, 600, 140));
  put('bomb.png', bomb());
  put('script.png', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>');
  put('film.mov', movie({}));
  app = await startTestApp({ template: 'plain', works: false, config: { DATA_DIR: join(base, 'data') } });
  await app.call('PUT', '//api/config', { body: { paths: { source_dir: inbox } } });
  await app.call('POST', '//api/config/roots', { body: {} });
  const worker = startWorker(app.config);
  await app.call('POST', '//api/dedup/start', { body: {} });
  const running = async () => (await app.call<{ running: boolean }>('GET', '//api/dedup/status')).body.running;
  await vi.waitUntil(async () => !(await running()), { interval: 50, timeout: 60_000 });
  await worker.stop();
  return async () => {
    await app.close();
    rmSync(base, { recursive: true });
  };
}, 120_000);

const files = async () => (await app.call<{ data: PipelineFile[] }>('GET', '//api/files?limit=100')).body.data;
const idOf = async (wanted: string) => {
  const found = (await files()).find(({ name }) => name === wanted || (isOdd(wanted) && isOdd(`${name}`)));
  return found?.id as number;
};
const get = (id: number | string, query = '', headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${app.port}/api/files/${id}/thumbnail${query}`, { headers });
const seen = async (reply: Response) => look(new Uint8Array(await reply.arrayBuffer()));
const refused = async (id: number, query = '') => {
  const { status, body } = await app.call<Problem>('GET', `//api/files/${id}/thumbnail${query}`);
  return [status, body.error];
};
const kept = () => readdirSync(join(base, 'data', 'thumbnails')).toSorted();

test('a photo is shown as it was held, without its place, in two sizes', async () => {
  const id = await idOf('turned.jpg');
  const small = await get(id);
  expect(small.status).toBe(200);
  expect(Object.fromEntries(small.headers)).toMatchObject({
    'content-type': 'image/webp',
    'cache-control': 'private, max-age=60',
    'x-content-type-options': 'nosniff',
    etag: expect.stringMatching(/^"[\w-]{27}"$/),
  });
  expect(await seen(small)).toMatchObject({ format: 'webp', width: 80, height: 160, top: 'red', metadata: [] });
  const large = await get(id, '?size=large&version=2026-01-01T00:00:00Z');
  expect(large.headers.get('cache-control')).toBe('private, max-age=86400');
  expect(await seen(large)).toMatchObject({ width: 200, height: 400 });
  // A list of a batch knows the content of a file, and not its time.
  expect((await get(id, `?version=${'a'.repeat(64)}`)).status).toBe(200);
  const known = await get(id, '', { 'if-none-match': `"other", ${small.headers.get('etag')}` });
  expect([known.status, await known.text()]).toEqual([304, '']);
});

test('files of one content share a picture, and a raw photo and odd names have theirs', async () => {
  const before = await Promise.all((await files()).map(({ name }) => name));
  expect(before).toHaveLength(13);
  const replies = await Promise.all(
    ['one.jpg', 'twin of one.jpg'].map(async (name) => get(await idOf(name), '?size=large')),
  );
  const [one, twin] = await Promise.all(replies.map(async (reply) => Buffer.from(await reply.arrayBuffer())));
  expect(one).toEqual(twin);
  expect(kept().filter((name) => name.startsWith('1-large-photo'))).toHaveLength(2);
  for (const name of ['raw.CR3', 'odd']) {
    expect(await seen(await get(await idOf(name)))).toMatchObject({ width: 160, height: 107 });
  }
});

test('a file that is gone, another one by now, or reached by a link is not shown; a kept picture still is', async () => {
  const [gone, changed, linked, one] = await Promise.all(
    ['gone.jpg', 'changed.jpg', 'linked.jpg', 'one.jpg'].map(idOf),
  );
  rmSync(join(inbox, 'gone.jpg'));
  expect(await refused(gone as number)).toEqual([404, 'File gone']);
  put('changed.jpg', await landscape(900, 600, 77));
  expect(await refused(changed as number)).toEqual([409, 'File changed']);
  // The very file, but elsewhere.
  const outside = join(base, 'outside');
  mkdirSync(outside);
  renameSync(join(inbox, 'linked.jpg'), join(outside, 'linked.jpg'));
  symlinkSync(join(outside, 'linked.jpg'), join(inbox, 'linked.jpg'));
  expect(await refused(linked as number)).toEqual([409, 'File changed']);
  await get(one as number);
  renameSync(join(inbox, 'album'), join(outside, 'album'));
  symlinkSync(join(outside, 'album'), join(inbox, 'album'));
  expect((await get(one as number)).status).toBe(200);
  rmSync(join(base, 'data', 'thumbnails'), { recursive: true });
  expect(await refused(one as number)).toEqual([409, 'File changed']);
});

test.each(['bomb.png', 'script.png', 'film.mov'])('of %s there is no picture', async (name) => {
  const id = await idOf(name);
  for (const query of ['', '?size=large']) expect(await refused(id, query)).toEqual([415, 'No picture']);
});

test('an unknown file and odd values are refused', async () => {
  expect(await refused(999_999)).toEqual([404, 'File not found']);
  const id = await idOf('turned.jpg');
  for (const path of [`${id}/thumbnail?size=huge`, '0/thumbnail', '..%2f..%2fetc%2fpasswd/thumbnail', '1.5/thumbnail'])
    expect((await app.call('GET', `//api/files/${path}`)).status, path).toBe(422);
});

test('keys of each role may look, and nobody without one', async () => {
  const key = 'viewer-secret-0123456789';
  const own = await startTestApp({
    template: 'plain',
    config: { API_KEYS: `tv:viewer:${key}`, DATA_DIR: join(base, 'own') },
  });
  onTestFinished(() => own.close());
  expect((await own.call('GET', '//api/files/1/thumbnail')).status).toBe(401);
  expect((await own.call('GET', '//api/files/1/thumbnail', { headers: { 'x-api-key': key } })).status).toBe(404);
});

test('a photo is shown while one of its content, which is gone, is looked for', async () => {
  const [there, gone] = await Promise.all(['pair.jpg', 'other of the pair.jpg'].map(idOf));
  rmSync(join(inbox, 'other of the pair.jpg'));
  const [, ...replies] = await Promise.all([gone, there, there, there].map((id) => get(id as number)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('a disk that does not respond hides its own photos alone', async ({ skip }) => {
  const path = join(base, 'dead');
  mkdirSync(path);
  const release = mountDeadDisk(path);
  if (!release) return skip('This user may not mount a file system.');
  onTestFinished(release);
  const { rows } = await sql<{ id: number }>`
    with root as (
      insert into console.file_root (name, path, marker, marker_inode)
      values ('Dead', convert_to(${path}, 'utf8'), gen_random_uuid(), 1) returning id
    ), directory as (insert into console.file_directory (root_id, name) select id, '' from root returning id)
    insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status)
    select id, convert_to(format('%s.jpg', n), 'utf8'), n, 0, 0, n, 'photo', 'UNIQUE'
    from directory, generate_series(1, 3) n returning id
  `.execute(app.db);
  const replies = await Promise.all(rows.map(({ id }) => get(id)));
  expect(replies.map(({ status }) => status)).toEqual([503, 503, 503]);
  expect((await get(await idOf('raw.CR3'), '?size=large')).status).toBe(200);
});
