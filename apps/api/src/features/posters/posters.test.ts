import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeMetadata, startMetadata } from '@at/adapters/test/fake-metadata';
import type { TrainingRow } from '@at/contracts/training';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { PictureCache } from '#http/picture-cache.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

const jpeg = (text: string) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);

let fake: FakeMetadata;
let app: TestApp;
let directory: string;
const open = (config: Record<string, string> = {}) =>
  startTestApp({ config: { POSTERS: 'true', TMDB_IMAGE_BASE_URL: `${fake.url}/t/p`, DATA_DIR: directory, ...config } });
beforeAll(async () => {
  fake = await startMetadata();
  directory = mkdtempSync(join(tmpdir(), 'posters-'));
  app = await open();
  return async () => {
    await app.close();
    await fake.close();
    rmSync(directory, { recursive: true });
  };
});
beforeEach(() => {
  fake.answer = undefined;
  fake.requests = [];
});

let number = 0;
/** A title whose poster is at `path`, with another name each time. */
async function titleWithPoster(on = app, path?: string | null): Promise<{ imdb_id: string; path: string }> {
  number += 1;
  const imdb_id = `tt${String(number).padStart(7, '0')}`;
  await insertTitles(on.db, [{ imdb_id, prediction: {} }]);
  const kept = path === undefined ? `/Poster_${number}-x.jpg` : path;
  await on.db.insertInto('console.poster').values({ imdb_id, path: kept }).execute();
  return { imdb_id, path: kept ?? '' };
}
const poster = (imdbId: string, query = '', headers: Record<string, string> = {}, on = app) =>
  fetch(`http://127.0.0.1:${on.port}/rear-diff/training/${imdbId}/poster${query}`, { headers, redirect: 'manual' });
const bytesOf = async (reply: Response) => Buffer.from(await reply.arrayBuffer());
const paths = () => fake.requests.map(({ url }) => url);

describe('a poster', () => {
  test('is fetched from TMDB once, however many ask, and survives a restart', async () => {
    const { imdb_id, path } = await titleWithPoster();
    fake.pictures.set(`w342${path}`, jpeg('large'));
    fake.pictures.set(`w92${path}`, jpeg('small'));
    const replies = await Promise.all(Array.from({ length: 20 }, () => poster(imdb_id)));
    for (const reply of replies) {
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
      expect(await bytesOf(reply)).toEqual(jpeg('large'));
    }
    expect(paths()).toEqual([`/t/p/w342${path}`]);
    expect(await bytesOf(await poster(imdb_id, '?size=small'))).toEqual(jpeg('small'));
    expect(paths()).toEqual([`/t/p/w342${path}`, `/t/p/w92${path}`]);
    const again = await startTestApp({
      config: { POSTERS: 'true', TMDB_IMAGE_BASE_URL: 'http://127.0.0.1:1', DATA_DIR: directory },
    });
    onTestFinished(() => again.close());
    await again.db.insertInto('console.poster').values({ imdb_id, path }).execute();
    expect(await bytesOf(await poster(imdb_id, '', {}, again))).toEqual(jpeg('large'));
  });

  test('that a client has already is not sent again', async () => {
    const { imdb_id, path } = await titleWithPoster();
    fake.pictures.set(`w342${path}`, jpeg('again'));
    const { headers } = await poster(imdb_id);
    expect(headers.get('cache-control')).toBe('private, max-age=60');
    const named = await poster(imdb_id, `?version=${encodeURIComponent(path)}`);
    expect(named.headers.get('cache-control')).toBe('private, max-age=86400');
    const etag = headers.get('etag') as string;
    const known = await poster(imdb_id, '', { 'if-none-match': etag });
    expect([known.status, (await bytesOf(known)).length]).toEqual([304, 0]);
    expect((await poster(imdb_id, '', { 'if-none-match': '"another"' })).status).toBe(200);
  });

  test('that TMDB does not have is 404, without another request', async () => {
    const { imdb_id, path } = await titleWithPoster();
    for (const _ of [1, 2]) expect((await app.call('GET', `/training/${imdb_id}/poster`)).status).toBe(404);
    expect(paths()).toEqual([`/t/p/w342${path}`]);
  });

  test.each([
    ['of a title that has none', () => titleWithPoster(app, null)],
    ['that is not known', async () => ({ imdb_id: 'tt9999998' })],
  ])('%s is 404, and nobody is asked', async (_, make) => {
    const { imdb_id } = await make();
    const { status, body } = await app.call<{ message: string }>('GET', `/training/${imdb_id}/poster`);
    expect([status, body.message]).toEqual([
      404,
      `No poster of ${imdb_id} is known. Refresh its metadata to look for one.`,
    ]);
    expect(fake.requests).toEqual([]);
  });

  test.each([
    [
      'a redirect',
      (url: string) => ({ status: 302, headers: { location: `${url}/t/p/w342/elsewhere.jpg` }, body: '' }),
    ],
    [
      'a page that calls itself a picture',
      () => ({ status: 200, headers: { 'content-type': 'image/jpeg' }, body: '<svg/>' }),
    ],
    ['more than 2 MiB', () => ({ status: 200, headers: {}, body: Buffer.concat([jpeg(''), Buffer.alloc(2 ** 21)]) })],
  ])('is not taken from %s: 502, and nothing is kept', async (_, answer) => {
    const { imdb_id, path } = await titleWithPoster();
    const { status, headers, body } = answer(fake.url);
    fake.answer = (_request, reply) => void reply.writeHead(status, headers as Record<string, string>).end(body);
    expect((await app.call('GET', `/training/${imdb_id}/poster`)).status).toBe(502);
    expect(fake.requests).toHaveLength(1);
    expect(existsSync(join(directory, 'posters', `large-${path.slice(1)}`))).toBe(false);
    // It says nothing of other pictures, or of this one later.
    fake.answer = undefined;
    fake.pictures.set(`w342${path}`, jpeg('at last'));
    expect((await poster(imdb_id)).status).toBe(200);
  });

  test('of a host that does not answer is 502, and the other posters do not wait for it', async () => {
    const own = await open();
    onTestFinished(() => own.close());
    fake.answer = (request) => void request.socket.destroy();
    const all = [await titleWithPoster(own), await titleWithPoster(own)];
    for (const { imdb_id } of all) {
      const { status, body } = await own.call<{ message: string }>('GET', `/training/${imdb_id}/poster`);
      expect([status, body.message]).toEqual([502, 'TMDB is unreachable.']);
    }
    expect(paths()).toEqual([`/t/p/w342${all[0]?.path}`]);
  });

  test('is sent without being kept where the directory cannot be written', async () => {
    const blocked = mkdtempSync(join(tmpdir(), 'posters-blocked-'));
    onTestFinished(() => rmSync(blocked, { recursive: true }));
    writeFileSync(join(blocked, 'posters'), 'a file');
    const own = await open({ DATA_DIR: blocked });
    onTestFinished(() => own.close());
    const { imdb_id, path } = await titleWithPoster(own);
    fake.pictures.set(`w342${path}`, jpeg('unkept'));
    for (const _ of [1, 2]) expect((await poster(imdb_id, '', {}, own)).status).toBe(200);
    expect(paths()).toHaveLength(2);
  });

  test('is off without POSTERS=true, and no row has one', async () => {
    const own = await open({ POSTERS: 'false' });
    onTestFinished(() => own.close());
    const { imdb_id } = await titleWithPoster(own);
    const { status, body } = await own.call<{ message: string }>('GET', `/training/${imdb_id}/poster`);
    expect([status, body.message]).toEqual([404, 'Posters are off. Set POSTERS=true.']);
    for (const path of [`/training/${imdb_id}`, `/movies/${imdb_id}`]) {
      expect((await own.call<object>('GET', path)).body).not.toHaveProperty('poster');
    }
    expect((await own.call<{ configured: object }>('GET', '/meta')).body.configured).toMatchObject({ posters: false });
  });
});

