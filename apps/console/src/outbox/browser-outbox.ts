import type { TrainingRow } from '@at/contracts/training';
import { signedOut } from '#api/sign-in-required.ts';
import { onReconnected } from '#state/connection.ts';
import { isolate } from '#ui/format.ts';
import { notify } from '#ui/notify.tsx';
import { createOutbox, type Entry, flagsAfter, type Message, type OutboxDeps, type Write } from './outbox.ts';
import { flagsOf, sendWrite } from './send-write.ts';

/** The outbox of this browser: one for all pages and tabs of the console. */

/** For a browser that refuses storage: answers are kept until the page closes. */
function createMemory(): OutboxDeps['storage'] {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    key: (index) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  };
}

function sharedStorage(): Storage | undefined {
  try {
    localStorage.getItem('outbox');
    return localStorage;
  } catch {
    return undefined;
  }
}

/**
 * Held until the tab closes. Without HTTPS or localhost there are no locks, and a browser may refuse them: then every tab
 * sends, and the versions keep a write that was sent twice from counting twice.
 */
async function lock(): Promise<boolean> {
  // Another tab cannot send what this one keeps in memory.
  if (!shared) return true;
  if (!('locks' in navigator)) return false;
  return new Promise((resolve) => {
    const held = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request('outbox', held).catch(() => resolve(false));
  });
}

function createChannel(): OutboxDeps['channel'] {
  const channel = new BroadcastChannel('outbox');
  return {
    post: (message) => channel.postMessage(message),
    listen: (receive) => channel.addEventListener('message', (event: MessageEvent<Message>) => receive(event.data)),
  };
}

const shared = sharedStorage();

export const outbox = createOutbox({
  storage: shared ?? createMemory(),
  send: sendWrite,
  lock,
  channel: createChannel(),
  later: (milliseconds, run) => void setTimeout(run, milliseconds),
});

onReconnected(outbox.retry);

signedOut.subscribe(() => {
  if (!signedOut.get()) outbox.retry();
});

// After closing the tab, its unsent answers would wait for the next visit.
addEventListener('beforeunload', (event) => {
  if (outbox.unsent.get().length > 0) event.preventDefault();
});

let made = 0;
/** Ids of the writes this page has made. */
const own = new Set<string>();

/** An id that is unique among all tabs. */
export function nextWriteId(): string {
  made += 1;
  return `${Date.now().toString(36)}-${Math.floor(performance.now() * 1000).toString(36)}-${made}`;
}

/** Hands a write on a title, as the user sees it, to the outbox. Returns its id. */
export function submit(title: TrainingRow, write: Write, extra: Pick<Entry, 'decisionMs' | 'shown'> = {}): string {
  const id = nextWriteId();
  const { imdb_id, media_title: name, updated_at: version } = title;
  own.add(id);
  outbox.add({ id, at: Date.now(), imdb_id, name, write, version, seen: flagsOf(title), ...extra });
  return id;
}

// Only in the tab that made the write.
outbox.onSettled(({ id, name }, outcome) => {
  if (outcome.kind !== 'saved' || !outcome.notes?.length || !own.has(id)) return;
  notify(`${isolate(name)}: ${outcome.notes.join(' ')}`);
});

/** Whether this page made the write; otherwise another tab did, or this one before a reload. */
export const isOwn = (id: string) => own.has(id);

/**
 * Undoes a write: withdraws it if it has not been sent, otherwise adds an undo after it. `eventId` comes from the
 * API's reply; undefined if it is not known here. Returns the id of the undo, undefined if none is needed.
 */
export function withdraw(
  title: TrainingRow,
  id: string,
  write: Write,
  eventId: number | null | undefined,
): string | undefined {
  // null: the write changed nothing.
  if (eventId === null || outbox.cancel(id)) return undefined;
  const seen = flagsOf(title);
  const after = flagsAfter(seen, write);
  return submit({ ...title, ...after }, { kind: 'undo', undoes: id, eventId: eventId ?? null, undone: seen });
}
