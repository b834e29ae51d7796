import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { magnetOf, randomHash, startTransmission } from '@at/adapters/test/transmission-daemon';
import { openTransmission } from '@at/adapters/transmission';
import type { Run } from '@at/contracts/runs';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { deepLimit, sized } from '@at/db/test-size';
import { bareEnvironment, createTestDatabase, type TestDatabase } from '@at/db/testing';
import { claimOperation, releaseOperation } from '@at/domain/bulk/queries';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { cancel, done, itemsOf, operation, previewed, run, until } from '#test/bulk-operations.ts';
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

async function start(options = {}): Promise<TestApp> {
  const app = await startTestApp({ ...options, database: database.connectionString });
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

type Process = { stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void> };

const main = fileURLToPath(new URL('../../../../worker/src/main.ts', import.meta.url));

/** A worker as a process of its own over the same database. */
function startProcess(environment: Record<string, string> = {}): Process & { pid: number | undefined } {
  const child = spawn(process.execPath, [main], {
    cwd: tmpdir(),
    env: { ...bareEnvironment(), DATABASE_URL: database.connectionString, LOG_LEVEL: 'CRITICAL', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
    // Nobody waits for a sign of life of what is dead; what ends in order gives its jobs back, and others may have them already.
    if (signal === 'SIGKILL')
      await sql`update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`.execute(db);
  };
  return { pid: child.pid, stop };
}

/** How the attempts at an operation ended, oldest first, each with the process of its worker. */
async function attemptsAt(id: string): Promise<{ outcome: string | null; pid: number }[]> {
  const { rows } = await sql<{ outcome: string | null; pid: number }>`
    select a.outcome, w.pid from console.run r join console.step s on s.run_id = r.id
    join console.step_attempt a on a.step_id = s.id join console.worker w on w.id = a.worker_id
    where r.subject_type = 'operation' and r.subject_id = ${id} order by a.started_at
  `.execute(db);
  return rows;
}
const outcomesAt = async (id: string) => (await attemptsAt(id)).map(({ outcome }) => outcome);

const runsOf = (id: string) =>
  db
    .selectFrom('console.run')
    .select(['id', 'outcome', 'trigger'])
    .where('subject_id', '=', id)
    .orderBy('created_at')
    .execute();

/** Until so many of its items are done, and the attempt that does them is written, which may be 0.2 s after its beginning. */
async function untilDone(app: TestApp, id: string, count: number): Promise<void> {
  while ((await operation(app, id)).counts.done < count || (await attemptsAt(id)).length === 0) await sleep(5);
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

test('the next worker continues the operation of a killed one: every item is done once, and no event is missing', async ({
  annotate,
}) => {
  const many = sized(2_000, 4_000);
  await fill(many);
  const app = await start({ works: false });
  const { operation_id } = await previewed(app, label);
  const first = startProcess();
  await run(app, operation_id);
  await untilDone(app, operation_id, 200);
  await first.stop('SIGKILL');
  const left = await countOf(operation_id);
  expect(left.events).toBe(left.labelled);
  expect(left.events).toBeGreaterThanOrEqual(200);
  expect(left.events).toBeLessThan(many);

  startProcess();
  const { counts } = await until(app, operation_id, 'done');
  expect(counts).toMatchObject({ done: many, unchanged: 0, conflict: 0, failed: 0 });
  expect(await countOf(operation_id)).toEqual(whole(many));
  expect(await outcomesAt(operation_id)).toEqual(['lost', 'completed']);
  await annotate(`killed after ${left.events} of ${many} titles; 0 lost, 0 labelled twice`, 'figure');
});

test('the next worker continues the approvals of a killed one, and each torrent is there once', async ({
  annotate,
}) => {
  const daemon = await startTransmission();
  onTestFinished(() => daemon.stop());
  const hashes = Array.from({ length: sized(60, 120) }, randomHash);
  await insertMedia(
    db,
    hashes.map((hash) => ({ hash, original_link: magnetOf(hash) })),
  );
  const app = await start({ works: false });
  const { operation_id } = await previewed(app, { subject: 'media', action: 'approve', ids: hashes });
  const first = startProcess(daemon.environment);
  await run(app, operation_id);
  await untilDone(app, operation_id, 20);
  await first.stop('SIGKILL');
  startProcess(daemon.environment);
  expect((await until(app, operation_id, 'done')).counts).toMatchObject({ done: hashes.length });
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

test('of two workers one has an operation, and when it stops the other continues; a database that ends all connections costs nothing', async () => {
  const many = sized(3_000, 6_000);
  await fill(many);
  const app = await start({ works: false });
  const { operation_id } = await previewed(app, label);
  const workers = [startProcess(), startProcess()];
  await run(app, operation_id);
  await untilDone(app, operation_id, 300);
  // Locks of one number are those of operations.
  const holders = await sql`select from pg_locks where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())`.execute(db);
  expect(holders.rows).toHaveLength(1);
  const pid = (await attemptsAt(operation_id))[0]?.pid;
  await workers.find((worker) => worker.pid === pid)?.stop('SIGTERM');
  await expect.poll(async () => (await attemptsAt(operation_id)).length, { interval: 20 }).toBe(2);
  const { done: before } = (await operation(app, operation_id)).counts;
  await untilDone(app, operation_id, before + 100);
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'rear-differential worker'
  `.execute(db);
  const ended = await until(app, operation_id, 'done');
  expect(ended.counts).toMatchObject({ done: many, conflict: 0 });
  expect(await countOf(operation_id)).toEqual(whole(many));
  const outcomes = await outcomesAt(operation_id);
  expect([outcomes[0], outcomes.at(-1)]).toEqual(['returned', 'completed']);
  expect(outcomes).not.toContain('failed');
});

test('an operation that an earlier version has left gets one run, of however many workers', async () => {
  await fill(3);
  const app = await start({ works: false });
  const { operation_id } = await previewed(app, label);
  await sql`
    update console.operation set state = 'running', started_at = now(), run_by = 'ann'
    where operation_id = ${operation_id}::uuid
  `.execute(db);
  startProcess();
  startProcess();
  await until(app, operation_id, 'done');
  expect(await countOf(operation_id)).toEqual(whole(3));
  expect(await runsOf(operation_id)).toMatchObject([{ trigger: 'event', outcome: 'completed' }]);
});

test('a fault of the database is no failure: the operation goes on when it is over', async () => {
  await fill(3);
  const app = await start();
  await sql
    .raw(`create function atp.full_of_test() returns trigger language plpgsql as $$ begin raise exception 'full' using errcode = '53100'; end $$;
    create trigger full_of_test before update on atp.training for each row execute function atp.full_of_test()`)
    .execute(db);
  const { operation_id } = await previewed(app, label);
  await run(app, operation_id);
  await expect.poll(() => outcomesAt(operation_id), { interval: 20 }).toEqual(['returned']);
  expect(await operation(app, operation_id)).toMatchObject({ state: 'running', counts: { pending: 3 } });
  await sql.raw('drop trigger full_of_test on atp.training; drop function atp.full_of_test').execute(db);
  const id = (await runsOf(operation_id))[0]?.id as string;
  await db.transaction().execute((trx) => app.runs.hasten(trx, id));
  await until(app, operation_id, 'done');
  expect(await countOf(operation_id)).toEqual(whole(3));
  expect(await outcomesAt(operation_id)).toEqual(['returned', 'completed']);
});

test('a run that is given up ends its operation, and a retry continues it', async () => {
  await fill(3);
  const app = await start({ works: false });
  const { operation_id } = await previewed(app, label);
  await run(app, operation_id);
  // As after twenty workers that ended without a word.
  await sql`update console.job set state = 'failed' where name = 'short'`.execute(db);
  startProcess();
  const ended = await until(app, operation_id, 'cancelled');
  expect(ended).toMatchObject({ counts: { cancelled: 3 }, finished_at: expect.any(String) });
  const id = (await runsOf(operation_id))[0]?.id as string;
  expect((await app.call<Run>('GET', `/api/runs/${id}`)).body.state).toBe('failed');
  expect((await app.call('POST', `/api/runs/${id}/retry`)).status).toBe(202);
  await until(app, operation_id, 'done');
  expect(await countOf(operation_id)).toEqual(whole(3));
});

test('an operation that is cancelled while no worker has it ends at once; what its items still owe is done by another run', async () => {
  await fill(3);
  const app = await start({ works: false });
  const started = async () => {
    const { operation_id } = await previewed(app, label);
    await run(app, operation_id);
    return operation_id;
  };
  const [plain, byRun, owing] = [await started(), await started(), await started()];
  expect((await cancel(app, plain)).operation).toMatchObject({ state: 'cancelled', counts: { cancelled: 3 } });
  const id = (await runsOf(byRun))[0]?.id as string;
  expect((await app.call('POST', `/api/runs/${id}/cancel`)).status).toBe(202);
  expect(await operation(app, byRun)).toMatchObject({ state: 'cancelled', counts: { cancelled: 3 } });
  // As a worker leaves it that is lost between a batch and what comes after it.
  await sql`update console.operation_item set result = 'done', owed = true
    where operation_id = ${owing}::uuid and position = 1`.execute(db);
  await sql`update console.operation set done = 1 where operation_id = ${owing}::uuid`.execute(db);
  expect((await cancel(app, owing)).operation).toMatchObject({ state: 'cancelling' });
  startProcess();
  expect((await until(app, owing, 'cancelled')).counts).toMatchObject({ done: 1, cancelled: 2 });
  expect(await runsOf(owing)).toMatchObject([
    { trigger: 'manual', outcome: 'cancelled' },
    { trigger: 'event', outcome: 'completed' },
  ]);
  const owed = await db.selectFrom('console.operation_item').select('key').where('owed', '=', true).execute();
  expect(owed).toEqual([]);
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
