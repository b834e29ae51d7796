import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Problem } from '@at/contracts/problem';
import type { Meta, Readiness } from '@at/contracts/system';
import { createDb, createPool } from '@at/db/client';
import { startCluster } from '@at/db/embedded';
import { migrate, migrationSets } from '@at/db/migrate';
import { startProxy } from '@at/db/test-proxy';
import { deepLimit, sized } from '@at/db/test-size';
import { clusterParent } from '@at/db/testing';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

const id = 'tt2759766';

/** Sends every kind of request while the database is unavailable. */
async function expectUnavailable(app: TestApp): Promise<void> {
  const questions = [
    '/training',
    '/training/stats',
    `/training/${id}`,
    `/training/${id}/history`,
    '/training/sessions',
    '/training/export?format=ndjson',
    '/views',
    '/settings',
    '/movies/',
    `/movies/${id}`,
    '/prediction/',
    '/prediction/evaluation',
    '/prediction/slices',
  ];
  const changes = [`/training/${id}/would_watch`, `/training/${id}/reviewed`];
  const replies = await Promise.all([
    ...[...questions, '/flyway', '/flyway/migrations'].map((path) => app.call<Problem>('GET', path)),
    ...changes.map((path) =>
      app.call<Problem>('PATCH', path, path.endsWith('reviewed') ? { body: { imdb_id: id } } : {}),
    ),
    app.call<Problem>('POST', `/training/${id}/undo`, { body: { event_id: 1 } }),
  ]);
  for (const { status, headers, body } of replies) {
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(body.error).toMatch(/^Database error( occurred)?$/);
    expect(body.details).toMatch(/database/i);
  }
  const [ready, meta, health] = await Promise.all([
    app.call<Readiness>('GET', '/readyz'),
    app.call<Meta>('GET', '/meta'),
    app.call('GET', '/health'),
  ]);
  expect(ready.status).toBe(503);
  expect(Number(ready.headers['retry-after'])).toBeGreaterThan(0);
  expect(ready.body.status).toBe('not ready');
  expect(ready.body.checks.find(({ name }) => name === 'database')?.status).toBe('failed');
  expect(meta.status).toBe(200);
  expect(meta.body.database).toMatchObject({ reachable: false, latency_ms: null });
  expect(health.status).toBe(200);
}

