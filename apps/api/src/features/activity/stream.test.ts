import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Activity } from '@at/contracts/activity';
import type { Event } from '@at/contracts/events';
import type { Meta } from '@at/contracts/system';
import type { TrainingList } from '@at/contracts/training';
import { startCluster } from '@at/db/embedded';
import { migrate, migrationSets } from '@at/db/migrate';
import { deepLimit } from '@at/db/test-size';
import { clusterParent, createTestDatabase } from '@at/db/testing';
import { trashPurge } from '@at/domain/media/tasks/trash-purge';
import type { StartOptions } from '@at/runs/runs';
import { sql } from 'kysely';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Follower, follow } from '#test/event-follower.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

type Options = Parameters<typeof startTestApp>[0];

async function start(options: Options = {}): Promise<TestApp> {
  const app = await startTestApp(options);
  onTestFinished(() => app.close());
  return app;
}

/** A client that knows where it begins. */
async function listen(app: TestApp, query?: string, headers?: Record<string, string>): Promise<Follower> {
  const follower = await follow(app.port, query, headers);
  onTestFinished(() => follower.close());
  await follower.until(() => follower.of('ready').length > 0);
  return follower;
}

async function session(app: TestApp): Promise<pg.Client> {
  const client = new pg.Client(app.config.database as string);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

const isChange = ({ event }: { event: string }) => event.endsWith('.changed');
const changes = (follower: Follower) => follower.messages.filter(isChange).map(({ data }) => data as Event);
const titlesIn = (follower: Follower) => changes(follower).flatMap(({ imdb_ids }) => imdb_ids ?? ['many']);
const title = (n: number) => `tt${String(n).padStart(7, '0')}`;
const insert = (n: number, client: Pick<pg.Client, 'query'>) =>
  client.query(
    `insert into atp.training (imdb_id, media_type, media_title, release_year) values ($1, 'movie', 'A', 2000)`,
    [title(n)],
  );

test('a change of a media item by this API is sent with its actor', async () => {
  const app = await start();
  const hash = 'a'.repeat(40);
  await sql`insert into atp.media (hash, media_type, original_title) values (${hash}, 'movie', '')`.execute(app.db);
  const follower = await listen(app);
  const headers = { 'x-actor': 'Anna' };
  await app.call('PATCH', `/media/${hash}/finish`, { headers });
  await sql`update atp.media set error_status = true`.execute(app.db);
  const updates = () => changes(follower).filter(({ operation }) => operation === 'update');
  await follower.until(() => updates().length === 2);
  expect(updates().map(({ hashes, actor, actor_verified }) => [hashes, actor, actor_verified])).toEqual([
    [[hash], 'Anna', false],
    [[hash], 'database', true],
  ]);
});

test('a change made by SQL is sent with its ids', async () => {
  const app = await start();
  const follower = await listen(app);
  expect(follower.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(follower.headers['cache-control']).toBe('no-store');
  for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'x-request-id']) {
    expect(follower.headers[name]).toBeTruthy();
  }
  expect(follower.of('ready')[0]?.data).toEqual({ live: 'trigger' });
  const client = await session(app);
  await insert(1, client);
  await client.query(`insert into atp.prediction values ('${title(1)}', 1, 0.5, 'tp')`);
  const hash = 'a'.repeat(40);
  await client.query(
    `insert into atp.media (hash, media_type, original_title, imdb_id) values ('${hash}', 'movie', '', '${title(1)}')`,
  );
  await client.query('delete from atp.media');
  await follower.until(() => changes(follower).length === 4);
  const common = { imdb_ids: [title(1)], actor: 'database', actor_verified: true };
  expect(changes(follower)).toMatchObject([
    { ...common, type: 'title.changed', operation: 'insert', hashes: [] },
    { ...common, type: 'prediction.changed', operation: 'insert', hashes: [] },
    { ...common, type: 'media.changed', operation: 'insert', hashes: [hash] },
    { ...common, type: 'media.changed', operation: 'delete', hashes: [hash] },
  ]);
  for (const { id, event, data } of follower.messages.filter(isChange)) {
    expect(data).toMatchObject({ id, type: event, at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/) });
  }
});

