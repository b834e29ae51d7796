import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { apiSegments, movedPatterns, pagePattern } from '../../apps/api/src/http/console-routes.ts';
import { freePort } from '../../packages/adapters/test/transmission-daemon.ts';

/** The one list of addresses of the console, which the API and nginx serve. */

const routes = {
  pages: ['/', '/media', '/media/:hash', '/training', '/predictions'],
  moved: { '/get_media': '/media', '/prediction': '/predictions' },
};
const pageAddresses = ['/', '/media', '/media/d6f3a0c1', '/Media/', '/media/%C3%A9', '/training', '/predictions'];
const moved = ['/get_media', '/get-media', '/get_media/', '/GET_MEDIA', '/prediction'];
const unknown = ['/nothing', '/media/a/b', '/training/tt1', '/prediction/x', '/apis', '/healthy', '/favicon.ico'];

test('an address is a page, has moved, or is neither', () => {
  const isPage = new RegExp(pagePattern(routes), 'i');
  const hasMoved = (path: string) => movedPatterns(routes).some(([pattern]) => new RegExp(pattern, 'i').test(path));
  const kinds = (paths: string[]) => new Set(paths.map((path) => `${isPage.test(path)} ${hasMoved(path)}`));
  expect(kinds(pageAddresses)).toEqual(new Set(['true false']));
  expect(kinds(moved)).toEqual(new Set(['false true']));
  expect(kinds(unknown)).toEqual(new Set(['false false']));
});

const hasNginx = spawnSync('nginx', ['-v']).status === 0;

describe.runIf(hasNginx)('the container of the console', () => {
  test.each(['', '/at'])('answers every address as the API does, below the path %j of a proxy', async (base) => {
    const directory = mkdtempSync(join(tmpdir(), 'at-nginx-'));
    const docker = fileURLToPath(new URL('../docker/console', import.meta.url));
    const dist = join(directory, 'dist');
    await mkdir(join(dist, 'assets'), { recursive: true });
    writeFileSync(
      join(dist, 'index.html'),
      '<!doctype html><title>Console</title><script src="./assets/a.js"></script>',
    );
    writeFileSync(join(dist, 'assets/a.js'), 'plain');
    writeFileSync(join(dist, 'assets/a.js.br'), brotliCompressSync('brotli'));
    writeFileSync(join(dist, 'assets/a.js.gz'), gzipSync('gzip'));
    writeFileSync(join(dist, 'assets/b.css'), 'plain');
    writeFileSync(join(dist, 'assets/b.css.br'), brotliCompressSync('brotli'));
    writeFileSync(join(dist, 'assets/c.js'), 'plain');
    writeFileSync(join(dist, 'routes.json'), JSON.stringify(routes));
    const configured = spawnSync(process.execPath, [join(docker, 'configure.ts'), dist, directory]);
    expect(String(configured.stderr)).toBe('');

    // Stands for the API.
    const api = createServer((request, response) => response.end(`api ${request.url}`)).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const port = await freePort();
    // As start.sh fills it in, with places of its own.
    const values: Record<string, string> = {
      REAR_DIFF_HOST: '127.0.0.1',
      REAR_DIFF_PORT_EXTERNAL: String((api.address() as AddressInfo).port),
      REAR_DIFF_PREFIX: 'rear-diff',
      BASE_PATH: base,
      CENTER_CONSOLE_API_TIMEOUT: '30',
      CONSOLE_DIRECTORY: dist,
      HEADERS_FILE: join(directory, 'browser-headers.conf'),
      ROUTES_FILE: join(directory, 'routes.conf'),
      API_SEGMENTS: readFileSync(join(directory, 'api-segments'), 'utf8'),
      RESOLVER: '127.0.0.1',
    };
    const conf = readFileSync(join(docker, 'nginx.conf'), 'utf8')
      .replaceAll('/tmp/', `${directory}/`)
      .replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] as string)
      .replace('listen 8501', `listen 127.0.0.1:${port}`);
    // Its workers read the directory of this user.
    writeFileSync(join(directory, 'nginx.conf'), `${process.getuid?.() === 0 ? 'user root;\n' : ''}${conf}`);
    const nginx = spawn('nginx', ['-c', join(directory, 'nginx.conf'), '-g', 'daemon off;'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    nginx.stderr.on('data', (chunk) => {
      log += chunk;
    });
    try {
      const ask = async (path: string, method = 'GET', headers = {}) => {
        const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, redirect: 'manual' });
        return {
          status: reply.status,
          to: reply.headers.get('location'),
          headers: reply.headers,
          text: await reply.text(),
        };
      };
      await expect
        .poll(() =>
          ask('/').then(
            ({ status }) => status,
            () => log,
          ),
        )
        .toBe(200);
      const script = `src="${base}/assets/a.js"`;
      // Stripped by the proxy, or not.
      for (const sent of new Set(['', base])) {
        for (const path of pageAddresses) {
          const { status, text } = await ask(`${sent}${path}`);
          expect([status, text], path).toEqual([200, expect.stringContaining(script)]);
        }
        for (const path of moved) {
          const to = `${base}${/get/i.test(path) ? '/media' : '/predictions'}`;
          expect(await ask(`${sent}${path}`), path).toMatchObject({ status: 308, to });
        }
        for (const path of unknown) {
          const { status, text, headers } = await ask(`${sent}${path}`);
          expect([status, text], path).toEqual([404, expect.stringContaining(script)]);
          expect(headers.get('content-security-policy')).toContain("default-src 'self'");
          expect(headers.get('cache-control')).toBe('no-cache');
        }
        for (const [accepted, file, text] of [
          ['gzip, deflate, br, zstd', 'a.js', 'brotli'],
          ['br;q=0.5, gzip', 'b.css', 'brotli'],
          ['br;q=0, gzip', 'a.js', 'gzip'],
          ['gzip', 'a.js', 'gzip'],
          ['identity', 'a.js', 'plain'],
          ['br', 'c.js', 'plain'],
        ] as const) {
          const reply = await ask(`${sent}/assets/${file}`, 'GET', { 'accept-encoding': accepted });
          expect([reply.status, reply.text], `${accepted} ${file}`).toEqual([200, text]);
          expect(reply.headers.get('content-type')).toMatch(
            file.endsWith('css') ? 'text/css' : 'application/javascript',
          );
          expect(reply.headers.get('cache-control')).toContain('immutable');
          if (text !== 'plain') expect(reply.headers.get('vary')).toBe('Accept-Encoding');
        }
        expect(JSON.parse((await ask(`${sent}/config.json`)).text)).toMatchObject({ prefix: `${base}/rear-diff` });
        for (const segment of ['rear-diff', ...apiSegments]) {
          const path = `${sent}/${segment}/x%2Fy?z=1`;
          expect((await ask(path)).text).toBe(`api ${path}`);
        }
        for (const [path, method] of [
          ['/assets/none.js', 'GET'],
          ['/training', 'POST'],
          ['/get_media', 'POST'],
        ] as const) {
          const { status, headers } = await ask(`${sent}${path}`, method);
          expect([status, headers.get('content-type')], path).toEqual([404, 'application/problem+json']);
        }
      }
      if (base !== '') expect(await ask(`${base}?x=1`)).toMatchObject({ status: 200 });
      expect(await ask('/attic')).toMatchObject({ status: 404 });
    } finally {
      if (nginx.exitCode === null && nginx.kill('SIGQUIT')) await once(nginx, 'exit');
      api.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
