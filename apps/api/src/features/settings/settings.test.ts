import { once } from 'node:events';
import type { Problem } from '@at/contracts/problem';
import type { Setting } from '@at/contracts/settings';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

type Saved = { setting: Setting };
type Headers = Record<string, string>;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());
beforeEach(() => app.db.deleteFrom('console.setting').execute());

const put = (body: object, headers: Headers = { 'x-actor': 'Anna' }, on = app) =>
  on.call<Saved & Problem>('PUT', '/settings', { headers, body });
const read = async (query = '', headers: Headers = {}, on = app) => {
  const reply = await on.call<{ data: Setting[] }>('GET', `/settings${query}`, { headers });
  expect(reply.status).toBe(200);
  return reply;
};

test('a section is answered as it was written, with its version as the ETag', async () => {
  const value = { blind: true, step: 0.5, list: [1, null, { a: 'ä\u{1f3ac}' }], none: null };
  const { status, body, headers } = await put({ section: 'review', value });
  expect(status).toBe(200);
  expect(body).toMatchObject({ success: true, message: 'Settings saved' });
  expect(body.setting).toMatchObject({
    section: 'review',
    scope: 'shared',
    value,
    secrets: [],
    version: 1,
    actor: 'Anna',
  });
  expect(headers.etag).toBe('"1"');
  const { body: all, headers: ofOne } = await read('?section=review');
  expect(all.data).toEqual([body.setting]);
  expect(ofOne.etag).toBe('"1"');
  expect((await read('?section=other')).body.data).toEqual([]);
  await put({ section: 'a-b_c1', value: {} });
  expect((await read()).body.data.map(({ section }) => section)).toEqual(['a-b_c1', 'review']);
});

test('a write replaces the value and counts the version', async () => {
  await put({ section: 'review', value: { blind: true, step: 1 } });
  const { body } = await put({ section: 'review', value: { step: 2 } }, { 'x-actor': 'Bob' });
  expect(body.setting).toMatchObject({ value: { step: 2 }, version: 2, actor: 'Bob' });
});

describe('If-Match', () => {
  const based = (version: string, value: object) => put({ section: 'review', value }, { 'if-match': version });

  test('of the present version writes; of another, or of none that is there, is 412 and changes nothing', async () => {
    expect((await based('"1"', {})).status).toBe(412);
    await put({ section: 'review', value: { a: 1 } });
    expect((await based('"2"', {})).status).toBe(412);
    expect((await based('W/"1"', {})).status).toBe(412);
    expect((await read()).body.data).toMatchObject([{ value: { a: 1 }, version: 1 }]);
    const { status, headers } = await based('"7", "1"', { a: 2 });
    expect([status, headers.etag]).toEqual([200, '"2"']);
  });

  test('of ten writers with the same version one wins', async () => {
    await put({ section: 'review', value: {} });
    const replies = await Promise.all(Array.from({ length: 10 }, (_, i) => based('"1"', { i })));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(412)]);
    const won = replies.find(({ status }) => status === 200);
    expect((await read()).body.data).toEqual([won?.body.setting]);
  });

  test('without it no write is lost from the count', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => put({ section: 'review', value: { i } })));
    expect((await read()).body.data).toMatchObject([{ version: 10 }]);
  });
});

test('secrets are kept, named and never sent; null removes one', async () => {
  const secrets = { token: 'hidden-one', password: 'hidden-two' };
  const written = await put({ section: 'mail', value: { host: 'mx' }, secrets });
  expect(written.body.setting.secrets).toEqual(['password', 'token']);
  const changed = await put({ section: 'mail', value: {}, secrets: { token: null, extra: 'hidden-three' } });
  expect(changed.body.setting.secrets).toEqual(['extra', 'password']);
  const { text } = await read();
  for (const reply of [written.text, changed.text, text]) expect(reply).not.toContain('hidden');
  const [stored] = await app.db.selectFrom('console.setting').select('secrets').execute();
  expect(stored?.secrets).toEqual({ password: 'hidden-two', extra: 'hidden-three' });
});

