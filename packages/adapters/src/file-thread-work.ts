import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  type PathLike,
  readdirSync,
  readSync,
} from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

// What a thread of `file-thread.ts` does, with synchronous calls of the file system: they need half of the CPU time of others. Names
// are bytes, and as Latin-1 strings take less time and memory than as buffers. It imports nothing but Node, so that it starts quickly.

/** The file that makes a directory a root. */
export const markerName = '.at-root';

/** What other programs and this one put beside photos. */
const alwaysIgnored = ['.at-*', '.st*', '@eaDir', '.Trash*', 'Thumbs.db', '.DS_Store'];

/** Raise it when a walk finds other entries than before: digests of earlier walks are then void. */
const rulesVersion = 1;

/** Groups that may wait to be taken. */
const mostWaiting = 4;

/** An entry that changes in the tick of the clock in which it was read looks unchanged. Nanoseconds. */
const restingTime = 2_000_000_000n;

/** Bytes that decide whether two files of one size can be the same: so many at the start and at the end. */
const headSize = 65_536;
const wholeHead = 2 * headSize;
const blockSize = 1_048_576;

/** Why an entry is left out. `not UTF-8`: it is not left out, but other programs cannot name it. */
export type LeftReason = 'ignored' | 'link' | 'special' | 'other disk' | 'other root' | 'unreadable' | 'not UTF-8';

export type FoundDirectory = {
  /** Relative to the root; empty: the root. */
  path: Uint8Array;
  /** Its files in this group. A large directory is in several. */
  files: number;
  isLast: boolean;
  /** Of its entries. undefined: it changed while it was read, or just before. */
  digest?: Uint8Array;
  /** The code of the error because of which not everything in it and below it was seen. */
  failed?: string;
};

/** Files in the order of their directories, in columns. Inodes and times are signed 64 bits. */
export type FoundGroup = {
  directories: FoundDirectory[];
  names: Uint8Array;
  /** Where each name ends in `names`. */
  ends: Uint32Array;
  sizes: BigInt64Array;
  mtimes: BigInt64Array;
  ctimes: BigInt64Array;
  inodes: BigInt64Array;
  links: Uint32Array;
  left: { path: Uint8Array; reason: LeftReason }[];
};

export type HashJob = {
  path: Uint8Array;
  size: bigint;
  mtime: bigint;
  ctime: bigint;
  inode: bigint;
  /** `head` is enough for files of up to 128 KiB. */
  part: 'head' | 'whole';
};

/** `problem`: `changed` if it is not the file of the job, or changed while it was read; else the code of an error. */
export type HashResult = { head?: Uint8Array; sha256?: Uint8Array; problem?: string };

export type WalkRequest = {
  walk: { root: Uint8Array; ignored: string[]; groupSize: number; control: SharedArrayBuffer };
};
export type HashRequest = { hash: { control: SharedArrayBuffer } };

/** Indexes in the memory that both sides share. */
export const cells = { cancelled: 0, waiting: 1, beat: 2 };

class Cancelled extends Error {}

const largest = 2n ** 63n - 1n;

/** The nearest number of signed 64 bits. */
export const clamp = (value: bigint) => (value > largest ? largest : value < -largest - 1n ? -largest - 1n : value);

const stateOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats) => ({
  size: clamp(size),
  mtime: clamp(mtimeNs),
  ctime: clamp(ctimeNs),
  inode: BigInt.asIntN(64, ino),
});

/** Names and paths as Latin-1. */
const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const latin1Of = (text: string) => Buffer.from(text).toString('latin1');
const hasOnlyAscii = (text: string) => !/[\x80-\xff]/.test(text);
/** The file system takes a string for UTF-8. */
const placeOf = (path: string): PathLike => (hasOnlyAscii(path) ? path : bytesOf(path));
const isUtf8Name = (name: string) => hasOnlyAscii(name) || isUtf8(bytesOf(name));

/**
 * Whether a name matches a pattern with `*` and `?`. Only the last `*` is tried with more bytes, so that it takes no more steps than
 * the length of the pattern times that of the name.
 */
