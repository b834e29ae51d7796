import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveMode } from '@at/contracts/vocabulary';
import { createDb, createPool, type PoolOptions } from '@at/db/client';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import {
  announceEvents,
  findBounds,
  findEventsAfter,
  findMissingTriggers,
  findSnapshot,
  hasHeldEvents,
  type PlacedEvent,
  type Position,
  pollChanges,
} from './queries.ts';

/**
 * The only source of events in a process: it listens on its own connection, reads new events in a stable order, and hands
 * them to its subscribers. A notification only triggers a read. It also reads every two seconds, so that a lost
 * notification costs time and nothing else.
 */

export type Subscriber = {
  /** In order, each once; never empty. */
  onEvents: (events: readonly PlacedEvent[]) => void;
  /** Events before and after do not connect: the database is another one than before. */
  onReset: () => void;
};

export type EventFeed = {
  /** Starts; reconnects until `stop`. */
  start: () => void;
  stop: () => Promise<void>;
  /** Returns how to unsubscribe. */
  subscribe: (subscriber: Subscriber) => () => void;
  /** Everything up to here has been handed out; undefined: the database was not reached yet. */
  position: () => Position | undefined;
  /** Settles once there is a position. */
  ready: Promise<void>;
  /** Calls back after log lines were written, perhaps not every time. Returns how to stop. */
  onLogLines: (heard: () => void) => () => void;
  /** How changes are detected; null: not at all, because the database is unreachable or does not fit this version. */
  live: () => LiveMode | null;
};

/** Milliseconds. */
const times = {
  held: 25,
  end: 1_000,
  retry: [50, 100, 200, 500],
};
const pageSize = 500;

class Listening implements EventFeed {
  readonly ready: Promise<void>;
  readonly #isReady: () => void;
  readonly #options: PoolOptions;
  readonly #warn: (message: string) => void;
  readonly #pollInterval: number;
  readonly #subscribers = new Set<Subscriber>();
  readonly #logReaders = new Set<() => void>();
  #position: Position | undefined;
  #live: LiveMode | null = null;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #wake: () => void = () => {};
  #isWoken = false;
  /** The state of the database after which nothing was left to poll. */
  #polled: string | undefined;
  #nextPoll = 0;

  constructor(options: PoolOptions, warn: (message: string) => void, pollInterval: number) {
    this.#options = options;
    this.#warn = warn;
    this.#pollInterval = pollInterval;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#isReady = resolve;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#nudge();
    // An attempt to connect may take long and ends by itself.
    await Promise.race([this.#running, sleep(times.end, undefined, { ref: false })]);
  }

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  onLogLines(heard: () => void): () => void {
    this.#logReaders.add(heard);
    return () => void this.#logReaders.delete(heard);
  }

  position(): Position | undefined {
    return this.#position;
  }

  live(): LiveMode | null {
    return this.#live;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      try {
        await this.#session(() => {
          failures = 0;
        });
      } catch (error) {
        if (failures === 0 && !this.#isStopping) {
          this.#warn(`Live events are interrupted and will be retried: ${(error as Error).message}`);
        }
        this.#live = null;
        await this.#pause(times.retry[Math.min(failures, times.retry.length - 1)] as number);
        failures += 1;
      }
    }
  }

  /** Listens until it is stopped or the connection breaks, which throws. */
  async #session(onAlive: () => void): Promise<void> {
    const pool = createPool({ ...this.#options, max: 2, applicationName: 'rear-differential events' });
    const db = createDb(pool);
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
      this.#nudge();
    };
    try {
      const listener = await pool.connect();
      try {
        listener.on('error', onError);
        listener.on('notification', ({ channel }) => {
          if (channel === 'console_event') this.#nudge();
          else for (const heard of this.#logReaders) heard();
        });
        await listener.query('LISTEN console_event; LISTEN console_run_log');
        await this.#begin(db);
        let nextLook = 0;
        let heldFor = 0;
        while (!this.#isStopping) {
          if (broken) throw broken;
          const isLook = performance.now() >= nextLook;
          if (isLook) nextLook = performance.now() + this.#pollInterval;
          const isHeld = await this.#read(db, isLook);
          onAlive();
          // A transaction may run for hours: looked at less often, and still soon after its end.
          heldFor = isHeld ? Math.min(Math.max(times.held, heldFor * 2), 10 * times.held) : 0;
          await this.#pause(isHeld ? heldFor : Math.max(0, nextLook - performance.now()));
        }
      } finally {
        listener.release(true);
      }
    } finally {
      // Do not wait: an unanswered end would delay the next attempt or the exit.
      void db.destroy();
    }
  }

  async #begin(db: Kysely<DB>): Promise<void> {
    const [{ first, end }] = await Promise.all([findBounds(db), this.#findLive(db)]);
    const isOther = this.#position !== undefined && this.#position.txid > end;
    if (this.#position === undefined || isOther) this.#position = first;
    if (isOther) for (const { onReset } of this.#subscribers) onReset();
    this.#polled = undefined;
    this.#isReady();
  }

  /** Hands out what is new; true: more is there, but an older transaction still runs. */
  async #read(db: Kysely<DB>, isLook: boolean): Promise<boolean> {
    if (isLook) await this.#look(db);
    // First: an event that becomes readable in between is then read, or known to be held.
    const held = await hasHeldEvents(db);
    for (let found = pageSize; found === pageSize; ) {
      const events = await findEventsAfter(db, this.#position as Position, pageSize);
      found = events.length;
      const last = events.at(-1);
      if (!last) break;
      this.#position = last.position;
      for (const { onEvents } of this.#subscribers) onEvents(events);
    }
    return held;
  }

  /** What is done every two seconds: where triggers are missing, changes are looked for. */
  async #look(db: Kysely<DB>): Promise<void> {
    await this.#findLive(db);
    if (this.#live === 'polling' && performance.now() >= this.#nextPoll) {
      const snapshot = await findSnapshot(db);
      if (snapshot !== this.#polled) {
        const began = performance.now();
        if ((await pollChanges(db)) > 0) await announceEvents(db);
        this.#polled = snapshot;
        // It reads whole tables; large ones are not read all the time.
        this.#nextPoll = performance.now() + 10 * (performance.now() - began);
      }
    }
  }

  async #findLive(db: Kysely<DB>): Promise<void> {
    this.#live = (await findMissingTriggers(db)).length === 0 ? 'trigger' : 'polling';
  }

  #nudge(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Waits that long, or until woken. */
  async #pause(milliseconds: number): Promise<void> {
    if (!this.#isWoken && !this.#isStopping) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = () => {};
    }
    this.#isWoken = false;
  }
}

/** `pollInterval`: milliseconds between two reads without a notification. */
export function openEventFeed(options: PoolOptions, warn: (message: string) => void, pollInterval: number): EventFeed {
  return new Listening(options, warn, pollInterval);
}