test('a change of a run is sent with its id and who started it, and is no activity', async () => {
  const app = await start();
  const [follower, ofTitle] = [await listen(app), await listen(app, `?imdb_id=${title(1)}`)];
  const { runs } = app;
  const task = (name: string) => ({ ...trashPurge, name, needs: () => [] });
  const started = async (starter: StartOptions['starter']) =>
    app.db.transaction().execute((trx) => runs.start(trx, task(starter.trigger), {}, { starter }));
  const { id } = await started({ trigger: 'manual', actor: { name: 'Anna', verified: false } });
  const { id: other } = await started({ trigger: 'cron', schedule: 'daily', slot: '2026-11-29T04:30:00Z' });
  await app.db.transaction().execute((trx) => runs.cancel(trx, id, 'Bob'));
  await insert(1, await session(app));
  await ofTitle.until(() => changes(ofTitle).length > 0);
  const common = { type: 'run.changed', operation: null, imdb_ids: [], hashes: [] };
  expect(changes(follower).filter(({ type }) => type !== 'title.changed')).toMatchObject([
    { ...common, run_id: id, actor: 'Anna', actor_verified: false },
    { ...common, run_id: other, actor: 'schedule' },
    { ...common, run_id: id, actor: 'Anna' },
    { ...common, run_id: id, actor: 'Anna' },
  ]);
  expect(changes(ofTitle)).toMatchObject([{ type: 'title.changed', run_id: null }]);
  expect((await app.call<{ data: Activity[] }>('GET', '/activity')).body.data).toMatchObject([
    { type: 'title.changed' },
  ]);
});

test('a count requested because of an event includes the change, by this API or by SQL', async () => {
  const app = await start();
  await insertTitles(app.db, [{ imdb_id: title(1) }]);
  const follower = await listen(app);
  const client = await session(app);
  for (let n = 2; n < 12; n += 1) {
    // Computed just before, and as good as new for a second.
    const before = await app.call<TrainingList>('GET', '/training?limit=1');
    expect(before.body.pagination.total).toBe(n - 1);
    await insert(n, client);
    await follower.until(() => titlesIn(follower).includes(title(n)));
    const after = await app.call<TrainingList>('GET', '/training?limit=1');
    expect(after.body.pagination.total).toBe(n);
  }
});

test('a label set by this API is sent with its actor', async () => {
  const app = await start();
  const follower = await listen(app);
  await insertTitles(app.db, [{ imdb_id: title(1) }]);
  await app.call('PATCH', `/training/${title(1)}/would_watch`, { headers: { 'x-actor': 'Anna' } });
  await follower.until(() => changes(follower).length === 2);
  expect(changes(follower)).toMatchObject([
    { type: 'title.changed', operation: 'insert', actor: 'database', actor_verified: true },
    { type: 'title.changed', operation: 'update', actor: 'Anna', actor_verified: false },
  ]);
});

test('transactions that commit out of order reach all clients in one order, without loss', async () => {
  const app = await start();
  const first = await listen(app);
  const [early, late] = [await session(app), await session(app)];
  await early.query('begin');
  await insert(1, early);
  await late.query('begin');
  await insert(2, late);
  await late.query('commit');
  await insert(3, late);
  // The later ones are there, but may not be sent while an earlier one can still come.
  const held = await follow(app.port);
  onTestFinished(() => held.close());
  await insert(4, late);
  expect(titlesIn(first)).toEqual([]);
  await early.query('commit');
  await first.until(() => titlesIn(first).length === 4);
  expect(titlesIn(first)).toEqual([1, 2, 3, 4].map(title));
  const ids = changes(first).map(({ id }) => id.split('.').map(Number) as [number, number]);
  expect(ids.toSorted(([a, b], [c, d]) => a - c || b - d)).toEqual(ids);

  // A client that continues from the first gets the same rest.
  const again = await listen(app, '', { 'last-event-id': changes(first)[0]?.id as string });
  await again.until(() => titlesIn(again).length === 3);
  expect(changes(again)).toEqual(changes(first).slice(1));
});

test('a transaction of another database of the server holds up no events', async () => {
  const app = await start();
  const follower = await listen(app);
  const elsewhere = await session(await start());
  await elsewhere.query('begin');
  await insert(1, elsewhere);
  await insert(2, await session(app));
  await follower.until(() => titlesIn(follower).length === 1);
  expect(titlesIn(follower)).toEqual([title(2)]);
  await elsewhere.query('rollback');
});

