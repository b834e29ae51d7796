import { execFile } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createPool } from './client.ts';
import { ConnectionError, clientConfig, readConnection, targetOf } from './connection.ts';
import { checkStart } from './start-check.ts';
import { bareEnvironment, createTestDatabase, type TestDatabase, withDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('plain');
});
afterAll(() => database.drop());

/** The same database in each form of a URL. */
function forms(): string[] {
  const { host, port, user = '', password, database: name } = new pg.Client(database.connectionString);
  const parameters = (values: Record<string, string | number>) =>
    Object.entries(values)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
  const credentials = `${user}:${encodeURIComponent(password || 'any')}`;
  const socket = host.startsWith('/');
  return [
    database.connectionString,
    database.connectionString.replace(/^postgres:/, 'postgresql:'),
    `postgres:///${name}?${parameters({ host, port, user, password: password || 'any' })}`,
    `postgres://${credentials}@/${name}?${parameters({ host, port })}`,
    `postgresql://${credentials}@${socket ? encodeURIComponent(host) : host}:${port}/${name}`,
  ];
}

describe('every form of a URL', () => {
  test('leads every tool to the database', async () => {
    for (const url of forms()) {
      expect(readConnection({ DATABASE_URL: url })).toBe(url);
      expect(targetOf(url).database).toBe(database.name);
      const pool = createPool({ connection: url, max: 1 });
      expect((await pool.query('SELECT current_database() AS name')).rows).toEqual([{ name: database.name }]);
      await pool.end();
      expect(await checkStart(url)).toEqual({ fault: null, ownerTask: null });
      expect(targetOf(withDatabase(url, 'other'))).toEqual({ ...targetOf(url), database: 'other' });
    }
  });

  test('leads the command line there', async () => {
    const script = fileURLToPath(new URL('cli.ts', import.meta.url));
    const run = (url: string) =>
      promisify(execFile)(process.execPath, [script, 'validate'], {
        cwd: tmpdir(),
        env: { ...bareEnvironment(), DATABASE_URL: url },
      });
    const outcome = await run(forms()[3] as string);
    expect(outcome.stdout).toContain(`validate on database ${database.name} on `);
    expect(outcome.stdout).toContain('console: valid');
  });

  test.each([
    'films',
    'host=db dbname=films',
    '/var/run/postgresql films',
    'socket:/var/run/postgresql?db=films',
    'mysql://me@db/films',
    'postgres:films',
    'postgres://me:pass/word@db/films',
    'postgres://me:12/word@db/films',
    'postgres://me:12?word@db/films',
    'postgres://me:pass#word@db/films',
    'postgres://me@db:port/films',
    'postgres://me@db/films?port=x',
    'postgres://me@[::/films',
    'postgres://one:5432,two:5432/films',
    'postgres://me@db/films?sslnegotiation=never',
  ])('%s is refused in one sentence without it', (url) => {
    expect(() => readConnection({ DATABASE_URL: url })).toThrow(ConnectionError);
    expect(() => readConnection({ DATABASE_URL: url })).toThrow(/^DATABASE_URL cannot be read\. Write it as [^\n]+\.$/);
  });

  test('a certificate that is not there is named', () => {
    const url = 'postgres://me:sekret@db/films?sslmode=verify-full&sslrootcert=/nowhere/ca.pem';
    expect(() => readConnection({ DATABASE_URL: url })).toThrow(
      'DATABASE_URL names the file /nowhere/ca.pem, which cannot be read (ENOENT).',
    );
  });
});

