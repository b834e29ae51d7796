import type { MediaRow } from '@at/contracts/media';
import { useCallback } from 'react';
import { useLocation, useMatch, useNavigate } from 'react-router';
import { useKeys } from '#keys/bindings.ts';
import { useCurrentRow } from '#lists/current-row.ts';
import { useStore } from '#state/store.ts';
import { notify } from '#ui/notify.tsx';
import { linkId, overList } from './item-link.tsx';
import type { MediaAction } from './items.ts';
import { mediaItemKeys } from './keys.ts';
import { act, undoLatest, writing } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';
import { useLatestUndo } from './undo-latest.tsx';
import { useDisabledReasons } from './use-disabled-reasons.ts';

export const focusItem = (hash: string, options?: FocusOptions) =>
  document.getElementById(linkId(hash))?.focus(options);

/** The row that keys act on, and their actions. */
export function useItemKeys(rows: readonly MediaRow[], onSelect?: (hash: string) => void) {
  const { current, setCurrent, item, next, previous } = useCurrentRow({
    rows,
    keyOf: ({ hash }) => hash,
    opened: useMatch('/media/:hash')?.params.hash ?? null,
    focus: focusItem,
  });
  const reasonFor = useDisabledReasons();
  const navigate = useNavigate();
  const { search } = useLocation();
  const open = useCallback(
    (hash: string) => void navigate({ pathname: `/media/${hash}`, search }, overList),
    [navigate, search],
  );
  const perform = (action: MediaAction) => {
    if (!item) return;
    const reason = reasonFor(action, item);
    if (reason === undefined) act(action, item);
    else notify(texts.refused(texts.actions[action].name, reason));
  };
  const latest = useLatestUndo();
  // A change whose reply is on its way can be undone once that is here.
  const canUndo = useStore(writing).size > 0 || latest !== undefined;
  useKeys(
    mediaItemKeys,
    {
      next,
      previous,
      open: () => item && open(item.hash),
      select: () => item && onSelect?.(item.hash),
      reingest: () => perform('reingest'),
      approve: () => perform('approve'),
      finish: () => perform('finish'),
      delete: () => perform(item?.deleted_at == null ? 'delete' : 'restore'),
      undo: () => (canUndo ? void undoLatest() : notify(texts.nothingToUndo)),
    },
    { undo: canUndo ? null : texts.nothingToUndo },
  );
  return { current, setCurrent, open };
}