// In parallel: they wait for timeouts and servers, not for this machine.
describe.concurrent('the database is unreachable', () => {
  test('an unreachable database is 503 until it is back, without a restart of the API', async ({ onTestFinished }) => {
    const directory = await mkdtemp(join(clusterParent, 'at-outage-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    let cluster = await startCluster({ directory, durable: false });
    onTestFinished(() => cluster.stop());
    const database = cluster.connectionString('postgres');
    for (const set of [migrationSets.atp, migrationSets.console]) await migrate(database, set);
    const app = await startTestApp({ database });
    onTestFinished(() => app.close());
    await insertTitles(app.db, [{ imdb_id: id }]);
    // Several at once, so that more than one pooled connection is idle when the server goes.
    await Promise.all(Array.from({ length: 8 }, () => app.call('GET', '/training')));

    await cluster.stop();
    await expectUnavailable(app);

    cluster = await startCluster({ directory, durable: false });
    const replies = await Promise.all([
      app.call('GET', '/training'),
      app.call('GET', '/training/stats'),
      app.call('PATCH', `/training/${id}/would_watch`),
      app.call('GET', '/readyz'),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  test('a write whose outcome cannot be known is 503 with the key to repeat it with, and happens once', async ({
    onTestFinished,
  }) => {
    const app = await startTestApp();
    onTestFinished(() => app.close());
    await insertTitles(app.db, [{ imdb_id: id }]);
    const proxy = await startProxy(app.config.database as string);
    onTestFinished(() => proxy.close());
    const proxied = await startTestApp({ database: proxy.connectionString });
    onTestFinished(() => proxied.close());
    const headers = { 'x-actor': 'Anna' };
    const label = (by: TestApp, more = {}) =>
      by.call<Problem>('PATCH', `/training/${id}/would_watch`, { headers: { ...headers, ...more } });

    expect((await proxied.call('PATCH', `/training/${id}/reviewed`, { body: { imdb_id: id } })).status).toBe(200);
    proxy.refuse();
    proxy.breakAt('after', headers['x-actor']);
    const { status, body } = await label(proxied);
    expect([status, body.error]).toEqual([503, 'Outcome unknown']);
    expect(body.message).toContain(`Idempotency-Key: ${body.idempotency_key}`);
    const repeated = await label(app, { 'idempotency-key': body.idempotency_key });
    expect([repeated.status, repeated.headers['idempotency-replayed']]).toEqual([200, 'true']);
    const { body: history } = await app.call<{ data: { actor: string }[] }>('GET', `/training/${id}/history`);
    expect(history.data.map(({ actor }) => actor)).toEqual(['Anna', 'anonymous']);
  });

  test('a repeated request whose first one was interrupted reports so, and changes nothing', async ({
    onTestFinished,
  }) => {
    const app = await startTestApp();
    onTestFinished(() => app.close());
    await insertTitles(app.db, [{ imdb_id: id }]);
    const label = () =>
      app.call<{ file_deletion_warning: string }>('PATCH', `/training/${id}/would_not_watch`, {
        headers: { 'idempotency-key': 'a key' },
      });
    expect((await label()).status).toBe(200);
    // As a process leaves it that is killed after the commit.
    await app.db.updateTable('console.write').set({ effects: null }).execute();
    const { status, body } = await label();
    expect([status, body.file_deletion_warning]).toEqual([200, expect.stringContaining('was interrupted')]);
    const { body: history } = await app.call<{ data: unknown[] }>('GET', `/training/${id}/history`);
    expect(history.data).toHaveLength(1);
  });

  test('a server that accepts connections and sends nothing is 503 after the connect timeout', async ({
    onTestFinished,
  }) => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const app = await startTestApp({
      database: `postgres://someone:hidden@127.0.0.1:${port}/nowhere`,
      timing: { connectTimeout: sized(500, 5_000) },
    });
    onTestFinished(() => app.close());
    const began = performance.now();
    const [list, title, written, ready] = await Promise.all([
      app.call<Problem>('GET', '/training'),
      app.call<Problem>('GET', `/training/${id}`),
      app.call<Problem>('PATCH', `/training/${id}/would_watch`),
      app.call<Readiness>('GET', '/readyz'),
    ]);
    // All checks of readyz together take no longer than the connect timeout.
    expect(performance.now() - began).toBeLessThan(deepLimit(8_000));
    for (const { status, headers, body } of [list, title, written]) {
      expect(status).toBe(503);
      expect(headers['retry-after']).toBeDefined();
      expect(body.details).toBe('The database is unreachable.');
    }
    expect(ready.status).toBe(503);
    const failed = ready.body.checks.filter(({ status }) => status === 'failed');
    expect(failed.map(({ name }) => name)).toEqual([
      'database',
      'schemas',
      'rights',
      'migrations',
      'indexes',
      'triggers',
      'evaluation',
      'outbox',
    ]);
    // There are more checks than connections, so the last ones wait for one.
    for (const { detail } of failed)
      expect(detail).toMatch(/^(The database is unreachable|No connection to the database became free in time)\.$/);
  });

  test('a refused password is 503, and is not in the reply', async ({ onTestFinished }) => {
    const closed = createServer((socket) => {
      // What a server says to a wrong password: ErrorResponse, severity, SQLSTATE 28P01, message.
      const fields = Buffer.from('SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "someone"\0\0');
      const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4]);
      socket.on('error', () => {}).end(Buffer.concat([head, fields]));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void closed.close());
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as { port: number };
    const app = await startTestApp({ database: `postgres://someone:hidden@127.0.0.1:${port}/nowhere` });
    onTestFinished(() => app.close());
    const { status, body, text } = await app.call<Problem>('GET', `/training/${id}`);
    expect(status).toBe(503);
    expect(body.details).toBe('The database refuses the configured user, password or database name.');
    expect(text).not.toMatch(/hidden|someone|nowhere/);
  });

  test('a statement that runs too long is 503 with a message, and changes nothing', async ({ onTestFinished }) => {
    const app = await startTestApp({
      timing: { statementTimeout: 2_000 },
    });
    onTestFinished(() => app.close());
    const patient = createDb(createPool({ connection: app.config.database as string }));
    onTestFinished(() => patient.destroy());
    await insertTitles(patient, [{ imdb_id: id }]);
    await sql
      .raw(`create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
        create trigger slow before update on atp.training for each row execute function slow()`)
      .execute(patient);
    const written = await app.call<Problem>('PATCH', `/training/${id}/would_watch`);
    expect(written.status).toBe(503);
    expect(written.body).toMatchObject({ error: 'Database error' });
    expect(written.body.message).toBe('The write took too long. Nothing was changed; try again.');
    expect(await patient.selectFrom('atp.training').select('label').execute()).toEqual([{ label: null }]);
    expect(await patient.selectFrom('console.label_event').selectAll().execute()).toEqual([]);
    await sql`drop trigger slow on atp.training`.execute(patient);
    expect((await app.call('PATCH', `/training/${id}/would_watch`)).status).toBe(200);
  });
});
