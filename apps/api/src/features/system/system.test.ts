import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Meta, Readiness } from '@at/contracts/system';
import { demoImdbIds } from '@at/contracts/vocabulary';
import { createDb, createPool } from '@at/db/client';
import { migrationSets } from '@at/db/migrate';
import { readMigrations } from '@at/db/migration-files';
import { createTestDatabase } from '@at/db/testing';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { done, undone } from '#test/bulk-operations.ts';
import { insertMedia, sampleHash } from '#test/sample-media.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';
import { diskState } from './rules.ts';

const shipped = {
  atp: await readMigrations(migrationSets.atp.directory),
  console: await readMigrations(migrationSets.console.directory),
  'atp-extras': await readMigrations(migrationSets['atp-extras'].directory),
};

async function start(options: Parameters<typeof startTestApp>[0] = {}): Promise<TestApp> {
  const app = await startTestApp(options);
  onTestFinished(() => app.close());
  return app;
}

const ready = async (app: TestApp) => {
  const { status, body, headers } = await app.call<Readiness>('GET', '/readyz');
  return {
    code: status,
    headers,
    checks: body.checks,
    says: body.status,
    check: (name: string) => body.checks.find((check) => check.name === name),
  };
};
const meta = async (app: TestApp) => (await app.call<Meta>('GET', '/meta')).body;

describe('health', () => {
  test('needs no database', async () => {
    const app = await start({ database: 'postgres://nobody:nothing@127.0.0.1:1/nowhere' });
    for (const path of ['/health', '/livez']) {
      const { status, body } = await app.call<{ status: string }>('GET', path);
      expect([status, body.status]).toEqual([200, 'healthy']);
    }
  });

  test('the root says where everything is', async () => {
    const app = await start({ template: 'empty' });
    const { body } = await app.call<{ docs: string; health: string }>('GET', '/');
    for (const path of [body.docs, body.health]) expect((await app.call('GET', `/${path}`)).status).toBe(200);
  });
});

