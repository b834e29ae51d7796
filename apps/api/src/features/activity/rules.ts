import type { Activity } from '@at/contracts/activity';
import type { Event, EventStreamQuery } from '@at/contracts/events';
import type { FlagValues } from '@at/contracts/labels';
import { flags } from '@at/contracts/vocabulary';

type Filter = Pick<EventStreamQuery, 'type' | 'imdb_id' | 'hash'>;

/** Whether an event passes the filter. An event with too many rows to name them passes. */
export function filterOf({ type, imdb_id, hash }: Filter): (event: Event) => boolean {
  const types = type && new Set<string>(type);
  const titles = imdb_id && new Set(imdb_id.map((id) => id.toLowerCase()));
  const items = hash && new Set(hash.map((id) => id.toLowerCase()));
  const holds = (wanted: Set<string> | undefined, ids: string[] | null) =>
    wanted !== undefined && (ids === null || ids.some((id) => wanted.has(id)));
  return (event) => {
    if (types && !types.has(event.type)) return false;
    if (!titles && !items) return true;
    return holds(titles, event.imdb_ids) || holds(items, event.hashes);
  };
}

/** What a label event changed. */
export function changesOf(before: FlagValues, after: FlagValues): NonNullable<Activity['label']>['changes'] {
  return flags
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, from: before[field], to: after[field] }));
}
