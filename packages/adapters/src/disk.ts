import type { BigIntStats, Mode } from 'node:fs';
import system from 'node:fs/promises';
import type { FailureCode } from '@at/contracts/vocabulary';

// Calls of the file system that end within a time. A call on a disk that is gone, such as a network share whose server does not
// respond, cannot be aborted: it keeps a thread of the process until the disk returns. So few calls run at once, and nothing is
// asked of a path that another call still waits for.

type Path = string | Buffer;
type Calls = Pick<
  typeof system,
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'stat'
  | 'statfs'
  | 'unlink'
>;

export type DiskOptions = {
  /** Instead of the system's, for tests. */
  calls?: Calls;
  /** Milliseconds for a call; those that may write much have twenty times as many. */
  patience?: number;
  /** Calls at once. Node has four threads for them, of which look-ups of host names need one. */
  most?: number;
};

/** Sentences for what a person can mend, by the code of the system. */
const sentences: [codes: string[], sentence: (path: string) => string][] = [
  [
    ['EACCES', 'EPERM'],
    (path) => `No permission for ${path}. Give the user of the workers the right to read and write there, then retry.`,
  ],
  [
    ['EROFS'],
    (path) =>
      `The disk of ${path} is mounted for reading only, as after a fault. Check the disk, mount it for writing, then retry.`,
  ],
  [['EIO'], (path) => `The disk of ${path} reports an error. Check the disk and its cables, then retry.`],
  [
    ['ESTALE', 'ENOTCONN', 'EHOSTDOWN', 'EHOSTUNREACH', 'ETIMEDOUT', 'ENODEV', 'ENXIO'],
    (path) => `The disk of ${path} is disconnected. Mount it again, then retry.`,
  ],
  [['ENAMETOOLONG'], (path) => `The disk takes no name as long as ${path}. Shorten it, then retry.`],
  [['ELOOP'], (path) => `Links in ${path} lead back to each other. Remove one of them, then retry.`],
  [['EMFILE', 'ENFILE'], (path) => `${path} was not opened: too many files are open. Restart the workers, then retry.`],
  [['EBUSY', 'ETXTBSY'], (path) => `Another program uses ${path}. Close it there, then retry.`],
  [['ENOENT', 'ENOTDIR'], (path) => `${path} does not exist. Check the path, then retry.`],
];

/** What the system refused, as a sentence with its code. */
export class DiskError extends Error {
  override name = 'DiskError';
  readonly code: string;
  /** Its code for runs. */
  readonly failure: FailureCode;
  constructor(cause: NodeJS.ErrnoException, paths: readonly Path[]) {
    const { code = '', syscall = 'A call' } = cause;
    const path = `${paths.at(-1)}`;
    const [, sentence] = sentences.find(([codes]) => codes.includes(code)) ?? [];
    const text = sentence?.(path) ?? `The disk refused ${path}. Check the disk, then retry.`;
    super(`${text} (${syscall}: ${code})`, { cause });
    this.code = code;
    this.failure = ['ENOSPC', 'EDQUOT'].includes(code) ? 'disk_full' : 'disk_refused';
  }
}

/** The disk does not respond. */
export class DiskHangs extends Error {
  override name = 'DiskHangs';
  readonly failure = 'disk_unavailable' satisfies FailureCode;
  /** Fulfilled when nothing of what was asked is under way any more. */
  readonly ended: Promise<unknown>;
  constructor(path: string, ended: Promise<unknown> = Promise.resolve()) {
    super(
      `The disk of ${path} does not respond. Check that it is connected and its server runs; the step goes on once it responds.`,
    );
    this.ended = ended;
  }
}

type Asked<T> = {
  paths: readonly Path[];
  call: () => Promise<T>;
  patience: number;
  /** What becomes of a result for which nobody waits any more. */
  late?: (result: T) => unknown;
  /** It is made at once, also if others hang. */
  isAlways?: boolean;
};

export type Disk = ReturnType<typeof openDisk>;

