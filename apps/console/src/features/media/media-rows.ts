import { listMedia, type MediaRow } from '@at/contracts/media';
import { call } from '#shared/api.ts';
import { useLive } from '#shared/live.ts';
import { useLiveRows } from '#shared/live-rows.ts';
import { useStore } from '#shared/store.ts';
import { filterOf, type MediaView } from './filters.ts';
import { overlaid, overlays } from './media-changes.ts';
import { refreshStats } from './media-stats.ts';

const types = ['media.changed'] as const;

async function read(query: Parameters<typeof call<typeof listMedia>>[1]['query'], hash: string[], signal: AbortSignal) {
  const { data } = await call(listMedia, { query: { ...query, hash, limit: hash.length, count: 'none' }, signal });
  return data.data;
}

/** The rows as they stand now, whoever changed them, where they stood when they were loaded. */
export function useMediaRows(view: MediaView, loaded: readonly MediaRow[]) {
  const all = useStore(overlays);
  useLive(types, refreshStats);
  const { rows, ...live } = useLiveRows({
    rows: loaded,
    types,
    keyOf: ({ hash }) => hash,
    versionOf: ({ updated_at }) => updated_at,
    touches: ({ hashes }) => hashes ?? 'many',
    fetchRows: (hashes, signal) => read({ deleted: 'include' }, hashes, signal),
    findNew: (hashes, signal) => read(filterOf(view), hashes, signal),
    enters: view.sort_by === 'updated_at' && view.sort_order === 'desc' ? 'changed' : 'added',
    isKnown: ({ hash, updated_at }) => overlays.get().get(hash)?.updated_at === updated_at,
  });
  return { ...live, rows: rows.map((row) => overlaid(row, all)) };
}
