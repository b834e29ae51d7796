import { bulkUndos, nextBulkUndo } from '#bulk/bulk-undos.ts';
import { type LatestUndo, UndoLast } from '#lists/undo-last.tsx';
import { useStore } from '#state/store.ts';
import { mediaItemKeys } from './keys.ts';
import { undoLatest, undos } from './media-changes.ts';

/** The latest change, of an item or of many. */
export function useLatestUndo(): LatestUndo | undefined {
  const last = useStore(undos).at(-1);
  const bulk = nextBulkUndo(useStore(bulkUndos), 'media', last?.at);
  const run = () => void undoLatest();
  if (bulk) return { what: bulk.message, items: bulk.items, run };
  return last && { what: last.message, run };
}

/** Undoes the latest change, while there is one. */
export function UndoLatest() {
  const undo = useLatestUndo();
  return undo && <UndoLast undo={undo} keys={mediaItemKeys} />;
}
