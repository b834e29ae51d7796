import type { QueueItem } from '@at/contracts/queue';
import { useEffect, useRef } from 'react';
import { useKeys } from '#keys/bindings.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import { queueItemKeys } from './keys.ts';
import { linkId } from './queue-columns.tsx';

export const focusItem = (id: string) => document.getElementById(linkId(id))?.focus();

/** The row that keys act on. Moving to a row focuses it, so that Enter opens it and screen readers announce it. */
export function useRowKeys({
  rows,
  opened,
  onOpen,
}: {
  rows: readonly QueueItem[];
  /** The item whose details are open. */
  opened: string | null;
  onOpen: (id: string) => void;
}) {
  const [[row = null], setRow] = useUrlValues('row');
  const setCurrent = (id: string) => setRow(() => [id]);
  const current = opened ?? row;
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
  useKeys(queueItemKeys, {
    next: () => move(1),
    previous: () => move(-1),
    open: () => item && onOpen(`${item.id}`),
  });
  return { current, setCurrent };
}
