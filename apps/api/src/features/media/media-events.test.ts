import type { Activity } from '@at/contracts/activity';
import { mediaActions } from '@at/contracts/vocabulary';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertMedia, type MediaItem, sampleHash } from '#test/sample-media.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

let made = 0;
async function newItem(item: MediaItem = {}): Promise<string> {
  made += 1;
  const hash = sampleHash(made);
  await insertMedia(app.db, [{ hash, ...item }]);
  return hash;
}
const act = async (hash: string, action: string, body: object = {}, headers: Record<string, string> = {}) =>
  (await app.call('PATCH', `/media/${hash}/${action}`, { body, headers: { 'x-actor': 'Anna', ...headers } })).status;
const eventsOf = (hash: string) =>
  app.db.selectFrom('console.media_event').selectAll().where('hash', '=', hash).orderBy('event_id').execute();
const activityOf = async (hash: string) => {
  const { body } = await app.call<{ data: Activity[] }>('GET', '/activity?type=media.changed&limit=1000');
  return body.data.filter(({ hashes }) => hashes?.includes(hash));
};
const fresh = {
  pipeline_status: 'ingested',
  error_status: false,
  error_condition: null,
  rejection_status: 'unfiltered',
  rejection_reason: null,
  deleted_at: null,
};
const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

test('every write of an item says who made it, what it was and what it became, by the database’s own rules too', async () => {
  const hash = await newItem({
    pipeline_status: 'rejected',
    rejection_status: 'rejected',
    rejection_reason: 'probability 0.2',
  });
  expect(await act(hash, 'pipeline', { hash, rejection_status: 'override' })).toBe(200);
  expect(await act(hash, 'finish')).toBe(200);
  expect(await act(hash, 'soft_delete')).toBe(200);
  expect(await act(hash, 'restore')).toBe(200);
  const start = { pipeline_status: 'ingested', error_status: false, rejection_status: 'unfiltered' };
  expect(await act(hash, 'pipeline', { hash, ...start })).toBe(200);
  const [begin, overridden, finished] = [
    { ...fresh, pipeline_status: 'rejected', rejection_status: 'rejected', rejection_reason: 'probability 0.2' },
    { ...fresh, pipeline_status: 'rejected', rejection_status: 'override' },
    { ...fresh, pipeline_status: 'complete', rejection_status: 'override' },
  ];
  const deleted = {
    ...finished,
    rejection_status: 'rejected',
    rejection_reason: 'user deletion',
    deleted_at: timestamp,
  };
  const by = { actor: 'Anna', actor_verified: false };
  expect(await eventsOf(hash)).toMatchObject([
    { ...by, action: 'pipeline', before: begin, after: overridden },
    { ...by, action: 'finish', before: overridden, after: finished },
    { ...by, action: 'delete', before: finished, after: deleted },
    { ...by, action: 'restore', before: deleted, after: finished },
    { ...by, action: 'reingest', before: finished, after: fresh },
  ]);
});

test('what changes nothing, or is refused, leaves no event', async () => {
  const hash = await newItem({ deleted_at: '2025-07-01T00:00:00Z' });
  expect(await act(hash, 'finish')).toBe(409);
  expect(await act(hash, 'restore', {}, { 'if-match': '"2020-01-01T00:00:00.000000Z"' })).toBe(412);
  const other = await newItem();
  expect(await act(other, 'pipeline', { hash: other, error_status: false })).toBe(200);
  expect([...(await eventsOf(hash)), ...(await eventsOf(other))]).toEqual([]);
});

test('activity names who it was and what was done, and finds it by actor; a write past the API stays the database’s', async () => {
  const hash = await newItem();
  await act(hash, 'pipeline', { hash, pipeline_status: 'parsed' });
  await sql`update atp.media set error_status = true where hash = ${hash}`.execute(app.db);
  const entries = (await activityOf(hash)).map(({ actor, actor_verified, media_action }) => [
    actor,
    actor_verified,
    media_action,
  ]);
  expect(entries).toEqual([
    ['database', true, null],
    ['Anna', false, 'pipeline'],
    ['database', true, null],
  ]);
  const by = async (actor: string) => {
    const { body } = await app.call<{ data: Activity[] }>('GET', `/activity?type=media.changed&actor=${actor}`);
    return body.data.filter(({ hashes }) => hashes?.includes(hash)).length;
  };
  expect([await by('Anna'), await by('database'), await by('Bob')]).toEqual([1, 2, 0]);
});

test('activity lists an undo once, also where the rules of the table make it two updates', async () => {
  const hash = await newItem();
  // The rules clear a rejection when an item becomes ingested, not afterwards.
  await sql`update atp.media set rejection_status = 'rejected' where hash = ${hash}`.execute(app.db);
  await act(hash, 'pipeline', { hash, pipeline_status: 'parsed' });
  const [event] = await eventsOf(hash);
  await app.call('POST', `/media/${hash}/undo`, { body: { event_id: event?.event_id } });
  expect((await eventsOf(hash)).map(({ action }) => action)).toEqual(['pipeline', 'undo']);
  const entries = await activityOf(hash);
  expect(entries.map(({ media_action }) => media_action)).toEqual(['undo', 'pipeline', null, null]);
});

test('the table knows every action that there is', async () => {
  const hash = await newItem();
  for (const action of mediaActions) {
    const event = {
      hash,
      actor: 'me',
      action,
      before: JSON.stringify(fresh),
      after: JSON.stringify({ ...fresh, error_status: true }),
    };
    await app.db.insertInto('console.media_event').values(event).execute();
  }
  expect(await eventsOf(hash)).toHaveLength(mediaActions.length);
});
