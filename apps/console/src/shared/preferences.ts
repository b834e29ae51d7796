import { createRememberedStore, type Store } from './store.ts';

/**
 * Choices that belong to a person rather than to a page: kept by the browser, and, when a key tells who the person is,
 * by the API too, so that they are the same at the next screen.
 */

type Preference = { store: Store<unknown>; isValid: (value: unknown) => boolean };

const preferences = new Map<string, Preference>();

/** A choice that this browser remembers under the key, until there is a better one. */
export function createPreference<T>(key: string, initial: T, isValid: (value: unknown) => value is T): Store<T> {
  const store = createRememberedStore(key, initial, isValid);
  preferences.set(key, { store: store as Store<unknown>, isValid });
  return store;
}
