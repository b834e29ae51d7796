import { createPool } from '@at/db/client';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CreatePool, openReader } from './row-reader.ts';

let database: TestDatabase;
let connect: CreatePool;
beforeAll(async () => {
  database = await createTestDatabase('empty');
  connect = (config) => createPool({ connection: database.connectionString, config });
});
afterAll(() => database.drop());

test('slow searches do not delay quick pages', async () => {
  const { read, end } = openReader({ createPool: connect, warn: () => {}, exactTimes: new Set() });
  const holder = new pg.Client(database.connectionString);
  await holder.connect();
  await holder.query('select pg_advisory_lock(1)');
  let finished = 0;
  const slow = Array.from({ length: 8 }, async () => {
    const statement = { sql: 'select pg_advisory_xact_lock_shared(1)::text as a', parameters: [], quick: false };
    (await read(statement)).release();
    finished += 1;
  });
  for (let i = 0; i < 20; i += 1) (await read({ sql: 'select 1 as a', parameters: [], quick: true })).release();
  expect(finished).toBe(0);
  await holder.query('select pg_advisory_unlock(1)');
  await Promise.all(slow);
  await holder.end();
  await end();
});

test("with an unknown driver a reader warns once and reads through the driver's objects", async () => {
  const warn = vi.fn();
  const configs: pg.PoolConfig[] = [];
  const createPool: CreatePool = (config) => {
    configs.push(config);
    return connect(config);
  };
  const reader = openReader({ createPool, warn, exactTimes: new Set() }, null);
  for (let i = 0; i < 3; i += 1) {
    const rows = await reader.read({ sql: 'select $1::integer as a', parameters: [1], quick: true });
    expect(rows.toJson(1, '[', ']').toString()).toBe('[{"a":1}]');
    rows.release();
  }
  await reader.end();
  expect(configs).toEqual([{ max: 4 }]);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/slow reader.*pg 8\./));
});
