import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApp } from '@at/api/app';
import { readConfig } from '@at/api/config';
import { createDeps } from '@at/api/deps';
import { listen } from '@at/api/listen';
import { ConfigError } from '@at/config/environment';
import { queueVariables } from '@at/config/settings';
import type { Connection } from '@at/db/connection';
import { clientConfig } from '@at/db/connection';
import { databaseFault, isUnreachable } from '@at/db/database-fault';
import { type Cluster, ClusterError, ClusterInUse, startCluster } from '@at/db/embedded';
import { inspect, migrate, migrationSets } from '@at/db/migrate';
import { isOpen, MigrationError } from '@at/db/migration-files';
import { checkStart } from '@at/db/start-check';
import pg from 'pg';
import { demoRuns, loadDemo } from '../demo/load.ts';
import { openDemoPhotos } from '../demo/photos.ts';
import { startDemoQueue } from '../demo/queue.ts';

// The one-command start: database, migrations, demo catalogue, console and API in one process, and a worker in another.

const usage = `Usage: pnpm start [--open] [--empty]     pnpm dev

  --open   open the console in the browser
  --empty  create a new database without the demo catalogue
  --dev    also serve the console from its sources, with hot reload (pnpm dev)

Without DATABASE_URL or REAR_DIFF_PGSQL_* it runs an embedded PostgreSQL in .data/ (DATA_DIR).`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const databaseName = 'automatic_transmission';

/** An expected reason not to start, printed without a stack. */
class StartError extends Error {}

/** Some of its items fail by design, which is no news on the terminal. */
let isDemoQueueNew = false;

/** Where the embedded database is; undefined: there is none, or not yet. */
let ownDirectory: string | undefined;

/** The server stops where it finds no room for another file of its log. */
function fullDisk(): string | undefined {
  if (ownDirectory === undefined) return undefined;
  const { bavail, bsize } = statfsSync(ownDirectory);
  if (bavail * bsize >= 16 * 2 ** 20) return undefined;
  return `The disk of ${ownDirectory} is full: free space on it, or set DATA_DIR to another directory.`;
}

/** Clean-up steps, run in reverse order. */
const cleanups: (() => unknown)[] = [];
let stopping: Promise<void> | undefined;

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    const late = setTimeout(() => process.exit(code || 1), 12_000);
    late.unref();
    for (const step of cleanups.reverse()) {
      await Promise.resolve(step()).catch((error: unknown) => console.error(error));
    }
    process.exit(code);
  })();
  return stopping;
}
// A second signal, from Ctrl-C or the package manager, has no effect: the first one is in progress.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));

/** Why the port cannot be used; undefined: it can. */
async function listenFault(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const probe = createServer();
  return new Promise((settle) => {
    probe.once('error', settle);
    probe.listen(port, host, () => probe.close(() => settle(undefined)));
  });
}

/** Throws StartError if the port is in use; its reply shows whether it is another instance. */
async function checkPort(host: string, port: number, prefix: string): Promise<void> {
  const taken = await listenFault(host, port);
  if (!taken) return;
  const url = `http://${host}:${port}`;
  if (taken.code !== 'EADDRINUSE')
    throw new StartError(`Cannot listen on ${url}: ${taken.message}. Set API_HOST or API_PORT.`);
  const answer = await fetch(`${url}${prefix}/meta`, { signal: AbortSignal.timeout(2_000) })
    .then((response) => response.json() as Promise<{ name?: string; version?: string }>)
    .catch(() => undefined);
  // Without an answer it may have been the same check of another start.
  if (!answer && !(await listenFault(host, port))) return;
  throw new StartError(
    answer?.name === 'rear-differential'
      ? `It is already running: version ${answer.version} at ${url}. Stop it, or set API_PORT to another port.`
      : `Port ${port} is taken by another program. Stop it, or set API_PORT to another port.`,
  );
}

