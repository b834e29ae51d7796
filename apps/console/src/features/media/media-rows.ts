import type { Event } from '@at/contracts/events';
import { listMedia, type MediaRow } from '@at/contracts/media';
import { useMemo } from 'react';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';
import { useReturns } from '#lists/undo-last.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { invalidate } from '#live/invalidations.ts';
import { useLiveRows } from '#live/use-live-rows.ts';
import { useStore } from '#state/store.ts';
import { onSaved, overlaid, overlays, setOverlay } from './media-changes.ts';
import { filterOf, isFirstPage, type MediaView, mediaView } from './view.ts';

/** The items with these hashes that a filter finds. */
const read = (
  filter: ReturnType<typeof filterOf>,
  hashes: readonly string[],
  signal?: AbortSignal,
): Promise<MediaRow[]> =>
  readByIds(hashes, async (hash) => {
    const query = { ...filter, hash, limit: hash.length, count: 'none' } as const;
    return (await call(listMedia, { query, ...(signal ? { signal } : {}) })).data.data;
  });

const live = {
  types: ['media.changed'],
  keyOf: ({ hash }: MediaRow) => hash,
  versionOf: ({ updated_at }: MediaRow) => updated_at,
  touches: ({ hashes }: Event) => hashes ?? 'many',
  fetchRows: (hashes: string[], signal: AbortSignal) => read({ deleted: 'include' }, hashes, signal),
  isKnown: ({ hash, updated_at }: MediaRow) => overlays.get().get(hash)?.updated_at === updated_at,
} as const;

/** The latest state of the rows, in the order in which they were loaded. `onChange` goes to other pages, if there are any. */
export function useMediaRows(view: MediaView, loaded: readonly MediaRow[], onChange?: ChangeView<MediaView>) {
  const all = useStore(overlays);
  useReturns(loaded.map(live.keyOf), onSaved);
  const { rows, ...others } = useLiveRows({
    ...live,
    rows: loaded,
    toFirstPage: onChange && !isFirstPage(view) ? () => onChange(mediaView.firstPage) : undefined,
    findNew: (hashes, signal) => read(filterOf(view), hashes, signal),
    enters: view.sort_by === 'updated_at' && view.sort_order === 'desc' ? 'changed' : 'added',
  });
  return { ...others, rows: rows.map((row) => overlaid(row, all)) };
}

/** The latest state of one item. */
export function useMediaItem(loaded: MediaRow): MediaRow {
  const all = useStore(overlays);
  const rows = useMemo(() => [loaded], [loaded]);
  const [item = loaded] = useLiveRows({ ...live, rows }).rows;
  return overlaid(item, all);
}

/** Reads rows again in place, after a change that no event may report. Rows that cannot be read stay as they were. */
export async function readRows(hashes: readonly string[]): Promise<void> {
  invalidate('media-stats');
  invalidate('media-errors');
  try {
    for (const item of await read({ deleted: 'include' }, hashes)) setOverlay(item);
  } catch {
    // The connection banner reports an outage.
  }
}
