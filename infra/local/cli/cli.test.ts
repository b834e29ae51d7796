import { execFile, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { buildApp } from '@at/api/app';
import { readConfig } from '@at/api/config';
import { createDeps, type Deps } from '@at/api/deps';
import { bareEnvironment, createTestDatabase, emptyTables } from '@at/db/testing';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { runCommand } from './run-command.ts';

/** The terminal client against the real API: its commands in this process, and that the program runs them. */

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const key = 'the-secret-of-otto';
const adminKey = 'the-secret-of-ada';

let deps: Deps;
let url: string;
beforeAll(async () => {
  const database = await createTestDatabase('plain');
  const environment = {
    API_KEYS: `otto:operator:${key},ada:admin:${adminKey}`,
    AT_MOVIE_RATINGS_API_KEY: 'key',
    QUEUE_PROVIDER_URL: 'http://127.0.0.1:1',
  };
  const config = readConfig({ ...environment, DATABASE_URL: database.connectionString });
  const made = createDeps({ ...config, database: database.connectionString }, { embedded: false });
  deps = made;
  // No worker does the runs.
  made.runPatience = 0;
  const app = await buildApp(made);
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return async () => {
    await app.close();
    await made.close();
    await database.drop();
  };
});
beforeAll(() => {
  vi.stubEnv('TZ', 'UTC');
  return () => void vi.unstubAllEnvs();
});
const forget = () => emptyTables(deps.db, 'console.run', 'console.run_log');
beforeEach(forget);

type Result = { code: number; out: string; said: string };

const environment = () => ({ ...bareEnvironment(), AT_URL: url, AT_API_KEY: key, TZ: 'UTC' });

async function cli(args: string[], more: Record<string, string> = {}): Promise<Result> {
  let [out, said] = ['', ''];
  const code = await runCommand(args, {
    environment: { ...environment(), ...more },
    print: (output) => {
      out += `${typeof output === 'string' ? output : JSON.stringify(output)}\n`;
    },
    progress: () => {},
    complain: (sentence) => {
      said += `${sentence}\n`;
    },
  });
  return { code, out, said };
}

/** The program as a process. */
function program(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { env: environment() }, (_error, out, said) =>
      resolve({ code: child.exitCode ?? -1, out, said }),
    );
  });
}

