import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '#harness/browser.ts';

/**
 * What a newcomer to the project does, on a clean clone of what is committed: the README's commands typed as they
 * stand there, as root and as another user, twice, elsewhere, and on a database of their own. `--with-test` also runs
 * the README's test command in the clone (on a clean checkout that has just been done by itself).
 */

const repository = fileURLToPath(new URL('../..', import.meta.url));
const workspace = mkdtempSync(join(tmpdir(), 'newcomer-'));
const command = ['npx', '--yes', 'pnpm@12'] as const;
const isRoot = process.getuid?.() === 0;
const cold = 60_000;
const warm = 6_000;

const running = new Set<ChildProcess>();
const figures: string[] = [];
let passed = 0;

function check(condition: unknown, guarantee: string, detail = ''): asserts condition {
  if (!condition) throw new Error(`Not so: ${guarantee}\n${detail}`);
}

async function guarantee(title: string, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await work();
  passed += 1;
  console.log(`✓ ${title} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

/** The environment of a new user: no variables of this run, none of its programs on the path. */
function newcomersEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((part) => !part.includes('node_modules') && !part.startsWith(repository))
    .join(delimiter);
  const { HOME, LANG, CHROME_PATH, CI } = process.env;
  return { PATH, HOME, LANG, ...(CHROME_PATH ? { CHROME_PATH } : {}), ...(CI ? { CI } : {}), ...extra };
}

type Started = {
  url: string;
  output: () => string;
  /** Milliseconds until the first films came from the API. */
  took: number;
  /** Ctrl-C, as a terminal sends it: to the whole group. */
  interrupt: () => Promise<void>;
  pid: number;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

function run(
  directory: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  as: string[] = [],
): { child: ChildProcess; output: () => string } {
  const [program, ...rest] = [...as, ...command, ...args];
  const child = spawn(program as string, rest, {
    cwd: directory,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

type Films = { data: { media_title: string }[]; pagination: { total: number } };

async function askForFilms(url: string): Promise<Films | undefined> {
  try {
    const response = await fetch(`${url}/rear-diff/training?limit=1`, { signal: AbortSignal.timeout(1_000) });
    return response.ok ? ((await response.json()) as Films) : undefined;
  } catch {
    return undefined;
  }
}

/** Starts and waits for the first answer of the API. */
async function start(
  directory: string,
  { env = {}, as = [], limit = cold }: { env?: Record<string, string>; as?: string[]; limit?: number } = {},
): Promise<Started> {
  const port = await freePort();
  const began = performance.now();
  const { child, output } = run(directory, ['start'], newcomersEnvironment({ API_PORT: String(port), ...env }), as);
  const url = `http://127.0.0.1:${port}`;
  while (!(await askForFilms(url))) {
    check(child.exitCode === null, 'start goes on until it is stopped', output());
    check(performance.now() - began < 3 * limit, `start answers within ${(3 * limit) / 1000} s`, output());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const took = performance.now() - began;
  const pid = child.pid as number;
  return {
    url,
    output,
    took,
    pid,
    interrupt: async () => {
      process.kill(-pid, 'SIGINT');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    },
  };
}

/** Runs to the end. Returns the exit code and the output. */
async function runToEnd(
  directory: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; text: string }> {
  const { child, output } = run(directory, args, newcomersEnvironment(env));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text: output() };
}

/** Processes whose command line names a directory. */
function processesOf(directory: string): string[] {
  if (!existsSync('/proc/self/cmdline')) {
    return spawnSync('pgrep', ['-fl', directory], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(directory) ? `${pid} ${line}` : [];
      } catch {
        return [];
      }
    });
}

