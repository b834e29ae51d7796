import type { FlagValues, Shown } from '@at/contracts/label';
import { flags, type Label } from '@at/contracts/vocabulary';
import { createStore } from '#shared/store.ts';

/**
 * Answers on their way to the API. They are kept in storage until the API has them, so that a reload or a crash loses
 * none; writes of one title go out one after the other, in order; and of several tabs, the one that holds the lock
 * sends for all.
 */

export type Write =
  | { kind: 'answer'; label: Label }
  | { kind: 'anomalous'; value: boolean }
  /** Takes back the write `undoes`; its event is known once that has been sent. */
  | { kind: 'undo'; undoes: string; eventId: number | null; undone: FlagValues };

export type Entry = {
  id: string;
  /** Orders the writes of all tabs. */
  at: number;
  imdb_id: string;
  /** For people. */
  name: string;
  write: Write;
  /** The title's version and flags that the person saw. */
  version: string;
  seen: FlagValues;
  decisionMs?: number;
  shown?: Shown;
};

export type Outcome =
  | { kind: 'saved'; eventId: number | null; version: string }
  | { kind: 'refused'; reason: string }
  /** Somebody else has decided meanwhile; nothing was overwritten. */
  | { kind: 'overtaken'; by: string; now: FlagValues; version: string };

export const sameFlags = (left: FlagValues, right: FlagValues) => flags.every((flag) => left[flag] === right[flag]);

/** The flags as a write leaves them. */
export function flagsAfter(seen: FlagValues, write: Write): FlagValues {
  if (write.kind === 'answer') return { ...seen, label: write.label, human_labeled: true, reviewed: true };
  return write.kind === 'anomalous' ? { ...seen, anomalous: write.value } : write.undone;
}

/** Nothing came back: the write is tried again later. */
export class NotSent extends Error {
  override name = 'NotSent';
}

export type Surroundings = {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  /** Sends one write on top of `version`. Throws NotSent when it cannot be known to have arrived. */
  send: (entry: Entry, version: string) => Promise<Outcome>;
  /** Resolves when this tab is the one that sends. */
  lock: () => Promise<void>;
  /** Tells the other tabs, and hears them. */
  channel: { post: (message: Message) => void; listen: (hear: (message: Message) => void) => void };
  /** Calls back after so many milliseconds. */
  later: (milliseconds: number, run: () => void) => void;
};

export type Message = { type: 'added' } | { type: 'settled'; entry: Entry; outcome: Outcome };

const prefix = 'outbox.';
const parallel = 4;
const firstPause = 1_000;
const longestPause = 30_000;