/** A run that has ended, or that goes on. */
async function insertRun(outcome: 'completed' | 'failed' | null, message = 'It broke.'): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    with run as (
      insert into console.run (task, params, trigger, requested_by, outcome, finished_at, created_at)
      values ('media.trash_purge', '{}', 'manual', 'ann', ${outcome}, ${outcome && sql`'2025-01-02 00:01:00+00'`}, '2025-01-02')
      returning id
    ), step as (
      insert into console.step (run_id, task, params, queue, job_id, outcome, started_at, finished_at, progress, error)
      select id, 'media.trash_purge', '{}', 'disk', '00000000-0000-4000-8000-000000000001', ${outcome}, '2025-01-02 00:00:50+00',
        ${outcome && sql`'2025-01-02 00:01:00+00'`}::timestamptz, '{"done": 2, "total": 3, "unit": "files"}',
        ${outcome === 'failed' ? JSON.stringify({ type: 'Error', message }) : null}::jsonb from run returning id
    ), attempt as (
      insert into console.step_attempt (job_id, retry_count, step_id, worker_id, started_at)
      select '00000000-0000-4000-8000-000000000001', 0, id, gen_random_uuid(), '2025-01-02 00:00:50+00' from step
    )
    select id from run
  `.execute(deps.db);
  return (rows[0] as { id: string }).id;
}

async function end(id: string): Promise<void> {
  await sql`update console.step set outcome = 'completed', finished_at = now() where run_id = ${id}`.execute(deps.db);
  await sql`update console.run set outcome = 'completed', finished_at = now() where id = ${id}`.execute(deps.db);
}

const log = (seq: number, message: string, at = '2025-01-02 00:00:55+00') =>
  sql`
    insert into console.run_log (job_id, retry_count, seq, at, level, message)
    values ('00000000-0000-4000-8000-000000000001', 0, ${seq}, ${at}, 'warn', ${message})
  `.execute(deps.db);

test('lists runs as a table, and for scripts as the reply of the API', async () => {
  const id = await insertRun('failed');
  const { code, out } = await cli(['runs', '--state', 'failed,timeout']);
  expect([code, out.split('\n').map((line) => line.split(/ {2,}/))]).toMatchObject([
    0,
    [
      ['run', 'task', 'state', 'progress', 'subject', 'started by', 'created', 'took'],
      [id, 'media.trash_purge', 'failed', '2 of 3 files', '-', 'ann', '2025-01-02 00:00:00', '10.0 s'],
      [''],
    ],
  ]);
  expect(JSON.parse((await cli(['runs', '--json'])).out)).toMatchObject({ data: [{ id, state: 'failed' }] });
  expect((await cli(['runs', '--state', 'completed'])).out).toBe('No run matches.\n');
});

test('a program prints what a command prints, says why it was not done, and ends with its exit code', async () => {
  const id = await insertRun('failed');
  expect(await program('run', id, '--json')).toEqual(await cli(['run', id, '--json']));
  expect((await program('run', id, '--follow')).code).toBe(1);
  expect(await program('nothing')).toEqual(await cli(['nothing']));
});

test('shows a run, without what a terminal would obey', async () => {
  const id = await insertRun('failed', 'It \u001b[31mbroke\u001b[0m \u202e.');
  const { code, out } = await cli(['run', id]);
  expect(code).toBe(0);
  expect(out).toContain('Error       Error: It [31mbroke[0m .');
  expect(out).toContain('Attempt 1   in progress');
});

test('follows a run to its end, whose outcome is the exit code', async () => {
  expect((await cli(['run', await insertRun('failed'), '--follow'])).code).toBe(1);
  await forget();
  const id = await insertRun(null);
  const following = cli(['run', id, '--follow', '--json']);
  await end(id);
  const { code, out } = await following;
  expect([code, JSON.parse(out)]).toMatchObject([0, { id, state: 'completed' }]);
});

test('prints the lines of a run, and those that come until it ends', async () => {
  const id = await insertRun(null);
  await log(0, 'The first');
  expect((await cli(['logs', id])).out).toBe('2025-01-02 00:00:55  warn   1  The first\n');
  const following = cli(['logs', id, '--follow', '--search', 'second']);
  await log(1, 'The second');
  await end(id);
  expect((await following).out).toBe('2025-01-02 00:00:55  warn   1  The second\n');
});

test('prints the lines of all runs, and follows them live', async () => {
  await insertRun(null);
  await log(0, 'The first');
  const child = spawn(process.execPath, [main, 'logs', '--follow', '--level', 'warn'], { env: environment() });
  onTestFinished(() => void child.kill());
  let out = '';
  const has = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => out.includes(text) && resolve();
      child.stdout.on('data', look);
      look();
    });
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  await has('The first');
  await log(1, 'The second', new Date().toISOString());
  await sql`select pg_notify('console_run_log', '')`.execute(deps.db);
  await has('The second');
  expect(out).toMatch(/^2025-01-02 00:00:55 {2}warn {3}1 {2}The first {2}\[media.trash_purge\]\n\S+ \S+ {2}warn .+\n$/);
});

test('cancels and retries, and says why it cannot', async () => {
  const id = await insertRun('failed');
  expect(await cli(['retry', id])).toMatchObject({ code: 3, said: expect.stringContaining('admin') });
  const retry = () => cli(['retry', id], { AT_API_KEY: adminKey });
  expect(await retry()).toMatchObject({ code: 0, out: `The run continues: run ${id}\n` });
  expect(await retry()).toMatchObject({ code: 3, said: expect.stringMatching(/^The run is waiting/) });
  expect(await cli(['cancel', id, '--json'])).toMatchObject({
    code: 0,
    out: expect.stringContaining(`"run_id":"${id}"`),
  });
  expect(await cli(['cancel', id])).toMatchObject({
    code: 3,
    said: expect.stringMatching(/^The run was cancelled/),
  });
});

/** An item that has rested as long as its status says, with a run that has ended. */
async function insertItem(code: string | null, status: 'completed' | 'error'): Promise<string> {
  const run = '00000000-0000-4000-8000-00000000000a';
  const isDone = status === 'completed';
  const { rows } = await sql<{ id: number }>`
    insert into console.queue_item (file_path, file, movie_code, actress, metadata_json, new_path, published_at, failed_run_id,
      failed_step, error_message, created_at)
    values (${`/watch/${code}.mkv`}, '{}', ${code}, 'Ann', '{}', ${isDone ? `/library/${code}.mkv` : null},
      ${isDone ? '2025-01-02' : null}, ${isDone ? null : run}, ${isDone ? null : 'metadata'},
      ${isDone ? null : 'It is \u001b[31munknown.'}, '2025-01-02 00:00:00+00')
    returning id
  `.execute(deps.db);
  return String(rows[0]?.id);
}

describe('the queue', () => {
  beforeEach(() => emptyTables(deps.db, 'console.queue_item'));

  test('is listed, filtered, and shown item by item, without what a terminal would obey', async () => {
    const done = await insertItem('ABC-1', 'completed');
    const failed = await insertItem('ABC-2', 'error');
    const { code, out } = await cli(['queue', 'list', '--status', 'error']);
    expect([code, out.split('\n').map((line) => line.split(/ {2,}/))]).toMatchObject([
      0,
      [
        ['item', 'status', 'code', 'performer', 'error or file', 'created'],
        [failed, 'error', 'ABC-2', 'Ann', 'It is [31munknown.', '2025-01-02 00:00:00'],
        ['1 of 1 items'],
        [''],
      ],
    ]);
    expect(JSON.parse((await cli(['queue', '--json', '--search', 'abc-1'])).out)).toMatchObject({ total: 1 });
    expect((await cli(['queue', 'show', done])).out).toContain('File          /library/ABC-1.mkv');
    expect((await cli(['queue', 'list', '--search', 'nothing'])).out).toBe('No item matches.\n');
    expect((await cli(['queue', 'stats'])).out).toMatch(/completed +1\n[\s\S]*error +1\n[\s\S]*FileProcessor +stopped/);
    expect(await cli(['queue', 'show', '999'])).toMatchObject({
      code: 3,
      said: 'No item of the queue has the id 999.\n',
    });
  });

  test('is retried and taken through a step; a refusal is exit code 3 with the reason', async () => {
    const failed = await insertItem('ABC-2', 'error');
    const none = await insertItem(null, 'completed');
    expect(await cli(['queue', 'retry', '--all'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 item is being retried: run [\da-f-]{36}\n$/),
    });
    expect(await cli(['queue', 'retry', none])).toMatchObject({
      code: 3,
      said: expect.stringMatching(/^Only an item that has failed/),
    });
    expect(await cli(['queue', 'action', failed, 'fetch-metadata', '--fresh'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The metadata are being fetched: run /),
    });
    expect(await cli(['queue', 'action', none, 'fetch-metadata'])).toMatchObject({
      code: 3,
      said: 'The item has no code. Read the code first (extract-code), or set it by hand.\n',
    });
  });

  test('is cleaned up only when that is confirmed', async () => {
    await insertItem('ABC-1', 'completed');
    const admin = { AT_API_KEY: adminKey };
    expect((await cli(['queue', 'cleanup', '--days', '0'], admin)).out).toBe(
      '1 item would be removed. Remove them with --yes\n',
    );
    const { code, out } = await cli(['queue', 'cleanup', '--days', '0', '--yes', '--json'], admin);
    expect([code, JSON.parse(out)]).toMatchObject([0, { deleted_count: 0, run_id: expect.any(String) }]);
  });

  test.each([
    [['dance'], /^queue can list, show, retry, action, cleanup, stats; it cannot dance\./],
    [['show', 'x'], /^Name items by their numbers/],
    [['retry'], /^Name items by their numbers, or all in error/],
    [['action', '1', 'sing'], /^Name an item and what to do with it: extract-code, /],
    [['cleanup', '--days', 'x'], /^--days is a number/],
  ])('%j is a wrong command', async (args, sentence) => {
    expect(await cli(['queue', ...args])).toEqual({ code: 2, out: '', said: expect.stringMatching(sentence) });
  });
});

test('starts a refresh of metadata', async () => {
  const { code, out } = await cli(['refresh-metadata', 'tt0000001', 'tt0000002']);
  expect([code, out]).toEqual([0, expect.stringMatching(/^Metadata refresh started: run [\da-f-]{36}\n$/)]);
  expect((await cli(['refresh-metadata', 'tt0000001'])).said).toBe('No training data found with IMDB ID: tt0000001\n');
});

test('explains itself, and what is wrong with a command', async () => {
  expect(await cli(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('refresh-metadata <imdb id>') });
  const wrong: [string[], RegExp][] = [
    [['nothing'], /^There is no command nothing\. Commands: runs, /],
    [['run'], /^Name one run by its id/],
    [['runs', '--colour'], /^Unknown option '--colour'/],
    [['refresh-metadata'], /^Name titles by their IMDb ids/],
    [['refresh-metadata', 'tt0000001', '--without-facts'], /^Name titles by their IMDb ids/],
  ];
  await Promise.all(
    wrong.map(async ([args, sentence]) =>
      expect([args, await cli(args)]).toEqual([args, { code: 2, out: '', said: expect.stringMatching(sentence) }]),
    ),
  );
});

test('says in a sentence what an API refuses, and that none answers; a key is never shown', async () => {
  const refused: [string[], Record<string, string>, RegExp][] = [
    [['runs'], { AT_API_KEY: '' }, /Set AT_API_KEY\.\n$/],
    [['runs'], { AT_API_KEY: 'another-key-of-otto' }, /^(?!.*another-key).*Set AT_API_KEY\.\n$/],
    [['runs', '--state', 'away'], {}, /state/],
    [
      ['runs', '--url', 'http://127.0.0.1:2'],
      {},
      /^Nothing answers at http:\/\/127\.0\.0\.1:2\. Start the product, or/,
    ],
    [['runs', '--url', 'no address'], {}, /^no\.\.\. is no address\./],
  ];
  await Promise.all(
    refused.map(async ([args, environment, sentence]) =>
      expect([args, await cli(args, environment)]).toEqual([
        args,
        { code: 3, out: '', said: expect.stringMatching(sentence) },
      ]),
    ),
  );
});
