import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDb, createPool } from '@at/db/client';
import { startCluster } from '@at/db/embedded';
import { migrate, migrationSets } from '@at/db/migrate';
import { startProxy } from '@at/db/test-proxy';
import { clusterParent, createTestDatabase } from '@at/db/testing';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { effectTable, tasks, wait } from '../test/tasks.ts';
import { JobQueue } from './job-queue.ts';
import { Runs } from './runs.ts';
import { Worker } from './worker.ts';

const starter = { trigger: 'event', actor: { name: 'ann', verified: false } } as const;

test('a worker starts without a database, and a restart of the database costs a step neither its effect nor a try', async () => {
  const directory = await mkdtemp(join(clusterParent, 'at-runs-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  let cluster = await startCluster({ directory, durable: false });
  onTestFinished(() => cluster.stop());
  const connection = cluster.connectionString('postgres');
  for (const set of [migrationSets.atp, migrationSets.console]) await migrate(connection, set);
  const db = createDb(createPool({ connection }));
  onTestFinished(() => db.destroy());
  await sql.raw(effectTable).execute(db);
  await cluster.stop();

  const complaints: string[] = [];
  const complain = (_fields: object | string, message = '') => complaints.push(message);
  const log = { info: () => {}, warn: complain, error: complain };
  const worker = new Worker({ database: { connection }, tasks, schedules: [], adapters: {}, log, version: '0' });
  worker.start();
  onTestFinished(() => worker.stop());
  await expect.poll(() => complaints).toEqual(['The start of the worker failed and will be retried']);

  // A program that starts runs does not need the database to start itself either.
  const queue = new JobQueue({ connection }, { supervises: false, onError: () => {} });
  onTestFinished(() => queue.stop());
  const start = () => db.transaction().execute((trx) => new Runs(queue, {}).start(trx, wait, { n: 1 }, { starter }));
  await expect(start()).rejects.toThrow();
  cluster = await startCluster({ directory, durable: false });
  await start();
  const begun = async () => (await sql`select from public.effect`.execute(db)).rows.length;
  await expect.poll(begun).toBe(1);

  await cluster.stop();
  cluster = await startCluster({ directory, durable: false });
  await sql`
    update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active' and retry_count = 0
  `.execute(db);
  await expect.poll(begun).toBe(2);
  await sql`insert into public.effect values ('go', 1, '')`.execute(db);
  const step = () => sql`select outcome, failures from console.step`.execute(db);
  await expect.poll(step).toMatchObject({ rows: [{ outcome: 'completed', failures: 0 }] });
  expect((await sql`select from public.effect where step = 'finished'`.execute(db)).rows).toHaveLength(1);
  expect(complaints.filter((message) => !message.endsWith('failed and will be retried'))).toEqual([]);
});

test('a worker whose connections go silent goes on with its step and takes the next one, without a try', async () => {
  const database = await createTestDatabase('plain');
  onTestFinished(() => database.drop());
  const db = createDb(createPool({ connection: database.connectionString }));
  onTestFinished(() => db.destroy());
  await sql.raw(effectTable).execute(db);
  const queue = new JobQueue({ connection: database.connectionString }, { supervises: false, onError: () => {} });
  onTestFinished(() => queue.stop());
  const start = (n: number) =>
    db.transaction().execute((trx) => new Runs(queue, {}).start(trx, wait, { n }, { starter }));
  const proxy = await startProxy(database.connectionString);
  onTestFinished(() => proxy.close());
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const connection = { connection: proxy.connectionString, connectTimeout: 1_000, statementTimeout: 11_000 };
  const worker = new Worker({ database: connection, tasks, schedules: [], adapters: {}, log, version: '0' });
  worker.start();
  onTestFinished(() => worker.stop());
  await start(1);
  const effects = async () => (await sql`select from public.effect`.execute(db)).rows.length;
  await expect.poll(effects).toBe(1);

  proxy.freeze();
  await start(2);
  await sql`insert into public.effect values ('go', 1, ''), ('go', 2, '')`.execute(db);
  const steps = sql`select outcome, failures from console.step`;
  const done = { outcome: 'completed', failures: 0 };
  await expect.poll(async () => (await steps.execute(db)).rows).toEqual([done, done]);
  const finished = sql`select n from public.effect where step = 'finished' order by n`;
  expect((await finished.execute(db)).rows).toEqual([{ n: 1 }, { n: 2 }]);
});
