import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { migrate, migrationSets, readHistory } from './migrate.ts';
import { readMigrations } from './migration-files.ts';
import { bareEnvironment, createTestDatabase, type Template, type TestDatabase } from './testing.ts';

const script = fileURLToPath(new URL('cli.ts', import.meta.url));

const shipped = {
  atp: await readMigrations(migrationSets.atp.directory),
  console: await readMigrations(migrationSets.console.directory),
  extras: await readMigrations(migrationSets['atp-extras'].directory),
};

let database: TestDatabase | undefined;
let admin: pg.Client;
let directory: string;

async function useDatabase(template: Template): Promise<TestDatabase> {
  database = await createTestDatabase(template);
  admin = new pg.Client(database.connectionString);
  await admin.connect();
  return database;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'db-migrate-'));
});

afterEach(async () => {
  if (database) {
    await admin.end();
    await database.drop();
    database = undefined;
  }
  await rm(directory, { recursive: true });
});

type Outcome = { code: number | null; output: string; errors: string };

/** Runs the command in an empty directory with these variables only. */
function start(args: string[], env: NodeJS.ProcessEnv): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, [script, ...args], { cwd: directory, env: { ...bareEnvironment(), ...env } });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return {
    child,
    outcome: new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors }))),
  };
}

const run = (args: string[], env: NodeJS.ProcessEnv) => start(args, env).outcome;

const here = () => ({ DATABASE_URL: (database as TestDatabase).connectionString });

/** Replaces durations and times by fixed ones. */
const steady = (text: string) =>
  text.replace(/\d+ ms/g, '0 ms').replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '2025-01-01T00:00:00Z');

const line = (text: string, start_: string) => text.split('\n').find((one) => one.startsWith(start_));

describe('migrate', () => {
  test('prints the plan, applies it, and finds nothing to do the second time', async () => {
    const { name } = await useDatabase('empty');
    const first = await run([], here());
    expect(first.errors).toBe('');
    expect(first.code).toBe(0);
    const lines = steady(first.output).split('\n');
    expect(lines[0]).toMatch(new RegExp(`^migrate on database ${name} on .*:\\d+ as \\w+$`));
    expect(lines.slice(1, 5)).toEqual([
      '  atp: 6 migrations to apply, history in public.flyway_schema_history',
      `  console: ${shipped.console.length} migrations to apply, history in console.flyway_schema_history`,
      'atp: V1__atp_schema_and_types.sql ...',
      'atp: V1__atp_schema_and_types.sql done in 0 ms',
    ]);
    const last = shipped.console.at(-1)?.script;
    expect(lines.slice(-5)).toEqual([
      `console: ${last} ...`,
      `console: ${last} done in 0 ms`,
      `Applied ${shipped.atp.length + shipped.console.length} migrations.`,
      `Set atp-extras has ${shipped.extras.length} migrations pending; without them lists are slower and changes appear later. As the owner of atp run: pnpm db:migrate --set atp-extras`,
      '',
    ]);

    const second = await run(['migrate', '--set', 'all'], here());
    expect(second.output).toContain('  console: nothing is pending');
    expect(second.output).toContain(`Applied ${shipped.extras.length} migrations.\n`);
    expect((await run(['migrate'], here())).output).toMatch(/\nNothing was pending\.\n$/);
  });

  test('adds console to a database whose atp another project keeps, without touching atp', async () => {
    await useDatabase('empty');
    await admin.query('CREATE SCHEMA atp; CREATE TABLE atp.media (hash text)');
    const { code, output } = await run([], here());
    expect(code).toBe(0);
    expect(output).not.toContain('atp: V');
    expect(output).toContain(`Applied ${shipped.console.length} migrations.\n`);
    expect(await readHistory(admin, migrationSets.atp)).toBeNull();
    expect(await readHistory(admin, migrationSets.console)).toHaveLength(shipped.console.length + 1);
  });

  test('refuses a set that does not fit the database in one sentence, without a stack', async () => {
    await useDatabase('empty');
    await admin.query('CREATE SCHEMA atp');
    const { code, errors } = await run(['--set', 'atp'], here());
    expect(code).toBe(1);
    expect(errors).toMatch(/^Schema atp exists in database [^\n]* Nothing was changed\.\n$/);
  });

  describe('in the middle of an index', () => {
    let writer: pg.Client;
    beforeEach(async () => {
      const { connectionString } = await useDatabase('plain');
      writer = new pg.Client(connectionString);
      await writer.connect();
      await writer.query('BEGIN; LOCK TABLE atp.training IN ROW EXCLUSIVE MODE');
    });
    afterEach(() => writer.end());

    const waitForIndex = () =>
      vi.waitFor(
        async () => {
          const { rowCount } = await admin.query(
            `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'virtualxid'
             AND query LIKE 'CREATE INDEX CONCURRENTLY%'`,
          );
          if (rowCount === 0) throw new Error('No index is being built.');
        },
        { timeout: 60_000, interval: 20 },
      );

    const expectWhole = async () => {
      await writer.query('COMMIT');
      const { code, output } = await run(['--set', 'atp-extras'], here());
      expect(output).toContain(`Applied ${shipped.extras.length - 1} migrations.`);
      expect(code).toBe(0);
      expect((await admin.query('SELECT FROM pg_index WHERE NOT indisvalid')).rowCount).toBe(0);
    };

    test('Ctrl-C ends it with a sentence and leaves nothing that needs repair', async () => {
      const { child, outcome } = start(['--set', 'atp-extras'], here());
      await waitForIndex();
      child.kill('SIGINT');
      const { code, errors } = await outcome;
      expect(code).toBe(1);
      expect(errors).toContain('Interrupted in V2__training_updated_at.sql. Run migrate to continue');
      expect(await readHistory(admin, migrationSets['atp-extras'])).toHaveLength(1);
      await expectWhole();
    });

    test('kill -9 leaves nothing that needs repair', async () => {
      const { child, outcome } = start(['--set', 'atp-extras'], here());
      await waitForIndex();
      child.kill('SIGKILL');
      await outcome;
      expect(await readHistory(admin, migrationSets['atp-extras'])).toHaveLength(1);
      await expectWhole();
    });
  });
});

