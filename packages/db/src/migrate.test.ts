import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  inspect,
  type MigrationSet,
  migrate,
  migrationSets,
  type Progress,
  readHistory,
  repair,
  validate,
} from './migrate.ts';
import { sized } from './test-size.ts';
import { createTestDatabase, type Template, type TestDatabase } from './testing.ts';

/** Checksums computed with another program. A difference means that a merged migration was edited. */
const shipped: Record<MigrationSet['name'], [script: string, checksum: number][]> = {
  atp: [
    ['V1__atp_schema_and_types.sql', -1439375164],
    ['V2__media.sql', -451353535],
    ['V3__training.sql', 1189064146],
    ['V4__prediction.sql', 1244775431],
    ['V5__movies.sql', 716279842],
    ['V6__engineered.sql', -1547773533],
  ],
  console: [
    ['V1__label_event.sql', 363659309],
    ['V2__media_deletion.sql', 147478519],
    ['V3__event.sql', 1437911392],
    ['V4__view_and_setting.sql', 1654554919],
    ['V5__media_event.sql', 2073608842],
    ['V6__operation.sql', -1640179075],
    ['V7__write.sql', 733227653],
    ['V8__intent.sql', 536047683],
    ['V9__any_rejection.sql', -1808598945],
    ['V10__fold.sql', 765768736],
    ['V11__evaluation.sql', 1637403620],
    ['V12__media_undo.sql', 177794776],
    ['V13__each_update_of_a_transaction.sql', 379857410],
    ['V14__job_queue.sql', 89209014],
    ['V15__run.sql', -135555215],
    ['V16__steps.sql', -61074189],
    ['V17__queue_item.sql', -653831455],
    ['V18__log_tail.sql', 1007406806],
    ['V19__poster.sql', -1272752270],
    ['V20__queue_state.sql', 947753297],
    ['V21__queue_failures.sql', 1226960337],
    ['V22__run_finished.sql', 2000385943],
    ['V23__file.sql', -155267272],
    ['V24__state_of_jobs.sql', -2064838487],
    ['V25__file_activity.sql', -457221817],
    ['V26__setting_version.sql', -317941781],
    ['V27__run_of_intent.sql', 1801584989],
    ['V28__move.sql', 1411451666],
    ['V29__failure_code.sql', -1742873776],
    ['V30__run_retries.sql', 1076148184],
    ['V31__move_companions.sql', -849526696],
    ['V32__batch.sql', -1247916881],
    ['V33__move_action.sql', -404204163],
    ['V34__duplicate_set.sql', 1935868122],
    ['V35__file_examined.sql', -2140950715],
    ['V36__file_unexamined.sql', -360631961],
    ['V37__move_activity.sql', -1718670768],
    ['V38__move_purged.sql', -971202440],
    ['V39__move_quarantined.sql', -905570751],
    ['V40__queue_removal.sql', -331418402],
    ['V41__file_watch.sql', -1092238151],
    ['V42__run_reopened.sql', 1171834048],
    ['V43__file_refusal.sql', -1202032731],
    ['V44__move_missing.sql', 888019488],
    ['V45__file_missing_at.sql', -1158637217],
    ['V46__batch_device_cleaned.sql', -1747528966],
    ['V47__statistics_of_jobs.sql', 1050623240],
    ['V48__events_for_90_days.sql', 1471778493],
    ['V49__file_path_by_steps.sql', 493363578],
    ['V50__text_of_bytes.sql', 2140602007],
  ],
  'atp-extras': [
    ['V1__trigram_search.sql', -220861175],
    ['V2__training_updated_at.sql', 404102295],
    ['V3__training_created_at.sql', -2138548154],
    ['V4__training_backlog_updated_at.sql', -227671234],
    ['V5__training_backlog_created_at.sql', -375451973],
    ['V6__training_anomalous.sql', -1493176140],
    ['V7__training_title_search.sql', 1854615343],
    ['V8__training_title_prefix.sql', -193469469],
    ['V9__training_imdb_id_prefix.sql', -1780817847],
    ['V10__training_random.sql', 1725668225],
    ['V11__prediction_cell.sql', 1062828584],
    ['V12__prediction_probability.sql', -417353664],
    ['V13__prediction_created_at.sql', -1608876527],
    ['V14__prediction_uncertain.sql', 2040028424],
    ['V15__media_updated_at.sql', -662411442],
    ['V16__media_created_at.sql', 1428606986],
    ['V17__media_status_updated_at.sql', 1474756636],
    ['V18__media_errors.sql', 612221594],
    ['V19__media_title_search.sql', 853707171],
    ['V20__media_title_prefix.sql', 1914653785],
    ['V21__media_hash_prefix.sql', 460191303],
    ['V22__training_events.sql', -1682228787],
    ['V23__prediction_events.sql', -383853167],
    ['V24__media_events.sql', 691121678],
    ['V25__training_updated_at_desc.sql', -2086637880],
    ['V26__training_created_at_desc.sql', -2087899736],
    ['V27__training_backlog_updated_at_desc.sql', 605656628],
    ['V28__training_backlog_created_at_desc.sql', 1751090947],
    ['V29__training_anomalous_desc.sql', -1913285866],
    ['V30__prediction_cell_desc.sql', -979546285],
    ['V31__prediction_probability_desc.sql', -1314898427],
    ['V32__prediction_created_at_desc.sql', -1499619993],
    ['V33__media_updated_at_desc.sql', -1084715772],
    ['V34__media_created_at_desc.sql', 835552186],
    ['V35__media_status_updated_at_desc.sql', -1081142697],
    ['V36__media_errors_desc.sql', -80347616],
    ['V37__fold.sql', 550669099],
    ['V38__training_title_words.sql', -970244372],
    ['V39__training_title_order.sql', 1616589467],
    ['V40__media_title_words.sql', -1327299265],
    ['V41__media_title_order.sql', 387408761],
    ['V42__media_untitled.sql', 1968936295],
    ['V43__title_statistics.sql', 905217844],
    ['V44__former_title_indexes.sql', -1667446970],
    ['V45__media_title_order_desc.sql', 1753184992],
    ['V46__evaluation_changes.sql', 20805449],
    ['V47__training_title_order_desc.sql', -2136906473],
    ['V48__media_search_statistics.sql', -470564915],
  ],
};

