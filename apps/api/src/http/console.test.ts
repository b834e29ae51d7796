import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
let directory: string;
const theme = "document.documentElement.dataset.theme = 'dark'";
const page = `<!doctype html><title>Console</title><script>${theme}</script><script src="/assets/app-1a2b.js"></script>`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'at-console-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), page);
  const script = Buffer.from('export {};');
  await writeFile(join(directory, 'assets/app-1a2b.js'), script);
  await writeFile(join(directory, 'assets/app-1a2b.js.br'), brotliCompressSync(script));
  await writeFile(join(directory, 'assets/app-1a2b.js.gz'), gzipSync(script));
  await writeFile(
    join(directory, 'routes.json'),
    JSON.stringify({
      pages: ['/', '/review', '/title/:imdb_id', '/media'],
      moved: { '/get_media': '/media', '/prediction': '/review', '/flyway': '/title/a' },
    }),
  );
  await writeFile(join(directory, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  app = await startTestApp({ template: 'empty', consoleDirectory: directory });
});
afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true, force: true });
});

test.each(['//', '//review', '//review/', '//Review', '//title/tt2759766?tab=history', '//title/%C3%A9', '///media'])(
  'GET %s is a page of the console',
  async (path) => {
    const { status, text, headers } = await app.call('GET', path);
    expect(status).toBe(200);
    expect(text).toBe(page);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect((await app.call('HEAD', path)).status).toBe(200);
  },
);

test.each([
  '//nothing',
  '//title',
  '//title/a/b',
  '//review/a',
  '//title/a%2Fb',
  '//rear-differential',
  '//apis',
  '//metrics-of-mine',
  '//healthy',
  '//prediction/x',
  '//favicon.ico',
])('GET %s, which is no address of the console, is its page with 404', async (path) => {
  const { status, text, headers } = await app.send(
    `GET ${path.slice(1)} HTTP/1.1\nHost: localhost\nAccept: text/html\nConnection: close\n\n`,
  );
  expect([status, text]).toEqual([404, page]);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['cache-control']).toBe('no-cache');
});

test.each([
  ['//get_media', '/media'],
  ['//get-media/', '/media'],
  ['//GET_MEDIA?x=1', '/media'],
  ['//prediction', '/review'],
  ['//prediction/', '/review'],
])('GET %s, an address of the original, leads to %s', async (path, to) => {
  for (const method of ['GET', 'HEAD']) {
    const { status, headers } = await app.call(method, path);
    expect([status, headers.location]).toEqual([308, to]);
  }
  expect((await app.call('POST', path)).status).toBe(404);
});

describe('behind a proxy under a path', () => {
  let own: TestApp;
  beforeAll(async () => {
    const page = '<title>Console</title><script src="./assets/app-1a2b.js"></script>';
    const other = await mkdtemp(join(tmpdir(), 'at-console-'));
    await mkdir(join(other, 'assets'));
    await writeFile(join(other, 'index.html'), page);
    await writeFile(join(other, 'assets/app-1a2b.js'), 'export {};');
    await writeFile(
      join(other, 'routes.json'),
      JSON.stringify({ pages: ['/', '/media'], moved: { '/algo': '/media' } }),
    );
    own = await startTestApp({ template: 'empty', consoleDirectory: other, config: { BASE_PATH: 'at/' } });
    return () => rm(other, { recursive: true, force: true });
  });
  afterAll(() => own.close());

  const ask = (path: string) => own.send(`GET ${path} HTTP/1.1\nHost: localhost\nConnection: close\n\n`);

  // Stripped by the proxy, or not.
  test.each(['', '/at'])('serves %j/… and links below BASE_PATH', async (sent) => {
    for (const path of ['/', '/media', '/media/']) {
      const { status, text } = await ask(`${sent}${path}`);
      expect([status, text]).toEqual([200, expect.stringContaining('src="/at/assets/app-1a2b.js"')]);
    }
    expect((await ask(`${sent}/assets/app-1a2b.js`)).status).toBe(200);
    expect((await ask(`${sent}/config.json`)).body).toMatchObject({ prefix: '/at/rear-diff' });
    expect((await ask(`${sent}/algo`)).headers.location).toBe('/at/media');
    expect((await ask(`${sent}/nothing`)).status).toBe(404);
    expect((await ask(`${sent}/rear-diff/`)).body).toMatchObject({ docs: '/at/rear-diff/docs' });
    expect((await ask(`${sent}/rear-diff/health?x=1`)).status).toBe(200);
    expect((await ask(`${sent}/rear-diff/redoc`)).headers.location).toBe('/at/rear-diff/docs');
    const document = (await ask(`${sent}/rear-diff/openapi.json`)).body as { servers: object[] };
    expect(document.servers).toMatchObject([{ url: '/at' }]);
    expect((await ask(`${sent}/rear-diff/nothing`)).headers['content-type']).toMatch(/problem/);
  });

  test('the path without its slash is the first page; a path that only starts with the same letters is 404', async () => {
    expect((await ask('/at')).status).toBe(200);
    expect((await ask('/at?x=1')).status).toBe(200);
    expect((await ask('/attic')).status).toBe(404);
    expect((await ask('/at/at/media')).status).toBe(404);
  });

  test('the documents load what lies beside them', async () => {
    const { text } = await ask('/at/rear-diff/docs');
    const [, script] = /<script src="([^"]+)"/.exec(text) ?? [];
    const { pathname } = new URL(script as string, 'http://localhost/at/rear-diff/docs');
    expect(pathname).toMatch(/^\/at\/rear-diff\/docs\/static\//);
    expect((await ask(pathname)).status).toBe(200);
  });
});