/** The functions of `node:fs/promises`, each of which throws DiskHangs if the disk does not respond in time. */
export function openDisk({ calls = system, patience = 60_000, most = 3 }: DiskOptions = {}) {
  const long = 20 * patience;
  /** Paths of calls whose time is up. */
  const hanging = new Map<string, number>();
  let stuck = 0;
  let free = most;
  const waiting = new Set<() => void>();

  /** Waits for one of the places. */
  async function place(path: string, time: number): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(begin);
        reject(new DiskHangs(path));
      }, time);
      waiting.add(begin);
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next) waiting.delete(next);
    else free += 1;
    next?.();
  }

  const count = (paths: string[], by: 1 | -1) => {
    stuck += by;
    for (const path of paths) {
      const calls = (hanging.get(path) ?? 0) + by;
      if (calls > 0) hanging.set(path, calls);
      else hanging.delete(path);
    }
  };

  async function ask<T>({ paths, call, patience: time, late, isAlways = false }: Asked<T>): Promise<T> {
    const names = paths.map(String);
    const [first = ''] = names;
    const refuse = () => {
      if (stuck >= most || names.some((name) => hanging.has(name))) throw new DiskHangs(first);
    };
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    if (!isAlways) {
      refuse();
      await place(first, time);
      try {
        refuse();
      } catch (error) {
        leave();
        throw error;
      }
    }
    const end = () => {
      if (!isAlways) leave();
      if (isLate) count(names, -1);
    };
    const answer = call().catch((error: NodeJS.ErrnoException) => {
      throw error.code === undefined ? error : new DiskError(error, paths);
    });
    const ended = answer.then((result) => {
      end();
      return isLate ? late?.(result) : undefined;
    }, end);
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isLate = true;
        count(names, 1);
        reject(new DiskHangs(first, ended));
      }, time);
    });
    try {
      return await Promise.race([answer, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A function of the system whose first arguments are so many paths. */
  const limited = <F extends (...of: never[]) => Promise<unknown>>(call: F, paths = 1, time = patience): F =>
    ((...of: Parameters<F>) =>
      ask({ paths: of.slice(0, paths) as Path[], call: () => call(...of), patience: time })) as unknown as F;

  /** A file that is closed without a wait once a call on it hangs. */
  async function open(path: Path, flags: string | number) {
    const handle = await ask({
      paths: [path],
      call: () => calls.open(path, flags),
      patience,
      late: (opened) => opened.close(),
    });
    let hangs = false;
    const on = async <T>(call: () => Promise<T>, time = patience): Promise<T> => {
      try {
        return await ask({ paths: [path], call, patience: time });
      } catch (error) {
        hangs ||= error instanceof DiskHangs;
        throw error;
      }
    };
    return {
      /** For programs that read it by its number, as `/proc/<pid>/fd/<n>`. */
      descriptor: handle.fd,
      /** Goes on where it ended last, if no position is named. */
      read: (buffer: Buffer, length: number, position: number | null = null) =>
        on(() => handle.read(buffer, 0, length, position)),
      write: (bytes: Buffer, offset: number) => on(() => handle.write(bytes, offset)),
      stat: (): Promise<BigIntStats> => on(() => handle.stat({ bigint: true })),
      chmod: (mode: Mode) => on(() => handle.chmod(mode)),
      utimes: (accessed: number, modified: number) => on(() => handle.utimes(accessed, modified)),
      sync: () => on(() => handle.sync(), long),
      close: async () => {
        // It waits for the calls on the file.
        if (hangs) void handle.close().catch(() => {});
        else await ask({ paths: [path], call: () => handle.close(), patience: long, isAlways: true });
      },
    };
  }

  /** Writes the names in a directory to the disk. */
  async function syncDirectory(path: Path): Promise<void> {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  return {
    link: limited(calls.link, 2),
    lstat: limited(calls.lstat),
    mkdir: limited(calls.mkdir),
    open,
    readdir: limited(calls.readdir),
    realpath: limited(calls.realpath),
    rename: limited(calls.rename, 2),
    // Of a whole directory.
    rm: limited(calls.rm, 1, long),
    rmdir: limited(calls.rmdir),
    stat: limited(calls.stat),
    statfs: limited(calls.statfs),
    syncDirectory,
    unlink: limited(calls.unlink),
    /** How many calls still wait for a disk after their time was up. */
    hanging: () => stuck,
  };
}

export type DiskFile = Awaited<ReturnType<Disk['open']>>;

/** That of the process. */
export const disk = openDisk();

/** Ends the process at once. A normal exit waits for the threads that wait for a disk. */
export function endProcess(code: number): void {
  if (disk.hanging() > 0) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}
