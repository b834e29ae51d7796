import type { FastifyInstance } from 'fastify';

/**
 * Answers that many readers request and that are expensive to compute (a total, statistics), computed once and shared for up
 * to a second. An answer is at most a second old, and never older than the last write of this process or the last event
 * that it has sent.
 */

/** Seconds an answer may be old. */
const lifetime = 1;
/**
 * The age from which a new answer is computed while the old one is still served. It leaves twice the duration of the last
 * computation; an earlier start would only compute more often. Both in seconds.
 */
const refreshAge = (duration: number) => Math.min(0.9, Math.max(0.5, lifetime - 2 * duration));
const capacity = 500;

export type Shared<T> = {
  value: T;
  /** Seconds since its query began. */
  age: number;
};

type Entry = {
  begun: number;
  /** Seconds its query took; while it runs, those of the one before. */
  duration: number;
  result: Promise<unknown>;
  /** The answer in flight that will replace this one. */
  next?: Entry;
};

export class SharedCounts {
  /** How often an answer was requested, and how often one was computed. */
  readonly requests = { total: 0, computed: 0 };
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly #parts: SharedCounts[] = [];

  /** `now` gives seconds. */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** The shared answer under `key`, or a new one from `compute`. One computation runs per key at a time. */
  async read<T>(key: string, compute: () => Promise<T>): Promise<Shared<T>> {
    this.requests.total += 1;
    let entry = this.#entries.get(key);
    const age = entry ? this.#now() - entry.begun : Number.POSITIVE_INFINITY;
    if (!entry) {
      entry = this.#begin(key, compute);
      this.#keep(key, entry);
    } else if (age >= refreshAge(entry.duration)) {
      entry.next ??= this.#begin(key, compute, entry);
      if (age >= lifetime) entry = entry.next;
    }
    const value = (await entry.result) as T;
    return { value, age: Math.max(0, this.#now() - entry.begun) };
  }

  /** Drops everything, also answers in flight: requests from now on see the write just made. */
  drop(): void {
    this.#entries.clear();
    for (const part of this.#parts) part.drop();
  }

  /** Answers that can be dropped without the others. */
  part(): SharedCounts {
    const part = new SharedCounts(this.#now);
    this.#parts.push(part);
    return part;
  }

  #begin(key: string, compute: () => Promise<unknown>, previous?: Entry): Entry {
    this.requests.computed += 1;
    const entry: Entry = { begun: this.#now(), duration: previous?.duration ?? lifetime, result: compute() };
    entry.result.then(
      () => {
        entry.duration = this.#now() - entry.begun;
        if (previous && this.#entries.get(key) === previous) this.#entries.set(key, entry);
      },
      () => {
        // A failed answer is not kept: the next reader computes it again.
        if (previous) delete previous.next;
        else if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return entry;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    if (this.#entries.size > capacity) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}

/** Drops these answers after each write of a plugin, whose event comes later. To be called before the plugin adds its routes. */
export function dropAfterWrites(app: FastifyInstance, counts: Pick<SharedCounts, 'drop'>): void {
  app.addHook('onSend', async ({ method }, { statusCode }) => {
    if (method !== 'GET' && statusCode < 400) counts.drop();
  });
}