describe('readyz', () => {
  test('a migrated database is ready, every check ok', async () => {
    const { code, says, checks } = await ready(await start());
    expect([code, says]).toEqual([200, 'ready']);
    expect(checks.map(({ name }) => name)).toEqual([
      'database',
      'schemas',
      'rights',
      'migrations',
      'indexes',
      'triggers',
      'evaluation',
      'outbox',
      'disk',
    ]);
    expect(checks.filter(({ name, status }) => name !== 'disk' && status !== 'ok')).toEqual([]);
  });

  test('without atp-extras it is ready, degraded, and lists each missing index', async () => {
    const app = await start({ template: 'plain' });
    const { code, says, check } = await ready(app);
    expect([code, says]).toEqual([200, 'ready']);
    expect(check('indexes')?.status).toBe('degraded');
    expect(check('indexes')?.missing).toContain('atp.console_training_created_at');
    expect(check('indexes')?.missing?.length).toBeGreaterThan(15);
    expect(check('indexes')?.detail).toContain('pnpm db:migrate');
  });

  test('without the triggers it is ready, degraded, and lists each that is missing or switched off', async () => {
    const plain = (await ready(await start({ template: 'plain' }))).check('triggers');
    expect(plain?.status).toBe('degraded');
    expect(plain?.missing).toHaveLength(12);
    expect(plain?.detail).toContain('pnpm db:migrate');
    const app = await start();
    await sql`alter table atp.training disable trigger console_training_update`.execute(app.db);
    const { code, check } = await ready(app);
    expect(code).toBe(200);
    expect(check('triggers')).toMatchObject({ status: 'degraded', missing: ['UPDATE on atp.training'] });
    expect((await meta(app)).live).toBe('polling');
  });

  test('interrupted changes that no worker can do are counted, with the tasks that a worker needs', async () => {
    const app = await start();
    const outbox = async () => (await ready(app)).check('outbox');
    await sql`
      insert into console.intent (action, hash, owner, plan)
      select action, 'a', 1, '{}' from unnest(array['remove_torrent', 'approve', 'restore_files']) as action
    `.execute(app.db);
    // Their process may be doing them.
    expect(await outbox()).toMatchObject({ status: 'ok' });
    await sql`update console.intent set retry_at = now() - interval '2 minutes'`.execute(app.db);
    expect(await outbox()).toMatchObject({
      status: 'degraded',
      detail:
        '3 interrupted changes of torrents or of files wait for a worker that does media.files and media.torrent. Start one with the settings of the API.',
      missing: ['media.files', 'media.torrent'],
    });
    await sql`
      insert into console.worker (id, host, pid, version, tasks, queues)
      values (gen_random_uuid(), 'host', 1, '0', '{media.torrent}', '{network}')
    `.execute(app.db);
    expect(await outbox()).toMatchObject({
      detail: expect.stringMatching(/^1 interrupted change /),
      missing: ['media.files'],
    });
    await sql`update console.intent set done_at = now() where action = 'restore_files'`.execute(app.db);
    expect(await outbox()).toMatchObject({ status: 'ok' });
    await sql`update console.worker set seen_at = now() - interval '1 minute'`.execute(app.db);
    expect(await outbox()).toMatchObject({ status: 'degraded', missing: ['media.torrent'] });
  });

  test('without the triggers of the evaluation it is ready, degraded, and says that evaluations are slow', async () => {
    const app = await start();
    await sql`alter table atp.prediction enable trigger console_prediction_evaluated_update`.execute(app.db);
    await sql`select nextval('console.events_lost')`.execute(app.db);
    const { check } = await ready(app);
    expect(check('evaluation')).toMatchObject({ status: 'degraded', missing: ['UPDATE on atp.prediction'] });
    expect(check('evaluation')?.detail).toMatch(/^Each evaluation .* --set atp-extras.* ENABLE ALWAYS TRIGGER/);
    expect(check('triggers')?.detail).toMatch(/^1 changes/);
  });

  test('changes that triggers could not write down are counted', async () => {
    const app = await start();
    await sql`alter table console.event add constraint nothing check (false) not valid`.execute(app.db);
    await insertTitles(app.db, [{ imdb_id: 'tt0000001', prediction: {} }]);
    const check = (await ready(app)).check('triggers');
    expect(check?.status).toBe('degraded');
    expect(check?.detail).toMatch(/^2 changes/);
  });

  test('a session that cannot be right is not ready, and says what to change', async () => {
    const app = await start({
      prepare: async (database) => {
        const db = createDb(createPool({ connection: database }));
        const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(db);
        await sql`alter database ${sql.ref(rows[0]?.name as string)} set session_replication_role = 'replica'`.execute(
          db,
        );
        await db.destroy();
      },
    });
    const { code, check } = await ready(app);
    expect(code).toBe(503);
    expect(check('database')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('session_replication_role'),
    });
  });

  test('the disk is that of the data directory', async () => {
    const directory = tmpdir();
    const { bavail, bsize } = statfsSync(directory);
    const app = await start({ deps: () => ({ database: { embedded: true, directory } }) });
    const disk = (await ready(app)).check('disk');
    expect(disk?.detail).toContain(`are free on the disk of ${directory}.`);
    expect(Math.abs(Number(disk?.detail.split(' ')[0]) - (bavail * bsize) / 2 ** 30)).toBeLessThan(1);
    const elsewhere = (await ready(await start())).check('disk');
    expect(elsewhere).toMatchObject({ status: 'ok', detail: expect.stringContaining('another server') });
  });

  test.each([
    [2 ** 18, 'ok'],
    [2 ** 18 - 1, 'degraded'],
    [27_000, 'degraded'],
    [26_000, 'failed'],
    [0, 'failed'],
  ])('%i free pages of 4 KiB are %s', (bavail, status) => {
    const state = diskState('/data', { bavail, bsize: 4096 });
    expect(state.status).toBe(status);
    expect(state.detail).toMatch(/^\d\.\d GiB are free on the disk of \/data\./);
  });

  test('an index left invalid counts as missing', async () => {
    const app = await start();
    await sql`update pg_index set indisvalid = false
      where indexrelid = 'atp.console_training_random'::regclass`.execute(app.db);
    expect((await ready(app)).check('indexes')?.missing).toEqual(['atp.console_training_random']);
  });

  test('without schema console it is not ready, and says what to run', async () => {
    const app = await start({
      // Before it runs: the drop and a sweep could each hold what the other waits for.
      prepare: async (database) => {
        const db = createDb(createPool({ connection: database }));
        await sql`drop schema console cascade`.execute(db);
        await db.destroy();
      },
    });
    const { code, says, headers, check } = await ready(app);
    expect([code, says]).toEqual([503, 'not ready']);
    expect(headers['retry-after']).toBeDefined();
    expect(check('schemas')).toMatchObject({ status: 'failed', missing: ['console'] });
    expect(check('schemas')?.detail).toContain('pnpm db:migrate');
    expect(check('migrations')).toMatchObject({
      status: 'failed',
      missing: shipped.console.map(({ script }) => `${script} (pending)`),
    });
    const tables = ['label_event', 'media_deletion', 'media_removal'];
    expect(check('rights')?.missing).toEqual(
      expect.arrayContaining(tables.flatMap((table) => [`SELECT on console.${table}`, `INSERT on console.${table}`])),
    );
    // Reads of what is there still work; a write says what kind of fault it met.
    expect((await app.call('GET', '/training')).status).toBe(200);
    await insertTitles(app.db, [{ imdb_id: 'tt0000001' }]);
    const written = await app.call<{ details: string }>('PATCH', '/training/tt0000001/would_watch');
    expect(written.status).toBe(503);
    expect(written.body.details).toContain('/readyz');
  });

  test('with an empty database everything that is missing is listed', async () => {
    const app = await start({ template: 'empty' });
    const { code, says, check } = await ready(app);
    expect([code, says]).toEqual([503, 'not ready']);
    expect(check('database')?.status).toBe('ok');
    expect(check('schemas')?.missing).toEqual(['atp', 'console']);
    const { database, schemas, demo, live } = await meta(app);
    expect(live).toBe(null);
    expect(database).toMatchObject({ reachable: true, name: expect.any(String), version: expect.any(String) });
    expect(schemas.map(({ pending }) => pending)).toEqual([
      shipped.atp.length,
      shipped.console.length,
      shipped['atp-extras'].length,
    ]);
    expect(demo).toBe(false);
  });

  test('a migration that ran with other content is not ready', async () => {
    const app = await start();
    await sql`update console.flyway_schema_history set checksum = 1 where version = '1'`.execute(app.db);
    const { code, says, check } = await ready(app);
    expect([code, says]).toEqual([503, 'not ready']);
    expect(check('migrations')?.missing).toEqual(['V1__label_event.sql (changed)']);
  });
});

