import type { Problem } from '@at/contracts/problem';
import type { SavedView } from '@at/contracts/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

type Saved = { view: SavedView };

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());
beforeEach(() => app.db.deleteFrom('console.view').execute());

const as = (actor: string, more: Record<string, string> = {}) => ({ headers: { 'x-actor': actor, ...more } });
const comedies = { page: 'training', name: 'Comedies', query: 'genre=Comedy&order=uncertain' };
const save = (actor: string, body: object = comedies, on = app) =>
  on.call<Saved & Problem>('POST', '/views', { ...as(actor), body });
const list = async (actor: string, query = '') =>
  (await app.call<{ data: SavedView[] }>('GET', `/views${query}`, as(actor))).body.data;
const change = (view: SavedView, actor: string, body: object, more: Record<string, string> = {}) =>
  app.call<Saved & Problem>('PATCH', `/views/${view.id}`, { ...as(actor, more), body });
const absent = '00000000-0000-4000-8000-000000000000';

test('a view is answered as it was saved, with its version', async () => {
  const { status, body, headers } = await save('Anna', { ...comedies, name: '  Comedies ' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ success: true, message: 'View saved' });
  expect(body.view).toMatchObject({ ...comedies, shared: false, owner: 'Anna' });
  expect(headers.etag).toBe(`"${body.view.updated_at}"`);
  expect(await list('Anna')).toEqual([body.view]);
});

test('users see their own views and the shared ones, by page and name', async () => {
  await save('Anna', { ...comedies, name: 'b' });
  await save('Anna', { ...comedies, name: 'a' });
  await save('Anna', { ...comedies, page: 'media', name: 'c', shared: true });
  await save('Bob', { ...comedies, name: 'd', shared: true });
  await save('Bob', { ...comedies, name: 'e' });
  const names = async (actor: string, query?: string) => (await list(actor, query)).map(({ name }) => name);
  expect(await names('Anna')).toEqual(['c', 'a', 'b', 'd']);
  expect(await names('Bob')).toEqual(['c', 'd', 'e']);
  expect(await names('Bob', '?page=training')).toEqual(['d', 'e']);
  expect(await names('Eve')).toEqual(['c', 'd']);
});

test('a name is taken once an owner and page, also when two save it at the same time', async () => {
  const replies = await Promise.all(Array.from({ length: 8 }, () => save('Anna')));
  expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(409)]);
  const refused = replies.find(({ status }) => status === 409);
  expect(refused?.body).toMatchObject({ error: 'Name taken' });
  expect((await save('Bob')).status).toBe(200);
  expect((await save('Anna', { ...comedies, page: 'media' })).status).toBe(200);
});

