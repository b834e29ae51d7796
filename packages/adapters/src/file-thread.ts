import { Worker } from 'node:worker_threads';
import { DiskError, DiskHangs } from './disk.ts';
import {
  cells,
  type FoundGroup,
  type HashJob,
  type HashRequest,
  type HashResult,
  type WalkRequest,
} from './file-thread-work.ts';

// Threads that walk through directories and read files, so that the process goes on with everything else. A thread that waits for
// a disk that is gone cannot be ended: it is left behind, and ends when the disk returns.

export type { FoundGroup, HashJob, HashResult, LeftReason } from './file-thread-work.ts';

type Reply = {
  group?: FoundGroup;
  ended?: true;
  results?: HashResult[];
  failed?: { code?: string; syscall?: string; message: string };
};

/** Milliseconds without a sign of life of a thread until its disk counts as gone. */
const patience = 120_000;

/** A thread, with its replies that were not taken yet. */
class FileThread {
  readonly #worker: Worker;
  readonly #control: Int32Array<SharedArrayBuffer>;
  #path: string;
  readonly #patience: number;
  readonly #replies: Reply[] = [];
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(path: Uint8Array, request: (control: SharedArrayBuffer) => WalkRequest | HashRequest, wait = patience) {
    const control = new SharedArrayBuffer(4 * Object.keys(cells).length);
    this.#control = new Int32Array(control);
    this.#path = Buffer.from(path).toString();
    this.#patience = wait;
    const file = new URL('./file-thread-work.ts', import.meta.url);
    this.#worker = new Worker(file, { workerData: request(control), execArgv: [] });
    this.#worker.on('message', (reply: Reply) => {
      this.#replies.push(reply);
      this.#wake?.();
    });
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('A thread for files ended.')));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  post(jobs: HashJob[]): void {
    this.#path = Buffer.from(jobs[0]?.path ?? []).toString();
    this.#worker.postMessage(jobs);
  }

  /** The next reply. Throws the reason of the signal, DiskHangs, or DiskError. */
  async next(signal: AbortSignal): Promise<Reply> {
    let beat = -1;
    let since = 0;
    // Even if replies wait.
    signal.throwIfAborted();
    while (this.#replies.length === 0) {
      if (this.#failure) throw this.#failure;
      const now = Atomics.load(this.#control, cells.beat);
      if (now !== beat) {
        beat = now;
        since = performance.now();
      } else if (performance.now() - since > this.#patience) throw new DiskHangs(this.#path);
      await this.#sign(signal);
      signal.throwIfAborted();
    }
    const reply = this.#replies.shift() as Reply;
    const { failed } = reply;
    if (!failed) return reply;
    if (failed.code === undefined) throw new Error(failed.message);
    throw new DiskError(Object.assign(new Error(failed.message), failed), [this.#path]);
  }

  /** Waits for a reply, the end of the thread, the signal, or the time to look whether the thread still works. */
  async #sign(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), Math.min(this.#patience / 4, 5_000));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#wake);
    });
    signal.removeEventListener('abort', this.#wake as () => void);
    this.#wake = undefined;
  }

  /** A group was taken: another one may come. */
  taken(): void {
    Atomics.sub(this.#control, cells.waiting, 1);
    Atomics.notify(this.#control, cells.waiting);
  }

  end(): void {
    Atomics.store(this.#control, cells.cancelled, 1);
    Atomics.notify(this.#control, cells.waiting);
    this.#worker.unref();
    void this.#worker.terminate();
  }
}

export type WalkOptions = {
  /** Patterns with `*` and `?` for names that are left out, beside those that always are. */
  ignored?: string[];
  signal: AbortSignal;
  patience?: number;
  /** Files of a group. */
  groupSize?: number;
};

/**
 * Finds the files below a directory in groups, parents first; the next group is read while the consumer works. Throws DiskError if
 * the directory itself cannot be read, and DiskHangs.
 */
export async function* walkFiles(
  root: Buffer,
  { ignored = [], signal, patience, groupSize = 5_000 }: WalkOptions,
): AsyncGenerator<FoundGroup> {
  const thread = new FileThread(root, (control) => ({ walk: { root, ignored, groupSize, control } }), patience);
  try {
    for (let reply = await thread.next(signal); reply.group; reply = await thread.next(signal)) {
      yield reply.group;
      thread.taken();
    }
  } finally {
    thread.end();
  }
}

/** Jobs of one message: so many files, or so many bytes. */
const most = { jobs: 64, bytes: 16_777_216 };

/**
 * Reads files in several threads, in the order of `jobs`; the results come in any order. A file that cannot be read, or is not the
 * one of its job any more, has a problem instead of a hash. Throws DiskHangs if a disk is gone.
 */
export async function* hashFiles<J extends HashJob>(
  jobs: AsyncIterable<J> | Iterable<J>,
  { threads, signal }: { threads: number; signal: AbortSignal },
): AsyncGenerator<{ job: J; result: HashResult }[]> {
  const pool: FileThread[] = [];
  const chunks = chunksOf(jobs);
  type Done = { thread: FileThread; results: { job: J; result: HashResult }[] };
  const working = new Map<FileThread, Promise<Done>>();
  const give = (thread: FileThread, chunk: J[]) => {
    thread.post(chunk.map(({ path, size, mtime, ctime, inode, part }) => ({ path, size, mtime, ctime, inode, part })));
    const answer = thread.next(signal).then(({ results = [] }) => ({
      thread,
      results: chunk.map((job, i) => ({ job, result: results[i] as HashResult })),
    }));
    // Several may fail; the first error is thrown.
    answer.catch(() => {});
    working.set(thread, answer);
  };
  try {
    // Without jobs no thread starts.
    for (let n = 0; n < threads; n += 1) {
      const { value: chunk, done } = await chunks.next();
      if (done) break;
      const thread = new FileThread(Buffer.alloc(0), (control) => ({ hash: { control } }));
      pool.push(thread);
      give(thread, chunk);
    }
    while (working.size > 0) {
      const { thread, results } = await Promise.race(working.values());
      working.delete(thread);
      const { value: chunk, done } = await chunks.next();
      if (!done) give(thread, chunk);
      yield results;
    }
  } finally {
    for (const thread of pool) thread.end();
  }
}

async function* chunksOf<J extends HashJob>(jobs: AsyncIterable<J> | Iterable<J>): AsyncGenerator<J[]> {
  let chunk: J[] = [];
  let bytes = 0;
  for await (const job of jobs) {
    chunk.push(job);
    bytes += job.part === 'whole' ? Number(job.size) : 131_072;
    if (chunk.length < most.jobs && bytes < most.bytes) continue;
    yield chunk;
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield chunk;
}
