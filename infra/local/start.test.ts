import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bareEnvironment, clusterParent, createTestDatabase } from '@at/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../packages/adapters/test/transmission-daemon.ts';

/** `pnpm start` as a process: what it says when it cannot start, in one sentence. */

const script = fileURLToPath(new URL('start.ts', import.meta.url));
const workspace = mkdtempSync(join(clusterParent, 'at-test-start-'));
// A start builds the console when its sources have changed, which takes longer than a test.
beforeAll(async () => {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../../apps/console/build.ts', import.meta.url))]);
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

type Started = { child: ChildProcess; ended: Promise<{ code: number | null; said: string }> };

function run(command: string, args: string[], environment: Record<string, string>): Started {
  const child = spawn(command, args, {
    env: { ...bareEnvironment(), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, said: said.trim() })) };
}

const start = (environment: Record<string, string>) => run(process.execPath, [script, '--empty'], environment);

const secret = 'hunter2-of-mine';

test('what prevents a start is one sentence that says what to do, without a stack or a password', async () => {
  const file = join(workspace, 'file');
  writeFileSync(file, '');
  const database = await createTestDatabase('plain');
  const admin = new pg.Client(database.connectionString);
  await admin.connect();
  const role = `${database.name}_role`;
  await admin.query(`DROP SCHEMA console CASCADE; CREATE ROLE ${role} LOGIN PASSWORD '${secret}'`);
  onTestFinished(async () => {
    await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await admin.end();
    await database.drop();
  });
  const { host, port } = admin;
  const other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port: taken } = other.address() as { port: number };

  const cases: [environment: Record<string, string>, sentence: RegExp][] = [
    [{ DATA_DIR: file }, /^The data directory .*file cannot be used, because it is a file: fix that, or set DATA_DIR/],
    [
      { API_PORT: String(taken) },
      /^Port \d+ is taken by another program\. Stop it, or set API_PORT to another port\.$/,
    ],
    [
      {
        DATABASE_URL: `postgres://${role}:${secret}@localhost/${database.name}?host=${encodeURIComponent(host)}&port=${port}`,
      },
      /^Role \w+ may not create schema console\. Have the owner of database \w+ run: CREATE SCHEMA console AUTHORIZATION .*GRANT USAGE ON SCHEMA atp .*\. Then run `pnpm db:migrate` with the same settings\.$/,
    ],
  ];
  const outcomes = await Promise.all(
    cases.map(
      async ([environment]) =>
        start({ DATA_DIR: join(workspace, 'unused'), API_PORT: String(await freePort()), ...environment }).ended,
    ),
  );
  for (const [i, [, sentence]] of cases.entries()) {
    const { code, said } = outcomes[i] as (typeof outcomes)[0];
    expect(said).toMatch(sentence);
    expect(said.split('\n')).toHaveLength(1);
    expect(said).not.toContain(secret);
    expect(code).toBe(1);
  }
});

// The disk is the test's own, which only root makes everywhere.
test.runIf(process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0)(
  'a disk that fills up with the demo is said to be full',
  async () => {
    const directory = mkdtempSync(join(workspace, 'small-'));
    const mounted = ['--mount', 'sh', '-c', `mount -t tmpfs -o size=50m none ${directory} && exec "$@"`, 'sh'];
    const { ended } = run('unshare', [...mounted, process.execPath, script], {
      DATA_DIR: directory,
      API_PORT: String(await freePort()),
    });
    expect(await ended).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^The disk of \S+ is full: free space on it, or set DATA_DIR to another directory\.$/,
      ),
    });
  },
);

test('of two first starts on one data directory one wins and the other says so; a third one names its address', async () => {
  const directory = join(workspace, 'data');
  const ports = [await freePort(), await freePort()];
  const starts = ports.map((port) => start({ DATA_DIR: directory, API_PORT: String(port) }));
  const answering = (port: number) =>
    fetch(`http://127.0.0.1:${port}/rear-diff/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const loser = await Promise.race(starts.map(async ({ ended }, i) => ({ i, ...(await ended) })));
  // Preceded by the address of the winner, if that is up already.
  expect(loser.said).toMatch(/Another PostgreSQL .*: stop it, or set DATA_DIR to another directory\.$/);
  expect(loser.code).toBe(1);
  const winner = starts[1 - loser.i] as Started;
  const port = ports[1 - loser.i] as number;
  while (!(await answering(port))) {
    expect(winner.child.exitCode).toBeNull();
    await setTimeout(20);
  }
  await expect.poll(() => existsSync(join(directory, 'running.json'))).toBe(true);
  const third = await start({ DATA_DIR: directory, API_PORT: String(await freePort()) }).ended;
  expect(third.said).toContain(
    `It is already running with the data in ${directory}, at http://localhost:${port}. Another`,
  );
  winner.child.kill('SIGINT');
  expect((await winner.ended).code).toBe(0);
});
