import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMediaServer } from '@at/adapters/test/fake-media-server';
import { startProvider } from '@at/adapters/test/fake-provider';
import { bareEnvironment, createTestDatabase } from '@at/db/testing';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

/** The worker as a supervisor runs it. */

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function run(name: string, environment: Record<string, string>): { child: ChildProcess; said: () => string } {
  // Away from any .env, whose values would count.
  const child = spawn(process.execPath, [fileOf(name)], {
    cwd: tmpdir(),
    env: { ...bareEnvironment(), LOG_LEVEL: 'CRITICAL', ...environment },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  return { child, said: () => said.trim() };
}

test('a setting that cannot be used ends it with one sentence', async () => {
  const cases: [environment: Record<string, string>, sentence: RegExp][] = [
    [{}, /^No database is configured\. Set DATABASE_URL or REAR_DIFF_PGSQL_HOST and _PASSWORD\.$/],
    [{ DATABASE_URL: 'postgres://h/d', REAR_DIFF_FILE_DELETION_ENABLED: 'true' }, /true, but no directory is named\./],
  ];
  await Promise.all(
    cases.map(async ([environment, sentence]) => {
      const { child, said } = run('main.ts', environment);
      expect(await once(child, 'close')).toEqual([1, null]);
      expect(said()).toMatch(sentence);
      expect(said().split('\n')).toHaveLength(1);
    }),
  );
});

test('it purges the trash when the time has come, shows that it lives, and ends on SIGTERM', async () => {
  const root = mkdtempSync(join(tmpdir(), 'at-worker-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, '.rear-differential-root'), '');
  const [old, stray] = ['2020-01-01T00-00-00.000Z_aaaaaaaa', '2020-01-01T00-00-00.000Z_bbbbbbbb'];
  mkdirSync(join(root, '.trash'));
  for (const name of [old, stray]) writeFileSync(join(root, '.trash', name), '');
  const database = await createTestDatabase('plain');
  onTestFinished(() => database.drop());
  const client = new pg.Client(database.connectionString);
  await client.connect();
  onTestFinished(() => client.end());

  const environment = {
    DATABASE_URL: database.connectionString,
    REAR_DIFF_FILE_DELETION_ENABLED: 'true',
    REAR_DIFF_MEDIA_CACHE_PATH: root,
  };
  const isHealthy = async () => (await once(run('health.ts', environment).child, 'close'))[0] === 0;
  expect(await isHealthy()).toBe(false);
  const { child } = run('main.ts', environment);
  const rows = async (text: string) => (await client.query(text)).rows;
  await expect
    .poll(() => rows('SELECT tasks FROM console.worker'))
    .toEqual([{ tasks: expect.arrayContaining(['maintenance.cleanup', 'media.trash_purge']) }]);
  expect(await isHealthy()).toBe(true);
  // What burns the processor here does not slow down the API.
  expect(getPriority(child.pid)).toBeGreaterThan(getPriority());

  const scheduled = `SELECT name, next_fire_at > now() AS waits FROM console.run_schedule
    WHERE task IN (SELECT unnest(tasks) FROM console.worker) ORDER BY name`;
  expect(await rows(scheduled)).toEqual(
    expect.arrayContaining([
      { name: 'maintenance.cleanup', waits: true },
      { name: 'media.trash_purge', waits: true },
    ]),
  );
  await client.query(
    `INSERT INTO console.media_removal (at, hash, links, trashed, deleted) VALUES ('2020-01-01', $1, '{}', $2, '{}')`,
    ['a'.repeat(40), JSON.stringify([{ root: 'cache', entry: old, path: 'A film.mkv' }])],
  );
  await client.query(
    `UPDATE console.run_schedule SET next_fire_at = now() - interval '2 days' WHERE name = 'media.trash_purge'`,
  );
  await expect.poll(() => rows('SELECT outcome FROM console.run')).toEqual([{ outcome: 'completed' }]);
  expect(await rows('SELECT output FROM console.step')).toEqual([{ output: { purged: 1 } }]);
  expect([old, stray].map((name) => existsSync(join(root, '.trash', name)))).toEqual([false, true]);
  expect(await rows('SELECT level, message FROM console.run_log')).toEqual([
    { level: 'warn', message: expect.stringContaining(`${stray} stays`) },
  ]);

  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await isHealthy()).toBe(false);
});

test('a file that is dropped into the watch folder comes to the media server', async () => {
  const root = mkdtempSync(join(tmpdir(), 'at-worker-queue-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [watch, library, unprocessed] = ['watch', 'library', 'unprocessed'].map((name) => join(root, name));
  for (const folder of [watch, library, unprocessed] as string[]) {
    mkdirSync(folder);
    writeFileSync(join(folder, '.rear-differential-root'), '');
  }
  const provider = await startProvider();
  provider.facts.set('ABC-123', { title: 'The lantern', actress: ['Ada'] });
  const server = await startMediaServer(library as string, { theirs: '/media' });
  const database = await createTestDatabase('plain');
  const client = new pg.Client(database.connectionString);
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await database.drop();
    await Promise.all([provider.close(), server.close()]);
  });
  run('main.ts', {
    DATABASE_URL: database.connectionString,
    QUEUE_WATCH_PATH: watch as string,
    QUEUE_LIBRARY_PATH: library as string,
    QUEUE_UNPROCESSED_PATH: unprocessed as string,
    QUEUE_PROVIDER_URL: provider.url,
    QUEUE_PROVIDER_TOKEN_URL: provider.settings.tokens?.url as string,
    QUEUE_PROVIDER_CLIENT_ID: provider.settings.tokens?.clientId as string,
    QUEUE_PROVIDER_CLIENT_SECRET: provider.settings.tokens?.clientSecret as string,
    MEDIA_SERVER_URL: server.settings.url,
    MEDIA_SERVER_API_KEY: server.settings.key,
    MEDIA_SERVER_PATH: '/media',
  });
  writeFileSync(join(watch as string, 'abc-123.mkv'), 'a film');
  const status = async () => (await client.query('SELECT status FROM console.queue_item_state')).rows;
  await expect.poll(status, { timeout: 60_000 }).toEqual([{ status: 'completed' }]);
  const path = 'Ada/Ada - [No Sub] ABC-123 The lantern.mkv';
  expect(readFileSync(join(library as string, path), 'utf8')).toBe('a film');
  expect([...server.items.values()]).toMatchObject([{ Path: `/media/${path}`, LockData: true }]);
});
