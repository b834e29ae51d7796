import type { MediaRow } from '@at/contracts/media';
import { useCallback, useEffect, useRef } from 'react';
import { useLocation, useMatch, useNavigate } from 'react-router';
import { useKeys } from '#keys/bindings.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import { useStore } from '#state/store.ts';
import { notify } from '#ui/notify.tsx';
import { linkId, overList } from './item-link.tsx';
import type { MediaAction } from './items.ts';
import { mediaItemKeys } from './keys.ts';
import { act, undoLatest, writing } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';
import { useLatestUndo } from './undo-latest.tsx';
import { useDisabledReasons } from './use-disabled-reasons.ts';

export const focusItem = (hash: string) => document.getElementById(linkId(hash))?.focus();

/**
 * The row that keys act on, and their actions. Moving to a row focuses it, so that Enter opens it and screen readers
 * announce it.
 */
export function useItemKeys(rows: readonly MediaRow[], onSelect?: (hash: string) => void) {
  const [[row = null], setRow] = useUrlValues('row');
  const setCurrent = (hash: string) => setRow(() => [hash]);
  // While details are open, it is their row.
  const current = useMatch('/media/:hash')?.params.hash ?? row;
  const reasonFor = useDisabledReasons();
  const navigate = useNavigate();
  const { search } = useLocation();
  // After a link to a row, a reload or going back.
  const linked = useRef(row);
  useEffect(() => {
    if (linked.current !== null) focusItem(linked.current);
  }, []);
  const index = rows.findIndex(({ hash }) => hash === current);
  const item = rows[index];
  const open = useCallback(
    (hash: string) => void navigate({ pathname: `/media/${hash}`, search }, overList),
    [navigate, search],
  );
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index === -1 && by < 0 ? 0 : index + by))];
    if (!next) return;
    setCurrent(next.hash);
    focusItem(next.hash);
  };
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
      next: () => move(1),
      previous: () => move(-1),
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
