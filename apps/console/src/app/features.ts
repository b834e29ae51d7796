import type { RouteObject } from 'react-router';
import { globalGroup, type KeyMap, keyMap } from '#keys/bindings.ts';
import { globalKeys } from '#keys/global-keys.ts';
import type { Page } from '#pages/define-page.ts';
import { activityPage } from '../features/activity/page.ts';
import { homePage } from '../features/home/page.ts';
import { mediaPage } from '../features/media/page.ts';
import { migrationsPage } from '../features/migrations/page.ts';
import { modelPage } from '../features/model/page.ts';
import { predictionsPage } from '../features/predictions/page.ts';
import { settingsPage } from '../features/settings/page.ts';
import { trainingPage } from '../features/training/page.ts';

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [
  homePage,
  mediaPage,
  trainingPage,
  predictionsPage,
  modelPage,
  activityPage,
  migrationsPage,
  settingsPage,
];

/** The addresses of every page and its other states, by name: tests and screenshots visit them. */
export const addresses: Record<string, string> = Object.fromEntries(
  pages.flatMap(({ path, name, states = {} }) => [
    [name.toLowerCase(), path],
    ...Object.entries(states).map(([state, query]) => [`${name.toLowerCase()}-${state}`, `${path}${query}`]),
  ]),
);

/** The `g` keys of the pages. */
export const pageKeys = keyMap({
  id: 'go',
  title: globalGroup,
  page: '*',
  keys: Object.fromEntries(
    pages.map(({ path, name, letter }) => [path, { keys: [`g ${letter}`], label: `Go to ${name}` }]),
  ),
});

/** Every key map of the console, for the settings. */
export async function loadKeyMaps(): Promise<readonly KeyMap[]> {
  const modules = await Promise.all([import('#lists/keys.ts'), ...pages.map(({ keys }) => keys())]);
  return [globalKeys, pageKeys, ...modules.flatMap((module) => Object.values<KeyMap>(module))];
}

export const pageRoutes: RouteObject[] = pages.map(({ path, lazy, children = [] }) =>
  path === '/' ? { index: true, lazy } : { path: path.slice(1), lazy, children },
);
