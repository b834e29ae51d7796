import type { TrainingRow } from '@at/contracts/training';
import { signedOut } from '#api/sign-in-required.ts';
import { nextWriteId } from '#api/write-id.ts';
import { onReconnected } from '#state/connection.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { uiTexts as texts } from '#ui/texts.ts';
import { openEntryStore } from './entry-store.ts';
import { createOutbox, type Entry, flagsAfter, type Write } from './outbox.ts';
import { flagsOf, sendWrite } from './send-write.ts';

/** The outbox of this tab: one for all pages of the console. */

/** Milliseconds between two searches for writes of closed tabs. */
const searchPause = 10_000;

const store = openEntryStore(nextWriteId(), navigator.locks);
/** Writes that the browser refused to store: they are in memory alone. */
const unstored = new Set<string>();

export const outbox = createOutbox({
  store: {
    ...store,
    put: (entry) =>
      void store.put(entry).catch(() => {
        if (unstored.size === 0) notifyError(texts.notStored, texts.notStoredReason);
        unstored.add(entry.id);
      }),
    has: async (id) => unstored.has(id) || store.has(id),
  },
  send: sendWrite,
  later: (milliseconds, run) => void setTimeout(run, milliseconds),
});

setInterval(outbox.takeOver, searchPause);

onReconnected(outbox.retry);

signedOut.subscribe(() => {
  if (!signedOut.get()) outbox.retry();
});

// After closing the tab, its unsent answers would wait for the next visit.
addEventListener('beforeunload', (event) => {
  if (outbox.unsent.get().length > 0) event.preventDefault();
});

/** Ids of the writes this page has made. */
const own = new Set<string>();

/** Hands a write on a title, as the user sees it, to the outbox. Returns its id. */
export function submit(title: TrainingRow, write: Write, extra: Pick<Entry, 'decisionMs' | 'shown'> = {}): string {
  const id = nextWriteId();
  const { imdb_id, media_title: name, updated_at: version } = title;
  own.add(id);
  outbox.add({ id, at: Date.now(), imdb_id, name, write, version, seen: flagsOf(title), ...extra });
  return id;
}

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
