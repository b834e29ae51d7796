import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ThumbnailJob, ThumbnailReply } from './thumbnail-process.ts';

// Small pictures of files, made in processes of their own: a decoder that breaks, needs too much memory or never ends costs one
// picture, and the threads of this process stay free.

/** No picture was made, which says nothing of the file. */
export class ThumbnailFailed extends Error {
  override name = 'ThumbnailFailed';
  /** `busy`: too many others wait; `unusable`: pictures cannot be made at all. */
  readonly kind: 'busy' | 'unusable';
  constructor(kind: ThumbnailFailed['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Kilobytes of data that a process may have: a picture that needs more is not made. */
const memory = 2 ** 20;
const scratchName = /^at-thumbnail-[\da-f-]{36}$/;
const program = fileURLToPath(new URL('./thumbnail-process.ts', import.meta.url));

/** What a process takes, without the place that it may write to. */
type Wanted = Omit<ThumbnailJob, 'scratch'>;

export type ThumbnailOptions = {
  /** Pictures at once. */
  processes?: number;
  /** Milliseconds for a picture, and for the wait before it. */
  patience?: number;
  /** Files that may wait. */
  most?: number;
  /** Milliseconds after which a process without work ends. */
  idle?: number;
};

/** One process. It is started with its first picture, and again after one that ended it. */
class Maker {
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  readonly #patience: number;
  readonly #idleTime: number;

  constructor(patience: number, idle: number) {
    this.#patience = patience;
    this.#idleTime = idle;
  }

  /** undefined: no picture can be made of the file. Returns once the process is free or gone. Throws ThumbnailFailed. */
  async make(wanted: Wanted): Promise<Buffer | undefined> {
    clearTimeout(this.#idle);
    this.#child ??= this.#start();
    const scratch = join(tmpdir(), `at-thumbnail-${randomUUID()}`);
    const reply = await this.#ask(this.#child, { ...wanted, scratch });
    // It was killed with what it has written.
    if (!reply) await removeScratch(scratch);
    if (reply && 'unusable' in reply) {
      this.end();
      throw new ThumbnailFailed('unusable', `No pictures can be made here: ${reply.unusable}`);
    }
    this.#idle = setTimeout(() => this.end(), this.#idleTime).unref();
    return reply && 'picture' in reply ? Buffer.from(reply.picture) : undefined;
  }

  #start(): ChildProcess {
    const run = [process.execPath, program];
    // Without the variables of this process. The programs that it starts are of its group, and end with it.
    const env = {
      PATH: process.env.PATH,
      TMPDIR: process.env.TMPDIR,
      VIPS_BLOCK_UNTRUSTED: '1',
      MALLOC_ARENA_MAX: '2',
    };
    const child = spawn('/bin/sh', ['-c', `ulimit -d ${memory}; exec "$@"`, 'sh', ...run], {
      detached: true,
      env,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('error', () => {});
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    child.unref();
    child.channel?.unref();
    // What people wait for comes first.
    try {
      if (child.pid !== undefined) setPriority(child.pid, 10);
    } catch {
      // This process has an even lower claim, or the other one has ended.
    }
    return child;
  }

  /** undefined: the process ended without a reply. */
  #ask(child: ChildProcess, job: ThumbnailJob): Promise<ThumbnailReply | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => kill(child), this.#patience);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        child.off('message', onReply).off('exit', onExit).off('error', onError);
        settle();
      };
      const onReply = (reply: ThumbnailReply) => end(() => resolve(reply));
      const onExit = () => end(() => resolve(undefined));
      const onError = (error: Error) => {
        this.#child = undefined;
        end(() => reject(new ThumbnailFailed('unusable', `No pictures can be made here: ${error.message}.`)));
      };
      child.on('message', onReply).on('exit', onExit).on('error', onError);
      child.send(job, (error) => {
        // It ends, or never began.
        if (error && child.pid !== undefined) kill(child);
      });
    });
  }

  end(): void {
    clearTimeout(this.#idle);
    if (this.#child) kill(this.#child);
    this.#child = undefined;
  }
}

/** With the programs that it has started. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const removeScratch = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});

/** Removes what an earlier process left when it was killed; no picture takes as long as a minute. */
async function removeLeft(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch((): string[] => [])) {
    if (!scratchName.test(name)) continue;
    const path = join(tmpdir(), name);
    const { mtimeMs = Number.POSITIVE_INFINITY } = (await stat(path).catch(() => undefined)) ?? {};
    if (mtimeMs < Date.now() - 60_000) await removeScratch(path);
  }
}

export type Thumbnails = ReturnType<typeof openThumbnails>;

/** Starts no process before the first picture. */
export function openThumbnails({ processes = 2, patience = 10_000, most = 200, idle = 30_000 }: ThumbnailOptions = {}) {
  void removeLeft();
  const makers = Array.from({ length: processes }, () => new Maker(patience, idle));
  const free = [...makers];
  const waiting = new Set<(maker: Maker) => void>();
  const busy = () => new ThumbnailFailed('busy', 'Too many pictures are being made. Try again in a moment.');

  function next(): Promise<Maker> {
    const maker = free.pop();
    if (maker) return Promise.resolve(maker);
    if (waiting.size >= most) throw busy();
    return new Promise((resolve, reject) => {
      const begin = (freed: Maker) => {
        clearTimeout(timer);
        resolve(freed);
      };
      const timer = setTimeout(() => {
        waiting.delete(begin);
        reject(busy());
      }, patience);
      waiting.add(begin);
    });
  }

  return {
    /** WebP, turned as the file says, without metadata. undefined: no picture can be made of the file. Throws ThumbnailFailed. */
    async make(wanted: Wanted): Promise<Buffer | undefined> {
      const maker = await next();
      try {
        return await maker.make(wanted);
      } finally {
        const [begin] = waiting;
        if (begin) {
          waiting.delete(begin);
          begin(maker);
        } else free.push(maker);
      }
    },
    close(): void {
      for (const maker of makers) maker.end();
    },
  };
}