test('Transmission and directories that are configured and unreachable degrade, each with what to do', async () => {
  const app = await start({
    config: {
      REAR_DIFF_TRANSMISSION_HOST: '127.0.0.1',
      REAR_DIFF_TRANSMISSION_PORT: '1',
      REAR_DIFF_FILE_DELETION_ENABLED: 'true',
      REAR_DIFF_MEDIA_CACHE_PATH: '/nowhere/at/all',
    },
  });
  const { code, says, check } = await ready(app);
  expect([code, says]).toEqual([200, 'ready']);
  expect(check('transmission')).toMatchObject({
    status: 'degraded',
    detail: expect.stringMatching(/^Nothing can be approved\. .*REAR_DIFF_TRANSMISSION_HOST/),
  });
  expect(check('files')).toMatchObject({
    status: 'degraded',
    detail: expect.stringMatching(/^No files are removed\. .*\/nowhere\/at\/all.*touch/),
  });
});

describe('a role with the rights that production gives', () => {
  /** The app as `rear_diff`, which may read atp, update training and media, and nothing more unless `grants` say so. */
  async function startAs(role: string, grants: string[], before?: string): Promise<TestApp> {
    const clone = await createTestDatabase();
    const db = createDb(createPool({ connection: clone.connectionString }));
    // Roles belong to the server: this one goes when its rights have gone with the database.
    onTestFinished(async () => {
      await sql.raw(`drop owned by ${role}; drop role ${role}`).execute(db);
      await db.destroy();
      await clone.drop();
    });
    await sql.raw(`create role ${role} login password 'of_a_test'`).execute(db);
    for (const grant of grants) await sql.raw(`grant ${grant} to ${role}`).execute(db);
    await insertTitles(db, [{ imdb_id: 'tt0000001', prediction: {} }]);
    await insertMedia(db, [{ hash: sampleHash(1), imdb_id: 'tt0000001' }]);
    if (before) await sql.raw(before).execute(db);
    const url = new URL(clone.connectionString);
    url.username = role;
    url.password = 'of_a_test';
    return start({ database: url.toString() });
  }
  const production = [
    'usage on schema atp, public',
    'select on atp.media, atp.training, atp.prediction, atp.movies',
    'select on all tables in schema public',
    'update on atp.media, atp.training',
  ];
  const own = [
    'usage on schema console',
    'select, insert on console.label_event, console.media_deletion, console.media_removal, console.media_event',
    'select, insert, update, delete on console.operation, console.operation_item, console.intent',
    'select, insert, update on console.write',
    'select, insert, update, delete on console.evaluation_change, console.evaluation_total, console.evaluation_rank, console.evaluation_state',
    'select on console.evaluation_lost',
    'select on all tables in schema console',
  ];
  const role = `rear_diff_of_test_${process.pid}`;

  test('is ready, and labels and undoes', async () => {
    const app = await startAs(`${role}_a`, [...production, ...own]);
    const { code, says, checks } = await ready(app);
    expect(checks.filter((check) => check.name !== 'disk' && check.status !== 'ok')).toEqual([]);
    expect([code, says]).toEqual([200, 'ready']);
    expect((await app.call('GET', '/training?include=prediction')).status).toBe(200);
    const written = await app.call<{ event_id: number }>('PATCH', '/training/tt0000001/would_watch');
    expect(written.status).toBe(200);
    const { event_id } = written.body;
    expect((await app.call('POST', '/training/tt0000001/undo', { body: { event_id } })).status).toBe(200);
    expect((await meta(app)).schemas).toHaveLength(3);
    expect((await app.call('GET', '/flyway?schema=console')).status).toBe(200);
  });

  test('moves media items, deletes and restores them', async () => {
    const hash = sampleHash(1);
    const app = await startAs(`${role}_m`, [...production, ...own]);
    const act = async (method: string, path: string, body: object = {}) =>
      (await app.call(method, `/media/${path}`, method === 'GET' ? {} : { body })).status;
    expect(await act('GET', '')).toBe(200);
    expect(await act('GET', 'stats')).toBe(200);
    expect(await act('GET', hash)).toBe(200);
    expect(await act('PATCH', `${hash}/pipeline`, { hash, error_status: true })).toBe(200);
    expect(await act('PATCH', `${hash}/finish`)).toBe(200);
    expect(await act('PATCH', `${hash}/soft_delete`)).toBe(200);
    expect(await act('PATCH', `${hash}/restore`)).toBe(200);
  });

  test('changes many at once, and undoes it', async () => {
    // It is a run.
    const runs = [
      'select, insert, update, delete on all tables in schema console',
      'usage on all sequences in schema console',
    ];
    const app = await startAs(`${role}_o`, [...production, ...own, ...runs]);
    for (const [request, changed] of [
      [{ subject: 'training', action: 'would_watch', filter: {} }, 1],
      [{ subject: 'media', action: 'delete', filter: {} }, 1],
    ] as const) {
      const { operation_id, counts } = await done(app, request);
      expect(counts.done).toBe(changed);
      expect((await undone(app, operation_id)).counts.done).toBe(changed);
    }
  });

  test('without any right it lists what the owner must run, before schema console is there', async () => {
    const app = await startAs(`${role}_n`, [], 'drop schema console cascade');
    const { code, check } = await ready(app);
    expect(code).toBe(503);
    const to = `TO "${role}_n"`;
    expect(check('rights')?.detail).toContain(
      `Role ${role}_n may not create schema console. Have the owner of database ${check('database')?.detail.split(' ')[1]} run: ` +
        `CREATE SCHEMA console AUTHORIZATION "${role}_n"; GRANT USAGE ON SCHEMA atp ${to}; ` +
        `GRANT SELECT ON atp.training, atp.prediction, atp.media, public.flyway_schema_history ${to}; ` +
        `GRANT UPDATE ON atp.training, atp.media ${to}. Then run pnpm db:migrate.`,
    );
    expect(check('rights')?.missing).toContain('UPDATE on atp.media');
  });

  test('without rights on the totals it is ready, degraded, and says that evaluations are slow', async () => {
    const app = await startAs(`${role}_t`, [...production, ...own.filter((grant) => !grant.includes('evaluation'))]);
    const { code, check } = await ready(app);
    expect(code).toBe(200);
    expect(check('evaluation')).toMatchObject({ status: 'degraded' });
    expect(check('evaluation')?.missing).toContain('DELETE on console.evaluation_change');
    expect((await app.call('GET', '/prediction/evaluation')).status).toBe(200);
  });

  test('without rights on console it is not ready and says which, and no label is half written', async () => {
    const app = await startAs(`${role}_b`, production);
    const { code, says, check } = await ready(app);
    expect([code, says]).toEqual([503, 'not ready']);
    expect(check('schemas')).toMatchObject({ status: 'failed', missing: ['console'] });
    expect(check('schemas')?.detail).toMatch(
      new RegExp(
        `^Role ${role}_b lacks rights\\. Have the owner of .* run: GRANT USAGE, CREATE ON SCHEMA console TO "${role}_b"\\.`,
      ),
    );
    expect(check('rights')).toMatchObject({ status: 'failed' });
    for (const name of ['rights', 'migrations']) expect(check(name)?.detail).not.toContain('does not answer');
    expect((await app.call('PATCH', '/training/tt0000001/would_watch')).status).toBe(503);
    const { body } = await app.call<{ label: null }>('GET', '/training/tt0000001');
    expect(body.label).toBe(null);
  });
});