test('rows of titles have their poster, or null, in every order', async () => {
  const own = await open();
  onTestFinished(() => own.close());
  const withOne = await titleWithPoster(own);
  const without = await titleWithPoster(own, null);
  type Rows = { data: Pick<TrainingRow, 'imdb_id' | 'poster'>[] };
  const lists = [
    ...['', '&order=uncertain', '&order=disagree', '&order=random', '&sort_by=probability'].map(
      (order) => `/training?include=prediction${order}`,
    ),
    ...['', '&order=uncertain'].map((order) => `/movies/?limit=10${order}`),
  ];
  for (const path of lists) {
    const { data } = (await own.call<Rows>('GET', path)).body;
    expect(Object.fromEntries(data.map(({ imdb_id, poster }) => [imdb_id, poster])), path).toEqual({
      [withOne.imdb_id]: withOne.path,
      [without.imdb_id]: null,
    });
  }
  for (const path of [`/training/${withOne.imdb_id}`, `/movies/${withOne.imdb_id}`]) {
    expect((await own.call<object>('GET', path)).body).toMatchObject({ poster: withOne.path });
  }
  // Files are those of before.
  expect((await own.call('GET', '/training/export')).text.split('\n')[0]).not.toContain('poster');
  expect((await own.call('GET', '/movies/export')).text.split('\n')[0]).not.toContain('poster');
});

describe('the cache', () => {
  test('keeps the pictures used last within its bound, also those of an earlier process', async () => {
    const at = mkdtempSync(join(tmpdir(), 'posters-bound-'));
    onTestFinished(() => rmSync(at, { recursive: true }));
    const picture = (name: string) => ({ bytes: jpeg(name.padEnd(96)), type: 'image/jpeg' as const });
    const make = () => new PictureCache(at, 300, expect.unreachable);
    const first = make();
    for (const name of ['a', 'b', 'c']) await first.read(name, async () => picture(name));
    // Used again: b is the oldest.
    await first.read('a', expect.unreachable);
    await first.read('d', async () => picture('d'));
    expect(readdirSync(at).toSorted()).toEqual(['a', 'c', 'd']);
    const second = make();
    await second.read('e', async () => picture('e'));
    expect(readdirSync(at)).toHaveLength(3);
    expect(readFileSync(join(at, 'e'))).toEqual(picture('e').bytes);
  });

  test.each(['/proc/at/posters', `/${'x'.repeat(300)}`])(
    'replies without the directory %s, and says why',
    async (at) => {
      const warnings: string[] = [];
      const cache = new PictureCache(at, 300, (why) => warnings.push(why));
      const picture = { bytes: jpeg('unkept'), type: 'image/jpeg' } as const;
      for (const name of ['a', 'b'])
        expect((await cache.read(name, async () => picture))?.bytes).toEqual(picture.bytes);
      expect(warnings).toEqual([
        expect.stringMatching(
          /^Pictures are not kept: \/.* cannot be used, because .*set DATA_DIR to another directory\.$/,
        ),
      ]);
    },
  );

  test('fetches a picture again whose file was cut off', async () => {
    const at = mkdtempSync(join(tmpdir(), 'posters-cut-'));
    onTestFinished(() => rmSync(at, { recursive: true }));
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'a'), '');
    const cache = new PictureCache(at, 300, expect.unreachable);
    const bytes = jpeg('whole');
    expect((await cache.read('a', async () => ({ bytes, type: 'image/jpeg' })))?.bytes).toEqual(bytes);
    expect(readFileSync(join(at, 'a'))).toEqual(bytes);
  });
});
