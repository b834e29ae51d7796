import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasTwin, isOwn, openDatabase, openServer, openTwin, type Server } from './server.ts';

/** What the owner of the database has set for its sessions changes no reply; which rights are missing is one sentence. */

async function administer(database: string, statements: string[]): Promise<void> {
  const client = new pg.Client(database);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

describe.runIf(hasTwin)('settings of sessions, of the database and in the URL,', () => {
  const settings = {
    timezone: 'Asia/Kolkata',
    datestyle: 'SQL, DMY',
    intervalstyle: 'sql_standard',
    search_path: 'nowhere',
    standard_conforming_strings: 'off',
    extra_float_digits: '-10',
  };
  let database: TestDatabase | undefined;
  let server: Server;
  let twin: Server;
  beforeAll(async () => {
    database = isOwn ? await openDatabase() : undefined;
    const url = database?.connectionString ?? '';
    server = await openServer({ database: url });
    const altered = Object.entries(settings).map(
      ([name, value]) => `alter database ${database?.name} set ${name} = '${value}'`,
    );
    if (isOwn) await administer(url, altered);
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`);
    const query = `options=${encodeURIComponent(options.join(' '))}`;
    twin = await openTwin({ database: `${url}${url.includes('?') ? '&' : '?'}${query}` });
  });
  afterAll(async () => {
    await twin.close();
    await server.close();
    await database?.drop();
  });

  test.each([
    '/training?limit=1000&include=prediction',
    '/training?sort_by=created_at&sort_order=asc&limit=3',
    '/training/stats',
    '/training/export?format=csv',
    '/media/?limit=1000&deleted=include',
    '/media/export?format=ndjson',
    '/prediction/?limit=1000',
    '/prediction/evaluation',
    '/movies/?limit=1000',
    '/flyway?schema=console',
  ])('change no byte of GET %s', async (path) => {
    const [reply, other] = [await server.get(path), await twin.get(path)];
    expect([reply.status, other.status]).toEqual([200, 200]);
    expect(other.text).toBe(reply.text);
  });
});

test.runIf(isOwn)('on the database of another owner /readyz says in one sentence what he must run', async () => {
  const database = await createTestDatabase('plain');
  const role = `${database.name}_role`;
  await administer(database.connectionString, [
    'drop schema console cascade',
    `create role ${role} login password 'of_a_test'`,
  ]);
  const url = new URL(database.connectionString);
  Object.assign(url, { username: role, password: 'of_a_test' });
  const server = await openServer({ database: url.toString() });
  try {
    type Readiness = { checks: { name: string; detail: string }[] };
    const { status, body } = await server.get<Readiness>('/readyz');
    expect(status).toBe(503);
    expect(body.checks.find(({ name }) => name === 'rights')?.detail).toMatch(
      /^Role \w+ may not create schema console\. Have the owner of database \w+ run: CREATE SCHEMA console .*; GRANT .*\. Then run pnpm db:migrate\./,
    );
  } finally {
    await server.close();
    await administer(database.connectionString, [`drop owned by ${role}`, `drop role ${role}`]);
    await database.drop();
  }
});
