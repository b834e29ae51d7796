import { useCallback, useLayoutEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router';
import { createStore, useStore } from '#state/store.ts';

/**
 * State in the URL that needs no loader: the title on screen, open rows, a tree. The entry of the history is replaced
 * without a navigation, so that a change takes effect at once.
 */

/** The entry replaced last, by the router's key; the router does not see the replacement. */
const rewritten = createStore<{ key: string; search: string } | null>(null);

/** The router's key of the entry in the address bar. */
export const keyInBar = () => (history.state as { key?: string } | null)?.key ?? 'default';

/** The current parameters of an entry; `search` is the router's version. */
function parametersOf(key: string, search: string): URLSearchParams {
  const latest = rewritten.get();
  return new URLSearchParams(latest?.key === key ? latest.search : search);
}

/** The parameters in the address bar. */
export const parametersInUrl = () => parametersOf(keyInBar(), location.search);

/** Sets the values of a parameter; no values remove it. */
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
    // Safari allows 100 calls in 30 seconds; the next change writes it.
  }
}

/**
 * The values of a parameter, and a function that changes them. A navigation drops them, unless it shows the same `list`
 * at another address.
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
      // The address may already be that of the next page, which this one must not change.
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
