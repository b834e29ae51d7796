import type { FlywayRow, Migration } from '@at/contracts/migrations';
import { compareVersions } from '@at/db/migration-files';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

type Compared = { data: Migration[]; schema: string | null; kept_by: string | null };
const list = async (app: TestApp, query = '') =>
  (await app.call<{ data: FlywayRow[] }>('GET', `/flyway?${query}`)).body.data;
const compared = async (app: TestApp, query = '') =>
  (await app.call<Compared>('GET', `/flyway/migrations?${query}`)).body;

describe('our own history', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ template: 'plain' });
  });
  afterAll(() => app.close());

  test('comes by rank, public unless asked otherwise, with times in UTC', async () => {
    const rows = await list(app);
    expect(rows).toEqual(await list(app, 'schema=public&sort_by=installed_rank&sort_order=ASC'));
    expect(rows.map(({ version }) => version)).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(rows.every(({ success, type }) => success && type === 'SQL')).toBe(true);
    expect(rows[0]?.installed_on).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test('each schema has its own', async () => {
    expect((await list(app, 'schema=console')).map(({ script }) => script)).toContain('V1__label_event.sql');
  });

  test('what the product adds to the platform has one too, all of it pending where it was not installed', async () => {
    expect(await list(app, 'schema=console%20extras')).toEqual([]);
    const { data, kept_by } = await compared(app, 'schema=console%20extras');
    expect(kept_by).toBe(null);
    expect(data.map(({ script }) => script)).toContain('V1__trigram_search.sql');
    expect(new Set(data.map(({ state }) => state))).toEqual(new Set(['pending']));
  });

  test('of a schema that there is not has nothing, also if its name means something to a program', async () => {
    for (const name of ['nowhere', 'hasOwnProperty', '__proto__', 'constructor'])
      expect(await compared(app, `schema=${name}`)).toMatchObject({ schema: null, kept_by: null });
  });

  test('turns round on desc', async () => {
    expect(await list(app, 'sort_order=desc')).toEqual((await list(app)).toReversed());
  });

  test('every shipped migration has been applied', async () => {
    for (const schema of ['public', 'console']) {
      const { data, kept_by } = await compared(app, `schema=${schema}`);
      expect(kept_by).toBe('this project');
      expect(data.length).toBeGreaterThan(0);
      expect(new Set(data.map(({ state }) => state))).toEqual(new Set(['applied']));
    }
  });

  test('what is pending, missing, changed or failed is named so', async () => {
    const rows = await list(app);
    await sql`delete from public.flyway_schema_history where version = '6'`.execute(app.db);
    await sql`update public.flyway_schema_history set checksum = checksum + 1 where version = '5'`.execute(app.db);
    await sql`update public.flyway_schema_history set success = false where version = '4'`.execute(app.db);
    await sql`insert into public.flyway_schema_history values
      (99, '99', 'of the future', 'SQL', 'V99__of_the_future.sql', 1, 'x', '2025-01-01', 1, true)`.execute(app.db);
    const { data, kept_by } = await compared(app);
    expect(kept_by).toBe('this project');
    expect(data.map(({ version, state }) => [version, state])).toEqual([
      ['1', 'applied'],
      ['2', 'applied'],
      ['3', 'applied'],
      ['4', 'failed'],
      ['5', 'changed'],
      ['99', 'missing'],
      ['6', 'pending'],
    ]);
    expect(data.at(-1)).toMatchObject({ installed_rank: null, installed_on: null, checksum: null });
    expect(data.at(-1)?.shipped_checksum).toBe(rows.at(-1)?.checksum);
  });
});

describe('the history of the platform in another schema than public', () => {
  let app: TestApp;
  const read = async (query = '') => {
    const { status, headers, body } = await app.call<{ data: FlywayRow[] }>('GET', `/flyway?${query}`);
    expect(status).toBe(200);
    return [headers['x-flyway-schema'], body.data.length] as const;
  };
  const addHistory = (schema: string) =>
    sql`create table ${sql.id(schema, 'flyway_schema_history')} as
      select * from console.flyway_schema_history where installed_rank <= 2`.execute(app.db);

  beforeAll(async () => {
    app = await startTestApp({ template: 'plain' });
    await sql`alter table public.flyway_schema_history set schema atp`.execute(app.db);
  });
  afterAll(() => app.close());

  test('is found, and its schema is named', async () => {
    expect(await read()).toEqual(['atp', 6]);
    expect(await read('schema=public')).toEqual([undefined, 0]);
    expect(await read('schema=')).toEqual(['atp', 6]);
    expect(await compared(app)).toMatchObject({ schema: 'atp', kept_by: 'this project' });
    const { schemas } = (await app.call<{ schemas: object[] }>('GET', '/meta')).body;
    expect(schemas[0]).toMatchObject({ schema: 'public', version: '6', pending: 0 });
  });

  test('a table of this name that another program made is none', async () => {
    await sql`create table public.flyway_schema_history (version text)`.execute(app.db);
    expect(await read()).toEqual(['atp', 6]);
    expect(await read('schema=public')).toEqual([undefined, 0]);
    await sql`drop table public.flyway_schema_history`.execute(app.db);
  });

  test('of several, public comes first; schema= chooses another', async () => {
    await sql`create schema "Ärger, &c"`.execute(app.db);
    await addHistory('Ärger, &c');
    expect(await read()).toEqual(['atp', 6]);
    const name = encodeURIComponent('Ärger, &c');
    expect(await read(`schema=${name}`)).toEqual([name, 3]);
    expect(await compared(app, `schema=${name}`)).toMatchObject({ schema: 'Ärger, &c', kept_by: 'another project' });
    await addHistory('public');
    expect(await read()).toEqual(['public', 3]);
    expect(await read('schema=atp')).toEqual(['atp', 6]);
  });

  test('one that the user may not read comes after one that it may', async () => {
    const role = `history_reader_of_test_${process.pid}`;
    await sql
      .raw(`create role ${role} login password 'of_a_test'; grant usage on schema atp, console to ${role};
        grant select on all tables in schema atp, console to ${role}`)
      .execute(app.db);
    const url = Object.assign(new URL(app.config.database as string), { username: role, password: 'of_a_test' });
    const reader = await startTestApp({ database: url.toString() });
    try {
      const { headers } = await reader.call('GET', '/flyway');
      expect(headers['x-flyway-schema']).toBe('atp');
      expect((await reader.call('GET', '/flyway?schema=public')).status).toBe(503);
    } finally {
      await reader.close();
      // Roles belong to the server.
      await sql.raw(`drop owned by ${role}; drop role ${role}`).execute(app.db);
    }
  });

  test('without any other, clients of the original get the only history that there is', async () => {
    for (const schema of ['public', 'atp', 'Ärger, &c']) {
      await sql`drop table ${sql.id(schema, 'flyway_schema_history')}`.execute(app.db);
    }
    expect((await read())[0]).toBe('console');
    expect(await compared(app)).toMatchObject({ schema: null, kept_by: null });
  });
});