async function expectNothingLeft(directory: string): Promise<void> {
  // The first process of the group may end before the others.
  const until = performance.now() + 5_000;
  while (processesOf(directory).length > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  check(processesOf(directory).length === 0, 'nothing is left running', processesOf(directory).join('\n'));
}

function clone(name: string): string {
  const directory = join(workspace, name);
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', repository, directory]);
  return directory;
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

async function firstMinute(): Promise<string> {
  const directory = clone('project');
  await guarantee('one command on a clean clone answers with films, and the console shows one', async () => {
    const first = await start(directory);
    figures.push(`cold start: ${seconds(first.took)}`);
    check(first.took < cold || process.env.CI, `a cold start takes less than ${seconds(cold)}`, seconds(first.took));
    const films = await askForFilms(first.url);
    check((films?.pagination.total ?? 0) > 1_900, 'the demo catalogue is there');
    const browser = await launchBrowser();
    const page = await browser.newPage();
    await page.goto(`${first.url}/training`);
    await page.locator('article[data-imdb-id]').waitFor();
    const sent = page.waitForResponse(/\/would_watch$/);
    await page.keyboard.press('w');
    await page.getByText('1 done').waitFor();
    // The card is painted before the answer is sent, and the browser's storage ends with it.
    check((await sent).ok(), 'the answer is saved');
    await browser.close();

    const again = await runToEnd(directory, ['start'], { API_PORT: new URL(first.url).port });
    check(
      again.code === 1 && again.text.includes('already running'),
      'a second start on the port says who runs',
      again.text,
    );
    const elsewhere = await runToEnd(directory, ['start'], { API_PORT: String(await freePort()) });
    check(
      elsewhere.code === 1 && elsewhere.text.includes(first.url.replace('127.0.0.1', 'localhost')),
      'a second start on the data names the running one',
      elsewhere.text,
    );
    await first.interrupt();
    await expectNothingLeft(directory);
  });

  await guarantee('a warm start is quick, keeps what was labelled, and survives kill -9 of everything', async () => {
    const second = await start(directory, { limit: warm });
    figures.push(`warm start: ${seconds(second.took)}`);
    const response = await fetch(`${second.url}/rear-diff/training/sessions`);
    const { data } = (await response.json()) as { data: { decisions: number }[] };
    check(data[0]?.decisions === 1, 'the answer of the first minute is kept', JSON.stringify(data));
    process.kill(-second.pid, 'SIGKILL');
    await expectNothingLeft(directory);
    const third = await start(directory, { limit: warm });
    figures.push(`start after kill -9: ${seconds(third.took)}`);
    await third.interrupt();
    await expectNothingLeft(directory);
  });
  return directory;
}

async function elsewhere(directory: string): Promise<void> {
  await guarantee('the data may lie in another, private and deep directory', async () => {
    const data = join(
      workspace,
      'private',
      'a-directory-whose-name-is-so-long-that-no-socket-fits-into-it',
      'x'.repeat(60),
    );
    mkdirSync(data, { recursive: true });
    chmodSync(join(workspace, 'private'), 0o700);
    const started = await start(directory, { env: { DATA_DIR: data }, limit: warm });
    await started.interrupt();
    await expectNothingLeft(data);
  });

  if (!isRoot) return;
  await guarantee('it starts as an ordinary user, also below a directory of their own', async () => {
    const home = join(workspace, 'home');
    mkdirSync(home, { mode: 0o700 });
    chmodSync(workspace, 0o755);
    const own = join(home, 'project');
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', repository, own]);
    const [user, group] = ['65534', '65534'];
    execFileSync('chown', ['-R', `${user}:${group}`, home]);
    const registry = execFileSync('npm', ['config', 'get', 'registry'], {
      encoding: 'utf8',
      env: newcomersEnvironment(),
      cwd: workspace,
    }).trim();
    const as = ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
    const started = await start(own, { env: { HOME: home, npm_config_registry: registry }, as });
    figures.push(`cold start as another user, empty caches: ${seconds(started.took)}`);
    await started.interrupt();
    await expectNothingLeft(own);
  });
}

/** Debian's PostgreSQL, as a server has it. */
async function ownDatabase(directory: string): Promise<void> {
  const binaries = '/usr/lib/postgresql/15/bin';
  if (!existsSync(join(binaries, 'postgres'))) {
    if (!isRoot || !existsSync('/usr/bin/apt-get')) {
      console.log(
        '- a given PostgreSQL 15: there is none at /usr/lib/postgresql/15 and no way to install one; not run',
      );
      return;
    }
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql-15'], { stdio: 'ignore' });
  }
  await guarantee(
    "on a user's own PostgreSQL 15 it changes nothing, says what is missing, and runs once that is done",
    async () => {
      const data = join(workspace, 'own-database');
      mkdirSync(data);
      const as = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'] : [];
      if (isRoot) execFileSync('chown', ['65534:65534', data]);
      const port = await freePort();
      const runAs = (program: string, ...args: string[]) => {
        const [first, ...rest] = [...as, join(binaries, program), ...args];
        execFileSync(first as string, rest, { stdio: 'ignore', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
      };
      runAs('initdb', '-D', data, '-U', 'owner', '-A', 'trust', '-E', 'UTF8', '--no-sync');
      runAs(
        'pg_ctl',
        '-D',
        data,
        '-w',
        '-o',
        `-p ${port} -k ${data} -c listen_addresses=127.0.0.1 -c timezone=Asia/Tokyo`,
        '-l',
        join(data, 'log'),
        'start',
      );
      try {
        const env = { DATABASE_URL: `postgres://owner@127.0.0.1:${port}/postgres` };
        const refused = await runToEnd(directory, ['start'], { ...env, API_PORT: String(await freePort()) });
        check(refused.code === 1 && refused.text.includes('pnpm db:migrate'), 'it names what to run', refused.text);
        const migrated = await runToEnd(directory, ['db:migrate', '--set', 'all'], env);
        check(migrated.code === 0, 'db:migrate makes the schemas', migrated.text);
        const started = await start(directory, { env, limit: warm });
        const films = await askForFilms(started.url);
        check(films?.pagination.total === 0, 'a database of the user gets no demo data');
        await started.interrupt();
      } finally {
        runAs('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      }
    },
  );
}

try {
  const directory = await firstMinute();
  await elsewhere(directory);
  await ownDatabase(directory);
  if (process.argv.includes('--with-test')) {
    await guarantee("the README's test command passes in the clone", async () => {
      const { code, text } = await runToEnd(directory, ['test']);
      check(code === 0, 'every test passes', text.slice(-8_000));
    });
  }
  console.log(`\n${figures.join('\n')}\n\n${passed} passed, 0 failed`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(`\n${passed} passed, 1 failed`);
  process.exitCode = 1;
} finally {
  for (const child of running) {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5 });
}
