import { withLabelRule } from '@at/contracts/label-rule';
import type { FlagValues, Shown } from '@at/contracts/labels';
import { flags, type Label } from '@at/contracts/vocabulary';
import { createStore } from '#state/store.ts';
import { outboxPrefix } from './storage-prefix.ts';

/**
 * Unsent answers. Storage keeps them until the API has them, so that a reload or a crash loses none. Writes of one title are
 * sent one at a time, in order. Of several tabs the one with the lock sends for all; the others show what the events report.
 */

export type Write =
  | { kind: 'answer'; label: Label }
  /** Confirms the present label. */
  | { kind: 'confirm' }
  /** Sets another label; unlike an answer it never touches files. */
  | { kind: 'relabel'; label: Label }
  | { kind: 'anomalous'; value: boolean }
  /** Undoes the write `undoes`; its event is null until it is known. */
  | { kind: 'undo'; undoes: string; eventId: number | null; undone: FlagValues };

export type Entry = {
  id: string;
  /** Orders the writes of all tabs. */
  at: number;
  imdb_id: string;
  /** For messages. */
  name: string;
  write: Write;
  /** The title's version and flags that the user saw. */
  version: string;
  seen: FlagValues;
  decisionMs?: number;
  shown?: Shown;
};

export type Outcome =
  /** `notes`: what else failed, such as deleting files; one sentence each. */
  | { kind: 'saved'; eventId: number | null; version: string; notes?: string[] }
  | { kind: 'refused'; reason: string }
  /** Another user decided first; nothing was overwritten. */
  | { kind: 'overtaken'; by: string; now: FlagValues; version: string };

/** Only other columns than the flags have changed: the write still applies, on top of `version`. */
export type Moved = { kind: 'moved'; version: string };

export const sameFlags = (left: FlagValues, right: FlagValues) => flags.every((flag) => left[flag] === right[flag]);

/** The flags after a write. */
export function flagsAfter(seen: FlagValues, write: Write): FlagValues {
  switch (write.kind) {
    case 'answer':
    case 'relabel':
      return { ...seen, ...withLabelRule({ label: write.label }) };
    case 'confirm':
      return { ...seen, reviewed: true };
    case 'anomalous':
      return { ...seen, anomalous: write.value };
    case 'undo':
      return write.undone;
  }
}

/** Whether the title no longer waits for a review after the write. */
const decides = ({ kind }: Write) => kind === 'answer' || kind === 'confirm' || kind === 'relabel';

/** The titles that these writes answer, without answers that another of them undoes. */
export function answeredTitles(writes: Entry[]): Set<string> {
  const undone = new Set(writes.map(({ write }) => write.kind === 'undo' && write.undoes));
  const answers = writes.filter(({ id, write }) => decides(write) && !undone.has(id));
  return new Set(answers.map(({ imdb_id }) => imdb_id));
}

/** No response: the write will be retried. */
export class NotSent extends Error {
  override name = 'NotSent';
}

export type OutboxDeps = {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  /** Sends one write on top of `version`. Throws NotSent when it cannot be known to have arrived. */
  send: (entry: Entry, version: string) => Promise<Outcome | Moved>;
  /** Resolves when this tab may send: true if no other tab does, false without locks. */
  lock: () => Promise<boolean>;
  /** Moves writes between tabs: unsent ones to the tab that sends, and outcomes back to the tab that made them. */
  channel: { post: (message: Message) => void; listen: (receive: (message: Message) => void) => void };
  /** Calls back after this many milliseconds. */
  later: (milliseconds: number, run: () => void) => void;
};

export type Message = { type: 'added'; entry: Entry } | { type: 'settled'; entry: Entry; outcome: Outcome };

const parallel = 4;
const firstPause = 1_000;
const longestPause = 30_000;
/** How often a write is sent again for a title that changes at the same time. */
const rounds = 5;