/** The rows that Flyway writes for a set, without the two time columns. */
const goldenRows = (name: MigrationSet['name'], user: string) =>
  shipped[name].map(([script, checksum], index) => ({
    installed_rank: index + 1,
    version: String(index + 1),
    description: script.replace(/^V\d+__|\.sql$/g, '').replaceAll('_', ' '),
    type: 'SQL',
    script,
    checksum,
    installed_by: user,
    success: true,
  }));

const goldenSchemaRow = (user: string) => ({
  installed_rank: 0,
  version: null,
  description: '<< Flyway Schema Creation >>',
  type: 'SCHEMA',
  script: '"console"',
  checksum: null,
  installed_by: user,
  success: true,
});

const databases: TestDatabase[] = [];
const clients: pg.Client[] = [];
const directories: string[] = [];
const roles: string[] = [];
const cleanups: (() => Promise<unknown>)[] = [];

let database: TestDatabase;
let admin: pg.Client;
let user: string;

async function open(connection: string | pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(connection);
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

async function useDatabase(template: Template): Promise<void> {
  database = await createTestDatabase(template);
  databases.push(database);
  admin = await open(database.connectionString);
  user = await read<string>('SELECT current_user');
}

/** The first column of the first row. */
async function read<T>(sql: string): Promise<T> {
  const { rows } = await admin.query({ text: sql, rowMode: 'array' });
  return rows[0]?.[0] as T;
}

async function readColumn(sql: string): Promise<unknown[]> {
  const { rows } = await admin.query({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => value);
}

async function historyOf(set: MigrationSet) {
  const rows = await readHistory(admin, set);
  return rows?.map(({ installed_on: _, execution_time: __, ...row }) => row) ?? null;
}

/** The given set with other files. */
async function makeSet(like: MigrationSet['name'], files: Record<string, string>): Promise<MigrationSet> {
  const directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  directories.push(directory);
  for (const [name, sql] of Object.entries(files)) await writeFile(join(directory, name), sql);
  return { ...migrationSets[like], directory };
}

/** All objects outside of PostgreSQL's own schemas. */
const readObjects = () =>
  readColumn(`
    SELECT nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT pronamespace::regnamespace || '.' || proname FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^pg_|information_schema'
    ORDER BY 1`);

const invalidIndexes = () => readColumn('SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid');

/** The runner's backend, once it waits in a statement with this prefix. */
const waitForBackend = (statement: string) =>
  vi.waitFor(
    async () => {
      const pid = await read<number | undefined>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
         AND state = 'active' AND query LIKE '${statement}%' AND wait_event IN ('virtualxid', 'PgSleep', 'relation')`,
      );
      if (pid === undefined) throw new Error(`Nothing waits in ${statement}`);
      return pid;
    },
    { timeout: 60_000, interval: 20 },
  );

afterEach(async () => {
  for (const role of roles.splice(0)) await admin.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
  for (const client of clients.splice(0)) await client.end().catch(() => {});
  for (const one of databases.splice(0)) await one.drop();
  for (const cleanup of cleanups.splice(0)) await cleanup();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

describe('on a fresh database', () => {
  beforeEach(() => useDatabase('empty'));

  test('the sets write exactly the history rows of Flyway', async () => {
    for (const set of Object.values(migrationSets)) await migrate(database.connectionString, set);
    expect(await historyOf(migrationSets.atp)).toEqual(goldenRows('atp', user));
    expect(await historyOf(migrationSets.console)).toEqual([goldenSchemaRow(user), ...goldenRows('console', user)]);
    expect(await historyOf(migrationSets['atp-extras'])).toEqual(goldenRows('atp-extras', user));
    for (const set of Object.values(migrationSets)) {
      expect(await validate(database.connectionString, set)).toEqual([]);
      expect(await migrate(database.connectionString, set)).toEqual([]);
    }
    expect(await invalidIndexes()).toEqual([]);
  });

  test("a history table has the columns, key and index of Flyway's", async () => {
    for (const set of Object.values(migrationSets)) await migrate(database.connectionString, set);
    for (const { schema, table } of Object.values(migrationSets)) {
      const columns = await readColumn(
        `SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END,
           pg_get_expr(adbin, adrelid))
         FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE attrelid = '${schema}.${table}'::regclass AND attnum > 0 ORDER BY attnum`,
      );
      expect(columns).toEqual([
        'installed_rank integer not null',
        'version character varying(50)',
        'description character varying(200) not null',
        'type character varying(20) not null',
        'script character varying(1000) not null',
        'checksum integer',
        'installed_by character varying(100) not null',
        'installed_on timestamp without time zone not null now()',
        'execution_time integer not null',
        'success boolean not null',
      ]);
      expect(
        await readColumn(`SELECT indexdef FROM pg_indexes WHERE tablename = '${table}' AND schemaname = '${schema}'
          ORDER BY indexname`),
      ).toEqual([
        `CREATE UNIQUE INDEX ${table}_pk ON ${schema}.${table} USING btree (installed_rank)`,
        `CREATE INDEX ${table}_s_idx ON ${schema}.${table} USING btree (success)`,
      ]);
    }
  });

  test('an existing schema gets no row about its creation', async () => {
    await admin.query('CREATE SCHEMA console');
    await migrate(database.connectionString, migrationSets.console);
    expect(await historyOf(migrationSets.console)).toEqual(goldenRows('console', user));
  });

  test('version 2 runs before version 10, and ranks follow', async () => {
    const set = await makeSet('console', {
      'V10__ten.sql': 'ALTER TABLE console.a ADD b int;',
      'V2__two.sql': 'CREATE TABLE console.a ();',
      'V2_1__two_and_one.sql': 'SELECT 1;',
    });
    await migrate(database.connectionString, set);
    const rows = (await historyOf(set)) ?? [];
    expect(rows.map((row) => [row.installed_rank, row.version])).toEqual([
      [0, null],
      [1, '2'],
      [2, '2.1'],
      [3, '10'],
    ]);
  });

  test('progress is reported as it happens', async () => {
    const reported: string[] = [];
    await migrate(database.connectionString, migrationSets.console, {
      onProgress: (progress) => reported.push(progress.kind),
    });
    expect(reported).toEqual(shipped.console.flatMap(() => ['started', 'finished']));
  });

  test('a session of another time zone still records UTC', async () => {
    await admin.query(`ALTER DATABASE ${database.name} SET timezone TO 'Asia/Tokyo'`);
    await migrate(database.connectionString, migrationSets.atp);
    const secondsOff = await read<string>(`
      SELECT max(abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - installed_on))) FROM flyway_schema_history`);
    expect(Number(secondsOff)).toBeLessThan(3_600);
  });

  test("each migration starts with the history's schema first in the search path, even if the previous one changed it", async () => {
    const set = await makeSet('console', {
      'V1__a.sql': `CREATE TABLE a AS SELECT current_setting('search_path') AS path; SET search_path = pg_catalog;`,
      'V2__b.sql': `CREATE TABLE b AS SELECT current_setting('search_path') AS path;`,
    });
    await migrate(database.connectionString, set);
    const paths = await readColumn('SELECT path FROM console.a UNION ALL SELECT path FROM console.b');
    expect(paths).toEqual(['"console", "$user", public', '"console", "$user", public']);
  });

  test("the role's statement timeout does not stop a migration", async () => {
    await admin.query(`ALTER DATABASE ${database.name} SET statement_timeout TO 50`);
    const set = await makeSet('console', { 'V1__slow.sql': 'SELECT pg_sleep(0.2);' });
    expect(await migrate(database.connectionString, set)).toHaveLength(1);
  });
});

describe('a failure', () => {
  beforeEach(() => useDatabase('empty'));

  test('in a transaction rolls back the file and its row, and keeps earlier migrations', async () => {
    const set = await makeSet('console', {
      'V1__good.sql': 'CREATE TABLE console.good ();',
      'V2__bad.sql': 'CREATE TABLE console.half ();\n\nALTER TABLE console.nowhere ADD a int;\n',
      'V3__never.sql': 'CREATE TABLE console.never ();',
    });
    await expect(migrate(database.connectionString, set)).rejects.toThrow(
      'V2__bad.sql failed: relation "console.nowhere" does not exist. It was rolled back',
    );
    expect((await historyOf(set))?.map(({ version }) => version)).toEqual([null, '1']);
    expect(await readColumn(`SELECT relname FROM pg_class WHERE relname IN ('good', 'half', 'never')`)).toEqual([
      'good',
    ]);

    await writeFile(join(set.directory, 'V2__bad.sql'), 'CREATE TABLE console.whole ();');
    expect((await migrate(database.connectionString, set)).map(({ version }) => version)).toEqual(['2', '3']);
  });

  test('reports the line if PostgreSQL does', async () => {
    const set = await makeSet('console', { 'V1__bad.sql': 'SELECT 1;\n-- é\nSELECT nothing;\n' });
    await expect(migrate(database.connectionString, set)).rejects.toThrow('V1__bad.sql failed at line 3: column');
  });

  test('outside of a transaction writes a failed row, which blocks later runs until repair', async () => {
    await admin.query('CREATE TABLE a (b int); INSERT INTO a VALUES (1), (1)');
    const set = await makeSet('console', {
      'V1__unique.sql':
        'DROP INDEX CONCURRENTLY IF EXISTS public.i;\nCREATE UNIQUE INDEX CONCURRENTLY i ON public.a (b);\n',
    });
    await expect(migrate(database.connectionString, set)).rejects.toThrow(/^V1__unique\.sql failed: .*run repair/);
    expect((await historyOf(set))?.map(({ version, success }) => [version, success])).toEqual([
      [null, true],
      ['1', false],
    ]);
    expect((await inspect(database.connectionString, set)).compared.at(-1)?.state).toBe('failed');
    await expect(migrate(database.connectionString, set)).rejects.toThrow('then run repair and migrate');

    await admin.query('DELETE FROM a WHERE ctid = (SELECT min(ctid) FROM a)');
    expect(await repair(database.connectionString, set)).toEqual(['V1__unique.sql']);
    expect(await repair(database.connectionString, set)).toEqual([]);
    expect(await migrate(database.connectionString, set)).toHaveLength(1);
    expect(await invalidIndexes()).toEqual([]);
    expect((await historyOf(set))?.map(({ installed_rank, success }) => [installed_rank, success])).toEqual([
      [0, true],
      [1, true],
    ]);
  });

  test.each([
    ['an edited file', { 'V1__a.sql': 'SELECT 1;', 'V2__b.sql': 'SELECT 2; -- more' }, 'V2__b.sql was changed'],
    ['a missing file', { 'V1__a.sql': 'SELECT 1;' }, 'V2__b.sql ran on this database, but is not shipped'],
    [
      'a file below the highest version',
      { 'V1__a.sql': 'SELECT 1;', 'V1_5__late.sql': 'SELECT 3;', 'V2__b.sql': 'SELECT 2;' },
      'V1_5__late.sql is older than version 2',
    ],
  ])('for %s is detected before any migration runs', async (_, files, sentence) => {
    await migrate(
      database.connectionString,
      await makeSet('console', { 'V1__a.sql': 'SELECT 1;', 'V2__b.sql': 'SELECT 2;' }),
    );
    const set = await makeSet('console', { ...files, 'V3__new.sql': 'CREATE TABLE console.new ();' });
    await expect(migrate(database.connectionString, set)).rejects.toThrow(sentence);
    expect(await validate(database.connectionString, set)).toEqual([
      expect.stringContaining(sentence),
      ...(sentence.includes('older') ? [expect.stringContaining('V1_5__late.sql has not run')] : []),
      expect.stringContaining('V3__new.sql has not run on this database yet'),
    ]);
    expect(await read(`SELECT to_regclass('console.new')`)).toBeNull();
  });

  test('to connect names the server but not the password', async () => {
    const run = migrate('postgres://someone:sekret@127.0.0.1:1/things', migrationSets.console);
    await expect(run).rejects.toThrow(/^No connection to database things on 127\.0\.0\.1:1 as someone: .*ECONNREFUSED/);
    await expect(run).rejects.not.toThrow('sekret');
  });
});

describe('an interruption', () => {
  /** A proxy that breaks at the client's nth packet, before or after forwarding it. */
  async function breakingAt(
    packet: number,
    forward: boolean,
  ): Promise<{ connection: pg.ClientConfig; broke: () => boolean }> {
    const { host, port, user: name, database: target, password } = new pg.Client(database.connectionString);
    let seen = 0;
    const server = createServer((near) => {
      const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
      near.on('error', () => {});
      far.on('error', () => {});
      far.pipe(near);
      near.on('close', () => far.destroySoon());
      near.on('data', (chunk) => {
        seen += 1;
        if (seen < packet) {
          far.write(chunk);
          return;
        }
        if (forward) far.write(chunk);
        near.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(async () => server.close());
    return {
      connection: {
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        database: target,
        ...(name === undefined ? {} : { user: name }),
        ...(password ? { password } : {}),
      },
      broke: () => seen >= packet,
    };
  }

  /** Breaks one run at each of its statements (in `test` at every third); the next run must complete it every time. */
  async function breakEverywhere(
    set: MigrationSet,
    forward: boolean,
    startOver: string,
    check: () => Promise<void>,
  ): Promise<number> {
    for (let packet = 1; ; packet += sized(3, 1)) {
      const { connection, broke } = await breakingAt(packet, forward);
      const [outcome] = await Promise.allSettled([migrate(connection, set)]);
      if (!broke()) return packet;
      // A run that only lost its last packets has succeeded; any other must throw MigrationError.
      if (outcome.status === 'rejected') expect(outcome.reason).toHaveProperty('name', 'MigrationError');
      await migrate(database.connectionString, set);
      expect(await validate(database.connectionString, set), `broken at packet ${packet}`).toEqual([]);
      await check();
      await admin.query(startOver);
    }
  }

  test.for([
    ['before', false],
    ['after', true],
  ] as const)('%s any statement of the atp set is completed by the next run', async ([, forward], { annotate }) => {
    await useDatabase('empty');
    const startOver = 'DROP SCHEMA atp CASCADE; DROP TABLE flyway_schema_history';
    const statements = await breakEverywhere(migrationSets.atp, forward, startOver, async () => {
      expect(await historyOf(migrationSets.atp)).toEqual(goldenRows('atp', user));
      expect(await readColumn(`SELECT tablename FROM pg_tables WHERE schemaname = 'atp' ORDER BY tablename`)).toEqual([
        'engineered',
        'engineered_normalization_table',
        'engineered_schema',
        'media',
        'prediction',
        'training',
      ]);
    });
    expect(statements).toBeGreaterThan(6 * 4);
    await annotate(`${statements - 1} statements, each cut once; the next run completed each`, 'figure');
  });

  test.for([
    ['before', false],
    ['after', true],
  ] as const)(
    '%s any statement of a concurrent index build is completed by the next run',
    async ([, forward], { annotate }) => {
      await useDatabase('plain');
      const files = ['V1__trigram_search.sql', 'V2__training_updated_at.sql'];
      const set = await makeSet('atp-extras', {});
      for (const file of files)
        await copyFile(join(migrationSets['atp-extras'].directory, file), join(set.directory, file));
      const startOver = `DROP TABLE console.flyway_extras_history; DROP EXTENSION pg_trgm;
      DROP INDEX atp.console_training_updated_at`;
      const statements = await breakEverywhere(set, forward, startOver, async () => {
        expect(await historyOf(set)).toEqual(goldenRows('atp-extras', user).slice(0, 2));
        expect(await invalidIndexes()).toEqual([]);
      });
      expect(statements).toBeGreaterThan(10);
      await annotate(`${statements - 1} statements, each cut once; the next run completed each`, 'figure');
    },
  );

  test('by termination of its backend in a transaction leaves nothing', async () => {
    await useDatabase('empty');
    const set = await makeSet('console', { 'V1__slow.sql': 'CREATE TABLE console.half (); SELECT pg_sleep(60);' });
    const run = migrate(database.connectionString, set);
    const failed = expect(run).rejects.toThrow('The connection was lost in V1__slow.sql: terminating');
    await admin.query('SELECT pg_terminate_backend($1)', [await waitForBackend('CREATE TABLE console.half')]);
    await failed;
    expect(await read(`SELECT to_regclass('console.half')`)).toBeNull();
    expect((await historyOf(set))?.map(({ type }) => type)).toEqual(['SCHEMA']);
  });

  test('by termination of its backend during an index build leaves no row; the next run drops the invalid index', async () => {
    await useDatabase('plain');
    const extras = migrationSets['atp-extras'];
    const writer = await open(database.connectionString);
    await writer.query('BEGIN; LOCK TABLE atp.training IN ROW EXCLUSIVE MODE');
    const failed = expect(migrate(database.connectionString, extras)).rejects.toThrow(
      'The connection was lost in V2__training_updated_at.sql',
    );
    const pid = await waitForBackend('CREATE INDEX CONCURRENTLY');
    expect(await invalidIndexes()).toEqual(['atp.console_training_updated_at']);
    await admin.query('SELECT pg_terminate_backend($1)', [pid]);
    await failed;
    expect(await historyOf(extras)).toEqual(goldenRows('atp-extras', user).slice(0, 1));
    expect(await invalidIndexes()).toEqual(['atp.console_training_updated_at']);

    await writer.query('COMMIT');
    expect(await migrate(database.connectionString, extras)).toHaveLength(shipped['atp-extras'].length - 1);
    expect(await historyOf(extras)).toEqual(goldenRows('atp-extras', user));
    expect(await invalidIndexes()).toEqual([]);
  });

  test('by its caller cancels the statement and leaves nothing that needs repair', async () => {
    await useDatabase('plain');
    const extras = migrationSets['atp-extras'];
    const writer = await open(database.connectionString);
    await writer.query('BEGIN; LOCK TABLE atp.training IN ROW EXCLUSIVE MODE');
    const abort = new AbortController();
    const failed = expect(migrate(database.connectionString, extras, { signal: abort.signal })).rejects.toThrow(
      'Interrupted in V2__training_updated_at.sql',
    );
    await waitForBackend('CREATE INDEX CONCURRENTLY');
    abort.abort();
    await failed;
    expect(await historyOf(extras)).toEqual(goldenRows('atp-extras', user).slice(0, 1));
    await writer.query('COMMIT');
    expect(await migrate(database.connectionString, extras)).toHaveLength(shipped['atp-extras'].length - 1);
  });

  test('before the first statement applies nothing', async () => {
    await useDatabase('empty');
    const run = migrate(database.connectionString, migrationSets.atp, { signal: AbortSignal.abort() });
    await expect(run).rejects.toThrow('Interrupted before V1__atp_schema_and_types.sql');
    expect(await historyOf(migrationSets.atp)).toEqual([]);
  });
});

describe('two runs at once', () => {
  test.each([
    ['empty', 'atp'],
    ['plain', 'atp-extras'],
  ] as const)('apply each migration once (%s database, set %s)', async (template, name) => {
    await useDatabase(template);
    const set = migrationSets[name];
    const runs = await Promise.all([1, 2, 3].map(() => migrate(database.connectionString, set)));
    expect(runs.map(({ length }) => length).sort((a, b) => a - b)).toEqual([0, 0, shipped[name].length]);
    expect(await historyOf(set)).toEqual(goldenRows(name, user));
    expect(await invalidIndexes()).toEqual([]);
  });

  // Keys computed with another program: the bytes of "Flyway" plus Java's hash of "schema"."table".
  test.each([
    ['atp', '77433833903597'],
    ['console', '77431446087491'],
    ['atp-extras', '77433086912705'],
  ] as const)('of set %s wait for each other with the lock of Flyway', async (name, key) => {
    await useDatabase(name === 'atp-extras' ? 'plain' : 'empty');
    await admin.query('SELECT pg_advisory_lock($1)', [key]);
    const waiting = Promise.withResolvers<void>();
    const reported: Progress['kind'][] = [];
    const run = migrate(database.connectionString, migrationSets[name], {
      onProgress: ({ kind }) => {
        reported.push(kind);
        if (kind === 'waiting') waiting.resolve();
      },
    });
    await waiting.promise;
    expect(await historyOf(migrationSets[name])).toBeNull();
    await admin.query('SELECT pg_advisory_unlock($1)', [key]);
    expect(await run).toHaveLength(shipped[name].length);
    expect(reported.filter((kind) => kind === 'waiting')).toHaveLength(1);
  });

  test('a waiting run can be interrupted', async () => {
    await useDatabase('empty');
    await admin.query('SELECT pg_advisory_lock(77431446087491)');
    const abort = new AbortController();
    const run = migrate(database.connectionString, migrationSets.console, {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(run).rejects.toThrow('Interrupted while another run held the lock. Nothing was changed.');
  });
});

describe('a database created by another project', () => {
  const foreignHistory = `
    CREATE TABLE public.flyway_schema_history (
      installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL,
      type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,
      installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL, success boolean NOT NULL)`;

  beforeEach(() => useDatabase('empty'));

  async function expectRefusal(set: MigrationSet, sentence: RegExp): Promise<void> {
    const before = await readObjects();
    const rows = await historyOf(set);
    await expect(migrate(database.connectionString, set)).rejects.toThrow(sentence);
    expect(await readObjects()).toEqual(before);
    expect(await historyOf(set)).toEqual(rows);
  }

  test('with schema atp is not changed by the atp set, with or without a history table', async () => {
    await admin.query('CREATE SCHEMA atp; CREATE TABLE atp.media (hash text)');
    await expectRefusal(migrationSets.atp, /^Schema atp exists in database .*, but this set did not create it/);
    expect((await inspect(database.connectionString, migrationSets.atp)).keptBy).toBe('another project');
    await admin.query(foreignHistory);
    await expectRefusal(migrationSets.atp, /^Schema atp exists in database .*, but this set did not create it/);
  });

  test.each([
    ['its own migrations', `(1, '1', 'first', 'SQL', 'V1__first.sql', 42, 'other', now(), 1, true)`, 'V1__first.sql'],
    [
      'a baseline',
      `(1, '1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL, 'other', now(), 0, true)`,
      '<< Flyway Baseline >>',
    ],
    ['a failed migration', `(1, '1', 'first', 'SQL', 'V1__first.sql', 42, 'other', now(), 1, false)`, 'V1__first.sql'],
  ])('with a history of %s is not changed by the atp set', async (_, row, script) => {
    await admin.query(foreignHistory);
    await admin.query(`INSERT INTO flyway_schema_history VALUES ${row}`);
    const sentence = `public.flyway_schema_history is not the history of set atp: it holds ${script}`;
    await expectRefusal(migrationSets.atp, new RegExp(`^${sentence}`));
    await expect(repair(database.connectionString, migrationSets.atp)).rejects.toThrow(sentence);
    expect(await validate(database.connectionString, migrationSets.atp)).toEqual([expect.stringContaining(sentence)]);
    expect((await inspect(database.connectionString, migrationSets.atp)).keptBy).toBe('another project');
    expect(await historyOf(migrationSets.atp)).toHaveLength(1);
  });

  test('with objects in schema public is not changed by the atp set', async () => {
    await admin.query('CREATE TABLE things ()');
    await expectRefusal(migrationSets.atp, /^Schema public in database .* holds objects, but no history of this set/);
  });

  test('with an extension in schema public counts as fresh', async () => {
    await admin.query('CREATE EXTENSION pg_trgm');
    expect(await migrate(database.connectionString, migrationSets.atp)).toHaveLength(6);
  });

  test('with objects in schema console is not changed by the console set', async () => {
    await admin.query('CREATE SCHEMA console; CREATE FUNCTION console.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$');
    await expectRefusal(
      migrationSets.console,
      /^Schema console in database .* holds objects, but no history of this set/,
    );
  });

  test('keeps its atp and history when console is added', async () => {
    await admin.query(`CREATE SCHEMA atp; CREATE TABLE atp.media (hash text); ${foreignHistory}`);
    await admin.query(
      `INSERT INTO flyway_schema_history VALUES (1, '1', 'first', 'SQL', 'V1__first.sql', 42, 'other', now(), 1, true)`,
    );
    const before = await readObjects();
    await migrate(database.connectionString, migrationSets.console);
    const added = (await readObjects()).filter((name) => !before.includes(name));
    expect(added).toContain('console.label_event');
    expect(added.filter((name) => !/^console(\.|$)/.test(String(name)))).toEqual([]);
    expect(await historyOf(migrationSets.atp)).toHaveLength(1);
  });

  test('without console refuses the extras, which keep their history there', async () => {
    await expectRefusal(migrationSets['atp-extras'], /Run the console set first/);
  });

  test('without atp refuses the extras', async () => {
    await migrate(database.connectionString, migrationSets.console);
    await expectRefusal(migrationSets['atp-extras'], /has no schema atp to extend/);
  });
});

