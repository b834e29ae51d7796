import type { FlagValues } from '@at/contracts/label';
import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { formatWord } from '#shared/format.ts';
import { notify } from '#shared/notify.tsx';
import { createStore } from '#shared/store.ts';
import { outbox, submit, takeBack } from './browser-outbox.ts';
import { flagsAfter, type Write } from './outbox.ts';
import { flagsOf } from './send.ts';

/** What was changed in the list since its rows were loaded: laid over them until the loader brings newer ones. */

type Overlay = { flags: FlagValues; version: string };
type Change = { id: string; title: TrainingRow; write: Write; eventId?: number | null };

export const overlays = createStore<ReadonlyMap<string, Overlay>>(new Map());
/** The latest is undone first. */
let changes: Change[] = [];

function lay(imdbId: string, overlay: Overlay | null): void {
  overlays.set((before) => {
    const next = new Map(before);
    if (overlay) next.set(imdbId, overlay);
    else next.delete(imdbId);
    return next;
  });
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
  notify(`${title.media_title}: ${said}`, () => undoChange(id));
}

export function answerRow(title: TrainingRow, label: Label): void {
  apply(title, { kind: 'answer', label }, formatWord(label));
}

export function toggleRowAnomalous(title: TrainingRow): void {
  const value = !title.anomalous;
  apply(title, { kind: 'anomalous', value }, value ? 'anomalous' : 'no longer anomalous');
}

/** Takes one change back; without an id the latest. */
export function undoChange(id?: string): void {
  const change = id === undefined ? changes.at(-1) : changes.find((one) => one.id === id);
  if (!change) return;
  changes = changes.filter((one) => one !== change);
  const { title, write, eventId } = change;
  lay(title.imdb_id, {
    flags: flagsOf(title),
    version: overlays.get().get(title.imdb_id)?.version ?? title.updated_at,
  });
  takeBack(title, change.id, write, eventId);
}

outbox.onSettled((entry, outcome) => {
  const overlay = overlays.get().get(entry.imdb_id);
  changes = changes.flatMap((change) => {
    if (change.id !== entry.id) return change;
    return outcome.kind === 'saved' ? { ...change, eventId: outcome.eventId } : [];
  });
  if (!overlay) return;
  if (outcome.kind === 'saved') lay(entry.imdb_id, { ...overlay, version: outcome.version });
  else if (outcome.kind === 'overtaken') lay(entry.imdb_id, { flags: outcome.now, version: outcome.version });
  else lay(entry.imdb_id, null);
});
