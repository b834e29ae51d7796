import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allEndpoints, insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';
import { createValidators } from './body-parsing.ts';

let app: TestApp;
const id = 'tt2759766';
const path = `/rear-diff/training/${id}`;

beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, [{ imdb_id: id }]);
});
beforeEach(async () => {
  await app.db.updateTable('atp.training').set({ label: null, human_labeled: false, reviewed: null }).execute();
});
afterAll(() => app.close());

const stored = () => app.db.selectFrom('atp.training').select('label').executeTakeFirstOrThrow();

/** A request as Python's `requests` writes it: `json=` and `data=` decide the content type, neither means no body. */
function requests(
  method: string,
  target: string,
  body?: { json: unknown } | { data: string },
): Promise<{ status: number; body: unknown }> {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost:8000',
    'User-Agent: python-requests/2.32.3',
    'Accept-Encoding: gzip, deflate',
    'Accept: */*',
    // The real one keeps the connection; the test wants its end.
    'Connection: close',
  ];
  // Python's json.dumps puts a blank after colon and comma, and escapes what is not ASCII.
  const text =
    body === undefined ? '' : 'json' in body ? JSON.stringify(body.json, null, 1).replace(/\n */g, ' ') : body.data;
  lines.push(`Content-Length: ${Buffer.byteLength(text)}`);
  if (body) lines.push(`Content-Type: ${'json' in body ? 'application/json' : 'application/x-www-form-urlencoded'}`);
  return app.send(`${lines.join('\n')}\n\n${text}`);
}

describe('as Python’s requests sends it', () => {
  test('json= is read', async () => {
    const reply = await requests('PATCH', `${path}/label`, { json: { imdb_id: id, label: 'would_watch' } });
    expect(reply).toMatchObject({ status: 200, body: { message: 'Label updated successfully' } });
    expect((await requests('PATCH', path, { json: { imdb_id: id, anomalous: true } })).status).toBe(200);
  });

  test('an action without a body', async () => {
    expect((await requests('PATCH', `${path}/would_watch`)).status).toBe(200);
    expect((await requests('PATCH', `${path}/would_not_watch/`)).status).toBe(200);
  });

  test('an action with json={}', async () => {
    expect((await requests('PATCH', `${path}/would_watch`, { json: {} })).status).toBe(200);
  });

  test('data= is 415, because a form is no JSON', async () => {
    const reply = await requests('PATCH', `${path}/label`, { data: `imdb_id=${id}&label=would_watch` });
    expect(reply.status).toBe(415);
    expect(await stored()).toEqual({ label: null });
  });

  test('params= with Python’s words', async () => {
    expect((await requests('GET', '/rear-diff/training?reviewed=False&anomalous=&limit=10&page=1')).status).toBe(200);
  });
});

describe('an action route takes nothing in every form', () => {
  test.each([
    ['no header at all', '', ''],
    ['content-length 0', 'Content-Length: 0\n', ''],
    ['JSON with nothing in it', 'Content-Type: application/json\nContent-Length: 0\n', ''],
    ['JSON with blanks in it', 'Content-Type: application/json\nContent-Length: 2\n', '  '],
    ['an empty object', 'Content-Type: application/json\nContent-Length: 2\n', '{}'],
    ['an empty object with a charset', 'Content-Type: application/json; charset=utf-8\nContent-Length: 2\n', '{}'],
    ['an empty object as a JSON dialect', 'Content-Type: application/merge-patch+json\nContent-Length: 2\n', '{}'],
    ['an empty object in capitals', 'CONTENT-TYPE: APPLICATION/JSON\nContent-Length: 2\n', '{}'],
    ['an empty object without a type', 'Content-Length: 2\n', '{}'],
    ['an empty object as text', 'Content-Type: text/plain\nContent-Length: 2\n', '{}'],
    ['an empty form', 'Content-Type: application/x-www-form-urlencoded\nContent-Length: 0\n', ''],
    ['an empty upload', 'Content-Type: application/octet-stream\nContent-Length: 0\n', ''],
    ['a type that is none', 'Content-Type: rubbish\nContent-Length: 0\n', ''],
    ['a coding of nothing', 'Content-Encoding: gzip\nContent-Length: 0\n', ''],
    ['an empty type', 'Content-Type:\nContent-Length: 0\n', ''],
    ['no chunk', 'Content-Type: application/json\nTransfer-Encoding: chunked\n', '0\n\n'],
    ['one chunk', 'Content-Type: application/json\nTransfer-Encoding: chunked\n', '2\n{}\n0\n\n'],
  ])('%s', async (_what, headers, body) => {
    const reply = await app.send(
      `PATCH ${path}/would_watch HTTP/1.1\nHost: localhost\nConnection: close\n${headers}\n${body}`,
    );
    expect(reply.status).toBe(200);
    expect(await stored()).toEqual({ label: 'would_watch' });
  });
});

