import { STATUS_CODES } from 'node:http';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AskOptions, mayWrite, need, openServer, type Server } from './server.ts';

/** Refusals for ids that do not exist, so that no server writes anything. */

const id = 'tt00000000';
const other = 'tt00000001';
const hash = '0'.repeat(40);

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

/** Sends the request and checks the error's form. */
async function refused(method: string, path: string, options: AskOptions = {}): Promise<Problem & { allow?: string }> {
  const { status, headers, body } = await server.ask<Problem>(method, path, options);
  expect(status, `${method} ${path}`).toBeGreaterThanOrEqual(400);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  // The members that callers of the original read, and those of RFC 9457.
  expect(body).toMatchObject({
    success: false,
    error: expect.stringMatching(/./),
    message: expect.stringMatching(/./),
    type: expect.stringMatching(/./),
    title: STATUS_CODES[status],
    status,
    detail: body.message,
    instance: headers.get('x-request-id'),
  });
  const allow = headers.get('allow');
  return allow === null ? body : { ...body, allow };
}

const words = ({ status, error, message }: Problem) => [status, error, message];
const json = (text: string): AskOptions => ({ headers: { 'content-type': 'application/json' }, body: text });

describe('400, with the texts that callers match', () => {
  test('a label that is not valid, on /label', async () => {
    const body = { imdb_id: id, label: 'maybe' };
    expect(words(await refused('PATCH', `/training/${id}/label`, { body }))).toEqual([
      400,
      'Invalid request',
      'Label must be one of: would_watch, would_not_watch',
    ]);
  });
  test.each([
    ['/label', { imdb_id: other, label: 'would_watch' }],
    ['/reviewed', { imdb_id: other }],
    ['', { imdb_id: other, anomalous: true }],
  ])('another id in the body than in the path: /training/{imdb_id}%s', async (path, body) => {
    expect(words(await refused('PATCH', `/training/${id}${path}`, { body }))).toEqual([
      400,
      'IMDB ID mismatch',
      'Path IMDB ID and body IMDB ID do not match',
    ]);
  });
  test('another hash in the body than in the path', async () => {
    const body = { hash: 'f'.repeat(40), error_status: false };
    const { status, message } = await refused('PATCH', `/media/${hash}/pipeline`, { body });
    expect([status, message]).toEqual([400, 'Hash in URL path must match hash in request body']);
  });
  test.each([
    [`/training/${id}`, { imdb_id: id }],
    [`/media/${hash}/pipeline`, { hash }],
  ])('nothing to update: %s', async (path, body) => {
    expect(words(await refused('PATCH', path, { body }))).toEqual([
      400,
      'No fields to update',
      'At least one field must be provided for update',
    ]);
  });
  test.each(['{', '{"imdb_id":', "{'imdb_id': 1}", 'imdb_id=1'])('a body that is no JSON: %s', async (text) => {
    expect((await refused('PATCH', `/training/${id}`, json(text))).status).toBe(400);
  });
  test('a path that is no percent-encoding', async () => {
    expect((await refused('GET', '/training/%zz')).status).toBe(400);
  });
});

describe('404, in the words that callers match', () => {
  test.each([
    ['/label', { imdb_id: id, label: 'would_watch' }],
    ['/reviewed', { imdb_id: id }],
    ['', { imdb_id: id, anomalous: true }],
    ['/would_watch', undefined],
    ['/would_not_watch', undefined],
  ])('PATCH /training/{imdb_id}%s', async (path, body) => {
    expect(words(await refused('PATCH', `/training/${id}${path}`, body ? { body } : {}))).toEqual([
      404,
      'Training data not found',
      `No training data found with IMDB ID: ${id}`,
    ]);
  });
  test.each([
    ['pipeline', { hash, error_status: false }],
    ['approve', undefined],
    ['finish', undefined],
    ['soft_delete', undefined],
  ])('PATCH /media/{hash}/%s', async (path, body) => {
    expect(words(await refused('PATCH', `/media/${hash}/${path}`, body ? { body } : {}))).toEqual([
      404,
      'Media not found',
      `No media found with hash: ${hash}`,
    ]);
  });
  test('a path that there is not', async () => {
    expect((await refused('GET', '/nothing/here')).status).toBe(404);
    expect((await refused('POST', '/nothing/here', { body: {} })).status).toBe(404);
  });
});

test.each([
  ['DELETE', '/training', 'GET'],
  ['POST', '/media/', 'GET'],
  ['PUT', '/flyway', 'GET'],
  ['GET', `/training/${id}/label`, 'PATCH'],
  ['POST', `/media/${hash}/approve`, 'PATCH'],
  ['PATCH', '/training/stats', 'GET'],
  ['PATCH', '/training/sessions', 'GET'],
  ['DELETE', '/training/export', 'GET'],
  ['POST', '/media/stats', 'GET'],
])('405: %s %s, with what the path takes, and nothing else, in Allow', async (method, path, takes) => {
  const { status, allow } = await refused(method, path);
  expect(status).toBe(405);
  expect(allow?.split(', ').filter((one) => one !== 'HEAD')).toEqual([takes]);
});

