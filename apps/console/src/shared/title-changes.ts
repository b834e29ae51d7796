import type { FlagValues } from '@at/contracts/label';
import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { isOwn, outbox, submit, takeBack } from './browser-outbox.ts';
import { formatWord, isolate } from './format.ts';
import { notify } from './notify.tsx';
import { flagsAfter, type Write } from './outbox.ts';
import { flagsOf } from './send-write.ts';
import { createStore } from './store.ts';

/** What was changed in the list since its rows were loaded: laid over them until the loader brings newer ones. */

type Overlay = { flags: FlagValues; version: string };
type Change = { id: string; title: TrainingRow; write: Write; eventId?: number | null };

export const overlays = createStore<ReadonlyMap<string, Overlay>>(new Map());
/** The latest is undone first. */
let changes: Change[] = [];

function lay(imdbId: string, overlay: Overlay): void {
  overlays.set((before) => new Map(before).set(imdbId, overlay));
}

/** The row as it stands now. */
export function overlaid(row: TrainingRow, all: ReadonlyMap<string, Overlay>): TrainingRow {
  const overlay = all.get(row.imdb_id);
  // ISO timestamps of one length: text order is time order.
  if (!overlay || row.updated_at > overlay.version) return row;
  return { ...row, ...overlay.flags, updated_at: overlay.version };
}

function apply(title: TrainingRow, write: Write, said: string): void {
  const shown = { view: 'list' as const, probability: title.probability ?? null, label: title.label };
  const id = submit(title, write, { shown });
  changes = [...changes, { id, title, write }];
  lay(title.imdb_id, { flags: flagsAfter(flagsOf(title), write), version: title.updated_at });
  notify(`${isolate(title.media_title)}: ${said}`, () => undoChange(id));
}

export function answerRow(title: TrainingRow, label: Label): void {
  apply(title, { kind: 'answer', label }, formatWord(label));
}

export function toggleRowAnomalous(title: TrainingRow): void {
  const value = !title.anomalous;
  apply(title, { kind: 'anomalous', value }, value ? 'anomalous' : 'no longer anomalous');
}

/**
 * Takes a change back, without an id the latest. What was done to the title after it goes with it, latest first: the
 * title is then as it was before the change.
 */
export function undoChange(id: string | undefined = changes.at(-1)?.id): void {
  const first = changes.findIndex((change) => change.id === id);
  const imdbId = changes[first]?.title.imdb_id;
  const undone = changes.filter(({ title }, index) => index >= first && title.imdb_id === imdbId);
  changes = changes.filter((change) => !undone.includes(change));
  for (const { id, title, write, eventId } of undone.toReversed()) {
    const version = overlays.get().get(title.imdb_id)?.version ?? title.updated_at;
    lay(title.imdb_id, { flags: flagsOf(title), version });
    takeBack(title, id, write, eventId);
  }
}

outbox.onSettled((entry, outcome) => {
  const { id, imdb_id, seen, write } = entry;
  changes = changes.flatMap((change) => {
    if (change.id !== id) return change;
    return outcome.kind === 'saved' ? { ...change, eventId: outcome.eventId } : [];
  });
  const overlay = overlays.get().get(imdb_id);
  // The review's own writes are none of the list's, which is loaded anew when it is shown.
  if (!overlay && isOwn(id)) return;
  const version = outcome.kind === 'refused' ? (overlay?.version ?? entry.version) : outcome.version;
  const isLast = outbox.unsent.get().every((other) => other.imdb_id !== imdb_id);
  const flags = outcome.kind === 'overtaken' ? outcome.now : outcome.kind === 'saved' ? flagsAfter(seen, write) : seen;
  // What is still on its way stays shown.
  lay(imdb_id, { flags: isLast || !overlay ? flags : overlay.flags, version });
});
