import { type BigIntStats, type FSWatcher, watch } from 'node:fs';
import { type Disk, DiskError, openDisk } from './disk.ts';
import { ignoring, markerName } from './file-thread-work.ts';

// Says that files below a directory have changed, by one watch of the system per directory. A library that watches each file has ten
// times as many. The system drops what it cannot queue, and reports no writes of other machines: it is a hint, and a scan is the truth.

/** The directory cannot be watched; the message says what to do. */
export class WatchRefused extends Error {
  override name = 'WatchRefused';
}

/** A file as the disk has it. `path`: below the root. */
export type SeenFile = { path: Buffer; size: bigint; mtimeNs: bigint; ctimeNs: bigint; inode: bigint };

export type TreeWatchOptions = {
  root: Buffer;
  /** Names that a scan leaves out. */
  ignored: readonly string[];
  /** Files were made or written, so many at once; undefined: something has changed, and the disk does not say what. */
  onChange: (files: SeenFile[] | undefined) => void;
  /** Directories at most. */
  most?: number;
  /** Instead of the system's, for tests. */
  watchDirectory?: typeof watch;
};

type TakeFiles = (files: SeenFile[]) => Promise<void> | void;

/** Milliseconds in which changes are collected before the disk is asked what they were. */
const pause = 500;
/** Types of file systems of which other machines change the files: NFS, SMB and CIFS. */
const networkTypes = [0x6969, 0x517b, 0xfe534d42, 0xff534d42];

const keyOf = (path: Buffer) => path.toString('latin1');
const below = (directory: Buffer, name: Buffer) => Buffer.concat([directory, Buffer.from('/'), name]);
const marker = Buffer.from(markerName);

export class TreeWatch {
  readonly #options: Required<TreeWatchOptions>;
  readonly #disk: Disk = openDisk({ patience: 5_000 });
  readonly #isIgnored: (name: Buffer) => boolean;
  readonly #watched = new Map<string, { watcher: FSWatcher; inode: bigint }>();
  readonly #changed = new Map<string, Buffer>();
  #timer: NodeJS.Timeout | undefined;
  #device: bigint | undefined;
  #isClosed = false;

  constructor(options: TreeWatchOptions) {
    this.#options = { most: 20_000, watchDirectory: watch, ...options };
    this.#isIgnored = ignoring(options.ignored);
  }

  /** How many directories are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * Watches all directories that are not watched yet, such as those whose report the system has dropped. Returns how many these are.
   * `take` gets the files that were made or written later than `since`, in milliseconds, directory by directory. Throws WatchRefused,
   * DiskError and DiskHangs.
   */
  async look(since = Number.POSITIVE_INFINITY, take: TakeFiles = () => {}): Promise<{ added: number }> {
    const { root } = this.#options;
    this.#device = (await this.#disk.lstat(root, { bigint: true })).dev;
    return this.#walk(root, since, take);
  }

