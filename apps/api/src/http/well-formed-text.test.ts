import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
const id = 'tt2759766';
const path = `/training/${id}/label`;
/** Takes no body: beside one, Node's client sends headers as UTF-8 and not as the bytes that they are. */
const action = `/training/${id}/would_watch`;
beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, [{ imdb_id: id }]);
});
afterAll(() => app.close());

const label = { imdb_id: id, label: 'would_watch' };
// The bytes of a lone surrogate as UTF-8 would have them, each as a character.
const surrogate = '\xed\xa0\x80';

test.each<[string, string, Parameters<TestApp['call']>[0], string, Parameters<TestApp['call']>[2]]>([
  ['query', 'q', 'GET', '/training?q=%ED%A0%80', {}],
  ['path', 'the path', 'PATCH', '/training/%ED%A0%80/would_watch', {}],
  ['header', 'x-actor', 'PATCH', action, { headers: { 'x-actor': surrogate } }],
  ['body', '/label', 'PATCH', path, { body: { ...label, label: '\ud800' } }],
])('a lone surrogate in the %s is 422 and named: %s', async (where, pointer, method, url, options) => {
  const { status, body } = await app.call<Problem>(method, url, options);
  expect(status).toBe(422);
  expect(body.errors).toEqual([{ in: where, pointer, message: expect.any(String) }]);
  expect((await app.call<{ label: string | null }>('GET', `/training/${id}`)).body.label).toBe(null);
});

test('other characters beyond ASCII are taken', async () => {
  expect((await app.call('GET', '/training?q=%F0%9F%92%A5')).status).toBe(200);
  const headers = { 'x-actor': Buffer.from('Zoë 💥').toString('latin1') };
  expect((await app.call('PATCH', action, { headers })).status).toBe(200);
});