describe('a database without any history', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ template: 'empty' });
  });
  afterAll(() => app.close());

  test('has an empty list', async () => {
    for (const schema of ['public', 'console']) expect(await list(app, `schema=${schema}`)).toEqual([]);
  });

  test('has every shipped migration pending, and no keeper', async () => {
    for (const schema of ['public', 'console']) {
      const { data, kept_by } = await compared(app, `schema=${schema}`);
      expect(kept_by).toBe(null);
      expect(data.length).toBeGreaterThan(0);
      expect(data.every(({ state }) => state === 'pending')).toBe(true);
    }
  });

  test('an empty table is an empty list', async () => {
    await sql`create table public.flyway_schema_history (installed_rank integer, version varchar, description varchar,
      type varchar, script varchar, checksum integer, installed_by varchar, installed_on timestamp,
      execution_time integer, success boolean)`.execute(app.db);
    expect(await list(app)).toEqual([]);
  });
});

describe('a history that another project keeps', () => {
  let app: TestApp;
  const versions = ['1', '1.1', '1.2', '1.10', '2', '10', '9', '20240131.1', null, null, '1.2.1', '0011'];

  beforeAll(async () => {
    app = await startTestApp({
      template: 'plain',
      prepare: async (database) => {
        const { createDb, createPool } = await import('@at/db/client');
        const db = createDb(createPool({ connection: database }));
        await sql`truncate public.flyway_schema_history`.execute(db);
        for (const [i, version] of versions.entries()) {
          // Installed in another order than ranked; the last of all failed.
          await sql`insert into public.flyway_schema_history values (${i + 1}, ${version}, ${`step ${i}`},
            ${version === null ? 'JDBC' : 'SQL'}, ${`step_${i}.sql`}, ${version === null ? null : -i}, 'their flyway',
            '2025-01-01 12:00:00.5'::timestamp - ${i % 3} * interval '1 day', ${i}, ${i !== versions.length - 1})`.execute(
            db,
          );
        }
        await db.destroy();
      },
    });
  });
  afterAll(() => app.close());

  test('versions sort by their parts as numbers, rows without one last both ways', async () => {
    const ascending = ['1', '1.1', '1.2', '1.2.1', '1.10', '2', '9', '10', '0011', '20240131.1'];
    const up = await list(app, 'sort_by=version&sort_order=asc');
    expect(up.map(({ version }) => version)).toEqual([...ascending, null, null]);
    expect(up.slice(-2).map(({ installed_rank }) => installed_rank)).toEqual([9, 10]);
    const down = await list(app, 'sort_by=version&sort_order=desc');
    expect(down.map(({ version }) => version)).toEqual([...ascending.toReversed(), null, null]);
    for (let i = 1; i < ascending.length; i += 1) {
      expect(compareVersions(ascending[i - 1] as string, ascending[i] as string)).toBeLessThan(0);
    }
  });

  test('times sort as times, ties by rank in the same direction', async () => {
    const up = (await list(app, 'sort_by=installed_on')).map(({ installed_rank }) => installed_rank);
    expect(up).toEqual([3, 6, 9, 12, 2, 5, 8, 11, 1, 4, 7, 10]);
    const down = (await list(app, 'sort_by=installed_on&sort_order=desc')).map(({ installed_rank }) => installed_rank);
    expect(down).toEqual(up.toReversed());
  });

  test('a time without a zone is read as UTC', async () => {
    expect((await list(app))[0]?.installed_on).toBe('2025-01-01T12:00:00.500000Z');
  });

  test('is reported as theirs, and not compared with our files', async () => {
    const { data, kept_by } = await compared(app);
    expect(kept_by).toBe('another project');
    expect(data).toHaveLength(versions.length);
    expect(data.map(({ state }) => state)).toEqual([...versions.slice(1).map(() => 'applied'), 'failed']);
    expect(data.every(({ shipped_checksum }) => shipped_checksum === null)).toBe(true);
    expect((await compared(app, 'schema=console')).kept_by).toBe('this project');
  });
});
