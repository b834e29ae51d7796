import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import { findRun } from '@at/runs/reports';
import { Runs } from '@at/runs/runs';
import { Worker } from '@at/runs/worker';
import { type Kysely, sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { cleanup } from './cleanup.ts';

let database: TestDatabase;
let db: Kysely<DB>;
let runs: Runs<unknown>;
beforeAll(async () => {
  database = await createTestDatabase('plain');
  const options = { connection: database.connectionString };
  db = createDb(createPool(options));
  const queue = new JobQueue(options, { supervises: false, onError: console.error });
  runs = new Runs(queue, {});
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const worker = new Worker({ database: options, tasks: [cleanup], schedules: [], adapters: {}, log, version: '0' });
  worker.start();
  return async () => {
    await worker.stop();
    await queue.stop();
    await db.destroy();
    await database.drop();
  };
});

/** Cleans up, and returns how many of each kind are gone. */
async function cleanUp(): Promise<unknown> {
  const actor = { name: 'ann', verified: true };
  const { id } = await db
    .transaction()
    .execute((trx) => runs.start(trx, cleanup, {}, { starter: { trigger: 'manual', actor } }));
  await expect.poll(async () => (await findRun(db, id))?.state, { interval: 20 }).toBe('completed');
  return (await findRun(db, id))?.steps[0]?.output;
}
const nothing = { events: 0, writes: 0, operations: 0, runs: 0, workers: 0, removals: 0 };

const ago = (interval: string) => sql`now() - ${interval}::interval`;

test('old events, writes, workers and removals of rows are deleted, and younger ones stay', async () => {
  for (const at of [ago('91 days'), ago('89 days')])
    await sql`insert into console.event (type, at) values ('title.changed', ${at})`.execute(db);
  for (const [key, at] of [
    ['old', ago('25 hours')],
    ['young', ago('23 hours')],
  ] as const)
    await sql`insert into console.write (actor, key, digest, outcome, at) values ('ann', ${key}, '', '{}', ${at})`.execute(
      db,
    );
  for (const [host, at] of [
    ['old', ago('8 days')],
    ['young', ago('6 days')],
  ] as const)
    await sql`
      insert into console.worker (id, host, pid, version, tasks, queues, seen_at)
      values (gen_random_uuid(), ${host}, 1, '0', '{}', '{}', ${at})
    `.execute(db);
  for (const at of [ago('8 days'), ago('6 days')])
    await sql`insert into console.queue_removal (item_id, item, removed_at) values (1, '{}', ${at})`.execute(db);

  expect(await cleanUp()).toEqual({ ...nothing, events: 1, writes: 1, workers: 1, removals: 1 });
  const young = async (query: ReturnType<typeof sql>) => (await query.execute(db)).rows;
  expect(await young(sql`select from console.event where type = 'title.changed'`)).toHaveLength(1);
  expect(await young(sql`select key from console.write`)).toEqual([{ key: 'young' }]);
  // The other one is the worker that does it.
  expect(await young(sql`select host from console.worker where pid = 1`)).toEqual([{ host: 'young' }]);
  expect(await cleanUp()).toEqual(nothing);
});

async function insertOperation(values: object): Promise<string> {
  const { operation_id } = await db
    .insertInto('console.operation')
    .values({ subject: 'training', action: 'would_watch', actor: 'ann', total: 1, ...values } as never)
    .returning('operation_id')
    .executeTakeFirstOrThrow();
  await sql`
    insert into console.operation_item (operation_id, position, key) values (${operation_id}, 1, 'tt0000001')
  `.execute(db);
  return operation_id;
}
async function operations(): Promise<string[]> {
  const { rows } = await sql<{ operation_id: string }>`
    select operation_id from console.operation join console.operation_item using (operation_id)
  `.execute(db);
  return rows.map(({ operation_id }) => operation_id).sort();
}

test('a preview is deleted a day after it expires', async () => {
  const waiting = await insertOperation({ expires_at: ago('23 hours') });
  await insertOperation({ expires_at: ago('25 hours') });
  await insertOperation({ expires_at: ago('25 hours'), state: 'cancelled', finished_at: ago('25 hours') });
  expect(await cleanUp()).toEqual({ ...nothing, operations: 2 });
  expect(await operations()).toEqual([waiting]);
});

test('an operation is deleted 90 days after its end, with its items; its events and its inverse stay', async () => {
  await db.deleteFrom('console.operation').execute();
  const ended = (interval: string, inverse_of: string | null = null) =>
    insertOperation({ state: 'done', started_at: ago('1 year'), finished_at: ago(interval), inverse_of });
  const old = await ended('91 days');
  const taken = await ended('91 days');
  const inverse = await ended('89 days', taken);
  const running = await insertOperation({ state: 'running', started_at: ago('1 year'), expires_at: ago('1 year') });
  const flags = { label: null, human_labeled: false, anomalous: false, reviewed: false };
  await sql`
    insert into console.label_event (imdb_id, actor, action, before, after, operation_id) values
      ('tt0000001', 'ann', 'would_watch', ${JSON.stringify(flags)}::jsonb,
        ${JSON.stringify({ ...flags, label: 'would_watch' })}::jsonb, ${old})
  `.execute(db);

  expect(await cleanUp()).toEqual({ ...nothing, operations: 1 });
  expect(await operations()).toEqual([taken, inverse, running].sort());
  expect((await sql`select operation_id from console.label_event`.execute(db)).rows).toEqual([{ operation_id: old }]);

  await sql`update console.operation set finished_at = ${ago('91 days')} where operation_id = ${inverse}`.execute(db);
  expect(await cleanUp()).toEqual({ ...nothing, operations: 2 });
  expect(await operations()).toEqual([running]);
});

test('a run is deleted 90 days after its end, with its steps and attempts, in as many batches as it takes', async () => {
  const insertRuns = (count: number, created: string, finished: string | null) => sql`
    with run as (
      insert into console.run (task, params, trigger, requested_by, created_at, outcome, finished_at)
      select 'test.sample', '{}', 'manual', 'ann', ${ago(created)}, ${finished && 'failed'},
        ${finished === null ? null : ago(finished)}
      from generate_series(1, ${count}) returning id, outcome, finished_at
    ), step as (
      insert into console.step (run_id, task, params, queue, job_id, outcome, finished_at)
      select id, 'test.sample', '{}', 'short', gen_random_uuid(), outcome, finished_at from run returning id, job_id
    )
    insert into console.step_attempt (job_id, retry_count, step_id, worker_id)
    select job_id, 0, id, gen_random_uuid() from step
  `;
  await insertRuns(1_200, '92 days', '91 days').execute(db);
  await insertRuns(1, '92 days', '89 days').execute(db);
  await insertRuns(1, '92 days', null).execute(db);
  expect(await cleanUp()).toEqual({ ...nothing, runs: 1_200 });
  const { rows } = await sql`
    select count(distinct r.id)::int as runs, count(distinct s.id)::int as steps, count(distinct a.job_id)::int as attempts
    from console.run r
    full join console.step s on s.run_id = r.id
    full join console.step_attempt a on a.step_id = s.id
    where s.task is distinct from 'maintenance.cleanup'
  `.execute(db);
  expect(rows).toEqual([{ runs: 2, steps: 2, attempts: 2 }]);
});
