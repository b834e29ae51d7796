import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

// The directory of an embedded cluster: whether it can be used, who uses it, and why PostgreSQL refuses it.

/** The cluster cannot run; the message has the reason and the next step. */
export class ClusterError extends Error {
  override name = 'ClusterError';
}

/** Another server runs on the data, or starts there. */
export class ClusterInUse extends ClusterError {}

const another = 'set DATA_DIR to another directory';

/** Names that a start leaves in the directory, or that a file system or a desktop puts there. */
const ownNames = /^(cluster(\.init.*)?|filled|running\.json|lost\+found|\..*)$/;

/**
 * Creates the directory and those above it. Node's `recursive` does not: below one that takes no new directory, as in
 * /proc, it never ends.
 */
export async function makeDirectory(directory: string, mode?: number): Promise<void> {
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (found?.isDirectory()) return;
  if (!found) await makeDirectory(dirname(directory), mode);
  await mkdir(directory, { mode }).catch(async (error: NodeJS.ErrnoException) => {
    // Another start may have been faster.
    const other = error.code === 'EEXIST' ? await stat(directory).catch(() => undefined) : undefined;
    if (!other?.isDirectory()) throw error;
  });
}

/** Creates the directory, or checks that nothing else lies in it, and makes it private. Throws ClusterError. */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(directory, 0o700);
    const names = readdirSync(directory);
    if (names.includes('PG_VERSION')) {
      throw new ClusterError(
        `${directory} is itself the data of a PostgreSQL, which this start does not use: ${another}.`,
      );
    }
    const foreign = names.filter((name) => !ownNames.test(name));
    if (foreign.length > 0 && !names.includes('cluster')) {
      throw new ClusterError(
        `${directory} holds other files (${foreign.slice(0, 3).join(', ')}), and the database needs a directory of its own, which becomes private: ${another}.`,
      );
    }
    chmodSync(directory, 0o700);
    checkData(join(directory, 'cluster'));
  } catch (error) {
    if (error instanceof ClusterError) throw error;
    throw new ClusterError(`The data directory ${unusable(directory, error)}`, { cause: error });
  }
}

/** A path that is too long would hide the rest of the sentence. */
const short = (path: string) => (path.length > 200 ? `${path.slice(0, 200)}...` : path);

const reasons: Record<string, string> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'its path cannot be created',
  EACCES: 'this user has no right to it',
  EPERM: 'it belongs to another user',
  EROFS: 'its file system is read-only',
  ENAMETOOLONG: 'its path, or a name in it, is longer than the disk takes (a name mostly 255 bytes, a path 4095)',
  ELOOP: 'links in its path lead back to each other',
  EIO: 'its disk cannot be read or written',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
};

/** The end of a sentence: why the directory cannot be used, and what to do. */
export function unusable(directory: string, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return `${short(directory)} cannot be used, because ${reasons[code] ?? (code || message)}: fix that, or ${another}.`;
}

const aside = (data: string) => `restore it from a backup, or move ${data} away and start with new data`;

function checkData(data: string): void {
  if (!existsSync(data)) {
    if (lstatSync(data, { throwIfNoEntry: false })) throw new ClusterError(`${data} is a link to nothing: remove it.`);
    return;
  }
  if (!statSync(data).isDirectory()) {
    throw new ClusterError(`${data} is a file, not the data of a PostgreSQL: move it away.`);
  }
  const names = readdirSync(data);
  if (names.length > 0 && !names.includes('PG_VERSION')) {
    throw new ClusterError(`${data} does not hold the data of a PostgreSQL, or is damaged: ${aside(data)}.`);
  }
  chmodSync(data, 0o700);
}

/** Renames a complete directory; if another start was faster, its directory stays. */
export function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(from, { recursive: true, force: true });
  }
}

/** Age after which no running initdb uses a directory: initdb takes seconds. */
const draftAge = 10 * 60_000;

/** Removes the unfinished clusters that killed starts left. */
export function removeAbandonedDrafts(data: string): void {
  for (const name of readdirSync(dirname(data))) {
    const path = join(dirname(data), name);
    if (!name.startsWith(`${basename(data)}.init`)) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > draftAge) rmSync(path, { recursive: true, force: true });
  }
}

/** Larger than the process ids of any system. */
const noProcess = 2 ** 31 - 1;

