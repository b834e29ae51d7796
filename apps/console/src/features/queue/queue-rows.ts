import { listQueue, type QueueItem } from '@at/contracts/queue';
import { useRef } from 'react';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';
import type { RowKeys } from '#live/row-patches.ts';
import { useLiveRows } from '#live/use-live-rows.ts';

export const keyOf = ({ id }: QueueItem) => String(id);

const readItems = (ids: readonly string[], signal: AbortSignal) =>
  readByIds(
    ids,
    async (id) => (await call(listQueue, { query: { id: id.map(Number), limit: id.length }, signal })).data.items,
  );

/** The latest state of the rows, in the order in which they were loaded. */
export function useQueueRows(loaded: readonly QueueItem[], toFirstPage: (() => void) | undefined) {
  const shown = useRef(loaded);
  const live = useLiveRows<QueueItem>({
    rows: loaded,
    keyOf,
    versionOf: ({ updated_at }) => updated_at,
    // An event of the queue does not name its items; one of a run names the run.
    touches: ({ type, run_id }): RowKeys =>
      type === 'queue.changed' ? 'many' : shown.current.filter((row) => row.run_id === run_id).map(keyOf),
    fetchRows: readItems,
    types: ['queue.changed', 'run.changed'],
    toFirstPage,
  });
  shown.current = live.rows;
  return live;
}
