import { useEffect, useRef } from 'react';
import { useUrlValues } from './use-url-values.ts';

/**
 * However the details of a row are closed, the focus returns to it. The page moves only to the row of other details than
 * those that were opened, because a reader has gone on to them.
 */
export function useReturnFocus(opened: string | null, focus: (key: string, options: FocusOptions) => void): void {
  const first = useRef(opened);
  const last = useRef(opened);
  useEffect(() => {
    if (opened === null && last.current !== null)
      focus(last.current, { preventScroll: last.current === first.current });
    if (opened === null || last.current === null) first.current = opened;
    last.current = opened;
  }, [opened, focus]);
}

/** The row that keys act on, in the address. Moving to a row focuses it, so that Enter opens it and screen readers announce it. */
export function useCurrentRow<Row>({
  rows,
  keyOf,
  opened,
  focus,
}: {
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** The row whose details are open, if any are. */
  opened: string | null;
  focus: (key: string) => void;
}) {
  const [[row = null], setRow] = useUrlValues('row');
  const setCurrent = (key: string) => setRow(() => [key]);
  const current = opened ?? row;
  // After a link to a row, a reload or going back.
  const linked = useRef(row);
  useEffect(() => {
    if (linked.current !== null) focus(linked.current);
  }, []);
  const index = rows.findIndex((one) => keyOf(one) === current);
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index === -1 && by < 0 ? 0 : index + by))];
    if (!next) return;
    setCurrent(keyOf(next));
    focus(keyOf(next));
  };
  return { current, setCurrent, item: rows[index], next: () => move(1), previous: () => move(-1) };
}
