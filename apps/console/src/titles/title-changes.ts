import { compareTimes } from '@at/contracts/compare-times';
import type { FlagValues, LabelEvent, Shown } from '@at/contracts/labels';
import { getTraining, type TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { call } from '#api/call.ts';
import { currentSession, refusalOf } from '#api/session.ts';
import { notifyWithUndo } from '#live/undo-message.ts';
import { isOwn, outbox, submit, withdraw } from '#outbox/browser-outbox.ts';
import { type Entry, flagsAfter, flagsBefore, type Outcome, sameFlags, type Write } from '#outbox/outbox.ts';
import { flagsOf } from '#outbox/send-write.ts';
import { pageHere } from '#state/base-path.ts';
import { createStore } from '#state/store.ts';
import { formatWord, isolate, someone } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { shownProbability } from './probability.ts';
import { changeTexts, valuesOfUndo } from './title-changes.texts.ts';

/** The user's changes in a list since its rows were loaded; they cover the rows until newer ones are loaded. */

type Overlay = { flags: FlagValues; version: string };
/**
 * `close` closes the message that offers Undo; `undid` is what the undo says was undone; `page` and `at` are where and when
 * it was made, the latter by `performance.now()`.
 */
type Change = {
  id: string;
  page: string;
  at: number;
  title: TrainingRow;
  write: Write;
  close: () => void;
  undid: string;
  /** The label and the prediction of the row were hidden. */
  blind: boolean;
  eventId?: number | null;
};

/** A change of a title's flags, for figures that were loaded before it. */
export type Move = {
  /** Of the write. */
  id: string;
  title: Pick<TrainingRow, 'imdb_id' | 'media_type' | 'probability' | 'cm_value'>;
  from: FlagValues;
  to: FlagValues;
  /** When the API had it, by `performance.now()`: later requests include it. null: unsent. */
  settledAt: number | null;
};

export const overlays = createStore<ReadonlyMap<string, Overlay>>(new Map());
/** The changes of this page, oldest first; one that was undone is followed by its opposite. */
export const moves = createStore<readonly Move[]>([]);
/** What can be undone, the latest first. */
export const changes = createStore<readonly Change[]>([]);
/** Writes made here, with undos. */
const made = new Set<string>();

/** Whether the write was made on a row of a list; its outcome is reported here. */
export const isRowWrite = (id: string) => made.has(id);

/** Whether the user has labelled the title in a list of this page, and not undone it. */
export const isLabelledHere = (imdbId: string) =>
  changes.get().some(({ title, write }) => title.imdb_id === imdbId && write.kind !== 'anomalous');

function setOverlay(imdbId: string, overlay: Overlay): void {
  overlays.set((before) => new Map(before).set(imdbId, overlay));
}

/** The row with the user's changes. */
export function overlaid(row: TrainingRow, all: ReadonlyMap<string, Overlay>): TrainingRow {
  const overlay = all.get(row.imdb_id);
  if (!overlay || compareTimes(row.updated_at, overlay.version) > 0) return row;
  return { ...row, ...overlay.flags, updated_at: overlay.version };
}

function move(id: string, title: TrainingRow, from: FlagValues, to: FlagValues): void {
  made.add(id);
  moves.set((before) => [...before, { id, title, from, to, settledAt: null }]);
}

/** Whether a title still has the flags that the changes made here gave it; its changes are no longer undone if not. */
async function isAsLeft(imdb_id: string): Promise<boolean> {
  const isUnsent = () => outbox.unsent.get().some((entry) => entry.imdb_id === imdb_id);
  if (isUnsent()) return true;
  const { data } = await call(getTraining, { params: { imdb_id } });
  const left = overlays.get().get(imdb_id)?.flags;
  if (isUnsent() || !left || sameFlags(flagsOf(data), left)) return true;
  changes.set((all) => all.filter((change) => change.title.imdb_id !== imdb_id));
  return false;
}

/** `blind`: the label and the prediction of the row were hidden. */
type Seen = { blind?: boolean };

function apply(title: TrainingRow, write: Write, message: string, { undid = message, blind = false } = {}): void {
  const refusal = refusalOf(currentSession(), 'operator');
  if (refusal !== null) {
    notify(refusal);
    return;
  }
  const shown: Shown = blind
    ? { view: 'list', blind, probability: null }
    : { view: 'list', probability: shownProbability(title.probability), label: title.label };
  const id = submit(title, write, { shown });
  const before = flagsOf(title);
  const after = flagsAfter(before, write);
  const { imdb_id } = title;
  const close = notifyWithUndo(`${isolate(title.media_title)}: ${message}`, () => undoChange(id), {
    types: ['title.changed'],
    concerns: ({ imdb_ids }) => imdb_ids?.includes(imdb_id) ?? true,
    canUndo: () => isAsLeft(imdb_id),
  });
  changes.set((all) => [...all, { id, page: pageHere(), at: performance.now(), title, write, close, undid, blind }]);
  move(id, title, before, after);
  setOverlay(title.imdb_id, { flags: after, version: title.updated_at });
}

export function answerRow(title: TrainingRow, label: Label, seen?: Seen): void {
  apply(title, { kind: 'answer', label }, formatWord(label), seen);
}

/** Sets the label, or confirms it if the title has it already. Never touches files or torrents. */
export function labelRow(title: TrainingRow, label: Label): void {
  const name = isolate(title.media_title);
  if (title.label !== label) apply(title, { kind: 'relabel', label }, formatWord(label));
  else if (title.reviewed) notify(changeTexts.alreadyConfirmed(name, formatWord(label)));
  else {
    const confirmed = formatWord(label);
    apply(title, { kind: 'confirm' }, changeTexts.confirmed(confirmed), {
      undid: changeTexts.confirmation(confirmed),
    });
  }
}

export function toggleRowAnomalous(title: TrainingRow, seen?: Seen): void {
  const value = !title.anomalous;
  apply(title, { kind: 'anomalous', value }, changeTexts.anomalous(value), seen);
}

/**
 * Undoes a change, by default the latest, and says what was undone. Later changes of the title are undone too.
 */
export function undoChange(id: string | undefined = changes.get().at(-1)?.id): void {
  const all = changes.get();
  const first = all.findIndex((change) => change.id === id);
  const imdbId = all[first]?.title.imdb_id;
  const undone = all.filter(({ title }, index) => index >= first && title.imdb_id === imdbId);
  changes.set(() => all.filter((change) => !undone.includes(change)));
  for (const { id, title, write, close, eventId } of undone.toReversed()) {
    close();
    const version = overlays.get().get(title.imdb_id)?.version ?? title.updated_at;
    const before = flagsOf(title);
    setOverlay(title.imdb_id, { flags: before, version });
    const undo = withdraw(title, id, write, eventId);
    if (undo === undefined) moves.set((all) => all.filter((one) => one.id !== id));
    else move(undo, title, flagsAfter(before, write), before);
  }
  const [change] = undone;
  if (!change) return;
  const what = undone.toReversed().map(({ undid }) => undid);
  const after = undone.reduce((flags, { write }) => flagsAfter(flags, write), flagsOf(change.title));
  // The label stays hidden where it was.
  const values = change.blind ? '' : valuesOfUndo(after, flagsOf(change.title));
  notify(changeTexts.undid(what.join(', ')) + isolate(change.title.media_title) + values);
}

/**
 * Undoes the latest event of a title's history, such as one from before a reload. Returns the flags from before it.
 */
export function undoEvent(title: TrainingRow, { event_id, changes: changed }: LabelEvent): FlagValues {
  const seen = flagsOf(title);
  const undone = flagsBefore(seen, changed);
  const own = changes.get().find(({ eventId }) => eventId === event_id);
  if (own) {
    undoChange(own.id);
    return undone;
  }
  const id = submit(title, { kind: 'undo', undoes: '', eventId: event_id, undone });
  move(id, title, seen, undone);
  setOverlay(title.imdb_id, { flags: undone, version: title.updated_at });
  notify(changeTexts.undid(changeTexts.change) + isolate(title.media_title) + valuesOfUndo(seen, undone));
  return undone;
}

/** Keeps the move of a saved write, and drops that of another. */
function settleMove(id: string, outcome: Outcome): void {
  const settledAt = performance.now();
  moves.set((all) =>
    outcome.kind === 'saved'
      ? all.map((one) => (one.id === id ? { ...one, settledAt } : one))
      : all.filter((one) => one.id !== id),
  );
}

function reportFailure({ name }: Entry, outcome: Outcome): void {
  if (outcome.kind === 'refused') notifyError(changeTexts.refused(isolate(name)), outcome.reason);
  if (outcome.kind !== 'overtaken') return;
  const { by, now } = outcome;
  notify(changeTexts.overtaken(isolate(name), someone(by), now.label === null ? null : formatWord(now.label)));
}

outbox.onSettled((entry, outcome) => {
  const { id, imdb_id, seen, write } = entry;
  if (outcome.kind !== 'saved')
    changes
      .get()
      .find((change) => change.id === id)
      ?.close();
  if (isRowWrite(id)) {
    settleMove(id, outcome);
    reportFailure(entry, outcome);
  }
  changes.set((all) =>
    all.flatMap((change) => {
      if (change.id !== id) return change;
      return outcome.kind === 'saved' ? { ...change, eventId: outcome.eventId } : [];
    }),
  );
  const overlay = overlays.get().get(imdb_id);
  // Rows that were changed elsewhere, such as in another tab, follow the events.
  if (!overlay || !isOwn(id)) return;
  const version = outcome.kind === 'refused' ? overlay.version : outcome.version;
  const isLast = outbox.unsent.get().every((other) => other.imdb_id !== imdb_id);
  const flags = outcome.kind === 'overtaken' ? outcome.now : outcome.kind === 'saved' ? flagsAfter(seen, write) : seen;
  // An unsent change stays shown.
  setOverlay(imdb_id, { flags: isLast ? flags : overlay.flags, version });
});
