import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ConfigError } from '@at/config/environment';
import { bareEnvironment, createTestDatabase } from '@at/db/testing';
import fastify from 'fastify';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from './listen.ts';

test('an address that cannot be listened on is one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  for (const [host, at, reason] of [
    ['127.0.0.1', port, 'another program uses the port'],
    ['203.0.113.1', 0, 'this machine has no such address'],
    ['nowhere.invalid', 0, 'there is no such host'],
  ] as const) {
    const refused = listen(fastify(), { host, port: at });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(
      `The API cannot listen on ${host}:${at}: ${reason}. Set API_HOST or API_PORT.`,
    );
  }
});

test('the process does not start on a database whose sessions cannot be right', async () => {
  const database = await createTestDatabase('plain');
  const admin = new pg.Client(database.connectionString);
  await admin.connect();
  onTestFinished(async () => {
    await admin.end();
    await database.drop();
  });
  await admin.query(`ALTER DATABASE ${database.name} SET session_replication_role = 'replica'`);
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const started = promisify(execFile)(process.execPath, [main], {
    cwd: tmpdir(),
    env: { ...bareEnvironment(), DATABASE_URL: database.connectionString },
  });
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^The session of role \w+ has session_replication_role = "replica" [^\n]*\.\n$/),
  });
});
