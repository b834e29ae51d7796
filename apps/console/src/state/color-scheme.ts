import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core';
import { rememberPreference } from './preferences.ts';
import { createStore } from './store.ts';

/** The chosen theme. It is stored as plain text, which the script in index.html reads before the first paint. */

const key = 'mantine-color-scheme-value';
const defaultScheme = 'dark';

export const schemes = ['dark', 'light', 'auto'] as const;
const isScheme = (value: unknown): value is MantineColorScheme => schemes.some((scheme) => scheme === value);

function read(): MantineColorScheme {
  try {
    const stored = localStorage.getItem(key);
    return isScheme(stored) ? stored : defaultScheme;
  } catch {
    return defaultScheme;
  }
}

const scheme = createStore<MantineColorScheme>(read());
scheme.subscribe(() => {
  try {
    localStorage.setItem(key, scheme.get());
  } catch {
    // Storage is refused: the theme holds until the page closes.
  }
});
addEventListener('storage', (event) => {
  if (event.key === key) scheme.set(read());
});
rememberPreference('theme', scheme, defaultScheme, isScheme);

let stop: (() => void) | undefined;

/** For Mantine. */
export const colorSchemeManager: MantineColorSchemeManager = {
  get: () => scheme.get(),
  set: (value) => scheme.set(value),
  subscribe: (onUpdate) => {
    stop = scheme.subscribe(() => onUpdate(scheme.get()));
  },
  unsubscribe: () => stop?.(),
  clear: () => scheme.set(defaultScheme),
};
