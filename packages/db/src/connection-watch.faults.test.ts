import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { createDb, createPool, type PoolOptions } from './client.ts';
import { startProxy, type TestProxy } from './test-proxy.ts';
import { deepLimit } from './test-size.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('empty');
});
afterAll(() => database.drop());

type Path = { proxy: TestProxy; pool: pg.Pool };

async function open(
  { onTestFinished }: TestContext,
  { hidesProcesses = false, ...options }: Partial<PoolOptions> & { hidesProcesses?: boolean } = {},
): Promise<Path> {
  const proxy = await startProxy(database.connectionString, { hidesProcesses });
  const pool = createPool({ connection: proxy.connectionString, ...options });
  onTestFinished(() => {
    proxy.close();
    return pool.ending ? undefined : pool.end();
  });
  return { proxy, pool };
}

const one = async (pool: pg.Pool) => (await pool.query('select 1 as one')).rows;
const silent = { code: 'ETIMEDOUT', message: expect.stringContaining('went silent') };

// In parallel: they wait for clocks, not for this machine.
describe.concurrent('a connection that goes silent', () => {
  test('fails its statement, and all idle ones are replaced before the next statement', async (context) => {
    const { proxy, pool } = await open(context);
    await Promise.all([one(pool), one(pool), one(pool), one(pool)]);
    proxy.freeze();
    const began = performance.now();
    await expect(one(pool)).rejects.toMatchObject(silent);
    expect(await one(pool)).toEqual([{ one: 1 }]);
    expect(performance.now() - began).toBeLessThan(deepLimit(1_000));
  });

  test('is found while it is idle too, and while it only listens', async (context) => {
    const { proxy, pool } = await open(context);
    const client = await pool.connect();
    await client.query('listen something');
    proxy.freeze();
    const [error] = await once(client, 'error');
    expect(error).toMatchObject(silent);
    client.release();
  });

  test('leaves no locks behind on the server', async (context) => {
    const { proxy, pool } = await open(context, { max: 1 });
    const direct = createDb(createPool({ connection: database.connectionString }));
    context.onTestFinished(() => direct.destroy());
    await pool.query('create table locked as select 1 as a');
    const frozen = createDb(pool)
      .transaction()
      .execute(async (trx) => {
        await sql`select from locked for update`.execute(trx);
        proxy.freeze();
        await sql`select 1`.execute(trx);
      });
    await expect(frozen).rejects.toThrow();
    await sql`update locked set a = 2`.execute(direct);
  });

  test('is not one whose statement takes long', async (context) => {
    const { pool } = await open(context, { max: 1 });
    const { rows } = await pool.query('select pg_backend_pid() as pid');
    await pool.query('select pg_sleep(1.5)');
    expect((await pool.query('select pg_backend_pid() as pid')).rows).toEqual(rows);
  });

  test('fails within the time to connect if no new one opens; later a statement succeeds', async (context) => {
    const { proxy, pool } = await open(context, { connectTimeout: 600 });
    await one(pool);
    proxy.swallow(true);
    proxy.freeze();
    await expect(one(pool)).rejects.toMatchObject(silent);
    await expect(one(pool)).rejects.toThrow(/timeout/);
    proxy.swallow(false);
    expect(await one(pool)).toEqual([{ one: 1 }]);
  });

  test('while it opens makes way for one that works', async (context) => {
    const { proxy, pool } = await open(context, { max: 1, connectTimeout: 60_000 });
    proxy.swallow(true);
    const first = expect(one(pool)).rejects.toMatchObject({ ...silent, code: 'ECONNABORTED' });
    await expect.poll(() => proxy.open()).toBe(1);
    proxy.swallow(false);
    await first;
    expect(await one(pool)).toEqual([{ one: 1 }]);
  });

  test('behind a pooler that hides processes fails within the time of a statement, which a slow one may use', async (context) => {
    const { proxy, pool } = await open(context, { statementTimeout: 1_500, hidesProcesses: true });
    await pool.query('select pg_sleep(1)');
    proxy.freeze();
    await expect(one(pool)).rejects.toMatchObject(silent);
  });

  test('is closed for good when its pool ends', async (context) => {
    const { proxy, pool } = await open(context);
    const client = await pool.connect();
    client.release();
    proxy.freeze();
    const ended = once(client, 'end');
    await pool.end();
    await ended;
  });
});

describe('a server process that gets no turn for a while', () => {
  /** Stops it before a statement, runs `work`, and lets it go on. Returns what the statement says. */
  async function whileStopped(pool: pg.Pool, work: () => Promise<unknown>): Promise<unknown> {
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const { pid } = rows[0] as { pid: number };
    process.kill(pid, 'SIGSTOP');
    const answer = one(pool).catch((error: Error) => error);
    await work().finally(() => process.kill(pid, 'SIGCONT'));
    return answer;
  }
  const isHere = () => new pg.Client(database.connectionString).host.startsWith('/');

  test('keeps its connection over a local socket', async ({ skip, onTestFinished }) => {
    if (!isHere()) skip('The server runs elsewhere.');
    const pool = createPool({ connection: database.connectionString, max: 1 });
    onTestFinished(() => pool.end());
    expect(await whileStopped(pool, () => sleep(1_000))).toEqual([{ one: 1 }]);
  });

  test('keeps its connection over the network while this machine is busy', async (context) => {
    if (!isHere()) context.skip('The server runs elsewhere.');
    const { pool } = await open(context, { max: 1 });
    const busy = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50), 1);
    context.onTestFinished(() => clearInterval(busy));
    expect(await whileStopped(pool, () => sleep(1_500))).toEqual([{ one: 1 }]);
  });
});
