import { withLabelRule } from '@at/contracts/label-rule';
import type { FlagValues, LabelEvent, Shown } from '@at/contracts/labels';
import { flags, type Label } from '@at/contracts/vocabulary';
import { createStore } from '#state/store.ts';

/**
 * Unsent answers. The store keeps each until the API has it, so that a reload or a crash loses none. Writes of one title are
 * sent one at a time, in order. Each tab sends its own writes and those of closed tabs, and learns how they end from the reply;
 * other tabs show what the events report.
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
  | { kind: 'overtaken'; by: string | undefined; now: FlagValues; version: string };

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

/** The flags before the changes that led to `after`. */
export const flagsBefore = (after: FlagValues, changes: LabelEvent['changes']): FlagValues => ({
  ...after,
  ...Object.fromEntries(changes.map(({ field, from }) => [field, from])),
});

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
  /** Keeps unsent writes across reloads and crashes. The outbox does not wait for it. */
  store: {
    put: (entry: Entry) => void;
    remove: (id: string) => void;
    /** Whether no tab has sent the write yet. */
    has: (id: string) => Promise<boolean>;
    /** The writes of closed tabs, which are now this one's. */
    takeOver: () => Promise<Entry[]>;
    /** Whether no other tab takes over this one's writes while it is open. */
    isExclusive: Promise<boolean>;
  };
  /** Sends one write on top of `version`. Throws NotSent when it cannot be known to have arrived. */
  send: (entry: Entry, version: string) => Promise<Outcome | Moved>;
  /** Calls back after this many milliseconds. */
  later: (milliseconds: number, run: () => void) => void;
};

const parallel = 4;
const firstPause = 1_000;
const longestPause = 30_000;
/** How often a write is sent again for a title that changes at the same time. */
const rounds = 5;

export function createOutbox({ store, send, later }: OutboxDeps) {
  /** This tab's unsent writes, oldest first. */
  const unsent = createStore<Entry[]>([]);
  const listeners = new Set<(entry: Entry, outcome: Outcome) => void>();
  /** Titles with a write in flight. */
  const busy = new Set<string>();
  /** The state of each title after its last write. */
  const left = new Map<string, { flags: FlagValues; version: string }>();
  /** Writes of this tab that were never sent. */
  const neverSent = new Set<string>();
  let isExclusive = false;
  let pause = 0;
  let paused = false;

  function add(entries: Entry[]): void {
    if (entries.length === 0) return;
    unsent.set((before) => [...before, ...entries].toSorted((a, b) => a.at - b.at || a.id.localeCompare(b.id)));
    pump();
  }

  const takeOver = async () => add(await store.takeOver());

  function forget(id: string): void {
    store.remove(id);
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
        store.put(informed);
        unsent.set((before) => before.map((other) => (other.id === waiting.id ? informed : other)));
      } else {
        forget(waiting.id);
      }
    }
    forget(entry.id);
    for (const listener of listeners) listener(entry, outcome);
  }

  async function deliver(entry: Entry): Promise<Outcome> {
    let version = versionFor(entry);
    for (let round = 0; round < rounds; round += 1) {
      const outcome = await send(entry, version);
      if (outcome.kind !== 'moved') return outcome;
      version = outcome.version;
      // Another tab may have sent it with its undo, which looks as if nothing had happened.
      if (!isExclusive && !(await store.has(entry.id))) return { kind: 'saved', eventId: null, version };
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
    if (outcome) settle(entry, outcome);
    pump();
  }

  function pump(): void {
    if (paused) return;
    const blocked = new Set(busy);
    for (const entry of unsent.get()) {
      if (busy.size >= parallel) return;
      if (blocked.has(entry.imdb_id)) continue;
      blocked.add(entry.imdb_id);
      void sendOne(entry);
    }
  }

  void store.isExclusive.then((exclusive) => {
    isExclusive = exclusive;
  });
  void takeOver();

  return {
    unsent,
    /** Subscribes to the outcome of each write that this tab sends. Returns how to unsubscribe. */
    onSettled: (listener: (entry: Entry, outcome: Outcome) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (entry: Entry) => {
      store.put(entry);
      if (isExclusive) neverSent.add(entry.id);
      add([entry]);
    },
    /** Sends the writes of tabs that were closed. */
    takeOver,
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
