import { useEffect, useMemo, useRef, useState } from 'react';

/** Rows selected for a bulk change. */
export type Selection = {
  keys: ReadonlySet<string>;
  /** Every row that matches the filter, on all pages; `keys` is then empty. */
  matching: boolean;
  /** Where a range starts: the row toggled last. */
  anchor: string | null;
};

export const nothingSelected: Selection = { keys: new Set(), matching: false, anchor: null };

/** How much of a page is selected. */
export type Extent = 'none' | 'some' | 'all';

const noKeys: ReadonlySet<string> = new Set();

/** The selected rows of the page. */
const onPage = ({ keys, matching }: Selection, page: readonly string[]) =>
  matching ? page : page.filter((key) => keys.has(key));

/**
 * Toggles a row; with `range` every row from the anchor to it gets the same state. If all matching rows are selected,
 * deselecting one selects the others of its page: a selection by filter cannot exclude rows.
 */
export function toggleRow(selection: Selection, page: readonly string[], key: string, range = false): Selection {
  const keys = new Set(selection.matching ? page : selection.keys);
  const chosen = !keys.has(key);
  const from = range && selection.anchor !== null ? page.indexOf(selection.anchor) : -1;
  const to = page.indexOf(key);
  const toggled = from < 0 || to < 0 ? [key] : page.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const one of toggled) {
    if (chosen) keys.add(one);
    else keys.delete(one);
  }
  return { keys, matching: false, anchor: key };
}

/** Selects every row of the page, or deselects them if all are selected; other pages keep theirs. */
export function togglePage(selection: Selection, page: readonly string[]): Selection {
  if (selection.matching) return nothingSelected;
  const keys = new Set(selection.keys);
  const leave = extentOf(selection, page) === 'all';
  for (const key of page) {
    if (leave) keys.delete(key);
    else keys.add(key);
  }
  return { keys, matching: false, anchor: null };
}

export function extentOf(selection: Selection, page: readonly string[]): Extent {
  const count = onPage(selection, page).length;
  return count === 0 ? 'none' : count === page.length ? 'all' : 'some';
}

/**
 * The selection of a list whose page shows the rows `keys`. It survives a change of page but not of `filter`: rows that
 * may no longer match must not be changed.
 */
export function useSelection(keys: readonly string[], filter = '') {
  const [selection, setSelection] = useState(nothingSelected);
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => setSelection(nothingSelected), [filter]);
  const acts = useMemo(
    () => ({
      toggle: (key: string, range = false) => setSelection((before) => toggleRow(before, latest.current, key, range)),
      togglePage: () => setSelection((before) => togglePage(before, latest.current)),
      selectMatching: () => setSelection({ keys: noKeys, matching: true, anchor: null }),
      clear: () => setSelection(nothingSelected),
    }),
    [],
  );
  return {
    ...acts,
    keys: selection.keys,
    matching: selection.matching,
    isSelected: (key: string) => selection.matching || selection.keys.has(key),
    extent: extentOf(selection, keys),
    isEmpty: !selection.matching && selection.keys.size === 0,
  };
}

export type RowSelection = ReturnType<typeof useSelection>;