test('pages of a list lead below the path of a proxy', async () => {
  const own = await startTestApp({ config: { BASE_PATH: '/at' } });
  try {
    await insertTitles(own.db, [{ imdb_id: 'tt0000001' }, { imdb_id: 'tt0000002' }]);
    const { body } = await own.call<{ pagination: { next: string } }>('GET', '/training?limit=1');
    expect(body.pagination.next).toBe('/at/rear-diff/training?offset=1&limit=1');
    expect((await own.call('GET', `/${body.pagination.next}`)).status).toBe(200);
  } finally {
    await own.close();
  }
});

test('with an empty prefix the paths of the API win', async () => {
  const own = await startTestApp({ consoleDirectory: directory, config: { REAR_DIFF_PREFIX: '/' } });
  try {
    for (const path of ['//prediction', '//prediction/', '//flyway', '//flyway/', '//media']) {
      const { status, body } = await own.call<{ data: unknown[] }>('GET', path);
      expect([status, body.data], path).toEqual([200, expect.any(Array)]);
    }
    expect((await own.call('GET', '//health')).body).toMatchObject({ status: 'healthy' });
    expect((await own.call('POST', '//prediction')).status).toBe(405);
    expect((await own.call('GET', '//review')).text).toBe(page);
    expect((await own.call('GET', '//get_media')).headers.location).toBe('/media');
  } finally {
    await own.close();
  }
});

test.each([
  '//rear-diff/nothing',
  '//api',
  '//api/v1/status',
  '//ws',
  '//webhook/transmission',
  '//metrics/nothing',
  '//health',
  '//health/x',
  '//assets/app-old.js',
  // What a script writes whose host ends in a slash, and other spellings of the same.
  '///rear-diff/training',
  '//rear-diff//nothing',
  '//rear%2Ddiff/nothing',
  '//%72ear-diff/nothing',
  '//rear-diff%2Fnothing',
  '//api%2fstatus',
])('GET %s never falls back to the page', async (path) => {
  const { status, headers } = await app.call('GET', path);
  expect(status).toBe(404);
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
});

test('a whole address, as a client of a proxy writes it, is read by its path', async () => {
  const ask = (path: string) =>
    app.send(`GET http://localhost${path} HTTP/1.1\nHost: localhost\nConnection: close\n\n`);
  expect((await ask('/rear-diff/health')).status).toBe(200);
  expect((await ask('/rear-diff/nothing')).status).toBe(404);
  expect((await ask('/review')).text).toBe(page);
});

test('a write to a path of the console is 404', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect((await app.call(method, '//review')).status).toBe(404);
});

test('nothing outside of its directory can be had', async () => {
  for (const path of [
    '/../package.json',
    '/assets/../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/..%2fpackage.json',
  ]) {
    const { text } = await app.send(`GET ${path} HTTP/1.1\nHost: localhost\nConnection: close\n\n`);
    expect(text).not.toContain('"name"');
  }
});

test('files named by their content are cached forever, others are revalidated', async () => {
  const asset = await app.call('GET', '//assets/app-1a2b.js');
  expect(asset.status).toBe(200);
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(asset.headers['content-type']).toMatch(/javascript/);
  expect((await app.call('GET', '//favicon.svg')).headers['cache-control']).toBe('no-cache');
});

test.each([
  ['br, gzip', 'br'],
  ['gzip', 'gzip'],
  ['identity', undefined],
])('a browser that accepts %s gets the file that the build made for it', async (accepted, encoding) => {
  const headers = { 'accept-encoding': accepted };
  const asset = await app.call('GET', '//assets/app-1a2b.js', { headers });
  expect(asset.headers['content-encoding']).toBe(encoding);
  expect(asset.headers['content-type']).toMatch(/javascript/);
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(asset.headers.vary).toMatch(/accept-encoding/i);
  expect(asset.text).toBe('export {};');
});

test('the policy allows the page’s own inline script and no other', async () => {
  const { headers } = await app.call('GET', '//');
  const hash = createHash('sha256').update(theme).digest('base64');
  expect(headers['content-security-policy']).toContain(`script-src 'self' 'sha256-${hash}';`);
  expect(headers['content-security-policy']?.split(';')[1]).not.toContain('unsafe');
});

test('config.json tells the console where the API is', async () => {
  const { body, headers } = await app.call('GET', '//config.json');
  expect(body).toEqual({ prefix: '/rear-diff', apiTimeoutSeconds: 30 });
  expect(headers['cache-control']).toBe('no-cache');
});