describe('meta', () => {
  test('says version, schemas, and what is configured', async () => {
    const app = await start({
      config: {
        ENVIRONMENT: 'kitchen',
        REAR_DIFF_PREFIX: '/v1/api/',
        REAR_DIFF_TRANSMISSION_HOST: 'transmission',
        AT_REEL_DRIVER_THRESHOLD: '0.5',
      },
    });
    const facts = await meta(app);
    expect(facts).toMatchObject({
      prefix: '/v1/api',
      environment: 'kitchen',
      // The embedded server of the tests listens on a socket, which has no host.
      database: { reachable: true, host: process.env.TEST_DATABASE_URL ? expect.any(String) : null, embedded: false },
      schemas: [
        { schema: 'public', version: '6', failed: 0, pending: 0 },
        { schema: 'console', version: shipped.console.at(-1)?.version, failed: 0, pending: 0 },
        { schema: 'console extras', version: shipped['atp-extras'].at(-1)?.version, pending: 0 },
      ],
      demo: false,
      live: 'trigger',
      configured: { files: false, transmission: true, mlflow: false, metadata: false, posters: false },
      operating_threshold: 0.5,
    });
    expect(facts.database.latency_ms).toBeGreaterThan(0);
    expect(Date.parse(facts.started_at)).toBeLessThanOrEqual(Date.now());
  });

  test('names the host of the database and nothing else of its address', async () => {
    // A resolver may take long to say that there is no such host.
    const timing = { connectTimeout: 3_000 };
    const app = await start({ database: 'postgres://someone:hidden@db.invalid:5432/films', timing });
    const { text, body } = await app.call<Meta>('GET', '/meta');
    expect(body.database).toMatchObject({ reachable: false, host: 'db.invalid', name: null });
    expect(text).not.toMatch(/hidden|someone/);
  });

  test('a failed migration is reported, in a history of this project or of another', async () => {
    const app = await start();
    const fail = (checksum: number) =>
      sql`insert into public.flyway_schema_history
        (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
        values (99, '99', 'more', 'SQL', 'V99__more.sql', ${checksum}, 'someone', 1, false)`.execute(app.db);
    await fail(1);
    expect((await meta(app)).schemas[0]).toMatchObject({ version: '6', failed: 1, pending: 1 });
    await sql`update public.flyway_schema_history set checksum = 1 where version = '1'`.execute(app.db);
    expect((await meta(app)).schemas[0]).toMatchObject({ version: '6', failed: 1, pending: null });
  });

  test('what has not run is pending', async () => {
    const { schemas } = await meta(await start({ template: 'plain' }));
    expect(schemas[2]).toMatchObject({
      schema: 'console extras',
      version: null,
      pending: shipped['atp-extras'].length,
    });
  });

  test('says that the titles are the demo catalogue while no other is among them', async () => {
    const app = await start();
    expect((await meta(app)).demo).toBe(false);
    await insertTitles(app.db, [{ imdb_id: demoImdbIds.first }, { imdb_id: demoImdbIds.last }]);
    expect((await meta(app)).demo).toBe(true);
    await insertTitles(app.db, [{ imdb_id: 'tt0111161' }]);
    expect((await meta(app)).demo).toBe(false);
  });

  test('an eight-digit id beyond the catalogue is not the demo', async () => {
    const app = await start();
    await insertTitles(app.db, [{ imdb_id: demoImdbIds.first }, { imdb_id: 'tt99100000' }]);
    expect((await meta(app)).demo).toBe(false);
  });
});