/** Builds the console when its sources have changed since the last build. */
async function buildConsole(): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'apps/console/build.ts')], { stdio: ['ignore', 'ignore', 'pipe'] });
  cleanups.push(() => child.kill());
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0 && !stopping) throw new StartError(`Building the console failed:\n${errors.trim()}`);
}

/** The embedded cluster, migrated; filled with the demo catalogue when it is new. */
async function openOwnDatabase(directory: string, withDemo: boolean): Promise<string> {
  const runFile = join(directory, 'running.json');
  let cluster: Cluster;
  try {
    cluster = await startCluster({ directory });
  } catch (error) {
    if (!(error instanceof ClusterInUse) || !existsSync(runFile)) throw error;
    const { url } = JSON.parse(readFileSync(runFile, 'utf8')) as { url: string };
    throw new StartError(`It is already running with the data in ${directory}, at ${url}. ${error.message}`);
  }
  cleanups.push(() => cluster.stop());
  ownDirectory = directory;
  // Left by a start that was killed.
  rmSync(runFile, { force: true });
  cluster.exited.then(() => {
    if (stopping) return;
    console.error(
      fullDisk() ??
        'The embedded PostgreSQL stopped unexpectedly. Start again; if it happens again, check free memory and disk.',
    );
    void stop(1);
  });

  await withClient(cluster.connectionString('postgres'), async (admin) => {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${databaseName}`);
  });

  const url = cluster.connectionString(databaseName);
  let fresh = false;
  for (const set of [migrationSets.atp, migrationSets.console, migrationSets['atp-extras']]) {
    const applied = await migrate(url, set);
    if (set.name === 'atp') fresh = applied.some(({ version }) => version === '1');
  }
  // After a start that was interrupted here, the marker is missing and the tables are empty.
  const marker = join(directory, 'filled');
  if (fresh || !existsSync(marker)) {
    if (withDemo) await withClient(url, fillOnce);
    writeFileSync(marker, withDemo ? 'demo catalogue\n' : 'empty\n');
  }
  if (readFileSync(marker, 'utf8').startsWith('demo')) {
    await openDemoQueue(directory);
    // A file that is to be imported takes its place.
    if (!process.env.MEDIA_PIPELINE_CONFIG) await openDemoPhotos(join(directory, 'photos'), url);
  }
  return url;
}

/** The processing queue of the demo, unless the settings name another one. */
async function openDemoQueue(directory: string): Promise<void> {
  if (Object.keys(queueVariables).some((name) => process.env[name]?.trim())) return;
  const queue = await startDemoQueue(join(directory, 'queue'));
  cleanups.push(() => queue.close());
  // API and worker read them below.
  Object.assign(process.env, queue.environment);
  isDemoQueueNew = queue.isNew;
}

async function withClient(url: string, run: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(clientConfig(url));
  // The statement that it breaks reports it.
  client.on('error', () => {});
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}

async function fillOnce(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM atp.training LIMIT 1');
  if (rowCount === 0) await loadDemo(client);
}

/** Throws StartError if migrations are missing; start never migrates an external database. */
async function checkExternalDatabase(connection: Connection): Promise<void> {
  const { fault, ownerTask } = await checkStart(connection);
  if (fault) throw new StartError(fault);
  const { compared } = await inspect(connection, migrationSets.console);
  const open = compared.filter(isOpen);
  if (open.length === 0) {
    if (ownerTask) console.warn(ownerTask);
    return;
  }
  if (ownerTask) throw new StartError(`${ownerTask} Then run \`pnpm db:migrate\` with the same settings.`);
  throw new StartError(
    `The database is not ready: in schema console ${open.map(({ script, state }) => `${script} is ${state}`).join(', ')}. ` +
      'Run `pnpm db:migrate` with the same settings; it prints its plan first.',
  );
}

function startVite(port: number): ChildProcess {
  const vite = spawn(join(root, 'apps/console/node_modules/.bin/vite'), ['--clearScreen', 'false'], {
    cwd: join(root, 'apps/console'),
    stdio: 'inherit',
    env: { ...process.env, API_PORT: String(port) },
  });
  cleanups.push(() => vite.kill());
  return vite;
}

/** Starts a worker, and again whenever it ends. */
function startWorker(environment: NodeJS.ProcessEnv): void {
  let worker: ChildProcess;
  let exited: Promise<unknown>;
  const run = () => {
    const began = performance.now();
    // The channel ends with this process, and the worker with the channel.
    worker = spawn(process.execPath, ['--max-semi-space-size=2', join(root, 'apps/worker/src/main.ts')], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...environment },
    });
    exited = once(worker, 'exit').then(([code, signal]) => {
      if (stopping) return;
      console.error(`The worker ended (${signal ?? code}) and is started again. What it did goes on then.`);
      setTimeout(run, performance.now() - began > 60_000 ? 0 : 2_000).unref();
    });
  };
  run();
  cleanups.push(() => {
    worker.kill();
    return exited;
  });
}

function openBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => console.log(`Could not open a browser; open ${url} yourself.`))
    .unref();
}

async function start(): Promise<void> {
  const { values } = parseArgs({
    options: {
      open: { type: 'boolean', default: false },
      empty: { type: 'boolean', default: false },
      dev: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const envFile = join(root, '.env');
  if (existsSync(envFile)) process.loadEnvFile(envFile);
  const config = readConfig(process.env);
  await checkPort(config.host, config.port, config.prefix);

  const directory = resolve(root, config.dataDirectory);
  const own = config.database === null;
  const [connection] = await Promise.all([
    config.database === null
      ? openOwnDatabase(directory, !values.empty)
      : checkExternalDatabase(config.database).then(() => config.database as Connection),
    values.dev ? undefined : buildConsole(),
  ]);
  if (stopping) return;

  const deps = createDeps(
    { ...readConfig(process.env), database: connection },
    own ? { embedded: true, directory } : { embedded: false },
  );
  cleanups.push(() => deps.close());
  const app = await buildApp(
    { ...deps, demoRuns },
    {
      logger: { level: config.logLevel === 'info' ? 'warn' : config.logLevel },
      ...(values.dev ? {} : { consoleDirectory: join(root, 'apps/console/dist') }),
    },
  );
  cleanups.push(() => app.close());
  await listen(app, config);

  const url = `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${config.port}`;
  if (own) {
    const runFile = join(directory, 'running.json');
    writeFileSync(runFile, JSON.stringify({ url, pid: process.pid }));
    cleanups.push(() => rmSync(runFile, { force: true }));
  }
  startWorker({
    // Its messages stand beside those of the API.
    LOG_LEVEL: config.logLevel !== 'info' ? process.env.LOG_LEVEL : isDemoQueueNew ? 'CRITICAL' : 'WARNING',
    ...(own && { DATABASE_URL: connection as string }),
  });
  if (values.dev) startVite(config.port);
  console.log(
    [
      '',
      ...(values.dev ? [] : [`  Console   ${url}${config.basePath}/`]),
      `  API docs  ${url}${config.publicPrefix}/docs`,
      `  Data      ${own ? directory : 'the database given'}`,
      '',
      '  Ctrl-C stops everything.',
      '',
    ].join('\n'),
  );
  if (values.open) openBrowser(`${url}${config.basePath}/`);
}

try {
  await start();
} catch (error) {
  const expected = [StartError, ConfigError, ClusterError, MigrationError].some((kind) => error instanceof kind);
  const argument = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  const isDiskFull = ['ENOSPC', 'EDQUOT', '53100'].includes((error as NodeJS.ErrnoException).code ?? '');
  const isExplained = isDiskFull || (ownDirectory !== undefined && isUnreachable(error as Error));
  const sentence =
    expected || argument ? (error as Error).message : isExplained && (fullDisk() ?? databaseFault(error as Error));
  if (!stopping) console.error(sentence ? `${sentence}\n` : error);
  await stop(1);
}
