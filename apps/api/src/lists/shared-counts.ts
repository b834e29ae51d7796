/**
 * Answers that many readers ask for and that are dear to compute (a total, a page of counts), computed once and shared
 * for up to a second. Such an answer is at most a second old, and never older than the last write of this process, nor
 * than the last event that it has told of.
 */

/** Seconds an answer may be old. */
const lifetime = 1;
/** From this age on, a new answer is fetched behind the one that is still served. */
const refreshAge = 0.5;
const capacity = 500;

export type Shared<T> = {
  value: T;
  /** Seconds since its query began. */
  age: number;
};

type Entry = {
  begun: number;
  result: Promise<unknown>;
  /** The answer that will take this one's place, on its way. */
  next?: Entry;
};

export class SharedCounts {
  /** How often an answer was asked for, and how often one was computed for that. */
  readonly counts = { asked: 0, computed: 0 };
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** `now` gives seconds. */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** The shared answer under `key`, or a new one from `compute`. One computation runs per key at a time. */
  async read<T>(key: string, compute: () => Promise<T>): Promise<Shared<T>> {
    this.counts.asked += 1;
    let entry = this.#entries.get(key);
    const age = entry ? this.#now() - entry.begun : Number.POSITIVE_INFINITY;
    if (!entry) {
      entry = this.#begin(key, compute);
      this.#keep(key, entry);
    } else if (age >= refreshAge) {
      entry.next ??= this.#begin(key, compute, entry);
      if (age >= lifetime) entry = entry.next;
    }
    const value = (await entry.result) as T;
    return { value, age: Math.max(0, this.#now() - entry.begun) };
  }

  /** Forgets everything, also answers still on their way: what is asked from now on sees the write just made. */
  drop(): void {
    this.#entries.clear();
  }

  #begin(key: string, compute: () => Promise<unknown>, previous?: Entry): Entry {
    this.counts.computed += 1;
    const entry: Entry = { begun: this.#now(), result: compute() };
    entry.result.then(
      () => {
        if (previous && this.#entries.get(key) === previous) this.#entries.set(key, entry);
      },
      () => {
        // A failed answer is not kept: the next reader asks again.
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