test('resuming loses and repeats nothing, across connections and a restart of the API, while writes go on', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  let app = await startTestApp({ database: database.connectionString });
  onTestFinished(() => app.close());
  const writer = await session(app);
  const total = 420;
  // So many more with each connection: a fast machine must not have written everything before the second.
  const perTurn = 60;
  let allowed = perTurn;
  let more = Promise.withResolvers<void>();
  const writing = (async () => {
    for (let n = 1; n <= total; n += 1) {
      while (n > allowed) await more.promise;
      await insert(n, writer);
    }
  })();
  const seen: string[] = [];
  let follower = await follow(app.port, '?last_event_id=');
  await follower.until(() => follower.of('ready').length > 0);
  const begun = follower;
  let [turns, lastId] = [0, ''];
  while (seen.length === 0 || seen.at(-1) !== title(total)) {
    turns += 1;
    // The first turn's may all have been written before a client listened.
    allowed = perTurn * (turns + 1);
    more.resolve();
    more = Promise.withResolvers<void>();
    const current = follower;
    await current.until(() => titlesIn(current).length >= 20 || titlesIn(current).at(-1) === title(total));
    follower.close();
    await follower.closed;
    seen.push(...titlesIn(follower));
    lastId = follower.lastId();
    if (turns === 3) {
      await app.close();
      app = await startTestApp({ database: database.connectionString });
    }
    follower = await follow(app.port, turns % 2 ? `?last_event_id=${lastId}` : '', { 'last-event-id': lastId });
  }
  follower.close();
  await writing;
  const first = Number((seen[0] as string).slice(2));
  expect(begun.of('ready')).toHaveLength(1);
  expect(seen).toEqual(Array.from({ length: total - first + 1 }, (_, i) => title(first + i)));
  expect(turns).toBeGreaterThan(4);
});

test('200 clients each get what they filter for, and nothing else', async () => {
  const app = await start();
  const witness = await listen(app);
  await insertTitles(
    app.db,
    Array.from({ length: 50 }, (_, n) => ({ imdb_id: title(n + 1), prediction: {} })),
  );
  // A client that connects after this message begins after it.
  await witness.until(() => changes(witness).length === 2);
  const followers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const types = i % 4 === 0 ? '&type=title.changed' : i % 4 === 1 ? '&type=prediction.changed' : '';
      return { i, follower: await listen(app, `?imdb_id=${title(1 + (i % 50))},${title(1 + ((i + 1) % 50))}${types}`) };
    }),
  );
  const client = await session(app);
  for (let n = 1; n <= 50; n += 1) {
    await client.query('update atp.training set runtime = $1 where imdb_id = $2', [n, title(n)]);
    await client.query('update atp.prediction set probability = 0.25 where imdb_id = $1', [title(n)]);
  }
  // Concerns every title by not naming any.
  await client.query('update atp.training set runtime = 0');
  await client.query('insert into atp.training select * from atp.training where false');
  await client.query('truncate atp.prediction');
  for (const { i, follower } of followers) {
    const types =
      i % 4 === 0 ? ['title.changed'] : i % 4 === 1 ? ['prediction.changed'] : ['title.changed', 'prediction.changed'];
    const asked = new Set([title(1 + (i % 50)), title(1 + ((i + 1) % 50))]);
    // Two titles each, and for titles also the update of all 50, which names them, or the truncation, which names none.
    const expected = 3 * types.length;
    await follower.until(() => changes(follower).length >= expected);
    expect(changes(follower)).toHaveLength(expected);
    for (const { type, imdb_ids } of changes(follower)) {
      expect(types).toContain(type);
      expect(imdb_ids === null || imdb_ids.some((id) => asked.has(id))).toBe(true);
    }
  }
});

test('a filter by info-hash gets that item, and events about many items', async () => {
  const app = await start();
  const hashes = ['a', 'b'].map((letter) => letter.repeat(40)) as [string, string];
  const follower = await listen(app, `?hash=${hashes[1].toUpperCase()}`);
  const client = await session(app);
  for (const hash of hashes) {
    await client.query(`insert into atp.media (hash, media_type, original_title) values ('${hash}', 'movie', '')`);
  }
  await insert(1, client);
  await client.query('truncate atp.media');
  await follower.until(() => changes(follower).length === 2);
  expect(changes(follower).map(({ type, hashes: named }) => [type, named])).toEqual([
    ['media.changed', [hashes[1]]],
    ['media.changed', null],
  ]);
});

