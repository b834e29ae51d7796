import { UndoLast } from '#lists/undo-last.tsx';
import { useStore } from '#state/store.ts';
import { mediaItemKeys } from './keys.ts';
import { undoLatest, undos } from './media-changes.ts';

/** Undoes the latest change of an item, while there is one. */
export function UndoLatest() {
  const last = useStore(undos).at(-1);
  return last && <UndoLast what={last.message} keys={mediaItemKeys} onUndo={() => void undoLatest()} />;
}
