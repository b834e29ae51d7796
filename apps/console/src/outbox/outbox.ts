import { withLabelRule } from '@at/contracts/label-rule';
import type { FlagValues, Shown } from '@at/contracts/labels';
import { flags, type Label } from '@at/contracts/vocabulary';
import { createStore } from '#state/store.ts';
import { outboxPrefix } from './storage-prefix.ts';

/**
 * Answers on their way to the API. They are kept in storage until the API has them, so that a reload or a crash loses
 * none; writes of one title go out one after the other, in order; and of several tabs, the one that holds the lock
 * sends for all.
 */

export type Write =
  | { kind: 'answer'; label: Label }
  /** Confirms the label as it stands. */
  | { kind: 'confirm' }
  /** Sets another label; unlike an answer it never touches files. */
  | { kind: 'relabel'; label: Label }
  | { kind: 'anomalous'; value: boolean }
  /** Takes back the write `undoes`; its event is null until it is known. */
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
  /** `notes`: what beside the flags could not be done, one sentence each. */
  | { kind: 'saved'; eventId: number | null; version: string; notes?: string[] }
  | { kind: 'refused'; reason: string }
  /** Somebody else has decided meanwhile; nothing was overwritten. */
  | { kind: 'overtaken'; by: string; now: FlagValues; version: string };

/** Only other columns than the flags have changed since: the write still holds, on top of `version`. */
export type Moved = { kind: 'moved'; version: string };

export const sameFlags = (left: FlagValues, right: FlagValues) => flags.every((flag) => left[flag] === right[flag]);

/** The flags as a write leaves them. */
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

/** Whether a write decides a title's label, so that it waits for a review no longer. */
const decides = ({ kind }: Write) => kind === 'answer' || kind === 'confirm' || kind === 'relabel';

/** The titles whose answer is among these writes and is not taken back by another of them. */
export function answeredBy(writes: Entry[]): Set<string> {
  const undone = new Set(writes.map(({ write }) => write.kind === 'undo' && write.undoes));
  const answers = writes.filter(({ id, write }) => decides(write) && !undone.has(id));
  return new Set(answers.map(({ imdb_id }) => imdb_id));
}

/** Nothing came back: the write is tried again later. */
export class NotSent extends Error {
  override name = 'NotSent';
}

export type OutboxDeps = {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  /** Sends one write on top of `version`. Throws NotSent when it cannot be known to have arrived. */
  send: (entry: Entry, version: string) => Promise<Outcome | Moved>;
  /** Resolves when this tab may send: with true when no other does, with false where nothing keeps others from it. */
  lock: () => Promise<boolean>;
  /** Tells the other tabs, and hears them. */
  channel: { post: (message: Message) => void; listen: (hear: (message: Message) => void) => void };
  /** Calls back after so many milliseconds. */
  later: (milliseconds: number, run: () => void) => void;
};

export type Message = { type: 'added'; entry: Entry } | { type: 'settled'; entry: Entry; outcome: Outcome };

const parallel = 4;
const firstPause = 1_000;
const longestPause = 30_000;
/** How often a write follows a title that changes while it is on its way. */
const rounds = 5;

export function createOutbox({ storage, send, lock, channel, later }: OutboxDeps) {
  /** Unsent writes of all tabs, oldest first. */
  const unsent = createStore<Entry[]>([]);
  const listeners = new Set<(entry: Entry, outcome: Outcome) => void>();
  /** Titles with a write on its way. */
  const busy = new Set<string>();
  /** How the last write that ended left each title. */
  const left = new Map<string, { flags: FlagValues; version: string }>();
  /** What storage refused to take: kept in memory, and sent from here, as no other tab can see it. */
  const unstored = new Set<string>();
  /** Writes told by other tabs that storage does not show here yet: a message may overtake it. */
  const heard = new Map<string, Entry>();
  /** Writes that have ended; storage may show one of them for a moment still. */
  const ended = new Set<string>();
  /** Writes of this tab that cannot have left it, because no attempt was made. */
  const untouched = new Set<string>();
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
          // As below.
        }
        // Not one of ours, or cut off: it can never be sent.
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
      heard.delete(id);
      if (ended.has(id)) storage.removeItem(outboxPrefix + id);
    }
    const stored = shown.filter(({ id }) => !ended.has(id));
    unsent.set((before) => sortByTime([...stored, ...heard.values(), ...before.filter(({ id }) => unstored.has(id))]));
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
    heard.delete(id);
    unstored.delete(id);
    untouched.delete(id);
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

  async function deliver(entry: Entry): Promise<Outcome> {
    let version = versionFor(entry);
    for (let round = 0; round < rounds; round += 1) {
      const outcome = await send(entry, version);
      if (outcome.kind !== 'moved') return outcome;
      // Another tab may have sent it and its undo meanwhile, which looks as if nothing had happened.
      if (!isUnsent(entry.id)) break;
      version = outcome.version;
    }
    return { kind: 'refused', reason: 'The title changes faster than it can be answered. Try again.' };
  }

  function waitAWhile(): void {
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
    untouched.delete(entry.id);
    let outcome: Outcome | undefined;
    try {
      outcome = await deliver(entry);
      pause = 0;
    } catch (error) {
      if (error instanceof NotSent) waitAWhile();
      else outcome = { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
    busy.delete(entry.imdb_id);
    // A tab that was faster has settled it, and has told everyone how it ended.
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
      tell(entry, outcome);
    } else {
      if (!ended.has(message.entry.id)) heard.set(message.entry.id, message.entry);
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
    /** Hears how each write ended, whichever tab sent it; returns how to stop hearing. */
    onSettled: (listener: (entry: Entry, outcome: Outcome) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (entry: Entry) => {
      keep(entry);
      if (sendsAlone) untouched.add(entry.id);
      unsent.set((before) => sortByTime([...before, entry]));
      // What storage refused is sent from here alone.
      if (!unstored.has(entry.id)) channel.post({ type: 'added', entry });
      pump();
    },
    /** Withdraws a write that has certainly not left; false when it may have. */
    cancel: (id: string): boolean => {
      if (!untouched.has(id)) return false;
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
