import { METHODS } from 'node:http';
import { momentPattern } from '@at/contracts/paging';
import type { Problem } from '@at/contracts/problem';
import { DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';
import { openApiText } from './openapi.ts';
import { toApiError } from './problems.ts';

let app: TestApp;
const lines: string[] = [];

beforeAll(async () => {
  app = await startTestApp({ logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } } });
  await insertTitles(app.db, [{ imdb_id: 'tt2759766' }]);
});
afterAll(() => app.close());

type Parameter = { name: string; in: string; schema: { pattern?: string } };
const { paths } = JSON.parse(await openApiText()) as {
  paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
};
const moments = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
    parameters
      .filter(({ schema }) => schema.pattern === momentPattern)
      .map(({ name }) => ({ method: method.toUpperCase(), path: path.replace('/rear-diff', ''), name })),
  ),
);

describe('dates', () => {
  test('are in the document', () => {
    expect(new Set(moments.map(({ name }) => name))).toEqual(
      new Set(['updated_at_min', 'changed_at_min', 'decided_at_min', 'decided_at_max', 'at_min', 'at_max']),
    );
  });

  test.each(moments)(
    'that no calendar has are refused by name: $method $path?$name=',
    async ({ method, path, name }) => {
      const call = (moment: string) => app.call<Problem>(method, `${path}?${new URLSearchParams({ [name]: moment })}`);
      for (const moment of [
        '2026-02-30T00:00:00Z',
        '2025-02-29T12:00Z',
        '1900-02-29T12:00Z',
        '2026-13-01T00:00:00Z',
        '2026-00-10T00:00:00Z',
        '2026-04-31T00:00:00+02:00',
        '0000-01-01T00:00:00Z',
        '2026-01-01T24:00:00.000001Z',
        '2026-01-01T25:00:00Z',
        '2026-01-01T23:60:00Z',
        '2026-01-01T23:59:61Z',
      ]) {
        const { status, body } = await call(moment);
        expect([moment, status, body.message, body.errors]).toEqual([
          moment,
          422,
          `In the query: ${name} must be a date that the calendar has, and a time of day.`,
          [expect.objectContaining({ in: 'query', pointer: name })],
        ]);
      }
      // What PostgreSQL reads stays possible.
      for (const moment of [
        '2024-02-29T00:00Z',
        '2000-02-29T00:00Z',
        '0001-01-01T00:00:00+15:59',
        '9999-12-31T24:00:00-15:59',
        '2026-01-01T23:59:60Z',
      ]) {
        expect([moment, (await call(moment)).status]).toEqual([moment, 200]);
      }
    },
  );
});

describe('paths', () => {
  test.each([
    'GET /training/',
    'GET /training/tt2759766/',
    'GET /training/stats/',
    'GET /flyway/',
    'GET /health/',
    'GET /docs/',
    'GET /openapi.json/',
    'PATCH /training/tt2759766/would_watch/',
    'GET /training/?limit=1',
    'GET ',
    'GET /',
  ])('%s answers with and without the slash at its end, without a redirect', async (line) => {
    const [method, path] = line.split(' ') as [string, string];
    expect((await app.call(method, path)).status).toBe(200);
    expect((await app.call(method, path.replace(/\/(?=$|\?)/, ''))).status).toBe(200);
  });

  test.each([
    '//rear-diff/nothing',
    '//rear-diff/training/tt2759766/nothing',
    '//rear-diff/openapi-json',
    '//api/status',
    '//api',
    '//ws',
    '//ws/',
    '//webhook/x',
    '//metrics/nothing',
    '//metrics/nothing/',
    '//nothing',
    '//',
    '//rear-differential',
    `//rear-diff/${'x'.repeat(500)}`,
    `//rear-diff/training/${'x'.repeat(500)}`,
    '//rear-diff/%2e%2e/%2e%2e/etc/passwd',
  ])('GET %s is 404', async (path) => {
    const { status, body } = await app.call<Problem>('GET', path);
    expect(status).toBe(404);
    expect(body.success).toBe(false);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s of an unknown path is 404 with any body', async (method) => {
    for (const [type, body] of [
      ['application/json', '{}'],
      ['application/json', '{broken'],
      ['application/x-www-form-urlencoded', 'a=b'],
      ['text/plain', 'x'.repeat(2 ** 20 + 1)],
    ] as const) {
      const { status } = await app.call(method, '/nothing', { body, headers: { 'content-type': type } });
      expect(status).toBe(404);
    }
  });

  test.each([
    ['POST', '/training', 'GET, HEAD'],
    ['DELETE', '/training/tt2759766', 'GET, HEAD, PATCH'],
    ['PUT', '/training/tt2759766', 'GET, HEAD, PATCH'],
    ['GET', '/training/tt2759766/would_watch', 'PATCH'],
    ['POST', '/training/tt2759766/label/', 'PATCH'],
    ['GET', '/training/tt2759766/undo', 'POST'],
    ['PATCH', '/training/tt2759766/history', 'GET, HEAD'],
    ['PATCH', '/flyway?x=1', 'GET, HEAD'],
    ['DELETE', '/health', 'GET, HEAD'],
    ['OPTIONS', '/training', 'GET, HEAD'],
    ['POST', '//rear%2Ddiff/tr%61ining', 'GET, HEAD'],
    // A path without parameters does not have the methods of one with.
    ...['/training/stats', '/training/sessions/', '/training/export', '/media/stats', '/media/export'].flatMap((path) =>
      ['PATCH', 'DELETE', 'POST', 'PUT'].map((method): [string, string, string] => [method, path, 'GET, HEAD']),
    ),
    ['PATCH', '/movies/export', 'GET, HEAD'],
    ['PATCH', '/tr%61ining/st%61ts', 'GET, HEAD'],
    ['POST', '/prediction/evaluation', 'GET, HEAD'],
    ['DELETE', '/events', 'GET'],
  ])('%s %s is 405 and names what is allowed', async (method, path, allow) => {
    const { status, headers } = await app.call(method, path, {
      ...(method === 'OPTIONS' ? {} : { body: 'a=b', headers: { 'content-type': 'text/plain' } }),
    });
    expect(status).toBe(405);
    expect(headers.allow?.split(', ').toSorted().join(', ')).toBe(allow);
  });

  test.each(METHODS.filter((method) => method !== 'CONNECT'))(
    'a path that is not validly percent-encoded is 400 for %s',
    async (method) => {
      for (const path of ['/rear-diff/%zz', '/%C3%28%FF', '/training/%', '/%E0%A4?x']) {
        const { status } = await app.send(`${method} ${path} HTTP/1.1\nHost: localhost\nConnection: close\n\n`);
        expect(status).toBe(400);
      }
    },
  );

  test('HEAD answers like GET, without the body', async () => {
    for (const path of ['/training', '/training/tt2759766', '/health']) {
      const { status, text } = await app.call('HEAD', path);
      expect([status, text]).toEqual([200, '']);
    }
    expect((await app.call('HEAD', '/training/tt0000000')).status).toBe(404);
    expect((await app.call('HEAD', '/nothing')).status).toBe(404);
  });
});