test('a write is announced with section and version, a refused one is not', async () => {
  const client = new pg.Client(app.config.database as string);
  await client.connect();
  try {
    await client.query('listen console_setting');
    const heard: unknown[] = [];
    client.on('notification', ({ payload = '' }) => heard.push(JSON.parse(payload)));
    await put({ section: 'review', value: {} }, { 'if-match': '"5"' });
    const next = once(client, 'notification');
    await put({ section: 'review', value: { word: 'unheard' }, secrets: { token: 'hidden' } });
    await next;
    expect(heard).toEqual([{ owner: '', section: 'review', version: 1 }]);
  } finally {
    await client.end();
  }
});

const deep = (levels: number) => `{"section":"review","value":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;

describe('what cannot be kept is 422 and writes nothing', () => {
  test.each([
    {},
    { section: 'review' },
    { section: 'review', value: null },
    { section: 'review', value: [] },
    { section: 'review', value: 'x' },
    { section: 'Review', value: {} },
    { section: '', value: {} },
    { section: 'a\0', value: {} },
    { section: 'review', value: { a: 'b\0c' } },
    { section: 'review', value: { a: '\ud800' } },
    { section: 'review', value: { 'a\0': 1 } },
    { section: 'review', value: {}, secrets: { Token: 'x' } },
    { section: 'review', value: {}, secrets: { token: 1 } },
    { section: 'review', value: {}, secrets: { token: 'a\0' } },
    { section: 'review', value: {}, secrets: [] },
    { section: 'review', value: {}, scope: 'own' },
    { section: 'review', value: {}, scope: 'all' },
    { section: 'review', value: {}, version: 3 },
    { section: 'pipeline', value: {} },
    { section: 'pipeline-presets', value: {} },
    { section: 'review', value: { a: 'x'.repeat(64 * 1024) } },
  ])('%j', async (body) => {
    expect((await put(body)).status).toBe(422);
    expect((await read()).body.data).toEqual([]);
  });

  test.each(['1e999', '[[-1e999]]'])('a number that would be null when it is read again: %s', async (number) => {
    const body = `{"section":"review","value":{"a":${number}}}`;
    const { status } = await app.call('PUT', '/settings', { body, headers: { 'content-type': 'application/json' } });
    expect(status).toBe(422);
  });
  test.each([
    [40, '/value'],
    [50_000, ''],
  ])('a value nested %i levels deep', async (levels, pointer) => {
    const headers = { 'content-type': 'application/json' };
    const { status, body } = await app.call<Problem>('PUT', '/settings', { headers, body: deep(levels) });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'body', pointer }]);
  });
});

test('with keys each key has its own settings above the shared ones, and only an admin writes those', async () => {
  const secretOf = (name: string) => `the-secret-of-${name}`;
  const API_KEYS = ['ann:admin', 'bea:admin', 'otto:operator'].map(
    (key) => `${key}:${secretOf(key.split(':')[0] as string)}`,
  );
  const keyed = await startTestApp({ config: { API_KEYS: API_KEYS.join() } });
  const key = (name: string) => ({ 'x-api-key': secretOf(name), 'x-actor': 'bea' });
  try {
    await put({ section: 'review', value: { of: 'all' }, scope: 'shared' }, key('ann'), keyed);
    const own = await put({ section: 'review', value: { of: 'ann' } }, key('ann'), keyed);
    expect(own.body.setting).toMatchObject({ scope: 'own', actor: 'ann', version: 1 });
    const refused = await put({ section: 'review', value: {}, scope: 'shared' }, key('otto'), keyed);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ message: expect.stringContaining('Leave scope out to write your own') });
    const seen = async (name: string) => (await read('', key(name), keyed)).body.data;
    expect(await seen('ann')).toMatchObject([{ scope: 'own', value: { of: 'ann' } }]);
    expect(await seen('bea')).toMatchObject([{ scope: 'shared', value: { of: 'all' } }]);
    expect(await seen('otto')).toMatchObject([{ scope: 'shared', value: { of: 'all' } }]);
    expect((await put({ section: 'review', value: { of: 'otto' } }, key('otto'), keyed)).status).toBe(200);
    expect(await seen('otto')).toMatchObject([{ scope: 'own', value: { of: 'otto' } }]);
    expect(await seen('bea')).toMatchObject([{ scope: 'shared', value: { of: 'all' } }]);
  } finally {
    await keyed.close();
  }
});
