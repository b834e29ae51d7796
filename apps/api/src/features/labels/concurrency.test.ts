import type { FlagValues } from '@at/contracts/labels';
import type { Problem } from '@at/contracts/problem';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
const ids = ['tt0000001', 'tt0000002', 'tt0000003'];
const clients = 32;
const writesEach = 12;

type Written = Problem & { event_id: number | null };

beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(
    app.db,
    [...ids, 'tt0000011', 'tt0000012', 'tt0000013'].map((imdb_id) => ({ imdb_id, reviewed: null })),
  );
});
afterAll(() => app.close());

const stateOf = (id: string) =>
  app.db
    .selectFrom('atp.training')
    .select(['label', 'human_labeled', 'anomalous', 'reviewed'])
    .where('imdb_id', '=', id)
    .executeTakeFirstOrThrow();
const eventsOf = (id: string) =>
  app.db
    .selectFrom('console.label_event')
    .selectAll()
    .where('imdb_id', '=', id)
    .orderBy('event_id')
    .$narrowType<{ before: FlagValues; after: FlagValues }>()
    .execute();

test('of many writers at once none is lost: every acknowledged event is there, and each begins where the last ended', async () => {
  const acknowledged = new Map<number, string>();
  const write = async (client: number, turn: number) => {
    const id = ids[(client + turn) % ids.length] as string;
    const kind = (client * 7 + turn * 3) % 5;
    const [path, body] = (
      [
        ['/would_watch', undefined],
        ['/would_not_watch', undefined],
        ['', { imdb_id: id, anomalous: turn % 2 === 0 }],
        ['', { imdb_id: id, human_labeled: false, reviewed: false }],
        ['/reviewed', { imdb_id: id }],
      ] as const
    )[kind] as [string, object | undefined];
    const headers = { 'x-actor': `client ${client}` };
    const { status, body: reply } = await app.call<Written>('PATCH', `/training/${id}${path}`, {
      headers,
      ...(body ? { body } : {}),
    });
    expect(status).toBe(200);
    if (reply.event_id === null) return;
    expect(acknowledged.has(reply.event_id)).toBe(false);
    acknowledged.set(reply.event_id, id);
  };
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let turn = 0; turn < writesEach; turn += 1) await write(client, turn);
    }),
  );

  const stored = new Map<number, string>();
  for (const id of ids) {
    const events = await eventsOf(id);
    let flags: FlagValues = { label: null, human_labeled: false, anomalous: false, reviewed: null };
    for (const { event_id, before, after } of events) {
      expect(before).toEqual(flags);
      flags = after;
      stored.set(event_id, id);
    }
    expect(await stateOf(id)).toEqual(flags);
  }
  expect(stored).toEqual(new Map([...acknowledged].toSorted(([a], [b]) => a - b)));
  expect(stored.size).toBeGreaterThan(clients);
});

test('of many undos of one event exactly one succeeds, the others learn that they came late', async () => {
  const id = 'tt0000011';
  const event_id = (await app.call<Written>('PATCH', `/training/${id}/would_watch`)).body.event_id;
  const replies = await Promise.all(
    Array.from({ length: clients }, () => app.call<Written>('POST', `/training/${id}/undo`, { body: { event_id } })),
  );
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(replies.filter(({ status, body }) => status === 409 && body.latest_event_id === null)).toHaveLength(
    clients - 1,
  );
  expect((await eventsOf(id)).map(({ action }) => action)).toEqual(['would_watch', 'undo']);
});

test('of many writers with the same If-Match exactly one wins, and nothing of the others is written', async () => {
  const id = 'tt0000012';
  const { headers } = await app.call('GET', `/training/${id}`);
  const replies = await Promise.all(
    Array.from({ length: clients }, (_, i) =>
      app.call<Written>('PATCH', `/training/${id}/${i % 2 ? 'would_watch' : 'would_not_watch'}`, {
        headers: { 'if-match': headers.etag as string },
      }),
    ),
  );
  const won = replies.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  expect(replies.filter(({ status }) => status === 412)).toHaveLength(clients - 1);
  expect((await eventsOf(id)).map(({ event_id }) => event_id)).toEqual([won[0]?.body.event_id]);
});

test('a write that waited for another sees its flags, not those from before the wait', async () => {
  const id = 'tt0000013';
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = app.db.transaction().execute(async (trx) => {
    await trx
      .updateTable('atp.training')
      .set({ label: 'would_not_watch', anomalous: true })
      .where('imdb_id', '=', id)
      .execute();
    started.resolve();
    await release.promise;
  });
  await started.promise;
  const waiting = app.call<Written>('PATCH', `/training/${id}/would_watch`);
  await untilWaiting();
  release.resolve();
  await holder;
  expect((await waiting).status).toBe(200);
  expect(await eventsOf(id)).toMatchObject([
    { before: { label: 'would_not_watch', anomalous: true }, after: { label: 'would_watch', anomalous: true } },
  ]);
});

/** Until some session waits for a lock; asks the database, which answers in its own time. */
async function untilWaiting(): Promise<void> {
  const waiting = () =>
    sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(app.db);
  while ((await waiting()).rows.length === 0);
}
