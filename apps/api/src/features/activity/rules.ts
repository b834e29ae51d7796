import type { Event, EventStreamQuery } from '@at/contracts/events';
import { changesBetween } from '#events/changes.ts';

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

/** An event with what it changed, in place of the values that it found and left; null stays null. */
export function withChanges<State extends object, Rest extends object>(
  event: (Rest & { before: State; after: State }) | null,
) {
  if (event === null) return null;
  const { before, after, ...rest } = event;
  return { ...rest, changes: changesBetween(before, after) };
}