test('info shows every migration of every set in aligned columns', async () => {
  const { connectionString } = await useDatabase('plain');
  await migrate(connectionString, migrationSets['atp-extras']);
  await admin.query(`DELETE FROM console.flyway_extras_history WHERE installed_rank > 1;
    UPDATE console.flyway_extras_history SET installed_by = 'operator'; UPDATE console.flyway_schema_history SET installed_by = 'us'`);
  const { code, output } = await run(['info'], here());
  expect(code).toBe(0);
  expect(steady(output)).toContain(`
console (console.flyway_schema_history)
  state    rank  version  description                   installed on          by  took
  applied  0              << Flyway Schema Creation >>  2025-01-01T00:00:00Z  us  0 ms
  applied  1     1        label event                   2025-01-01T00:00:00Z  us  0 ms
`);
  expect(steady(output)).toContain(`

atp-extras (console.flyway_extras_history)
  state    rank  version  description                       installed on          by        took
  applied  1     1        trigram search                    2025-01-01T00:00:00Z  operator  0 ms
  pending        2        training updated at
  pending        3        training created at
`);
});

test('info reports nothing to compare for an atp that another project keeps', async () => {
  await useDatabase('empty');
  await admin.query('CREATE SCHEMA atp');
  const { output } = await run(['info'], here());
  expect(output).toContain('atp: another project keeps schema atp; nothing to compare.\n');
});

test('validate exits with 0 only when every migration ran as shipped', async () => {
  await useDatabase('plain');
  const valid = await run(['validate'], here());
  expect(valid).toMatchObject({ code: 0, errors: '' });
  expect(valid.output).toMatch(/\natp: valid\nconsole: valid\n$/);

  await admin.query('UPDATE console.flyway_schema_history SET checksum = 7 WHERE version = $1', ['1']);
  await admin.query('UPDATE public.flyway_schema_history SET success = false WHERE version = $1', ['6']);
  const invalid = await run(['validate'], here());
  expect(invalid.code).toBe(1);
  expect(invalid.output).toContain('atp: not valid\n  V6__engineered.sql failed halfway on an earlier run.');
  expect(invalid.output).toContain('console.flyway_schema_history is not the history of set console');

  expect((await run(['validate', '--set', 'atp-extras'], here())).output).toContain(
    'atp-extras: not valid\n  V1__trigram_search.sql has not run on this database yet. Run migrate.\n',
  );
});

test('repair removes failed migrations and lists them', async () => {
  await useDatabase('full');
  const latest = shipped.extras.at(-1);
  await admin.query('UPDATE console.flyway_extras_history SET success = false WHERE script = $1', [latest?.script]);
  const { code, output } = await run(['repair'], here());
  expect(code).toBe(0);
  expect(output).toContain(
    `\natp: nothing to repair\nconsole: nothing to repair\natp-extras: removed the failed ${latest?.script}\n`,
  );
  expect((await run(['--set', 'atp-extras'], here())).output).toContain('Applied 1 migration.');
});