test('what is refused is logged without a stack', async () => {
  lines.length = 0;
  const replies = [
    await app.call('PATCH', '/training/tt2759766/rerun_metadata'),
    await app.call('PATCH', '/training/tt0000000/rerun_metadata'),
    await app.call('GET', '/training?limit=none'),
  ];
  expect(replies.map(({ status }) => status)).toEqual([409, 404, 422]);
  const completed = lines.filter((line) => JSON.parse(line).msg === 'request completed');
  expect(completed).toHaveLength(3);
  expect(lines.filter((line) => /stack|"level":[45]0/.test(line))).toEqual([]);
});

test('an expectation that is not known is ignored', async () => {
  const reply = await app.send('GET /rear-diff/health HTTP/1.1\nHost: localhost\nConnection: close\nExpect: x\n\n');
  expect(reply.status).toBe(200);
});

describe('what is no HTTP', () => {
  test('is 400', async () => {
    expect((await app.send('HELLO\n\n')).status).toBe(400);
    expect((await app.send('GET /nothing HTTP/1.1\nHost: localhost\nBad Header: x\n\n')).status).toBe(400);
  });

  test('headers larger than Node takes are 431', async () => {
    const reply = await app.send(`GET /nothing?q=${'x'.repeat(20_000)} HTTP/1.1\nHost: localhost\n\n`);
    expect(reply.status).toBe(431);
  });
});

describe('faults', () => {
  const fault = (code: string) => Object.assign(new DatabaseError('select secret from nowhere', 1, 'error'), { code });

  test.each([
    ['ECONNREFUSED', 503],
    ['ENOENT', 503],
    ['57P01', 503],
    ['57P03', 503],
    ['08006', 503],
    ['53300', 503],
    ['57014', 503],
    ['40001', 503],
    ['40P01', 503],
    ['28P01', 503],
    ['3D000', 503],
    ['42501', 503],
    ['42P01', 503],
    ['25006', 503],
    ['22003', 422],
    ['22008', 422],
    ['22P02', 422],
    ['22021', 422],
    ['23505', 500],
    ['XX000', 500],
  ])('%s of the database is %i, in words of our own', (code, status) => {
    for (const method of ['GET', 'PATCH']) {
      const { error } = toApiError(fault(code), method);
      expect(error.status).toBe(status);
      expect(error.message).not.toMatch(/select|secret|nowhere/);
      expect(error.message).toMatch(/\.$/);
      if (status >= 500) {
        expect(error.kind).toBe(method === 'GET' ? 'Database error occurred' : 'Database error');
        expect(error.extra.details).toBe(error.message);
      }
    }
  });

  test.each([
    ['22003', 'A value is outside what its column can hold'],
    ['22008', 'There is no such date or time'],
    ['22009', 'There is no such date or time'],
    ['22P05', 'A value holds characters that cannot be kept'],
  ])('%s of the database is reported as what it is', (code, sentence) => {
    expect(toApiError(fault(code), 'GET').error.message).toContain(sentence);
  });

  test('anything unexpected is 500 and does not reveal its cause', () => {
    const { error, fault: isFault } = toApiError(new TypeError('cannot read secret of undefined'), 'GET');
    expect(error).toMatchObject({ status: 500, kind: 'Internal server error' });
    expect(error.message).not.toContain('secret');
    expect(isFault).toBe(true);
  });

  test('a caller’s mistake is not logged as a fault', () => {
    expect(toApiError(fault('22003'), 'GET').fault).toBe(false);
  });
});