test('a client that reads nothing is cut off, and the others go on', async () => {
  const app = await start({
    // Patience enough for a client that does read, on a busy machine too.
    deps: () => ({ streams: { clients: 2, unread: 100_000, patience: 3_000, heartbeat: 15_000 } }),
  });
  const follower = await listen(app);
  const deaf = connect(app.port, '127.0.0.1');
  onTestFinished(() => void deaf.destroy());
  const cut = new Promise((resolve) => deaf.once('close', resolve));
  deaf.on('error', () => {}).write('GET /rear-diff/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => deaf.once('readable', resolve));
  expect((await app.call('GET', '/events')).status).toBe(503);
  // More than what the kernel takes for a reader who does not read.
  const rounds = 12;
  for (let round = 0; round < rounds; round += 1) {
    await sql`insert into console.event (type, imdb_ids, hashes)
      select 'title.changed', array(select 'tt' || 1000000 + i from generate_series(1, 100) i), '{}'
      from generate_series(1, 1000)`.execute(app.db);
    await sql`select pg_notify('console_event', '')`.execute(app.db);
    await follower.until(() => changes(follower).length === 1000 * (round + 1));
  }
  // Its place becomes free; it would notice the end only by reading on.
  await vi.waitFor(() => listen(app), { timeout: 60_000 });
  deaf.resume();
  await cut;
  expect(deaf.bytesRead).toBeLessThan(rounds * 1_000 * 1_300);
  expect(changes(follower)).toHaveLength(1000 * rounds);
  expect((await app.call('GET', '/health')).status).toBe(200);
});

test('a heartbeat comes while nothing happens, and moves the point to continue from', async () => {
  const app = await start({ deps: ({ streams }) => ({ streams: { ...streams, heartbeat: 20 } }) });
  const follower = await listen(app, `?imdb_id=${title(9)}`);
  const begun = follower.lastId();
  await insert(1, await session(app));
  await follower.until(() => follower.comments() > 2 && follower.lastId() !== begun);
  expect(changes(follower)).toEqual([]);
});

test('one client more than the limit is 503, until one leaves', async () => {
  const app = await start({ deps: ({ streams }) => ({ streams: { ...streams, clients: 2 } }) });
  const [leaving] = [await listen(app), await listen(app)];
  const refused = await app.call<{ error: string }>('GET', '/events');
  expect([refused.status, refused.body.error]).toEqual([503, 'Too many clients']);
  leaving.close();
  await vi.waitFor(() => listen(app), { timeout: 60_000 });
});

test('on a stop each client gets a message to reconnect, and the API ends at once', async () => {
  const app = await start();
  const followers = await Promise.all([listen(app), listen(app), listen(app)]);
  const began = performance.now();
  await app.stop();
  expect(performance.now() - began).toBeLessThan(deepLimit(5_000));
  for (const follower of followers) {
    await follower.closed;
    expect(follower.messages.at(-1)).toMatchObject({ event: 'stop', data: {} });
  }
});

test('a client that connects while the database is unreachable gets heartbeats, and on a stop a message to reconnect', async () => {
  const app = await start({
    database: 'postgres://nobody:nothing@127.0.0.1:1/nowhere',
    deps: ({ streams }) => ({ streams: { ...streams, heartbeat: 20 } }),
  });
  const follower = await follow(app.port);
  await follower.until(() => follower.comments() > 1);
  await app.stop();
  await follower.closed;
  expect(follower.messages.map(({ event }) => event)).toEqual(['stop']);
});

test('a point that is forgotten, a week old, unreadable or of another database answers reset, and goes on from now', async () => {
  const app = await start();
  const [client, before] = [await session(app), await listen(app)];
  await client.query(`insert into console.event (type, at) values ('title.changed', now() - interval '91 days')`);
  await client.query(`insert into console.event (type, at) values ('title.changed', now() - interval '8 days')`);
  // The others start behind these two.
  await before.until(() => changes(before).length === 2);
  const { rows } = await client.query<{ id: string }>(
    `select txid::text || '.' || seq as id from console.event order by at`,
  );
  // It keeps events beside open transactions, of other databases too.
  await expect
    .poll(async () => (await client.query('select console.forget_events(10) as gone')).rows)
    .toEqual([{ gone: 1 }]);
  const points = [
    ...rows.map(({ id }) => id),
    '0.0',
    'nonsense',
    '1',
    '9223372036854775807.1',
    `${'9'.repeat(40)}.1`,
    "'; --",
  ];
  const followers = await Promise.all(
    points.map((point) => listen(app, `?last_event_id=${encodeURIComponent(point)}`)),
  );
  for (const follower of followers) await follower.until(() => follower.of('reset').length === 1);
  await insert(1, client);
  for (const follower of followers) {
    await follower.until(() => titlesIn(follower).length > 0);
    expect(titlesIn(follower)).toEqual([title(1)]);
    expect(follower.of('reset')).toHaveLength(1);
  }
});

test('parameters that do not fit are 422', async () => {
  const app = await start();
  for (const query of ['type=nonsense', 'imdb_id=%00', `hash=${'a'.repeat(41)}`, `last_event_id=${'1'.repeat(101)}`]) {
    expect((await app.call('GET', `/events?${query}`)).status, query).toBe(422);
  }
  expect((await app.call('POST', '/events')).status).toBe(405);
  expect((await app.call('HEAD', '/events')).status).toBe(405);
});

test('a lost notification delays an event, no more', async () => {
  const app = await start({ timing: { pollInterval: 100 } });
  const follower = await listen(app);
  await sql`insert into console.event (type, imdb_ids, hashes) values ('title.changed', '{tt0000001}', '{}')`.execute(
    app.db,
  );
  await follower.until(() => titlesIn(follower).length === 1);
});

test('without triggers changes are found by polling, once each, by any number of processes', async () => {
  const timing = { pollInterval: 100 };
  const app = await start({ template: 'plain', timing });
  const other = await start({ database: app.config.database as string, timing });
  expect((await app.call<Meta>('GET', '/meta')).body.live).toBe('polling');
  const followers = [await listen(app), await listen(other)];
  for (const follower of followers) expect(follower.of('ready')[0]?.data).toEqual({ live: 'polling' });
  const [client, early] = [await session(app), await session(app)];
  await early.query('begin');
  await insert(1, early);
  await insert(2, client);
  await app.call('PATCH', `/training/${title(2)}/would_watch`, { headers: { 'x-actor': 'Anna' } });
  await vi.waitFor(
    async () => {
      const { rowCount } = await client.query(`select from console.event where '${title(2)}' = any(imdb_ids)`);
      expect(rowCount).toBeGreaterThan(0);
    },
    { timeout: 60_000 },
  );
  await early.query('commit');
  for (const follower of followers) await follower.until(() => titlesIn(follower).includes(title(2)));
  for (const follower of followers) await follower.until(() => titlesIn(follower).includes(title(1)));
  await client.query(`insert into atp.prediction values ('${title(1)}', 1, 0.5, 'tp')`);
  await client.query(`insert into atp.training (imdb_id, media_type, media_title, release_year)
    select 'tt' || 2000000 + n, 'movie', 'A', 2000 from generate_series(1, 101) n`);
  for (const follower of followers) {
    await follower.until(() => titlesIn(follower).includes('many'));
    await follower.until(() => changes(follower).some(({ type }) => type === 'prediction.changed'));
    const seen = changes(follower);
    expect(seen.filter(({ imdb_ids }) => imdb_ids === null)).toHaveLength(1);
    expect(seen.filter(({ type }) => type === 'prediction.changed')).toHaveLength(1);
    const ofFirst = seen.filter(({ type, imdb_ids }) => type === 'title.changed' && imdb_ids?.includes(title(1)));
    expect(ofFirst).toHaveLength(1);
    const ofSecond = seen.filter(({ imdb_ids }) => imdb_ids?.includes(title(2)));
    expect(ofSecond.at(-1)).toMatchObject({ actor: 'Anna', operation: null });
    expect(ofSecond.length).toBeLessThanOrEqual(2);
  }
  expect(changes(followers[0] as Follower)).toEqual(changes(followers[1] as Follower));
});

test('a restart of the database is survived without losing an event', async () => {
  const directory = await mkdtemp(join(clusterParent, 'at-events-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  let cluster = await startCluster({ directory, durable: false });
  onTestFinished(() => cluster.stop());
  const database = cluster.connectionString('postgres');
  for (const set of Object.values(migrationSets)) await migrate(database, set);
  const app = await start({ database });
  const follower = await listen(app);
  /** As another program does, over a connection that nothing here watches. */
  const write = async (n: number) => {
    const client = new pg.Client(database);
    await client.connect();
    await insert(n, client).finally(() => client.end());
  };
  await write(1);
  await follower.until(() => titlesIn(follower).length === 1);
  await cluster.stop();
  // A client that connects now waits and is served later.
  const patient = await follow(app.port, `?last_event_id=${follower.lastId()}`);
  onTestFinished(() => patient.close());
  cluster = await startCluster({ directory, durable: false });
  await write(2);
  for (const one of [follower, patient]) await one.until(() => titlesIn(one).includes(title(2)));
  expect(titlesIn(follower)).toEqual([title(1), title(2)]);
  expect(titlesIn(patient)).toEqual([title(2)]);
});
