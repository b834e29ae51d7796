import { setTimeout as sleep } from 'node:timers/promises';
import { magnetOf, randomHash, startTransmission } from '@at/adapters/test/transmission-daemon';
import { openTransmission } from '@at/adapters/transmission';
import type { Operation } from '@at/contracts/bulk';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { deepLimit, sized } from '@at/db/test-size';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { claimOperation, releaseOperation } from '@at/domain/bulk/queries';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { done, itemsOf, operation, previewed, run, until } from '#test/bulk-operations.ts';
import { startApi } from '#test/faults/api-process.ts';
import { insertMedia } from '#test/sample-media.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

/** Operations over thousands of items, in processes that end while they run. */

let database: TestDatabase;
let db: Kysely<DB>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createDb(createPool({ connection: database.connectionString }));
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
/** Replaces all titles by this many without a label. */
async function fill(titles: number): Promise<void> {
  await sql`truncate atp.training`.execute(db);
  await sql`
    insert into atp.training (imdb_id, media_type, media_title, release_year)
    select 'tt' || 1000000 + n, 'movie', 'Title ' || n, 2001 from generate_series(1, ${titles}) as n
  `.execute(db);
}

async function start(): Promise<TestApp> {
  const app = await startTestApp({ database: database.connectionString, deps: () => ({ sweepInterval: 100 }) });
  onTestFinished(() => app.close());
  return app;
}

type Counted = { titles: number; labelled: number; events: number; unbroken: boolean };

/** What an operation left in the tables: the titles with the label, their events, and whether these are complete. */
async function countOf(id: string): Promise<Counted> {
  const { rows } = await sql<Counted>`
    select count(*)::integer as titles, (count(*) filter (where t.label = 'would_watch'))::integer as labelled,
      (select count(*)::integer from console.label_event where operation_id = ${id}::uuid) as events,
      bool_and(e.after is not distinct from
        jsonb_build_object('label', t.label, 'human_labeled', t.human_labeled, 'anomalous', t.anomalous, 'reviewed', t.reviewed)
      ) as unbroken
    from atp.training t left join console.label_event e on e.imdb_id = t.imdb_id and e.operation_id = ${id}::uuid
  `.execute(db);
  return rows[0] as Counted;
}
const whole = (titles: number): Counted => ({ titles, labelled: titles, events: titles, unbroken: true });
const label = { subject: 'training', action: 'would_watch', filter: {} } as const;

type Process = { call: (method: string, path: string) => Promise<Operation>; kill: () => Promise<void> };

/** The API as a process of its own over the same database. */
async function startProcess(environment: Record<string, string> = {}): Promise<Process> {
  const { ask, kill } = await startApi(database.connectionString, { environment });
  onTestFinished(kill);
  const call = async (method: string, path: string): Promise<Operation> => {
    const reply = await ask(path, { method });
    // A busy machine makes it refuse requests for a moment.
    if (reply.status === 503) return sleep(100).then(() => call(method, path));
    return (await reply.json()) as Operation;
  };
  return { call, kill };
}

test('thousands of labels take seconds, and each has its event', async ({ annotate }) => {
  const many = sized(1_000, 10_000);
  await fill(many);
  const app = await start();
  const began = performance.now();
  const { operation_id, counts } = await done(app, label);
  const seconds = (performance.now() - began) / 1000;
  expect(counts).toMatchObject({ done: many });
  expect(await countOf(operation_id)).toEqual(whole(many));
  expect(seconds).toBeLessThan(deepLimit(60));
  await annotate(`${many} labels in ${seconds.toFixed(1)} s`, 'figure');
});

test('the next process continues the operation of a killed one: every item is done once, and no event is missing', async ({
  annotate,
}) => {
  const many = sized(2_000, 4_000);
  await fill(many);
  const app = await start();
  const { operation_id } = await previewed(app, label);
  // From here on only the processes of this test may run it.
  await app.stop();
  const first = await startProcess();
  await first.call('POST', `/operations/${operation_id}/run`);
  while ((await first.call('GET', `/operations/${operation_id}`)).counts.done < 200) await sleep(5);
  await first.kill();
  const left = await countOf(operation_id);
  expect(left.events).toBe(left.labelled);
  expect(left.events).toBeGreaterThanOrEqual(200);
  expect(left.events).toBeLessThan(many);

  const second = await startProcess();
  const now = () => second.call('GET', `/operations/${operation_id}`);
  while ((await now()).state !== 'done') await sleep(20);
  expect((await now()).counts).toMatchObject({ done: many, unchanged: 0, conflict: 0, failed: 0 });
  expect(await countOf(operation_id)).toEqual(whole(many));
  await annotate(`killed after ${left.events} of ${many} titles; 0 lost, 0 labelled twice`, 'figure');
});

