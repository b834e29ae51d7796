import type { TrainingRow } from '@at/contracts/training';
import { signedOut } from '#api/sign-in-required.ts';
import { connection } from '#state/connection.ts';
import { isolate } from '#ui/format.ts';
import { notify } from '#ui/notify.tsx';
import { createOutbox, type Entry, flagsAfter, type Message, type OutboxDeps, type Write } from './outbox.ts';
import { flagsOf, sendWrite } from './send-write.ts';

/** The outbox of this browser: one for all pages and tabs of the console. */

/** For a browser whose settings refuse storage: answers then live as long as the page. */
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
 * Held until the tab closes. Pages that are not served over HTTPS or from localhost have no locks, and a browser may
 * refuse them; every tab sends then, and the versions keep a write that was sent twice from counting twice.
 */
async function lock(): Promise<boolean> {
  // What this tab keeps in memory no other can send.
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
    listen: (hear) => channel.addEventListener('message', (event: MessageEvent<Message>) => hear(event.data)),
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

let before = connection.get().state;
connection.subscribe(() => {
  const now = connection.get().state;
  if (before === 'down' && now === 'up') outbox.retry();
  before = now;
});

signedOut.subscribe(() => {
  if (!signedOut.get()) outbox.retry();
});

// A tab closed by mistake with answers still here would send them only when it is opened again.
addEventListener('beforeunload', (event) => {
  if (outbox.unsent.get().length > 0) event.preventDefault();
});

let made = 0;
/** Ids of the writes this page has made. */
const own = new Set<string>();

/** An id that no other write of any tab has. */
export function nextWriteId(): string {
  made += 1;
  return `${Date.now().toString(36)}-${Math.floor(performance.now() * 1000).toString(36)}-${made}`;
}

/** Hands a write on a title, as the person sees it, to the outbox and gives its id. */
export function submit(title: TrainingRow, write: Write, extra: Pick<Entry, 'decisionMs' | 'shown'> = {}): string {
  const id = nextWriteId();
  const { imdb_id, media_title: name, updated_at: version } = title;
  own.add(id);
  outbox.add({ id, at: Date.now(), imdb_id, name, write, version, seen: flagsOf(title), ...extra });
  return id;
}

// Each of them is told where it was asked for, once.
outbox.onSettled(({ id, name }, outcome) => {
  if (outcome.kind !== 'saved' || !outcome.notes?.length || !own.has(id)) return;
  notify(`${isolate(name)}: ${outcome.notes.join(' ')}`);
});

/** Whether this page made the write; else another tab did, or this one before it was loaded anew. */
export const isOwn = (id: string) => own.has(id);

/**
 * Takes a write back: before it has left by withdrawing it, else by an undo behind it. `eventId` is what the API
 * answered to it, undefined when that is not known here. Gives the id of the undo, undefined where none is needed.
 */
export function withdraw(
  title: TrainingRow,
  id: string,
  write: Write,
  eventId: number | null | undefined,
): string | undefined {
  // It had changed nothing, so there is nothing to undo.
  if (eventId === null || outbox.cancel(id)) return undefined;
  const seen = flagsOf(title);
  const after = flagsAfter(seen, write);
  return submit({ ...title, ...after }, { kind: 'undo', undoes: id, eventId: eventId ?? null, undone: seen });
}