describe('with limited privileges', () => {
  let connection: pg.ClientConfig;
  let role: string;

  /** A production role: reads and updates in atp, owns nothing. */
  async function useLimitedRole(template: Template): Promise<void> {
    await useDatabase(template);
    role = `${database.name}_limited`;
    roles.push(role);
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'limited'`);
    const { host, port } = new pg.Client(database.connectionString);
    connection = { host, port, database: database.name, user: role, password: 'limited' };
  }

  test('the console set runs beside a foreign atp once the role owns schema console', async () => {
    await useLimitedRole('empty');
    await migrate(database.connectionString, migrationSets.atp);
    await admin.query(
      `GRANT USAGE ON SCHEMA atp TO ${role}; GRANT SELECT, UPDATE ON atp.media, atp.training TO ${role}`,
    );
    await expect(migrate(connection, migrationSets.console)).rejects.toThrow(
      `Role ${role} may not create schema console. Have the owner of database ${database.name} run: ` +
        `CREATE SCHEMA console AUTHORIZATION "${role}"; ` +
        `GRANT SELECT ON atp.prediction, public.flyway_schema_history TO "${role}". Nothing was changed.`,
    );
    await admin.query(`CREATE SCHEMA console AUTHORIZATION "${role}"`);
    expect(await migrate(connection, migrationSets.console)).toHaveLength(shipped.console.length);
    expect(await validate(connection, migrationSets.console)).toEqual([]);
    expect(await historyOf(migrationSets.console)).toEqual(goldenRows('console', role));
  });

  test('an error names the schema console in which the role may not create tables', async () => {
    await useLimitedRole('empty');
    await admin.query('CREATE SCHEMA console');
    await expect(migrate(connection, migrationSets.console)).rejects.toThrow(
      `Role ${role} may not create tables in schema console. Have its owner run: GRANT USAGE, CREATE ON SCHEMA console TO "${role}".`,
    );
    expect(await historyOf(migrationSets.console)).toBeNull();
  });

  test('the atp set names the missing privilege', async () => {
    await useLimitedRole('empty');
    await expect(migrate(connection, migrationSets.atp)).rejects.toThrow(
      `Role ${role} may not create schema atp. Have the owner of database ${database.name} run: GRANT CREATE ON DATABASE`,
    );
    expect(await historyOf(migrationSets.atp)).toBeNull();
  });

  test('the extras name the owner of atp, and leave no failed row', async () => {
    await useLimitedRole('plain');
    await expect(migrate(connection, migrationSets['atp-extras'])).rejects.toThrow(
      new RegExp(
        `^Role ${role} may not create indexes on atp\\.\\w+, which belongs to role ${user}\\. Run this set as ${user}`,
      ),
    );
    expect(await historyOf(migrationSets['atp-extras'])).toBeNull();
  });

  test('the extras run as an owner of atp without superuser', async () => {
    await useLimitedRole('plain');
    await admin.query(`
      GRANT CREATE ON DATABASE ${database.name} TO ${role};
      ALTER SCHEMA atp OWNER TO ${role}; ALTER SCHEMA console OWNER TO ${role};
      ALTER TABLE atp.media OWNER TO ${role}; ALTER TABLE atp.training OWNER TO ${role};
      ALTER TABLE atp.prediction OWNER TO ${role}; GRANT SELECT ON console.flyway_schema_history TO ${role}`);
    expect(await migrate(connection, migrationSets['atp-extras'])).toHaveLength(shipped['atp-extras'].length);
  });
});

describe('the extras', () => {
  beforeEach(() => useDatabase('plain'));
  const extras = migrationSets['atp-extras'];

  test('continue a history that Flyway started with a baseline', async () => {
    const { directory } = await makeSet('atp-extras', {});
    await copyFile(join(extras.directory, 'V1__trigram_search.sql'), join(directory, 'V1__trigram_search.sql'));
    await migrate(database.connectionString, { ...extras, directory });
    await admin.query(`
      UPDATE console.flyway_extras_history SET installed_rank = 2;
      INSERT INTO console.flyway_extras_history
      VALUES (1, '0', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL, 'flyway', now(), 0, true)`);
    expect(await migrate(database.connectionString, extras)).toHaveLength(shipped['atp-extras'].length - 1);
    expect((await historyOf(extras))?.map(({ installed_rank }) => installed_rank)).toEqual(
      Array.from({ length: shipped['atp-extras'].length + 1 }, (_, index) => index + 1),
    );
    expect(await validate(database.connectionString, extras)).toEqual([]);
  });

  test('use a pg_trgm in another schema of the search path', async () => {
    await admin.query(`CREATE SCHEMA extensions; CREATE EXTENSION pg_trgm SCHEMA extensions;
      ALTER DATABASE ${database.name} SET search_path TO public, extensions`);
    expect(await migrate(database.connectionString, extras)).toHaveLength(shipped['atp-extras'].length);
  });

  test('report the schema of a pg_trgm outside the search path, and write no failed row', async () => {
    await admin.query('CREATE SCHEMA extensions; CREATE EXTENSION pg_trgm SCHEMA extensions');
    await expect(migrate(database.connectionString, extras)).rejects.toThrow(
      'pg_trgm is installed in schema extensions, which the search_path ("console", "$user", public) does not reach',
    );
    expect(await historyOf(extras)).toEqual([]);
  });
});