describe('a change', () => {
  test('touches what it names, and gives a new version', async () => {
    const { view } = (await save('Anna')).body;
    const { status, body, headers } = await change(view, 'Anna', { name: 'Funny ones', shared: true });
    expect(status).toBe(200);
    expect(body.view).toEqual({ ...view, name: 'Funny ones', shared: true, updated_at: body.view.updated_at });
    expect(body.view.updated_at > view.updated_at).toBe(true);
    expect(headers.etag).toBe(`"${body.view.updated_at}"`);
  });

  test('without anything to change is 400', async () => {
    const { view } = (await save('Anna')).body;
    expect((await change(view, 'Anna', {})).status).toBe(400);
  });

  test('to a name that is taken is 409 and changes nothing', async () => {
    await save('Anna', { ...comedies, name: 'Taken' });
    const { view } = (await save('Anna')).body;
    const { status, body } = await change(view, 'Anna', { name: ' Taken', query: 'x' });
    expect(status).toBe(409);
    expect(body.message).toContain('"Taken"');
    expect(await list('Anna')).toContainEqual(view);
    // Its own name is not taken.
    expect((await change(view, 'Anna', { name: view.name })).status).toBe(200);
  });

  test('of a version that is no longer is 412; of two with the same version one wins', async () => {
    const { view } = (await save('Anna')).body;
    const ifMatch = { 'if-match': `"${view.updated_at}"` };
    const replies = await Promise.all(['one', 'two', 'three'].map((name) => change(view, 'Anna', { name }, ifMatch)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 412, 412]);
    const deleted = await app.call('DELETE', `/views/${view.id}`, as('Anna', ifMatch));
    expect(deleted.status).toBe(412);
    const [standing] = await list('Anna');
    const fresh = { 'if-match': `"${standing?.updated_at}"` };
    expect((await app.call('DELETE', `/views/${view.id}`, as('Anna', fresh))).status).toBe(200);
    expect(await list('Anna')).toEqual([]);
  });

  test('of what another shares is 403, of what they keep to themselves 404', async () => {
    const { view: shared } = (await save('Anna', { ...comedies, shared: true })).body;
    const { view: own } = (await save('Anna', { ...comedies, name: 'Mine' })).body;
    for (const [view, status] of [
      [shared, 403],
      [own, 404],
    ] as const) {
      expect((await change(view, 'Bob', { query: 'x' })).status).toBe(status);
      expect((await app.call('DELETE', `/views/${view.id}`, as('Bob'))).status).toBe(status);
    }
    expect(await list('Anna')).toEqual([shared, own]);
  });

  test('of many deletions at once one deletes', async () => {
    const { view } = (await save('Anna')).body;
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => app.call('DELETE', `/views/${view.id}`, as('Anna'))),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(404)]);
  });

  test('of what is not there is 404', async () => {
    const gone = await app.call<Problem>('DELETE', `/views/${absent}`, as('Anna'));
    expect(gone.status).toBe(404);
    expect(gone.body.message).toContain(absent);
    expect((await app.call('PATCH', `/views/${absent}`, { ...as('Anna'), body: { query: '' } })).status).toBe(404);
    expect((await app.call('DELETE', '/views/1', as('Anna'))).status).toBe(422);
  });
});

test.each([
  {},
  { ...comedies, name: '' },
  { ...comedies, name: '  ' },
  { ...comedies, name: 'a\0b' },
  { ...comedies, name: 'a\nb' },
  { ...comedies, name: 'x'.repeat(101) },
  { ...comedies, name: '\ud800' },
  { ...comedies, name: 7 },
  { ...comedies, page: 'Training' },
  { ...comedies, page: '../x' },
  { ...comedies, page: '' },
  { ...comedies, query: 'a\0' },
  { ...comedies, query: 'x'.repeat(4001) },
  { ...comedies, query: null },
  { ...comedies, shared: 'true' },
  { ...comedies, owner: 'Bob' },
  { ...comedies, id: absent },
])('%j is 422 and saves nothing', async (body) => {
  expect((await save('Anna', body)).status).toBe(422);
  expect(await list('Anna')).toEqual([]);
});

test.each(["'; drop table console.view; --", '<script>', '\u{1f3ac}'.repeat(50), '%00', 'x'.repeat(100)])(
  'a name is only text: %j',
  async (name) => {
    const { status, body } = await save('Anna', { ...comedies, name });
    expect(status).toBe(200);
    expect(body.view.name).toBe(name);
  },
);

test('with keys the owner is the key, not X-Actor, and an admin can change shared views', async () => {
  const secretOf = (name: string) => `the-secret-of-${name}`;
  const API_KEYS = ['ann:admin', 'otto:operator', 'vera:viewer'].map(
    (key) => `${key}:${secretOf(key.split(':')[0] as string)}`,
  );
  const keyed = await startTestApp({ config: { API_KEYS: API_KEYS.join() } });
  const key = (name: string) => ({ headers: { 'x-api-key': secretOf(name), 'x-actor': 'ann' } });
  try {
    const { body } = await keyed.call<Saved>('POST', '/views', { ...key('otto'), body: { ...comedies, shared: true } });
    expect(body.view.owner).toBe('otto');
    expect((await keyed.call('POST', '/views', { ...key('vera'), body: comedies })).status).toBe(403);
    const seen = await keyed.call<{ data: SavedView[] }>('GET', '/views', key('vera'));
    expect(seen.body.data).toEqual([body.view]);
    const renamed = await keyed.call<Saved>('PATCH', `/views/${body.view.id}`, {
      ...key('ann'),
      body: { name: 'Ours' },
    });
    expect(renamed.body.view).toMatchObject({ name: 'Ours', owner: 'otto' });
  } finally {
    await keyed.close();
  }
});