/**
 * PostgreSQL refuses to start while its lock file names a process that exists, also one that got the number of a killed
 * server, as happens after a restart of the machine or a container. If `lock` names such a process, its number is
 * replaced by one that no process has; PostgreSQL still reads the rest of the file, to find backends of the killed
 * server.
 */
export function releaseStaleLock(lock: string, data: string): void {
  const text = readLock(lock);
  if (text === undefined || !isStale(text, lock, data)) return;
  // Another start may do the same: only the file that was read is replaced, and never a newer one.
  const claimed = `${lock}.${process.pid}`;
  try {
    renameSync(lock, claimed);
    if (readLock(claimed) === text) writeFileSync(claimed, text.replace(/^\d*/, String(noProcess)));
    linkSync(claimed, lock);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(claimed, { force: true });
  }
}

/** A server writes its number into the file at once; it stays empty if the machine stops in between. */
const emptyAge = 10_000;

function isStale(text: string, lock: string, data: string): boolean {
  if (text === '') return Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > emptyAge;
  const pid = Number(/^\d+/.exec(text)?.[0]);
  return pid > 0 && serves(pid, data) === false;
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Whether a PostgreSQL on `data`, which is its working directory, has this number; undefined: no process has, or this
 * user cannot know.
 */
function serves(pid: number, data: string): boolean | undefined {
  try {
    process.kill(pid, 0);
    if (existsSync('/proc/self/cwd')) return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
    return /postgres/.test(execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return undefined;
  }
}

/** Whether the server on `data` is stopping, or has just stopped: the next start comes quickly after Ctrl-C. */
export function isStopping(data: string): boolean {
  const lines = readLock(join(data, 'postmaster.pid'))?.split('\n');
  return lines === undefined || (lines[7]?.startsWith('stopping') === true && serves(Number(lines[0]), data) === true);
}

type Explanation = (data: string, found: string) => string;

/** PostgreSQL's message when it does not start, and ours. `found` is the pattern's group. */
const explanations: [pattern: RegExp, text: Explanation, kind?: typeof ClusterError][] = [
  [
    /lock file "[^"]*" already exists[\s\S]*?PID (\d+)/,
    (data, pid) => `Another PostgreSQL (process ${pid}) already runs on ${data}: stop it, or ${another}.`,
    ClusterInUse,
  ],
  [
    /lock file "[^"]*" is empty/,
    (data) => `Another PostgreSQL starts on ${data} at this moment: stop it, or ${another}.`,
    ClusterInUse,
  ],
  [
    /pre-existing shared memory block/,
    (data) => `Processes of a PostgreSQL that was killed still use ${data}: end them and start again.`,
    ClusterInUse,
  ],
  [
    /No space left on device|Disk quota exceeded/,
    (data) => `The disk of ${data} is full: free space on it, or ${another}.`,
  ],
  [
    /initialized by PostgreSQL version (\S+?),/,
    (data, version) =>
      `${data} was created by PostgreSQL ${version}, whose data this version cannot read: take it along with pg_dump of that version, or ${another}.`,
  ],
  [
    /has wrong ownership/,
    (data) => `${data} belongs to another user (${statSync(data).uid}): start as that user, or ${another}.`,
  ],
  [/Read-only file system/, (data) => `The file system of ${data} is read-only: make it writable, or ${another}.`],
  [
    /Cannot allocate memory|could not (?:map|create) [^\n]*shared memory/,
    (data) =>
      `There is too little memory for the PostgreSQL on ${data}: free some, or set DATABASE_URL to another server.`,
  ],
  [/Permission denied/, (data) => `This user may not use all of ${data}: start as its owner, or ${another}.`],
];

/** One sentence for the log of a PostgreSQL that did not start. */
export function explainLog(log: string, data: string): ClusterError {
  for (const [pattern, text, Kind = ClusterError] of explanations) {
    const match = pattern.exec(log);
    if (match) return new Kind(text(data, match[1] ?? ''));
  }
  const [, reason = 'without a reason'] = /(?:PANIC:|FATAL:|error:|^postgres:)\s+(.+)/m.exec(log) ?? [];
  return new ClusterError(`PostgreSQL cannot use ${data}, which may be damaged (${reason}): ${aside(data)}.`);
}
