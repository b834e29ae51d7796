import { listMedia, type MediaRow } from '@at/contracts/media';
import { call } from '#api/call.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { invalidate } from '#live/invalidations.ts';
import { useLiveRows } from '#live/use-live-rows.ts';
import { useStore } from '#state/store.ts';
import { lay, overlaid, overlays } from './media-changes.ts';
import { filterOf, isFirstPage, type MediaView, mediaView } from './view.ts';

const types = ['media.changed'] as const;

/** As many hashes as one request may name; a board can show more cards. */
const most = 200;

/** The items with these hashes that a filter finds. */
async function read(
  filter: ReturnType<typeof filterOf>,
  hashes: readonly string[],
  signal?: AbortSignal,
): Promise<MediaRow[]> {
  const parts = Array.from({ length: Math.ceil(hashes.length / most) }, (_, index) =>
    hashes.slice(index * most, (index + 1) * most),
  );
  const replies = await Promise.all(
    parts.map((hash) =>
      call(listMedia, { query: { ...filter, hash, limit: most, count: 'none' }, ...(signal ? { signal } : {}) }),
    ),
  );
  return replies.flatMap(({ data }) => data.data);
}

/**
 * The rows as they stand now, whoever changed them, where they stood when they were loaded. `onChange` leads to other
 * pages, where there are any.
 */
export function useMediaRows(view: MediaView, loaded: readonly MediaRow[], onChange?: ChangeView<MediaView>) {
  const all = useStore(overlays);
  const { rows, ...live } = useLiveRows({
    rows: loaded,
    toFirstPage: onChange && !isFirstPage(view) ? () => onChange(mediaView.firstPage) : undefined,
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

/** Reads rows anew where they stand, also when nobody tells of changes. What cannot be read stays as it was. */
export async function readRows(hashes: readonly string[]): Promise<void> {
  invalidate('media-stats');
  try {
    for (const item of await read({ deleted: 'include' }, hashes)) lay(item);
  } catch {
    // That the API is away is told by the connection.
  }
}