describe('a body without a content type is read as JSON', () => {
  const send = (body: string, headers = '') =>
    app.send(
      `PATCH ${path}/label HTTP/1.1\nHost: localhost\nConnection: close\n${headers}Content-Length: ${body.length}\n\n${body}`,
    );
  const label = JSON.stringify({ imdb_id: id, label: 'would_watch' });

  test.each(['', 'Content-Type:\n', 'Content-Type: \n', 'Content-Encoding: identity\n'])('%j', async (headers) => {
    expect((await send(label, headers)).status).toBe(200);
    expect(await stored()).toEqual({ label: 'would_watch' });
  });

  test('and validated as JSON', async () => {
    expect((await send('{"imdb_id": ')).status).toBe(400);
    expect((await send('imdb_id=1')).status).toBe(400);
    expect((await send('[]')).status).toBe(422);
    expect((await send(JSON.stringify({ imdb_id: id, label: 'would_watch', labell: 1 }))).status).toBe(422);
    expect(await stored()).toEqual({ label: null });
  });
});

describe('bodies that cannot be read', () => {
  const send = (body: string, type = 'application/json', url = `/training/${id}`) =>
    app.call<Problem>('PATCH', url, { body, headers: { 'content-type': type } });

  test.each([
    '{',
    '{"imdb_id": }',
    "{'imdb_id': 'x'}",
    'nonsense',
    '{"a":1}{"b":2}',
    '\u0000',
    '{"a": NaN}',
    '{"__proto__": {}}',
  ])('malformed JSON is 400: %j', async (body) => {
    const reply = await send(body);
    expect(reply.status).toBe(400);
    expect(reply.body.message).toContain('JSON');
  });

  test.each(['[]', '"text"', '5', 'true', '[{"imdb_id":"tt2759766","anomalous":true}]'])(
    'JSON that is no object is 422: %s',
    async (body) => {
      expect((await send(body)).status).toBe(422);
    },
  );

  test('nothing, blanks and null are an empty object', async () => {
    for (const body of ['', ' ', 'null']) {
      const reply = await send(body);
      expect(reply.status).toBe(422);
      expect(reply.body.errors).toMatchObject([{ pointer: '/imdb_id', message: 'is required' }]);
    }
  });

  test.each([
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'json',
    'a/b; c',
  ])('content type %s is 415', async (type) => {
    expect((await send(JSON.stringify({ imdb_id: id, reviewed: true }), type)).status).toBe(415);
  });

  test('a compressed body is 415, in words that say so', async () => {
    const body = JSON.stringify({ imdb_id: id, label: 'would_watch' });
    const as = (coding: string) =>
      app.call<Problem>('PATCH', `/training/${id}/label`, {
        body,
        headers: { 'content-type': 'application/json', 'content-encoding': coding },
      });
    for (const coding of ['gzip', 'br', 'gzip, identity']) {
      const reply = await as(coding);
      expect([reply.status, reply.body.message]).toEqual([415, expect.stringContaining('content-encoding')]);
    }
    expect(await stored()).toEqual({ label: null });
    expect((await as('identity')).status).toBe(200);
  });

  test('more than 1 MiB is 413, and nothing is changed', async () => {
    const body = JSON.stringify({ imdb_id: id, label: 'would_watch', shown: { view: 'x'.repeat(2 ** 20) } });
    expect((await send(body)).status).toBe(413);
    expect((await send(body, 'text/plain')).status).toBe(413);
    expect(await stored()).toEqual({ label: null });
  });

  test('a length that is not kept is 400', async () => {
    const reply = await app.send(
      `PATCH ${path} HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: application/json\nContent-Length: x\n\n{}`,
    );
    expect(reply.status).toBe(400);
  });

  test('a body full of faults gets a short answer', async () => {
    const members = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`unknown${i}`, i]));
    const { status, text } = await send(JSON.stringify(members));
    expect(status).toBe(422);
    expect(text.length).toBeLessThan(20_000);
    const named = await send(JSON.stringify({ imdb_id: id, ['x'.repeat(1_000_000)]: 1 }));
    expect(named.status).toBe(422);
    expect(named.text.length).toBeLessThan(2_000);
  });

  test('an unknown member is pointed to as RFC 6901 writes it', async () => {
    const { body } = await send(JSON.stringify({ imdb_id: id, 'a/b~c': 1 }));
    expect(body.errors).toMatchObject([{ pointer: '/a~1b~0c' }]);
  });

  test('a body nested deep is refused like any other', async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    expect([400, 422]).toContain((await send(deep)).status);
  });
});

test('every schema compiles that the API compiles at its first use', () => {
  const { parameters, bodies } = createValidators();
  for (const { url, schema } of allEndpoints) {
    const { body, params, querystring, headers } = schema;
    if (body) expect(() => bodies.compile(body), `${url}, body`).not.toThrow();
    for (const part of [params, querystring, headers]) {
      if (part) expect(() => parameters.compile(part), url).not.toThrow();
    }
  }
});