  /** Whether other machines may change its files without a report. */
  async isRemote(): Promise<boolean> {
    return networkTypes.includes(Number((await this.#disk.statfs(this.#options.root)).type));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  async #walk(top: Buffer, since: number, take: TakeFiles): Promise<{ added: number }> {
    let added = 0;
    const stack = [top];
    for (let directory = stack.pop(); directory && !this.#isClosed; directory = stack.pop()) {
      // A scan reports folders that cannot be read.
      const orNothing = directory === this.#options.root ? refuse : unlessRefused;
      const found = await this.#disk.lstat(directory, { bigint: true }).catch(orNothing);
      if (!found?.isDirectory() || found.dev !== this.#device) continue;
      // First watched, then read: what comes between is in both.
      const isNew = this.#watch(directory, found.ino);
      const names = await this.#disk.readdir(directory, { encoding: 'buffer' }).catch(orNothing);
      if (!names) continue;
      if (directory !== this.#options.root && names.some((name) => name.equals(marker))) {
        this.#forget(directory);
        continue;
      }
      if (isNew) added += 1;
      const files: SeenFile[] = [];
      for (const name of names) {
        if (this.#isIgnored(name)) continue;
        const path = below(directory, name);
        const stats = await this.#disk.lstat(path, { bigint: true }).catch(unlessRefused);
        if (stats?.isDirectory()) stack.push(path);
        else if (stats?.isFile() && Number(stats.ctimeNs) / 1e6 > since) files.push(this.#seen(path, stats));
      }
      if (files.length > 0) await take(files);
    }
    return { added };
  }

  #seen(path: Buffer, { size, mtimeNs, ctimeNs, ino: inode }: BigIntStats): SeenFile {
    return { path: path.subarray(this.#options.root.length + 1), size, mtimeNs, ctimeNs, inode };
  }

  /** Returns whether the directory was not watched yet. */
  #watch(directory: Buffer, inode: bigint): boolean {
    const key = keyOf(directory);
    if (this.#watched.get(key)?.inode === inode) return false;
    this.#forget(directory);
    const { root, most, watchDirectory } = this.#options;
    if (this.size >= most)
      throw new WatchRefused(`${root} has more than ${most} folders, which are too many to watch.`);
    try {
      const options = { encoding: 'buffer', persistent: false } as const;
      const watcher = watchDirectory(directory, options, (_event, name) => this.#note(directory, name));
      watcher.on('error', () => this.#forget(directory));
      this.#watched.set(key, { watcher, inode });
    } catch (error) {
      throw this.#refusal(error as NodeJS.ErrnoException);
    }
    return true;
  }

  #refusal(error: NodeJS.ErrnoException): Error {
    const { root } = this.#options;
    const raise = (name: string, what: string) =>
      new WatchRefused(
        `The system allows no more ${what} for ${root}, of which ${this.size} folders were watched. Raise ${name} on the machine of the worker.`,
        { cause: error },
      );
    if (error.code === 'ENOSPC') return raise('fs.inotify.max_user_watches', 'watches');
    if (error.code === 'EMFILE') return raise('fs.inotify.max_user_instances', 'watching programs');
    return new DiskError(error, [root]);
  }

  #forget(directory: Buffer): void {
    const key = keyOf(directory);
    for (const [path, { watcher }] of this.#watched) {
      if (path !== key && !path.startsWith(`${key}/`)) continue;
      watcher.close();
      this.#watched.delete(path);
    }
  }

  #note(directory: Buffer, name: Buffer | null): void {
    if (name === null || this.#isIgnored(name)) return;
    const path = below(directory, name);
    this.#changed.set(keyOf(path), path);
    this.#timer ??= setTimeout(() => void this.#examine(), pause);
  }

  /** What was removed is no change: a run has nothing to do with it. */
  async #examine(): Promise<void> {
    this.#timer = undefined;
    const paths = [...this.#changed.values()];
    this.#changed.clear();
    const { onChange } = this.#options;
    const files: SeenFile[] = [];
    let isUnknown = false;
    for (const path of paths) {
      if (this.#isClosed) return;
      try {
        const stats = await this.#disk.lstat(path, { bigint: true }).catch(unlessGone);
        if (!stats) this.#forget(path);
        else if (stats.isFile()) files.push(this.#seen(path, stats));
        else if (stats.isDirectory()) await this.#walk(path, 0, (found) => void files.push(...found));
      } catch {
        // The next look says why.
        isUnknown = true;
      }
    }
    if (this.#isClosed) return;
    if (isUnknown) onChange(undefined);
    else if (files.length > 0) onChange(files);
  }
}

const unlessGone = (error: unknown) => {
  if (error instanceof DiskError && ['ENOENT', 'ENOTDIR'].includes(error.code)) return undefined;
  throw error;
};

const unlessRefused = (error: unknown) => {
  if (error instanceof DiskError) return undefined;
  throw error;
};

const refuse = (error: unknown) => {
  throw error;
};