test.each([408, 431])('the document names %i for every operation', async (status) => {
  const { body } = await server.get<{ paths: Record<string, Record<string, { responses: object }>> }>('/openapi.json');
  const operations = Object.values(body.paths).flatMap((methods) => Object.values(methods));
  expect(operations.length).toBeGreaterThan(20);
  for (const { responses } of operations) expect(Object.keys(responses)).toContain(String(status));
});

test.runIf(mayWrite)(
  '409: PATCH /training/{imdb_id}/rerun_metadata without a key of a metadata source',
  async (context) => {
    const [title] = (await server.get<{ data: { imdb_id: string }[] }>('/training?limit=1')).body.data;
    const { imdb_id } = need(context, title, 'title');
    const { status, message } = await refused('PATCH', `/training/${imdb_id}/rerun_metadata`);
    expect(status).toBe(409);
    expect(message).toContain('Metadata refresh is not configured');
  },
);

test('413: a body of more than 1 MiB', async () => {
  const body = { imdb_id: id, label: 'x'.repeat(2 ** 20) };
  expect((await refused('PATCH', `/training/${id}/label`, { body })).status).toBe(413);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
  '415: a body that says it is %s',
  async (type) => {
    const sent = { headers: { 'content-type': type }, body: `imdb_id=${id}` };
    expect((await refused('PATCH', `/training/${id}`, sent)).status).toBe(415);
  },
);

describe('a body without a content type', () => {
  // Bytes: fetch would give text a type.
  const untyped = (text: string): AskOptions => ({ body: new TextEncoder().encode(text) });
  test('is read as JSON', async () => {
    const body = untyped(JSON.stringify({ imdb_id: id, label: 'would_watch' }));
    expect((await refused('PATCH', `/training/${id}/label`, body)).status).toBe(404);
    expect((await refused('PATCH', `/media/${hash}/pipeline`, untyped(JSON.stringify({ hash: other })))).status).toBe(
      422,
    );
  });
  test('that is no JSON is 400', async () => {
    expect((await refused('PATCH', `/training/${id}`, untyped(`imdb_id=${id}`))).status).toBe(400);
  });
});

describe('422 names each parameter or member that does not fit', () => {
  test.each([
    ['a bad label on the general PATCH', { imdb_id: id, label: 'maybe' }, '/label'],
    ['null is no boolean', { imdb_id: id, reviewed: null }, '/reviewed'],
    ['a number is no boolean', { imdb_id: id, anomalous: 1 }, '/anomalous'],
    ['text is no boolean', { imdb_id: id, reviewed: 'true' }, '/reviewed'],
    ['an unknown member', { imdb_id: id, anomalous: true, labell: 'would_watch' }, '/labell'],
    ['a missing id', { anomalous: true }, '/imdb_id'],
  ])('%s', async (_what, body, pointer) => {
    const { status, errors } = await refused('PATCH', `/training/${id}`, { body });
    expect(status).toBe(422);
    expect(errors).toContainEqual({ in: 'body', pointer, message: expect.any(String) });
  });
  test('a body that is no object', async () => {
    for (const text of ['[]', '"label"', '7']) {
      expect((await refused('PATCH', `/training/${id}`, json(text))).status).toBe(422);
    }
  });
  test('a parameter', async () => {
    const { status, errors } = await refused('GET', '/training?limit=-1&reviewed=maybe');
    expect(status).toBe(422);
    expect(errors?.map(({ in: where, pointer }) => `${where} ${pointer}`).toSorted()).toEqual([
      'query limit',
      'query reviewed',
    ]);
  });
  test.each(['nm0000001', 'tt1', 'tt123456789'])('an id in the path that is not valid: %s', async (text) => {
    const { status, errors } = await refused('PATCH', `/training/${text}/would_watch`);
    expect(status).toBe(422);
    expect(errors).toMatchObject([{ in: 'path', pointer: 'imdb_id' }]);
  });
  test('a hash in the path that is not valid', async () => {
    const { status, errors } = await refused('PATCH', '/media/xyz/finish');
    expect(status).toBe(422);
    expect(errors).toMatchObject([{ in: 'path', pointer: 'hash' }]);
  });
});

test.each([
  ['body', '/label', 'PATCH', `/training/${id}/label`, { body: { imdb_id: id, label: '\ud800' } }],
  ['query', 'q', 'GET', '/training?q=%ED%A0%80', {}],
  ['path', 'the path', 'PATCH', '/training/%ED%A0%80/would_watch', {}],
])('422: half of a surrogate pair in the %s', async (where, pointer, method, path, options) => {
  const { status, errors } = await refused(method, path, options);
  expect(status).toBe(422);
  expect(errors).toEqual([{ in: where, pointer, message: expect.any(String) }]);
});

test('403: a write from a page of another origin', async () => {
  const headers = { origin: 'http://elsewhere.example' };
  expect((await refused('PATCH', `/training/${id}/would_watch`, { headers })).status).toBe(403);
});
