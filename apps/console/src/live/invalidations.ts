import { changeTypes, type EventType } from '@at/contracts/vocabulary';
import { queryClient } from '#api/query-client.ts';
import { onLive } from './live-events.ts';
import { throttle } from './throttle.ts';

/** Which events make which queries stale, by the first part of the query key, and how often each may be loaded. */
const table = {
  home: { types: changeTypes, after: 250, every: 3_000 },
  backlog: { types: ['title.changed'], every: 400 },
  // The API's sums may be a second old: loaded sooner, they could miss the change.
  evaluation: { types: ['title.changed', 'prediction.changed'], after: 1_200, every: 1_200, twice: true },
  slices: { types: ['title.changed', 'prediction.changed'], after: 1_200, every: 1_200, twice: true },
  agreement: { types: ['title.changed'], after: 1_200, every: 3_000 },
  'media-stats': { types: ['media.changed'], every: 1_000 },
  'media-history': { types: ['media.changed', 'title.changed', 'prediction.changed'], every: 1_000 },
  'media-errors': { types: ['media.changed'], every: 1_000 },
  run: { types: ['run.changed'], every: 250 },
  // The API's groups of failures may be a second old.
  'run-figures': { types: ['run.changed'], after: 1_200, every: 3_000 },
  // Its counts may be a second old.
  files: { types: ['run.changed', 'batch.changed'], after: 1_200, every: 2_000 },
  queue: { types: ['queue.changed', 'run.changed'], every: 250 },
  // A status follows from runs: a failed attempt that has another one ahead changes only its run.
  'queue-stats': { types: ['queue.changed', 'run.changed'], every: 1_000 },
  'queue-history': { types: ['queue.changed', 'run.changed'], every: 10_000 },
} as const satisfies Record<string, { types: readonly EventType[] } & Parameters<typeof throttle>[1]>;

type Name = keyof typeof table;

const names = Object.keys(table) as Name[];

/** The key of a query in the table. */
export const keyOf = <N extends Name>(name: N, ...rest: unknown[]) => [name, ...rest] as const;

const throttled = new Map(
  names.map((name) => [name, throttle(() => queryClient.invalidateQueries({ queryKey: [name] }), table[name])]),
);

/** Loads what is stale again, as soon as the table allows: after a change that no event may report. */
export const invalidate = (name: Name) => throttled.get(name)?.request();

/** Follows the events; called once. */
export function followInvalidations(): void {
  for (const name of names) onLive(table[name].types, () => invalidate(name));
}
