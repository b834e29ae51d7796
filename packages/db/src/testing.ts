import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { clientConfig } from './connection.ts';
import { startCluster } from './embedded.ts';
import { migrate, migrationSets } from './migrate.ts';
import type { DB } from './schema.ts';

// Databases for tests: one server per run with migrated template databases, and one clone of a template per test file.
// The server is a temporary embedded cluster, or the one in TEST_DATABASE_URL.

/** `full`: all three migration sets. `plain`: without atp-extras, like a new installation on an existing database. */
export type Template = 'full' | 'plain' | 'empty';

export type TestDatabase = { name: string; connectionString: string; drop: () => Promise<void> };

/**
 * Where the clusters of tests lie: in memory, if there is room. Each database is hundreds of files, and some file systems
 * (ext4 without a journal) take longer for each new file the more were deleted in the last minutes.
 */
export const clusterParent = hasRoom('/dev/shm') ? '/dev/shm' : tmpdir();

function hasRoom(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= 4 * 2 ** 30;
}

const directoryPrefix = 'at-test-';

/** Removes the clusters of killed test runs, which would keep their memory. */
function removeAbandoned(): void {
  for (const name of readdirSync(clusterParent)) {
    const pid = new RegExp(`^${directoryPrefix}(\\d+)-`).exec(name)?.[1];
    const path = join(clusterParent, name);
    if (pid && !isRunning(Number(pid)) && statSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

/**
 * What a process that a test starts has of the environment: nothing that configures it. Its modules are
 * compiled once for all of them.
 */
export function bareEnvironment(): Record<string, string> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { ...(PATH && { PATH }), ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) };
}

const serverVariable = 'TEST_SERVER_URL';
const prefixVariable = 'TEST_DATABASE_PREFIX';

/** The URL of another database on the same server; keeps the form of the URL. */
export function withDatabase(url: string, name: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/?]*)(\/[^?]*)?/, `$1/${encodeURIComponent(name)}`);
}

async function administer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(clientConfig(url));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const settings = {
  // It would change plans in the middle of a test.
  autovacuum: 'off',
  // Two workers with several APIs each, which have up to twenty connections.
  max_connections: '400',
};

/** Starts the server and creates the templates for `createTestDatabase` in this process and its children. */
export async function startTestServer(): Promise<{ stop: () => Promise<void> }> {
  const external = process.env.TEST_DATABASE_URL;
  const prefix = `at_test_${process.pid}`;
  if (!external) removeAbandoned();
  const directory = external ? undefined : mkdtempSync(join(clusterParent, `${directoryPrefix}${process.pid}-`));
  const cluster = directory ? await startCluster({ directory, durable: false, settings }) : undefined;
  const url = cluster ? cluster.connectionString('postgres') : (external as string);
  process.env[serverVariable] = url;
  process.env[prefixVariable] = prefix;

  await administer(url, async (client) => {
    for (const template of ['plain', 'full'] as const) {
      const name = `${prefix}_${template}`;
      await client.query(
        template === 'full' ? `CREATE DATABASE ${name} TEMPLATE ${prefix}_plain` : `CREATE DATABASE ${name}`,
      );
      const sets = template === 'full' ? [migrationSets['atp-extras']] : [migrationSets.atp, migrationSets.console];
      for (const set of sets) await migrate(withDatabase(url, name), set);
    }
  });

  return {
    stop: async () => {
      if (cluster) {
        await cluster.stop();
      } else {
        await administer(url, async (client) => {
          const { rows } = await client.query<{ datname: string }>(
            'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
            [prefix],
          );
          for (const { datname } of rows) await client.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
        });
      }
      if (directory) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Of the run: the server's URL, and what the names of its databases begin with. */
function testServer(): { url: string; prefix: string } {
  const url = process.env[serverVariable];
  const prefix = process.env[prefixVariable];
  if (!url || !prefix) throw new Error('No test server is running: call startTestServer() in the global setup.');
  return { url, prefix };
}

let administrators: pg.Pool | undefined;

/** Its connections stay open: opening one takes longer than most statements about databases. */
function openAdministrators(): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(testServer().url),
    max: 2,
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  });
  // The server may end before this process.
  return pool.on('error', () => {});
}

async function administerServer(statement: string): Promise<void> {
  administrators ??= openAdministrators();
  await administrators.query(statement);
}

let databaseCount = 0;

/**
 * Clones a template, or another test database without connections, in tens of milliseconds; `drop` the clone after the
 * last test of the file.
 */
export async function createTestDatabase(
  template: Template | Pick<TestDatabase, 'name'> = 'full',
): Promise<TestDatabase> {
  const { url, prefix } = testServer();
  databaseCount += 1;
  const name = `${prefix}_w${process.pid}_${process.env.VITEST_WORKER_ID ?? 0}_${databaseCount}`;
  const source =
    typeof template === 'object' ? template.name : template === 'empty' ? 'template1' : `${prefix}_${template}`;
  // Copying files is faster where their checkpoints are: in memory.
  const strategy = process.env.TEST_DATABASE_URL ? 'wal_log' : 'file_copy';
  await administerServer(`CREATE DATABASE ${name} TEMPLATE ${source} STRATEGY ${strategy}`);
  return {
    name,
    connectionString: withDatabase(url, name),
    drop: () => administerServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/**
 * A database to clone for files of all workers, until the end of the run. The first one that asks fills it: `fill` gets a
 * clone of `source`.
 */
export async function createSharedDatabase(
  name: string,
  source: Template | Pick<TestDatabase, 'name'>,
  fill: (client: pg.Client, connectionString: string) => Promise<void>,
): Promise<Pick<TestDatabase, 'name'>> {
  const { url, prefix } = testServer();
  const shared = `${prefix}_${name}`;
  await administer(url, async (client) => {
    // Until the connection ends.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [shared]);
    if ((await client.query('SELECT FROM pg_database WHERE datname = $1', [shared])).rows.length > 0) return;
    const draft = await createTestDatabase(source);
    await administer(draft.connectionString, (own) => fill(own, draft.connectionString));
    await client.query(`ALTER DATABASE ${draft.name} RENAME TO ${shared}`);
  });
  return { name: shared };
}

/**
 * Locks tables (an SQL expression) as TRUNCATE does, but without waiting for one table while holding another: a worker that goes
 * on locks them in another order.
 */
export const lockTables = (tables: string) => `
  loop
    begin
      execute format('lock table %s in access exclusive mode nowait', ${tables});
      exit;
    exception when lock_not_available then
      perform pg_sleep(0.005);
    end;
  end loop;
`;

/**
 * Empties tables and those whose rows refer to them, as TRUNCATE ... CASCADE does, which makes new files for all their indexes
 * and so costs a test ten times as much. No trigger runs.
 */
export async function emptyTables(db: Kysely<DB>, ...tables: string[]): Promise<void> {
  const names = sql.join(tables.map((table) => sql.lit(table)));
  await sql`
    do $$
    declare
      found regclass[];
      one regclass;
    begin
      set local session_replication_role = replica;
      with recursive reached as (
        select name::regclass::oid as id from unnest(array[${names}]) name
        union
        select c.conrelid from pg_constraint c join reached on c.confrelid = reached.id where c.contype = 'f'
      )
      select array_agg(id::regclass) into found from reached
      where not exists (select from pg_inherits where inhrelid = id);
      ${sql.raw(lockTables(`array_to_string(found, ', ')`))}
      foreach one in array found loop
        execute format('delete from %s', one);
      end loop;
    end $$
  `.execute(db);
}