describe('names in variables of their own', () => {
  test('are every text that PostgreSQL takes as one', async () => {
    const { host, port, password } = new pg.Client(database.connectionString);
    const admin = new pg.Client(database.connectionString);
    await admin.connect();
    const user = `${database.name}=me:%3a@home?#`;
    const name = `${database.name} ="films"/%3a@db?#`;
    await admin.query(`CREATE ROLE ${pg.escapeIdentifier(user)} LOGIN PASSWORD 'any'`);
    await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    onTestFinished(async () => {
      await admin.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${pg.escapeIdentifier(user)}`);
      await admin.end();
    });
    const read = (parts: Record<string, string>) =>
      readConnection({
        REAR_DIFF_PGSQL_HOST: host,
        REAR_DIFF_PGSQL_PORT: String(port),
        REAR_DIFF_PGSQL_PASSWORD: password || 'any',
        ...parts,
      }) as pg.ClientConfig;
    const config = { ...read({ REAR_DIFF_PGSQL_USERNAME: user, REAR_DIFF_PGSQL_DATABASE: name }), password: 'any' };
    const pool = createPool({ connection: config, max: 1 });
    expect((await pool.query('SELECT current_user::text AS user, current_database()::text AS name')).rows).toEqual([
      { user, name },
    ]);
    await pool.end();

    // What may be a secret in the wrong place is not repeated, by us, the driver or the server.
    for (const parts of [
      { REAR_DIFF_PGSQL_USERNAME: 'sekret@home' },
      { REAR_DIFF_PGSQL_USERNAME: user, REAR_DIFF_PGSQL_PASSWORD: 'any', REAR_DIFF_PGSQL_DATABASE: 'pass=sekret' },
    ]) {
      const refused = read(parts);
      const ofPool = createPool({ connection: refused, max: 1 });
      for (const attempt of [() => checkStart(refused), () => ofPool.connect()]) {
        const error = await (attempt() as Promise<unknown>).then(
          () => new Error('It has connected.'),
          (reason: Error) => reason,
        );
        expect(inspect(error, { depth: 9 })).not.toContain('sekret');
        expect(error.message).toContain('The database refuses the configured user, password or database name.');
      }
      await ofPool.end();
    }
  });

  test('a host is an address with its zone, a name or the directory of a socket, and no URL', () => {
    const read = (host: string) => () =>
      targetOf(readConnection({ REAR_DIFF_PGSQL_HOST: host, REAR_DIFF_PGSQL_PASSWORD: 'x' }) as pg.ClientConfig).host;
    for (const host of ['fe80::1%eth0', '::1', 'db.lan', '/run/pg@main=15']) expect(read(host)()).toBe(host);
    expect(read('postgres://me:sekret@db')).toThrow(
      'REAR_DIFF_PGSQL_HOST is a URL. Write the host alone, or set DATABASE_URL to the URL.',
    );
  });
});

describe('a session', () => {
  const show = async (url: string, ...names: string[]) => {
    const client = new pg.Client(clientConfig(url));
    await client.connect();
    const values: string[] = [];
    for (const name of names) {
      const { rows } = await client.query(`SHOW ${name}`);
      values.push(Object.values(rows[0] as object)[0]);
    }
    await client.end();
    return values;
  };
  const withOptions = (options: string, others = '') =>
    `${database.connectionString}${database.connectionString.includes('?') ? '&' : '?'}options=${encodeURIComponent(options)}${others}`;

  test('has our settings, and what else the URL asks for', async () => {
    const url = withOptions('-c timezone=Asia/Tokyo -c work_mem=77kB -c search_path=x,y', '&statement_timeout=1');
    expect(await show(url, 'TimeZone', 'work_mem', 'search_path', 'statement_timeout')).toEqual([
      'UTC',
      '77kB',
      'x,y',
      '0',
    ]);
  });

  const alter = async (setting: string) => {
    const admin = new pg.Client(database.connectionString);
    await admin.connect();
    onTestFinished(async () => {
      await admin.query(`ALTER DATABASE ${database.name} RESET ALL`);
      await admin.end();
    });
    await admin.query(`ALTER DATABASE ${database.name} SET ${setting}`);
  };

  test.each([
    ['transaction_timeout = 5000', /transaction_timeout = "5000" where this version needs "0"/],
    [
      "session_replication_role = 'replica'",
      /session_replication_role = "replica" where this version needs "origin".*ALTER ROLE "?\w+"? SET/,
    ],
    ['search_path = public, pg_catalog', /schema public before pg_catalog/],
  ])('that cannot be what it must be is refused: %s', async (setting, sentence) => {
    const [version] = await show(database.connectionString, 'server_version_num');
    if (setting.startsWith('transaction_timeout') && Number(version) < 170_000) return;
    await alter(setting);
    expect((await checkStart(database.connectionString)).fault).toMatch(sentence);
  });

  test('behind a proxy that refuses options is refused', async () => {
    // PgBouncer's words.
    const fields = 'SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0';
    const length = Buffer.alloc(4);
    length.writeInt32BE(4 + fields.length);
    const proxy = createServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)])));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const { fault } = await checkStart(`postgres://me:sekret@127.0.0.1:${port}/films`);
    expect(fault).toMatch(/refuses the options of a session .*PgBouncer.* Connect to PostgreSQL itself\.$/);
    expect(fault).not.toContain('sekret');
  });
});
