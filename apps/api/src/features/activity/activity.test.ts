import type { Activity } from '@at/contracts/activity';
import type { Pagination } from '@at/contracts/paging';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { done, undone } from '#test/bulk-operations.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
const [first, second, third] = ['tt0000001', 'tt0000002', 'tt0000003'] as const;
const hash = 'a'.repeat(40);

beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, [{ imdb_id: first }, { imdb_id: second, prediction: {} }, { imdb_id: third }]);
  const anna = { headers: { 'x-actor': 'Anna' } };
  await app.call('PATCH', `/training/${first}/would_watch`, anna);
  await sql`update atp.training set runtime = 5 where imdb_id = ${second}`.execute(app.db);
  await app.call('PATCH', `/training/${second}/reviewed`, { body: { imdb_id: second } });
  const { body } = await app.call<{ event_id: number }>('PATCH', `/training/${first}/would_not_watch`, anna);
  await app.call('POST', `/training/${first}/undo`, { body: { event_id: body.event_id }, ...anna });
  await sql`insert into atp.media (hash, media_type, original_title, imdb_id) values (${hash}, 'movie', '', ${third})`.execute(
    app.db,
  );
  await sql`truncate atp.prediction`.execute(app.db);
});
afterAll(() => app.close());

type Page = { data: Activity[]; pagination: Pagination };
const list = async (query = '') => (await app.call<Page>('GET', `/activity?${query}`)).body;
const summaryOf = ({ data }: Page) => data.map(({ type, actor, imdb_ids }) => [type, actor, imdb_ids]);

test('lists what was done and what else changed, newest first, each once', async () => {
  const page = await list();
  expect(summaryOf(page)).toEqual([
    ['prediction.changed', 'database', null],
    ['media.changed', 'database', [third]],
    ['label.written', 'Anna', [first]],
    ['label.written', 'Anna', [first]],
    ['label.written', 'anonymous', [second]],
    ['title.changed', 'database', [second]],
    ['label.written', 'Anna', [first]],
    ['prediction.changed', 'database', [second]],
    ['title.changed', 'database', [first, second, third]],
  ]);
  const times = page.data.map(({ at }) => at);
  expect(times.toSorted().reverse()).toEqual(times);
  expect(page.pagination).toMatchObject({ total: null, has_more: false, next_cursor: null, next: null });
});

test('lists the changes of a time, and says since when changes are recorded', async () => {
  const all = await app.call<Page & { recorded_since: string }>('GET', '/activity');
  const { data } = all.body;
  expect(all.body.recorded_since).toBe(data.at(-1)?.at);
  const [newer, older] = [data[2]?.at as string, data[6]?.at as string];
  const part = await list(`at_min=${encodeURIComponent(older)}&at_max=${encodeURIComponent(newer)}`);
  expect(part.data).toEqual(data.filter(({ at }) => at >= older && at < newer));
  expect(part.data.length).toBeGreaterThan(0);
});

test('a label event says which flags it changed, what it undoes, and by what it was undone', async () => {
  const [undo, undone, answer] = (await list('type=label.written&actor=Anna')).data;
  expect(undo).toMatchObject({
    actor_verified: false,
    operation: null,
    label: {
      action: 'undo',
      changes: [{ field: 'label', from: 'would_not_watch', to: 'would_watch' }],
      undoes: undone?.label?.event_id,
      undone_by: null,
    },
  });
  expect(answer?.label?.changes.map(({ field }) => field)).toEqual(['label', 'human_labeled', 'reviewed']);
  expect(undone?.label).toMatchObject({ action: 'would_not_watch', undone_by: undo?.label?.event_id, undoes: null });
});

test('what can be undone is said of each event, also where all of a row are undone', async () => {
  const own = await startTestApp();
  onTestFinished(() => own.close());
  await insertTitles(own.db, [{ imdb_id: first }]);
  await sql`insert into atp.media (hash, media_type, original_title, imdb_id) values (${hash}, 'movie', '', ${first})`.execute(
    own.db,
  );
  type Event = { event_id: number };
  const listed = async () =>
    (await own.call<Page>('GET', '/activity')).body.data.flatMap(({ label, media }) => {
      const event = label ?? media;
      return event ? [[event.event_id, event.undoable]] : [];
    });
  const { body: label } = await own.call<Event>('PATCH', `/training/${first}/would_watch`);
  await own.call('POST', `/training/${first}/undo`, { body: { event_id: label.event_id } });
  const { body: state } = await own.call<Event>('PATCH', `/media/${hash}/finish`);
  await own.call('POST', `/media/${hash}/undo`, { body: { event_id: state.event_id } });
  expect((await listed()).map(([, undoable]) => undoable)).toEqual([false, false, false, false]);
  await own.call('PATCH', `/media/${hash}/soft_delete`);
  const { body: restored } = await own.call<Event>('PATCH', `/media/${hash}/restore`);
  expect((await listed())[0]).toEqual([restored.event_id, true]);
  const { body: deleted } = await own.call<Event>('PATCH', `/media/${hash}/soft_delete`);
  expect((await listed())[0]).toEqual([deleted.event_id, true]);
  await sql`update atp.media set deleted_at = deleted_at + interval '1 second'`.execute(own.db);
  expect(await listed()).not.toContainEqual([deleted.event_id, true]);
});

