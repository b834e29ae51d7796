import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverRoutes } from '@at/console/server-routes';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { need, openServer, type Server } from './server.ts';

let server: Server;
/** Stands for a built console. */
const consoleDirectory = mkdtempSync(join(tmpdir(), 'at-conformance-'));
beforeAll(async () => {
  writeFileSync(join(consoleDirectory, 'index.html'), '<!doctype html><title>Console</title>');
  writeFileSync(join(consoleDirectory, 'routes.json'), JSON.stringify(serverRoutes));
  server = await openServer({ consoleDirectory });
});
afterAll(async () => {
  await server.close();
  rmSync(consoleDirectory, { recursive: true });
});

test('GET /health says healthy, its version and since when it runs', async () => {
  const { status, body } = await server.get('/health');
  expect(status).toBe(200);
  expect(body).toEqual({ status: 'healthy', version: expect.any(String), uptime_seconds: expect.any(Number) });
});

test('GET / is in the words of the original, with the real paths of documents and health', async () => {
  const { status, body } = await server.get<Record<string, string>>('/');
  expect(status).toBe(200);
  expect(body).toEqual({
    message: 'Welcome to Rear Differential API',
    docs: `${server.prefix}/docs`,
    health: `${server.prefix}/health`,
  });
});

test('GET /docs is a page, and /redoc is one or leads to it', async () => {
  const page = await server.get('/docs');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  const other = await server.get('/redoc');
  expect(other.status === 200 || other.headers.get('location') === `${server.prefix}/docs`).toBe(true);
});

describe('GET /openapi.json', () => {
  type Document = { openapi: string; paths: Record<string, Record<string, object>> };
  const operations = async () => {
    const { status, body } = await server.get<Document>('/openapi.json');
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1\./);
    return Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  };

  test('is OpenAPI 3.1, with every operation of the original, spelled as there', async () => {
    const spelled = [
      'GET /',
      'GET /health',
      'GET /training',
      'PATCH /training/{imdb_id}',
      'PATCH /training/{imdb_id}/label',
      'PATCH /training/{imdb_id}/reviewed',
      'PATCH /training/{imdb_id}/would_watch',
      'PATCH /training/{imdb_id}/would_not_watch',
      'GET /media/',
      'PATCH /media/{hash}/pipeline',
      'PATCH /media/{hash}/approve',
      'PATCH /media/{hash}/finish',
      'PATCH /media/{hash}/soft_delete',
      'GET /prediction/',
      'GET /movies/',
      'GET /flyway',
    ].map((operation) => operation.replace(' ', ` ${server.prefix}`));
    expect(await operations()).toEqual(expect.arrayContaining(spelled));
  });
});

describe('every path answers with a slash at its end and without, and never by a redirect', () => {
  test.each([
    '',
    '/health',
    '/training',
    '/media',
    '/prediction',
    '/movies',
    '/flyway',
    '/training?limit=1',
    '/media?limit=1',
  ])('GET %s', async (path) => {
    const [name, query = ''] = path.split('?');
    const bare = await server.get<{ data?: unknown }>(`${name}?${query}`);
    const slashed = await server.get<{ data?: unknown }>(`${name}/?${query}`);
    expect([bare.status, slashed.status]).toEqual([200, 200]);
    expect(slashed.body.data).toEqual(bare.body.data);
  });

  test.each([
    '/training/tt00000000',
    '/training/tt00000000/label',
    '/training/tt00000000/would_watch',
    `/media/${'0'.repeat(40)}/finish`,
  ])('PATCH %s', async (path) => {
    const body = path.endsWith('label')
      ? { imdb_id: 'tt00000000', label: 'would_watch' }
      : { imdb_id: 'tt00000000', anomalous: true };
    const sent = /watch|finish/.test(path) ? {} : { body };
    const [bare, slashed] = [await server.ask('PATCH', path, sent), await server.ask('PATCH', `${path}/`, sent)];
    expect([bare.status, slashed.status]).toEqual([404, 404]);
    expect((bare.body as { error: string }).error).toMatch(/^(Training data|Media) not found$/);
    expect((slashed.body as { error: string }).error).toBe((bare.body as { error: string }).error);
  });
});

test.each(['/nothing', '/training/tt1234567/nothing', '/media/x/y/z'])(
  'GET %s, which is no path, is 404 as JSON and never a page',
  async (path) => {
    const { status, headers } = await server.get(path);
    expect(status).toBe(404);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  },
);

describe("addresses of the original's console", () => {
  beforeEach(async (context) => {
    const page = /^text\/html/.exec((await server.get('//')).headers.get('content-type') ?? '');
    need(context, page ?? undefined, 'console');
  });
  test.each(Object.entries(serverRoutes.moved))('%s leads to %s', async (old, page) => {
    for (const path of [old, `${old}/`, `${old}?page=2`]) {
      const { status, headers } = await server.get(`/${path}`);
      expect([path, status, headers.get('location')]).toEqual([path, 308, page]);
      expect((await server.get(`/${page}`)).status).toBe(200);
    }
  });
  test('an unknown address is the page with status 404', async () => {
    const { status, headers } = await server.ask('GET', '//nothing', { headers: { accept: 'text/html' } });
    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  });
});