describe('the database', () => {
  const settings = () => {
    const { host, port, user, database: name, password } = new pg.Client(database?.connectionString);
    return {
      REAR_DIFF_PGSQL_HOST: host,
      REAR_DIFF_PGSQL_PORT: String(port),
      REAR_DIFF_PGSQL_USERNAME: user,
      REAR_DIFF_PGSQL_PASSWORD: password || 'sekret',
      REAR_DIFF_PGSQL_DATABASE: name,
    };
  };

  test('comes from the separate variables too', async () => {
    const { name } = await useDatabase('plain');
    const { code, output } = await run(['validate'], settings());
    expect(line(output, 'validate on')).toContain(`database ${name} on `);
    expect(code).toBe(0);
  });

  test('comes from .env unless the environment sets it', async () => {
    const { name } = await useDatabase('plain');
    const { REAR_DIFF_PGSQL_DATABASE: _, ...others } = settings();
    const text = Object.entries({ ...others, REAR_DIFF_PGSQL_DATABASE: 'overruled' }).map(
      ([key, value]) => `${key}=${value}`,
    );
    await writeFile(join(directory, '.env'), text.join('\n'));
    const { code, output } = await run(['validate'], { REAR_DIFF_PGSQL_DATABASE: name });
    expect(line(output, 'validate on')).toContain(`database ${name} on `);
    expect(code).toBe(0);
  });

  test('of another owner: one sentence says what he must run, also where not even its history may be read', async () => {
    const { name } = await useDatabase('plain');
    const role = `${name}_role`;
    await admin.query(`DROP SCHEMA console CASCADE; CREATE ROLE ${role} LOGIN PASSWORD 'sekret'`);
    try {
      const { REAR_DIFF_PGSQL_USERNAME: _, ...others } = settings();
      const env = { ...others, REAR_DIFF_PGSQL_USERNAME: role, REAR_DIFF_PGSQL_PASSWORD: 'sekret' };
      const { code, errors } = await run([], env);
      expect(code).toBe(1);
      expect(errors).toBe(
        `Role ${role} may not create schema console. Have the owner of database ${name} run: ` +
          `CREATE SCHEMA console AUTHORIZATION "${role}"; GRANT USAGE ON SCHEMA atp TO "${role}"; ` +
          `GRANT SELECT ON atp.training, atp.prediction, atp.media, public.flyway_schema_history TO "${role}"; ` +
          `GRANT UPDATE ON atp.training, atp.media TO "${role}". Nothing was changed.\n`,
      );
      // The owner runs what the sentence says.
      for (const statement of /run: (.*)\. Nothing/.exec(errors)?.[1]?.split('; ') ?? []) await admin.query(statement);
      const { output } = await run([], env);
      expect(output).toContain(`Applied ${shipped.console.length} migrations.`);
      const { owner } = (
        await admin.query("SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 'console'")
      ).rows[0];
      expect(owner).toBe(role);
    } finally {
      await admin.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
  });

  test('is printed without its password, even when it is unreachable', async () => {
    const { code, output, errors } = await run([], { DATABASE_URL: 'postgres://me:sekret@127.0.0.1:1/things' });
    expect(code).toBe(1);
    expect(output).toBe('migrate on database things on 127.0.0.1:1 as me\n');
    expect(errors).toMatch(/^No connection to database things on 127\.0\.0\.1:1 as me: [^\n]*ECONNREFUSED[^\n]*\n$/);
  });
});

test.each([
  ['no database', [], {}, 'No database is configured. Set DATABASE_URL, or REAR_DIFF_PGSQL_HOST'],
  ['a host without a password', [], { REAR_DIFF_PGSQL_HOST: 'db' }, 'REAR_DIFF_PGSQL_PASSWORD is not set.'],
  ['a password without a host', [], { REAR_DIFF_PGSQL_PASSWORD: 'sekret' }, 'REAR_DIFF_PGSQL_HOST is not set.'],
  [
    'an invalid port',
    [],
    { REAR_DIFF_PGSQL_HOST: 'db', REAR_DIFF_PGSQL_PASSWORD: 'sekret', REAR_DIFF_PGSQL_PORT: '54x' },
    'REAR_DIFF_PGSQL_PORT is not a port. Set it to a number from 1 to 65535.',
  ],
  ['an invalid URL', [], { DATABASE_URL: 'sekret' }, 'DATABASE_URL cannot be read.'],
  ['a URL with a broken host', [], { DATABASE_URL: 'postgres://me:sekret@[::/x' }, 'DATABASE_URL cannot be read.'],
  ['an unknown command', ['explode'], {}, 'Unknown command "explode". Commands: migrate, info, validate, repair.'],
  ['an unknown set', ['--set', 'x'], {}, 'Unknown set "x". Sets: atp, console, atp-extras, all.'],
  ['an unknown option', ['--force'], {}, "Unknown option '--force'"],
])('%s prints one sentence and exits with 1', async (_, args, env, sentence) => {
  const { code, output, errors } = await run(args, env);
  expect(code).toBe(1);
  expect(errors.startsWith(sentence), errors).toBe(true);
  expect(errors.trim().split('\n')).toHaveLength(1);
  expect(output + errors).not.toContain('sekret');
});

test('--help lists the commands and the sets without a database', async () => {
  const { code, output } = await run(['--help'], {});
  expect(code).toBe(0);
  for (const word of ['migrate', 'info', 'validate', 'repair', 'atp', 'console', 'atp-extras']) {
    expect(output).toMatch(new RegExp(`^  ${word} `, 'm'));
  }
});