test('filters by type, actor and title, also together', async () => {
  expect(summaryOf(await list('type=media.changed,title.changed')).map(([type]) => type)).toEqual([
    'media.changed',
    'title.changed',
    'title.changed',
  ]);
  expect(summaryOf(await list('actor=database&type=title.changed')).length).toBe(2);
  expect(summaryOf(await list('actor=anonymous'))).toEqual([['label.written', 'anonymous', [second]]]);
  // What concerns too many titles to name them concerns this one as well.
  expect(summaryOf(await list(`imdb_id=${third}`))).toEqual([
    ['prediction.changed', 'database', null],
    ['media.changed', 'database', [third]],
    ['title.changed', 'database', [first, second, third]],
  ]);
  expect(summaryOf(await list(`imdb_id=${second.toUpperCase()}&actor=anonymous&type=label.written`))).toHaveLength(1);
  expect(await list('actor=nobody')).toMatchObject({ data: [] });
});

test('a search finds what was done to titles and releases of these words, and says which bulk change was undone', async () => {
  const own = await startTestApp();
  onTestFinished(() => own.close());
  await insertTitles(own.db, [
    { imdb_id: first, media_title: 'Spider-Man' },
    { imdb_id: second, media_title: 'Alien' },
  ]);
  await sql`insert into atp.media (hash, media_type, original_title, media_title, imdb_id) values
    (${hash}, 'movie', 'Alien.1979.2160p', 'Alien', ${second})`.execute(own.db);
  await own.call('PATCH', `/training/${first}/would_watch`);
  await own.call('PATCH', `/media/${hash}/finish`);
  const find = async (q: string) =>
    (await own.call<Page>('GET', `/activity?q=${encodeURIComponent(q)}`)).body.data.map(({ type, hashes }) => [
      type,
      hashes?.[0]?.[0],
    ]);
  const added = ['title.changed', undefined];
  expect(await find('spider man')).toEqual([['label.written', undefined], added]);
  expect(await find('2160p')).toEqual([
    ['media.changed', 'a'],
    ['media.changed', 'a'],
  ]);
  expect(await find(second)).toEqual([['media.changed', 'a'], ['media.changed', 'a'], added]);
  expect(await find('nothing has this name')).toEqual([]);
  expect(await find(' ')).toHaveLength(4);
  await sql`update atp.media set imdb_id = null`.execute(own.db);
  await own.call('PATCH', `/media/${hash}/soft_delete`);
  expect(await find('1979.2160p')).toHaveLength(4);

  const { operation_id } = await done(own, { subject: 'training', action: 'would_not_watch', ids: [first] });
  const bulk = async () =>
    (await own.call<Page>('GET', '/activity?q=spider')).body.data.find((row) => row.operation_id === operation_id);
  expect(await bulk()).toMatchObject({ taken_back_by: null });
  const inverse = await undone(own, operation_id);
  expect(await bulk()).toMatchObject({ taken_back_by: inverse.operation_id });
});

test('pages of any size are together the whole list, also among rows of one time', async () => {
  // Events and label events of one and the same microsecond.
  await app.db.transaction().execute(async (trx) => {
    await sql`insert into console.event (type, imdb_ids, hashes, origin)
      select 'title.changed', '{tt7654321}', '{}', '1' from generate_series(1, 12)`.execute(trx);
    await sql`insert into console.label_event (imdb_id, actor, action, before, after)
      select imdb_id, actor, 'label', before, after from console.label_event, generate_series(1, 3)
      where action <> 'undo'`.execute(trx);
  });
  const whole = (await list('limit=1000')).data;
  expect(whole).toHaveLength(9 + 12 + 9);
  for (const limit of [1, 2, 5, 7, 29, 30]) {
    const found: Activity[] = [];
    let path: string | null = `/activity?limit=${limit}`;
    while (path) {
      const { body }: { body: Page } = await app.call<Page>('GET', path);
      found.push(...body.data);
      expect(body.data.length).toBeLessThanOrEqual(limit);
      path = body.pagination.next?.slice(app.config.prefix.length) ?? null;
    }
    expect(found, `limit ${limit}`).toEqual(whole);
  }
  const { pagination } = await list('limit=1&actor=Anna');
  expect(pagination.next).toContain('actor=Anna');
});

test('parameters that do not fit are 422', async () => {
  const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const time = '2025-05-21T02:27:51.094287Z';
  const cursors = [
    'nonsense',
    cursor('activity', 0, time, 'event:x'),
    cursor('activity', 0, time, `label:${'9'.repeat(30)}`),
    cursor('activity', 0, 'never', 'event:1'),
    cursor('activity', 0, null, 'event:1'),
    cursor('activity', 0, "2025-05-21T02:27:51.094287Z'", 'event:1'),
    cursor('created_at desc', 0, time, 'event:1'),
  ];
  const others = ['type=nonsense', 'limit=0', 'limit=1001', 'actor=%00', `imdb_id=${'9'.repeat(21)}`];
  for (const query of [...cursors.map((one) => `cursor=${one}`), ...others]) {
    expect((await app.call('GET', `/activity?${query}`)).status, query).toBe(422);
  }
  expect((await app.call('GET', `/activity?cursor=${cursor('activity', 0, time, 'event:1')}`)).status).toBe(200);
});
