import { createRememberedStore, type Store } from './store.ts';

/**
 * Choices of a user: kept by the browser, and for a signed-in user by the API too (`preferences-sync.ts`), so that they are
 * the same in another browser.
 */

export type Preference = {
  store: Store<unknown>;
  /** The default. */
  initial: unknown;
  isValid: (value: unknown) => boolean;
};

/** By key; pages add theirs when their code is loaded. */
export const preferences = new Map<string, Preference>();

const listeners = new Set<(key: string) => void>();

/** Calls back for each preference, present and later. */
export function onPreference(listener: (key: string) => void): void {
  for (const key of preferences.keys()) listener(key);
  listeners.add(listener);
}

/** The keys of the preferences that change from now on. */
export function noteChoices(): ReadonlySet<string> {
  const changed = new Set<string>();
  onPreference((key) => preferences.get(key)?.store.subscribe(() => changed.add(key)));
  return changed;
}

/** Adds a store, which keeps itself in this browser, to the preferences. */
export function rememberPreference<T>(
  key: string,
  store: Store<T>,
  initial: T,
  isValid: (value: unknown) => value is T,
): void {
  preferences.set(key, { store: store as Store<unknown>, initial, isValid });
  for (const listener of listeners) listener(key);
}

/** A choice that this browser keeps under the key. */
export function createPreference<T>(key: string, initial: T, isValid: (value: unknown) => value is T): Store<T> {
  const store = createRememberedStore(key, initial, isValid);
  rememberPreference(key, store, initial, isValid);
  return store;
}