export function createOutbox({ storage, send, lock, channel, later }: Surroundings) {
  /** Unsent writes of all tabs, oldest first. */
  const unsent = createStore<Entry[]>([]);
  const listeners = new Set<(entry: Entry, outcome: Outcome) => void>();
  /** Titles with a write on its way. */
  const busy = new Set<string>();
  /** How the last write that ended left each title. */
  const left = new Map<string, { flags: FlagValues; version: string }>();
  let sends = false;
  let pause = 0;
  let paused = false;

  function readStorage(): Entry[] {
    const entries: Entry[] = [];
    for (let index = 0; index < storage.length; index += 1) {
      const key = storage.key(index);
      if (!key?.startsWith(prefix)) continue;
      try {
        entries.push(JSON.parse(storage.getItem(key) ?? '') as Entry);
      } catch {
        // Not one of ours, or cut off: it can never be sent.
        storage.removeItem(key);
      }
    }
    return entries;
  }

  function sortByTime(entries: Entry[]): Entry[] {
    return entries.toSorted((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  }

  function refresh(): void {
    const stored = readStorage();
    const known = new Set(stored.map(({ id }) => id));
    // What storage refused to take is kept in memory.
    unsent.set((before) => sortByTime([...stored, ...before.filter(({ id }) => !known.has(id) && unstored.has(id))]));
  }
  const unstored = new Set<string>();

  function keep(entry: Entry): void {
    try {
      storage.setItem(prefix + entry.id, JSON.stringify(entry));
      unstored.delete(entry.id);
    } catch {
      unstored.add(entry.id);
    }
  }

  function forget(id: string): void {
    storage.removeItem(prefix + id);
    unstored.delete(id);
    unsent.set((before) => before.filter((entry) => entry.id !== id));
  }

  function remember(entry: Entry, outcome: Outcome): void {
    if (outcome.kind === 'refused') return;
    const flags = outcome.kind === 'saved' ? flagsAfter(entry.seen, entry.write) : outcome.now;
    left.set(entry.imdb_id, { flags, version: outcome.version });
  }

  /**
   * A write builds on the one before it when that is what the person saw; decided on anything else, it carries the
   * version that was seen, so that the API can tell that it comes too late.
   */
  function versionFor({ imdb_id, seen, version }: Entry): string {
    const before = left.get(imdb_id);
    return before && sameFlags(before.flags, seen) ? before.version : version;
  }

  function settle(entry: Entry, outcome: Outcome): void {
    remember(entry, outcome);
    for (const waiting of unsent.get()) {
      const { write } = waiting;
      if (write.kind !== 'undo' || write.undoes !== entry.id) continue;
      if (outcome.kind === 'saved' && outcome.eventId !== null) {
        // Kept with the undo, because after a reload nobody remembers the answer it belongs to.
        const informed = { ...waiting, write: { ...write, eventId: outcome.eventId } };
        keep(informed);
        unsent.set((before) => before.map((other) => (other.id === waiting.id ? informed : other)));
      } else {
        forget(waiting.id);
      }
    }
    forget(entry.id);
    tell(entry, outcome);
    channel.post({ type: 'settled', entry, outcome });
  }

  function tell(entry: Entry, outcome: Outcome): void {
    for (const listener of listeners) listener(entry, outcome);
  }

  async function sendOne(entry: Entry): Promise<void> {
    busy.add(entry.imdb_id);
    try {
      const outcome = await send(entry, versionFor(entry));
      pause = 0;
      busy.delete(entry.imdb_id);
      settle(entry, outcome);
    } catch (error) {
      busy.delete(entry.imdb_id);
      if (!(error instanceof NotSent)) {
        settle(entry, { kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
        return;
      }
      pause = Math.min(longestPause, pause === 0 ? firstPause : pause * 2);
      if (!paused) {
        paused = true;
        later(pause, () => {
          paused = false;
          pump();
        });
      }
    }
    pump();
  }

  function pump(): void {
    if (!sends || paused) return;
    const blocked = new Set(busy);
    for (const entry of unsent.get()) {
      if (busy.size >= parallel) return;
      if (blocked.has(entry.imdb_id)) continue;
      blocked.add(entry.imdb_id);
      void sendOne(entry);
    }
  }

  channel.listen((message) => {
    if (message.type === 'settled') {
      const { entry, outcome } = message;
      remember(entry, outcome);
      refresh();
      tell(entry, outcome);
    } else {
      refresh();
      pump();
    }
  });
  refresh();
  void lock().then(() => {
    sends = true;
    refresh();
    pump();
  });

  return {
    unsent,
    /** Hears how each write ended, whichever tab sent it; returns how to stop hearing. */
    onSettled: (listener: (entry: Entry, outcome: Outcome) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (entry: Entry) => {
      keep(entry);
      unsent.set((before) => sortByTime([...before, entry]));
      channel.post({ type: 'added' });
      pump();
    },
    /** Takes a write back before it has left; false when it has, or another tab sends. */
    cancel: (id: string): boolean => {
      const entry = unsent.get().find((one) => one.id === id);
      if (!entry || !sends) return false;
      const first = unsent.get().find(({ imdb_id }) => imdb_id === entry.imdb_id);
      if (busy.has(entry.imdb_id) && first === entry) return false;
      forget(id);
      return true;
    },
    /** Tries again now what waits for the API to come back. */
    retry: () => {
      pause = 0;
      paused = false;
      pump();
    },
  };
}
