import type { FlagValues } from '@at/contracts/labels';
import type { MediaState } from '@at/contracts/media';
import type { MediaHistoryEntry } from '@at/contracts/media-history';
import type { LabelAction, MediaAction } from '@at/contracts/vocabulary';
import { isCalendarTime } from '@at/db/timestamp';
import { changesBetween } from '#events/changes.ts';

type Stored<Action, State> = {
  event_id: number;
  at: string;
  actor: string;
  action: Action;
  before: State;
  after: State;
  undoes: number | null;
  operation_id: string | null;
};

/** What is recorded of an item; events are oldest first. */
export type ItemRecord = {
  present: MediaState;
  created_at: string;
  updated_at: string;
  events: Stored<MediaAction, MediaState>[];
  labels: Stored<LabelAction, FlagValues>[];
  removals: { at: string; torrents: number; files: number }[];
  predictions: { created_at: string; probability: number }[];
};

/** The state of a row that nothing has changed. */
const untouched = {
  pipeline_status: 'ingested',
  error_status: false,
  error_condition: null,
  rejection_status: 'unfiltered',
  rejection_reason: null,
  deleted_at: null,
};

const nothing = {
  at: null,
  actor: null,
  action: null,
  event_id: null,
  undoes: null,
  undone_by: null,
  operation_id: null,
  probability: null,
  torrents: 0,
  files: 0,
} as const;

const entry = (kind: MediaHistoryEntry['kind'], what: Partial<MediaHistoryEntry> = {}): MediaHistoryEntry => ({
  ...nothing,
  changes: [],
  ...what,
  at: what.at != null && isCalendarTime(what.at) ? what.at : null,
  kind,
});

function actionsOf(
  kind: 'action' | 'labelled',
  stored: Stored<MediaAction | LabelAction, object>[],
): MediaHistoryEntry[] {
  const undoneBy = new Map(stored.flatMap(({ undoes, event_id }) => (undoes === null ? [] : [[undoes, event_id]])));
  return stored.map(({ before, after, ...event }) =>
    entry(kind, { ...event, changes: changesBetween(before, after), undone_by: undoneBy.get(event.event_id) ?? null }),
  );
}

/**
 * The history of an item, newest first. Where an action does not begin with the state that the one before left, something
 * else changed the item in between, at a time that nobody recorded.
 */
export function historyOf({ present, created_at, updated_at, ...found }: ItemRecord): MediaHistoryEntry[] {
  const [first] = found.events;
  const own = [entry('added', { at: created_at })];
  const changes = changesBetween<MediaState>(untouched, first?.before ?? present).map((change) => ({
    ...change,
    from: null,
  }));
  if (changes.length > 0) own.push(entry('found', { changes }));
  let left: MediaState | undefined;
  const outside = (to: MediaState, at: string | null) => {
    const between = left ? changesBetween(left, to) : [];
    if (between.length > 0) own.push(entry('outside', { at, changes: between }));
  };
  const actions = actionsOf('action', found.events);
  for (const [index, event] of found.events.entries()) {
    outside(event.before, null);
    own.push(actions[index] as MediaHistoryEntry);
    left = event.after;
  }
  outside(present, updated_at);
  const others = [
    ...actionsOf('labelled', found.labels),
    ...found.removals.map((removal) => entry('removed', removal)),
    ...found.predictions.map(({ created_at: at, probability }) => entry('predicted', { at, probability })),
  ];
  return merged(own, others).reverse();
}

/** Entries without a time stay before the one that follows them. */
function merged(own: MediaHistoryEntry[], others: MediaHistoryEntry[]): MediaHistoryEntry[] {
  const waiting = others.toSorted((one, other) => ((one.at ?? '') < (other.at ?? '') ? -1 : 1));
  const all: MediaHistoryEntry[] = [];
  for (const [index, one] of own.entries()) {
    const until = own.slice(index).find(({ at }) => at !== null)?.at;
    while (waiting[0] && until != null && (waiting[0].at ?? '') < until) all.push(waiting.shift() as MediaHistoryEntry);
    all.push(one);
  }
  return [...all, ...waiting];
}
