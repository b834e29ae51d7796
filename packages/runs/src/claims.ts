import { isUnreachable } from '@at/db/database-fault';

type Held = { claim: { jobId: string } };

/** What a queue of jobs does for its workers. `touch` returns the ids of the jobs that are still held. */
export type Source<Job extends Held> = {
  claim: (most: number) => Promise<Job[]>;
  touch: (jobs: Job[]) => Promise<string[]>;
  complete: (job: Job) => Promise<unknown>;
  fail: (jobs: Job[], error: unknown) => Promise<unknown>;
};

/** Returns whether the job is completed already. */
export type Handle<Job> = (job: Job, lost: AbortSignal) => Promise<boolean>;

/** Milliseconds between two looks for jobs that nobody has announced, and between two signs of life of those that are held. */
const times = { poll: 1_000, touch: 5_000 };

/**
 * Claims jobs of one queue, up to so many at a time: as many as there is room for in one statement. A job whose handler throws is
 * given to the next worker at once.
 */
export class Claims<Job extends Held> {
  readonly #source: Source<Job>;
  readonly #most: number;
  readonly #handle: Handle<Job>;
  readonly #onError: (error: Error) => void;
  readonly #held = new Map<Job, AbortController>();
  readonly #poll: NodeJS.Timeout;
  readonly #touch: NodeJS.Timeout;
  /** There may be jobs that can be claimed. */
  #isWorthALook = true;
  #isStopping = false;
  #changed = Promise.withResolvers<void>();
  readonly #claiming: Promise<void>;

  constructor(source: Source<Job>, most: number, handle: Handle<Job>, onError: (error: Error) => void) {
    this.#source = source;
    this.#most = most;
    this.#handle = handle;
    this.#onError = onError;
    this.#poll = setInterval(() => this.look(), times.poll);
    this.#touch = setInterval(() => this.#report(this.#touchHeld()), times.touch);
    this.#claiming = this.#claim();
  }

  /** There are jobs. */
  look(): void {
    this.#isWorthALook = true;
    this.#changed.resolve();
  }

  /** Claims no more jobs. Those that are held are handled to their end. */
  stopClaiming(): void {
    this.#isStopping = true;
    clearInterval(this.#poll);
    this.#changed.resolve();
  }

  /** Gives the jobs that are still held to other workers. */
  async stop(): Promise<void> {
    this.stopClaiming();
    await this.#claiming;
    clearInterval(this.#touch);
    if (this.#held.size > 0) await this.#source.fail([...this.#held.keys()], new Error('The worker has ended.'));
  }

  async #claim(): Promise<void> {
    while (!this.#isStopping) {
      this.#changed = Promise.withResolvers();
      const room = this.#most - this.#held.size;
      if (room === 0 || !this.#isWorthALook) {
        await this.#changed.promise;
        continue;
      }
      this.#isWorthALook = false;
      const jobs = await this.#report(this.#source.claim(room));
      if (jobs?.length === room) this.#isWorthALook = true;
      for (const job of jobs ?? []) void this.#report(this.#work(job));
    }
  }

  async #work(job: Job): Promise<void> {
    const lost = new AbortController();
    this.#held.set(job, lost);
    try {
      const isCompleted = await this.#handle(job, lost.signal);
      if (!isCompleted) await this.#source.complete(job);
    } catch (error) {
      await this.#source.fail([job], error);
    } finally {
      this.#held.delete(job);
      this.#changed.resolve();
    }
  }

  async #touchHeld(): Promise<void> {
    const jobs = [...this.#held.keys()];
    if (jobs.length === 0) return;
    const held = new Set(await this.#source.touch(jobs));
    // One that has ended since has nobody who listens.
    for (const job of jobs)
      if (!held.has(job.claim.jobId))
        this.#held.get(job)?.abort(new Error('Another worker has the job, or it has ended.'));
  }

  /** What fails because of an unreachable database reports it; this would do so several times a second. */
  async #report<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!isUnreachable(error as Error)) this.#onError(error as Error);
      return undefined;
    }
  }
}
