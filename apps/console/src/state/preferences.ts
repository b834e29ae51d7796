import { createRememberedStore, type Store } from './store.ts';

/**
 * Choices that belong to a person rather than to a page: kept by the browser, and, when a key tells who the person is,
 * by the API too (`preferences-sync.ts`), so that they are the same at the next screen.
 */

export type Preference = {
  store: Store<unknown>;
  /** What holds until somebody chooses. */
  initial: unknown;
  isValid: (value: unknown) => boolean;
};

/** Those that the code loaded so far knows, by key; more come with their pages. */
export const preferences = new Map<string, Preference>();

const listeners = new Set<(key: string) => void>();

/** Hears of each preference that comes to be known. */
export function onPreference(listener: (key: string) => void): void {
  for (const key of preferences.keys()) listener(key);
  listeners.add(listener);
}

/** Counts a store, which cares for itself in this browser, among the preferences. */
export function rememberPreference<T>(
  key: string,
  store: Store<T>,
  initial: T,
  isValid: (value: unknown) => value is T,
): void {
  preferences.set(key, { store: store as Store<unknown>, initial, isValid });
  for (const listener of listeners) listener(key);
}

/** A choice that this browser remembers under the key, until there is a better one. */
export function createPreference<T>(key: string, initial: T, isValid: (value: unknown) => value is T): Store<T> {
  const store = createRememberedStore(key, initial, isValid);
  rememberPreference(key, store, initial, isValid);
  return store;
}
