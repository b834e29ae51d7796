import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@at/adapters/test/transmission-daemon';
import { bareEnvironment } from '@at/db/testing';

/** The API as its image runs it: a process of its own, which can be killed, and whose memory is its own. */

export type ApiProcess = {
  port: number;
  /** Asks below the prefix; rejects while there is no process. */
  ask: (path: string, init?: RequestInit) => Promise<Response>;
  /** Resident memory in MB; undefined where there is no /proc. */
  memory: () => number | undefined;
  /** Ends it as nothing can prevent. */
  kill: () => Promise<void>;
  /** Ends it as a supervisor does, and gives its exit code. */
  stop: () => Promise<number | null>;
};

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

type Options = { port?: number; environment?: Record<string, string> };

/** Starts the API and waits until it answers. */
export async function startApi(database: string, { port, environment }: Options = {}): Promise<ApiProcess> {
  const chosen = port ?? (await freePort());
  const child = spawn(process.execPath, ['--max-semi-space-size=2', main], {
    // Away from any .env, whose values would count.
    cwd: tmpdir(),
    env: {
      ...bareEnvironment(),
      DATABASE_URL: database,
      API_PORT: `${chosen}`,
      LOG_LEVEL: 'CRITICAL',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  // The process ends with the test, even if the test fails.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  exited.then(() => process.removeListener('exit', kill));

  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${chosen}/rear-diff${path}`, init);
  const answers = () =>
    ask('/health').then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`The API ended with ${child.exitCode}.`);
    // Without a pause the requests would slow down the start.
    await setTimeout(20);
  }

  const statistics = `/proc/${child.pid}/statm`;
  return {
    port: chosen,
    ask,
    memory: () =>
      existsSync(statistics)
        ? Math.round((4096 * Number(readFileSync(statistics, 'latin1').split(' ')[1])) / 2 ** 20)
        : undefined,
    kill: async () => {
      kill();
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}
