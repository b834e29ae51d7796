import { useSyncExternalStore } from 'react';

/** A value outside React that components can read. */
export type Store<T> = {
  get: () => T;
  set: (next: T | ((previous: T) => T)) => void;
  subscribe: (listener: () => void) => () => void;
};

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      const changed = typeof next === 'function' ? (next as (previous: T) => T)(value) : next;
      if (Object.is(changed, value)) return;
      value = changed;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T;
/** A part of the value: the component renders again when that changes, and not with the rest. */
export function useStore<T, Part>(store: Store<T>, partOf: (value: T) => Part): Part;
export function useStore<T, Part>(store: Store<T>, partOf?: (value: T) => Part): T | Part {
  const read = partOf ? () => partOf(store.get()) : store.get;
  return useSyncExternalStore<T | Part>(store.subscribe, read, read);
}

/** A store in localStorage; if the browser refuses that, it lasts until the page closes. */
export function createRememberedStore<T>(key: string, initial: T, isValid: (value: unknown) => value is T): Store<T> {
  const read = (): T => {
    try {
      const parsed: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
      return isValid(parsed) ? parsed : initial;
    } catch {
      return initial;
    }
  };
  const store = createStore(read());
  store.subscribe(() => {
    try {
      localStorage.setItem(key, JSON.stringify(store.get()));
    } catch {
      // Storage is full or refused: the choice holds until the page closes.
    }
  });
  // Tests have no such event.
  globalThis.addEventListener?.('storage', (event) => {
    if (event.key === key) store.set(read());
  });
  return store;
}

export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
