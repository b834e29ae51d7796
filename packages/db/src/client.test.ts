import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDb, createPool, numberFromText, runPrepared } from './client.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';
import { timestampFromText } from './timestamp.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('empty');
});
afterAll(() => database.drop());

describe('a pool', () => {
  it('waits five seconds for a connection, unless another time is given', async () => {
    const [usual, impatient] = [{}, { connectTimeout: 100 }].map((options) =>
      createPool({ connection: database.connectionString, ...options }),
    );
    expect([usual, impatient].map((pool) => pool?.options.connectionTimeoutMillis)).toEqual([5_000, 100]);
  });

  it('survives a connection that breaks between two statements of a transaction and fails only the transaction', async () => {
    const errors: Error[] = [];
    const reported = Promise.withResolvers<void>();
    const pool = createPool({
      connection: database.connectionString,
      onError: (error) => {
        errors.push(error);
        reported.resolve();
      },
    });
    const db = createDb(pool);
    const broken = db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db);
      await reported.promise;
      await sql`select 1`.execute(trx);
    });
    await expect(broken).rejects.toThrow();
    expect(errors[0]?.message).toMatch(/terminating connection/);
    expect((await sql<{ one: number }>`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
    await db.destroy();
  });

  it('has PostgreSQL end a transaction whose process is silent for 15 seconds, so that its locks are free', async () => {
    const db = createDb(createPool({ connection: database.connectionString, statementTimeout: 15_000 }));
    const { rows } = await sql`show idle_in_transaction_session_timeout`.execute(db);
    expect(rows).toEqual([{ idle_in_transaction_session_timeout: '15s' }]);
    await db.destroy();
  });

  it('prepares a statement once per connection, and no other statements', async () => {
    const db = createDb(createPool({ connection: database.connectionString, max: 1 }));
    const sum = (a: number, b: number) => sql<{ sum: number }>`select ${a}::integer + ${b}::integer as sum`;
    for (let i = 0; i < 8; i += 1) expect(await runPrepared(db, sum(i, 1))).toEqual([{ sum: i + 1 }]);
    await sum(1, 2).execute(db);
    const { rows } = await sql<{ calls: number }>`
      select (generic_plans + custom_plans)::integer as calls from pg_prepared_statements
    `.execute(db);
    expect(rows).toEqual([{ calls: 8 }]);
    // A failed prepared statement can run again.
    await expect(runPrepared(db, sum(2 ** 31 - 1, 1))).rejects.toMatchObject({ code: '22003' });
    expect(await runPrepared(db, sum(2, 2))).toEqual([{ sum: 4 }]);
    await db.destroy();
  });

  it('runs a prepared statement again after its table was altered or the statement deallocated', async () => {
    const db = createDb(createPool({ connection: database.connectionString, max: 1 }));
    await sql`create table altered (at timestamptz(6) default '2025-05-21 02:27:51.094287Z')`.execute(db);
    await sql`insert into altered default values`.execute(db);
    const read = () => runPrepared(db, sql`select at from altered`);
    expect(await read()).toEqual([{ at: '2025-05-21T02:27:51.094287Z' }]);
    await sql`alter table altered alter at type timestamptz(0)`.execute(db);
    expect(await read()).toEqual([{ at: '2025-05-21T02:27:51.000000Z' }]);
    await sql`deallocate all`.execute(db);
    expect(await read()).toEqual([{ at: '2025-05-21T02:27:51.000000Z' }]);
    // In a transaction it fails once.
    const readInside = () => db.transaction().execute((trx) => runPrepared(trx, sql`select at, 1 from altered`));
    await readInside();
    await sql`deallocate all`.execute(db);
    await expect(readInside()).rejects.toMatchObject({ code: '26000' });
    expect(await readInside()).toEqual([{ at: '2025-05-21T02:27:51.000000Z', '?column?': 1 }]);
    await db.destroy();
  });

  it("runs every session in UTC with ISO dates, regardless of the database's defaults", async () => {
    const db = createDb(createPool({ connection: database.connectionString }));
    await sql`alter database ${sql.id(database.name)} set timezone = 'Asia/Tokyo'`.execute(db);
    await sql`alter database ${sql.id(database.name)} set datestyle = 'German'`.execute(db);
    await db.destroy();
    const other = createDb(createPool({ connection: database.connectionString }));
    const { rows } = await sql`select timestamptz '2025-05-21 11:27:51.09+09' as at`.execute(other);
    expect(rows).toEqual([{ at: '2025-05-21T02:27:51.090000Z' }]);
    await other.destroy();
  });
});

describe('values', () => {
  it('keep every digit of a number in JSON', () => {
    for (const [text, json] of [
      ['6.500', '6.5'],
      ['100', '100'],
      ['0.0000001', '0.0000001'],
      ['9007199254740993', '9007199254740993'],
      ['-0.10', '-0.1'],
      ['NaN', 'null'],
      ['Infinity', 'null'],
    ]) {
      expect(JSON.stringify(numberFromText(text as string))).toBe(json);
    }
  });

  it('keep the microseconds of a timestamp, and other text unchanged', () => {
    expect(timestampFromText('2025-05-21 02:27:51.094287+00')).toBe('2025-05-21T02:27:51.094287Z');
    expect(timestampFromText('2025-05-21 02:27:51')).toBe('2025-05-21T02:27:51.000000Z');
    expect(timestampFromText('10000-01-01 00:00:00.5+00')).toBe('10000-01-01T00:00:00.500000Z');
    expect(timestampFromText('infinity')).toBe('infinity');
  });
});