function isNamed(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let taken = 0;
  for (let i = 0; i < name.length; ) {
    if (pattern[at] === '*') {
      star = at;
      taken = i;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[i])) {
      at += 1;
      i += 1;
    } else if (star < 0) return false;
    else {
      taken += 1;
      i = taken;
      at = star + 1;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

function matcher(texts: string[]): (name: string) => boolean {
  const patterns = texts.map(latin1Of);
  return (name) => patterns.some((pattern) => isNamed(pattern, name));
}

/** Whether a walk leaves a name out. */
export function ignoring(patterns: readonly string[]): (name: Buffer) => boolean {
  const isIgnored = matcher([...alwaysIgnored, ...patterns]);
  return (name) => isIgnored(name.toString('latin1'));
}

type Entry = { name: string; size: bigint; mtime: bigint; ctime: bigint; inode: bigint; links: number };

type Send = (group: FoundGroup, transfer: ArrayBuffer[]) => void;

/** Collects files, and sends them in groups. */
class Packer {
  readonly #send: Send;
  readonly #size: number;
  #directories: FoundDirectory[] = [];
  #entries: Entry[] = [];
  #left: FoundGroup['left'] = [];
  constructor(size: number, send: Send) {
    this.#size = size;
    this.#send = send;
  }

  leave(path: string, reason: LeftReason): void {
    this.#left.push({ path: bytesOf(path), reason });
  }

  add(at: string, entries: Entry[], end: Pick<FoundDirectory, 'digest' | 'failed'>): void {
    const path = bytesOf(at);
    let from = 0;
    do {
      const some = entries.slice(from, from + this.#size - this.#entries.length);
      from += some.length;
      const isLast = from === entries.length;
      this.#entries.push(...some);
      this.#directories.push({ path, files: some.length, isLast, ...end });
      if (this.#entries.length >= this.#size || this.#directories.length >= this.#size) this.flush();
    } while (from < entries.length);
  }

  flush(): void {
    const entries = this.#entries;
    if (this.#directories.length === 0 && this.#left.length === 0) return;
    const ends = new Uint32Array(entries.length);
    let length = 0;
    entries.forEach(({ name }, i) => {
      length += name.length;
      ends[i] = length;
    });
    const names = new Uint8Array(length);
    names.set(bytesOf(entries.map(({ name }) => name).join('')));
    const column = (of: (entry: Entry) => bigint) => {
      const values = new BigInt64Array(entries.length);
      for (let i = 0; i < entries.length; i += 1) values[i] = of(entries[i] as Entry);
      return values;
    };
    const columns = {
      names,
      ends,
      sizes: column(({ size }) => size),
      mtimes: column(({ mtime }) => mtime),
      ctimes: column(({ ctime }) => ctime),
      inodes: column(({ inode }) => inode),
      links: Uint32Array.from(entries, ({ links }) => links),
    };
    this.#send(
      { directories: this.#directories, ...columns, left: this.#left },
      Object.values(columns).map(({ buffer }) => buffer as ArrayBuffer),
    );
    this.#directories = [];
    this.#entries = [];
    this.#left = [];
  }
}

function hasChanged(directory: PathLike, before: BigIntStats): boolean {
  try {
    const after = lstatSync(directory, { bigint: true });
    return after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs;
  } catch {
    return true;
  }
}

/**
 * Finds the files of a directory and below it, parents first. Links are not followed and other file systems not entered, nor
 * directories with a marker of their own.
 */
function walk(root: Buffer, ignored: string[], packer: Packer, beat: () => void): void {
  const patterns = [...alwaysIgnored, ...ignored];
  const isIgnored = matcher(patterns);
  const rules = JSON.stringify([rulesVersion, patterns]);
  const top = lstatSync(root, { bigint: true });
  const numbers = new BigInt64Array(4);
  const numberBytes = Buffer.from(numbers.buffer);
  const start = root.toString('latin1');
  const stack = [''];
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const isTop = path === '';
    const whole = isTop ? start : `${start}/${path}`;
    const directory = placeOf(whole);
    const below = (name: string) => (isTop ? name : `${path}/${name}`);
    const begun = BigInt(Date.now()) * 1_000_000n;
    let before: BigIntStats | undefined;
    let names: string[];
    try {
      beat();
      before = lstatSync(directory, { bigint: true, throwIfNoEntry: false });
      // It is gone, or another disk, or no directory any more.
      if (!before?.isDirectory() || before.dev !== top.dev) {
        if (isTop) throw Object.assign(new Error('The root is gone.'), { code: 'ENOENT' });
        continue;
      }
      names = readdirSync(directory, { encoding: 'latin1' });
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      if (error instanceof Cancelled || isTop) throw error;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      packer.leave(path, 'unreadable');
      packer.add(path, [], { failed: code });
      continue;
    }
    if (!isTop && names.includes(markerName)) {
      packer.leave(path, 'other root');
      continue;
    }
    names.sort();
    const entries: Entry[] = [];
    const directories: string[] = [];
    let failed: string | undefined;
    let isResting = true;
    for (const name of names) {
      beat();
      if (isIgnored(name)) {
        // The marker of the root itself is expected.
        if (name !== markerName) packer.leave(below(name), 'ignored');
        continue;
      }
      let stats: BigIntStats | undefined;
      try {
        stats = lstatSync(placeOf(`${whole}/${name}`), { bigint: true, throwIfNoEntry: false });
      } catch (error) {
        failed = (error as NodeJS.ErrnoException).code ?? 'unknown';
        packer.leave(below(name), 'unreadable');
        continue;
      }
      if (!stats) isResting = false;
      else if (stats.isFile()) {
        if (stats.ctimeNs > begun - restingTime) isResting = false;
        if (!isUtf8Name(name)) packer.leave(below(name), 'not UTF-8');
        entries.push({ name, ...stateOf(stats), links: Number(stats.nlink) });
      } else if (!stats.isDirectory()) packer.leave(below(name), stats.isSymbolicLink() ? 'link' : 'special');
      else if (stats.dev !== top.dev) packer.leave(below(name), 'other disk');
      else directories.push(below(name));
    }
    if (hasChanged(directory, before)) isResting = false;
    const end: Pick<FoundDirectory, 'digest' | 'failed'> = {};
    if (failed !== undefined) end.failed = failed;
    else if (isResting) {
      const hash = createHash('sha256').update(rules);
      for (const { name, size, mtime, ctime, inode } of entries) {
        numbers[0] = size;
        numbers[1] = mtime;
        numbers[2] = ctime;
        numbers[3] = inode;
        // No name has a slash.
        hash.update(`/${name}/`, 'latin1').update(numberBytes);
      }
      end.digest = hash.digest();
    }
    packer.add(path, entries, end);
    stack.push(...directories.toReversed());
  }
  packer.flush();
}

/** Reads exactly so many bytes, or fewer at the end of the file. */
function readFrom(file: number, buffer: Buffer, length: number, position: number): Buffer {
  let got = 0;
  while (got < length) {
    const bytes = readSync(file, buffer, got, length - got, position + got);
    if (bytes === 0) break;
    got += bytes;
  }
  return buffer.subarray(0, got);
}

/** Reads the file of a job. If something else has its name by now, such as a pipe, returns a problem without a wait. */
function hash(job: HashJob, block: Buffer, beat: () => void): HashResult {
  let file: number | undefined;
  try {
    file = openSync(
      Buffer.from(job.path) as PathLike,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const isJob = () => {
      const stats = fstatSync(file as number, { bigint: true });
      const { size, mtime, ctime, inode } = stateOf(stats);
      return stats.isFile() && size === job.size && mtime === job.mtime && ctime === job.ctime && inode === job.inode;
    };
    if (!isJob()) return { problem: 'changed' };
    const size = Number(job.size);
    const digest = createHash('sha256');
    const take = (position: number, length: number) => {
      digest.update(readFrom(file as number, block, length, position));
      beat();
    };
    const isWhole = size <= wholeHead || job.part === 'whole';
    if (isWhole) for (let at = 0; at < size; at += blockSize) take(at, Math.min(blockSize, size - at));
    else {
      take(0, headSize);
      take(size - headSize, headSize);
    }
    const result = digest.digest();
    if (!isJob()) return { problem: 'changed' };
    return {
      ...(isWhole && { sha256: result }),
      ...((size <= wholeHead || !isWhole) && { head: result }),
    };
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    // A link has taken its place.
    return { problem: code === 'ELOOP' ? 'changed' : code };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function work(port: NonNullable<typeof parentPort>, request: WalkRequest | HashRequest): void {
  const isWalk = 'walk' in request;
  const control = new Int32Array((isWalk ? request.walk : request.hash).control);
  const beat = () => {
    Atomics.add(control, cells.beat, 1);
    if (Atomics.load(control, cells.cancelled)) throw new Cancelled('Cancelled.');
  };
  const attempt = (what: () => void) => {
    try {
      what();
    } catch (error) {
      const { code, syscall, message } = error as NodeJS.ErrnoException;
      port.postMessage({ failed: { code, syscall, message } });
    }
  };
  if (isWalk) {
    const { root, ignored, groupSize } = request.walk;
    const packer = new Packer(groupSize, (group, transfer) => {
      for (let n = Atomics.load(control, cells.waiting); n >= mostWaiting; n = Atomics.load(control, cells.waiting)) {
        Atomics.wait(control, cells.waiting, n, 1_000);
        beat();
      }
      Atomics.add(control, cells.waiting, 1);
      port.postMessage({ group }, transfer);
    });
    attempt(() => {
      walk(Buffer.from(root), ignored, packer, beat);
      port.postMessage({ ended: true });
    });
    return;
  }
  const block = Buffer.allocUnsafe(blockSize);
  port.on('message', (jobs: HashJob[]) => {
    attempt(() => port.postMessage({ results: jobs.map((job) => hash(job, block, beat)) }));
  });
}

// Types and constants of this file are imported without a thread too.
if (parentPort && isRequest(workerData)) work(parentPort, workerData);

function isRequest(data: unknown): data is WalkRequest | HashRequest {
  return typeof data === 'object' && data !== null && ('walk' in data || 'hash' in data);
}
