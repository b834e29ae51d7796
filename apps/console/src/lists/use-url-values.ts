import { useCallback, useLayoutEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router';
import { createStore, useStore } from '#state/store.ts';

/**
 * What a link restores although nothing is loaded for it: the title on screen, opened rows, a tree. The entry of the
 * history is rewritten; no navigation takes place, so that it counts at once, however fast the next change comes.
 */

/** The entry rewritten last, by the router's key; the router does not know of what has become of it. */
const rewritten = createStore<{ key: string; search: string } | null>(null);

/** The router's key of the entry in the address bar. */
const keyInBar = () => (history.state as { key?: string } | null)?.key ?? 'default';

/** The parameters of an entry as they are now; `search` are those that the router knows. */
function parametersOf(key: string, search: string): URLSearchParams {
  const latest = rewritten.get();
  return new URLSearchParams(latest?.key === key ? latest.search : search);
}

/** The parameters in the address bar. */
export const parametersInUrl = () => parametersOf(keyInBar(), location.search);

/** Gives a parameter of the address these values; without any it goes. */
export function writeInUrl(name: string, values: readonly string[]): void {
  const parameters = parametersInUrl();
  const before = parameters.getAll(name);
  if (before.length === values.length && before.every((value, index) => value === values[index])) return;
  parameters.delete(name);
  for (const value of values) parameters.append(name, value);
  const search = parameters.size > 0 ? `?${parameters}` : '';
  rewritten.set({ key: keyInBar(), search });
  try {
    history.replaceState(history.state, '', `${location.pathname}${search}${location.hash}`);
  } catch {
    // Safari allows this a hundred times in thirty seconds; the next change brings what is missing.
  }
}

/**
 * The values of a parameter of the address, and how to change them. Going elsewhere leaves them behind, unless what is
 * shown is still the same `list`, under another address: what was opened in it stays open.
 */
export function useUrlValues(
  name: string,
  list?: string,
): [values: string[], change: (next: (before: string[]) => readonly string[]) => void] {
  const { key, search } = useLocation();
  const isBack = useNavigationType() === 'POP';
  useStore(rewritten);
  const written = parametersOf(key, search).getAll(name);
  const held = useRef({ key, list, values: written });
  const { current: before } = held;
  const isCarried = before.key !== key && list !== undefined && before.list === list && written.length === 0 && !isBack;
  const values = isCarried ? before.values : written;
  const change = useCallback(
    (next: (before: string[]) => readonly string[]) => {
      // The bar may be a page ahead of the one on screen, which must not write into it.
      if (keyInBar() === key) writeInUrl(name, next(parametersInUrl().getAll(name)));
    },
    [name, key],
  );
  useLayoutEffect(() => {
    held.current = { key, list, values };
    if (isCarried) change(() => values);
  });
  return [values, change];
}