test('the next process continues the approvals of a killed one, and each torrent is there once', async ({
  annotate,
}) => {
  const daemon = await startTransmission();
  onTestFinished(() => daemon.stop());
  const hashes = Array.from({ length: sized(60, 120) }, randomHash);
  await insertMedia(
    db,
    hashes.map((hash) => ({ hash, original_link: magnetOf(hash) })),
  );
  const app = await start();
  const { operation_id } = await previewed(app, { subject: 'media', action: 'approve', ids: hashes });
  await app.stop();
  const first = await startProcess(daemon.environment);
  await first.call('POST', `/operations/${operation_id}/run`);
  while ((await first.call('GET', `/operations/${operation_id}`)).counts.done < 20) await sleep(5);
  await first.kill();
  const second = await startProcess(daemon.environment);
  const now = () => second.call('GET', `/operations/${operation_id}`);
  while ((await now()).state !== 'done') await sleep(20);
  expect((await now()).counts).toMatchObject({ done: hashes.length });
  await second.kill();
  const there = (await openTransmission(daemon.settings).list()).map(({ hash }) => hash);
  expect(there.toSorted()).toEqual(hashes.toSorted());
  const events = await db
    .selectFrom('console.media_event')
    .select('hash')
    .where('operation_id', '=', operation_id)
    .execute();
  expect(events.map(({ hash }) => hash).toSorted()).toEqual(hashes.toSorted());
  await annotate(`${hashes.length} torrents, 0 missing, 0 left behind`, 'figure');
});

test('of several processes one runs an operation, and another continues when it stops', async () => {
  const many = sized(2_000, 4_000);
  await fill(many);
  const [app, ...others] = (await Promise.all([start(), start(), start()])) as [TestApp, TestApp, TestApp];
  const { operation_id } = await previewed(app, label);
  await Promise.all([app, ...others].map((by) => run(app, operation_id, { by })));
  while ((await operation(app, operation_id)).counts.done < 300) await sleep(5);
  // Locks of one number are those of operations; each process has one of two numbers too.
  const holders = await sql`select from pg_locks where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())`.execute(db);
  expect(holders.rows).toHaveLength(1);
  // Two of the three stop, the one that runs it among them or not.
  await app.stop();
  await others[0].stop();
  const ended = await until(others[1], operation_id, 'done');
  expect(ended.counts).toMatchObject({ done: many, conflict: 0 });
  expect(await countOf(operation_id)).toEqual(whole(many));
});

test('while an operation runs, requests are answered with what it has written', async () => {
  await fill(sized(2_000, 4_000));
  const app = await start();
  const { operation_id } = await previewed(app, label);
  await run(app, operation_id);
  let slowest = 0;
  let asked = 0;
  let labelled = 0;
  while ((await operation(app, operation_id)).state === 'running') {
    const began = performance.now();
    const { body } = await app.call<{ label: { would_watch: number } }>('GET', '/training/stats');
    slowest = Math.max(slowest, performance.now() - began);
    asked += 1;
    expect(body.label.would_watch).toBeGreaterThanOrEqual(labelled);
    labelled = body.label.would_watch;
  }
  expect(asked).toBeGreaterThan(1);
  expect(slowest).toBeLessThan(deepLimit(2_000));
  const [item] = await itemsOf(app, operation_id);
  expect(item).toMatchObject({ result: 'done', after: { label: 'would_watch' } });
});

test('blocked operations do not delay others', async () => {
  await fill(3);
  const app = await start();
  const stuck = [await previewed(app, label), await previewed(app, label)];
  await db.connection().execute(async (another) => {
    for (const { operation_id } of stuck) {
      expect(await claimOperation(another, operation_id)).toBe(true);
      await run(app, operation_id);
    }
    expect((await done(app, label)).counts.done).toBe(3);
    for (const { operation_id } of stuck) {
      expect((await operation(app, operation_id)).state).toBe('running');
      await releaseOperation(another, operation_id);
    }
  });
  for (const { operation_id } of stuck) await until(app, operation_id, 'done');
});
