import type { QueueItem } from '@at/contracts/queue';
import { useEffect, useRef } from 'react';
import { useKeys } from '#keys/bindings.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import { notify } from '#ui/notify.tsx';
import { act, useRefusals } from './item-changes.ts';
import { queueItemKeys } from './keys.ts';
import { linkId } from './queue-columns.tsx';
import { queueTexts as texts } from './texts.ts';

export const focusItem = (id: string) => document.getElementById(linkId(id))?.focus();

/** The row that keys act on. Moving to a row focuses it, so that Enter opens it and screen readers announce it. */
export function useRowKeys({
  rows,
  opened,
  onOpen,
  onSelect,
}: {
  rows: readonly QueueItem[];
  /** The item whose details are open. */
  opened: string | null;
  onOpen: (id: string) => void;
  onSelect: (id: string) => void;
}) {
  const [[row = null], setRow] = useUrlValues('row');
  const setCurrent = (id: string) => setRow(() => [id]);
  const current = opened ?? row;
  const refusalOf = useRefusals();
  // After a link to a row, a reload or going back.
  const linked = useRef(row);
  useEffect(() => {
    if (linked.current !== null) focusItem(linked.current);
  }, []);
  const index = rows.findIndex(({ id }) => `${id}` === current);
  const item = rows[index];
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index === -1 && by < 0 ? 0 : index + by))];
    if (!next) return;
    setCurrent(`${next.id}`);
    focusItem(`${next.id}`);
  };
  const perform = (action: 'retry' | 'delete') => {
    if (!item) return;
    const reason = refusalOf(action, item);
    if (reason === undefined) act(action, item);
    else notify(texts.refused(texts.actions[action], reason));
  };
  useKeys(queueItemKeys, {
    next: () => move(1),
    previous: () => move(-1),
    open: () => item && onOpen(`${item.id}`),
    select: () => item && onSelect(`${item.id}`),
    retry: () => perform('retry'),
    delete: () => perform('delete'),
  });
  return { current, setCurrent };
}
