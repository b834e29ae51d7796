import type { FlagValues, LabelEvent, Shown } from '@at/contracts/labels';
import type { LabelAction } from '@at/contracts/vocabulary';
import { changesBetween } from '#events/changes.ts';

/** An event as it is stored. */
export type StoredEvent = {
  event_id: number;
  at: string;
  actor: string;
  actor_verified: boolean;
  action: LabelAction;
  before: FlagValues;
  after: FlagValues;
  decision_ms: number | null;
  shown: Shown | null;
  undoes: number | null;
};

/**
 * The history of a title, newest first, from its events (oldest first) and its present flags. Where an event does not
 * begin with what the one before left, the table was written directly in between; that is an entry of its own.
 */
export function historyOf(events: StoredEvent[], present: FlagValues): LabelEvent[] {
  const undoneBy = new Map(events.flatMap(({ undoes, event_id }) => (undoes === null ? [] : [[undoes, event_id]])));
  const history: LabelEvent[] = [];
  let left: FlagValues | undefined;
  const outside = (from: FlagValues | undefined, to: FlagValues) => {
    const changes = from ? changesBetween(from, to) : [];
    if (changes.length === 0) return;
    history.push({
      event_id: null,
      at: null,
      actor: 'database',
      actor_verified: true,
      action: 'outside',
      changes,
      decision_ms: null,
      shown: null,
      undoes: null,
      undone_by: null,
    });
  };
  for (const { before, after, ...event } of events) {
    outside(left, before);
    history.push({ ...event, changes: changesBetween(before, after), undone_by: undoneBy.get(event.event_id) ?? null });
    left = after;
  }
  outside(left, present);
  return history.reverse();
}

/** Whether it is the name of a time zone; PostgreSQL also reads rules such as `UTC+3`, which mean the opposite. */
export function isZoneName(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