export function createOutbox({ storage, send, lock, channel, later }: OutboxDeps) {
  /** Unsent writes of all tabs, oldest first. */
  const unsent = createStore<Entry[]>([]);
  const listeners = new Set<(entry: Entry, outcome: Outcome) => void>();
  /** Titles with a write in flight. */
  const busy = new Set<string>();
  /** The state of each title after its last write. */
  const left = new Map<string, { flags: FlagValues; version: string }>();
  /** Writes that storage refused: kept in memory and sent from here, as no other tab can see them. */
  const unstored = new Set<string>();
  /** Writes from other tabs that storage does not show here yet. */
  const received = new Map<string, Entry>();
  /** Writes that have ended; storage may still show one for a moment. */
  const ended = new Set<string>();
  /** Writes of this tab that were never sent. */
  const neverSent = new Set<string>();
  let sends = false;
  let sendsAlone = false;
  let pause = 0;
  let paused = false;

  function readStorage(): Entry[] {
    const keys = Array.from({ length: storage.length }, (_none, index) => storage.key(index) ?? '');
    return keys
      .filter((key) => key.startsWith(outboxPrefix))
      .flatMap((key) => {
        try {
          const entry = JSON.parse(storage.getItem(key) ?? '') as Entry | null;
          if (outboxPrefix + entry?.id === key) return entry as Entry;
        } catch {
          // Not JSON.
        }
        // Foreign or truncated: it can never be sent.
        storage.removeItem(key);
        return [];
      });
  }

  function sortByTime(entries: Entry[]): Entry[] {
    return entries.toSorted((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  }

  function refresh(): void {
    const shown = readStorage();
    for (const { id } of shown) {
      received.delete(id);
      if (ended.has(id)) storage.removeItem(outboxPrefix + id);
    }
    const stored = shown.filter(({ id }) => !ended.has(id));
    unsent.set((before) =>
      sortByTime([...stored, ...received.values(), ...before.filter(({ id }) => unstored.has(id))]),
    );
  }

  const isUnsent = (id: string) => unsent.get().some((entry) => entry.id === id);

  function keep(entry: Entry): void {
    try {
      storage.setItem(outboxPrefix + entry.id, JSON.stringify(entry));
      unstored.delete(entry.id);
    } catch {
      unstored.add(entry.id);
    }
  }

  function forget(id: string): void {
    storage.removeItem(outboxPrefix + id);
    ended.add(id);
    received.delete(id);
    unstored.delete(id);
    neverSent.delete(id);
    unsent.set((before) => before.filter((entry) => entry.id !== id));
  }

  function remember(entry: Entry, outcome: Outcome): void {
    if (outcome.kind === 'refused') return;
    const flags = outcome.kind === 'saved' ? flagsAfter(entry.seen, entry.write) : outcome.now;
    left.set(entry.imdb_id, { flags, version: outcome.version });
  }

  /**
   * A write builds on the one before it if the user saw that one's result. Otherwise it carries the version that the user
   * saw, so that the API can refuse it.
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
        // Stored with the undo, because a reload forgets the answer.
        const informed = { ...waiting, write: { ...write, eventId: outcome.eventId } };
        keep(informed);
        unsent.set((before) => before.map((other) => (other.id === waiting.id ? informed : other)));
      } else {
        forget(waiting.id);
      }
    }
    forget(entry.id);
    notifyListeners(entry, outcome);
    channel.post({ type: 'settled', entry, outcome });
  }

  function notifyListeners(entry: Entry, outcome: Outcome): void {
    for (const listener of listeners) listener(entry, outcome);
  }

  async function deliver(entry: Entry): Promise<Outcome> {
    let version = versionFor(entry);
    for (let round = 0; round < rounds; round += 1) {
      const outcome = await send(entry, version);
      if (outcome.kind !== 'moved') return outcome;
      // Another tab may have sent it with its undo, which looks as if nothing had happened.
      if (!isUnsent(entry.id)) break;
      version = outcome.version;
    }
    return { kind: 'refused', reason: 'The title changes faster than it can be answered. Try again.' };
  }

  function scheduleRetry(): void {
    pause = Math.min(longestPause, pause === 0 ? firstPause : pause * 2);
    if (paused) return;
    paused = true;
    later(pause, () => {
      paused = false;
      pump();
    });
  }

  async function sendOne(entry: Entry): Promise<void> {
    busy.add(entry.imdb_id);
    neverSent.delete(entry.id);
    let outcome: Outcome | undefined;
    try {
      outcome = await deliver(entry);
      pause = 0;
    } catch (error) {
      if (error instanceof NotSent) scheduleRetry();
      else outcome = { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
    busy.delete(entry.imdb_id);
    // Otherwise a faster tab has settled it and has sent its outcome.
    if (outcome && isUnsent(entry.id)) settle(entry, outcome);
    pump();
  }

  function pump(): void {
    if (paused) return;
    const blocked = new Set(busy);
    for (const entry of unsent.get()) {
      if (busy.size >= parallel) return;
      if (blocked.has(entry.imdb_id)) continue;
      blocked.add(entry.imdb_id);
      if (sends || unstored.has(entry.id)) void sendOne(entry);
    }
  }

  channel.listen((message) => {
    if (message.type === 'settled') {
      const { entry, outcome } = message;
      remember(entry, outcome);
      forget(entry.id);
      refresh();
      notifyListeners(entry, outcome);
    } else {
      if (!ended.has(message.entry.id)) received.set(message.entry.id, message.entry);
      refresh();
    }
    pump();
  });
  refresh();
  void lock().then((alone) => {
    sends = true;
    sendsAlone = alone;
    refresh();
    pump();
  });

  return {
    unsent,
    /** Subscribes to the outcome of each write, of any tab. Returns how to unsubscribe. */
    onSettled: (listener: (entry: Entry, outcome: Outcome) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (entry: Entry) => {
      keep(entry);
      if (sendsAlone) neverSent.add(entry.id);
      unsent.set((before) => sortByTime([...before, entry]));
      // Writes that storage refused are sent from here only.
      if (!unstored.has(entry.id)) channel.post({ type: 'added', entry });
      pump();
    },
    /** Withdraws a write that was certainly not sent. Returns false if it may have been. */
    cancel: (id: string): boolean => {
      if (!neverSent.has(id)) return false;
      forget(id);
      return true;
    },
    /** Sends now, instead of after the next pause. */
    retry: () => {
      pause = 0;
      paused = false;
      pump();
    },
  };
}
