import { globalGroup, type KeyMap, keyMap } from '#keys/bindings.ts';
import { globalKeys } from '#keys/global-keys.ts';
import { type Page, pageGroups } from '#pages/define-page.ts';
import { activityPage } from '../features/activity/page.ts';
import { allFilesPage } from '../features/all-files/page.ts';
import { batchesPage } from '../features/batches/page.ts';
import { duplicatesPage } from '../features/duplicates/page.ts';
import { filesPage } from '../features/files/page.ts';
import { homePage } from '../features/home/page.ts';
import { logsPage } from '../features/logs/page.ts';
import { mediaPage } from '../features/media/page.ts';
import { migrationsPage } from '../features/migrations/page.ts';
import { modelPage } from '../features/model/page.ts';
import { pipelineConfigPage } from '../features/pipeline-config/page.ts';
import { predictionsPage } from '../features/predictions/page.ts';
import { queuePage } from '../features/queue/page.ts';
import { runsPage } from '../features/runs/page.ts';
import { settingsPage } from '../features/settings/page.ts';
import { trainingPage } from '../features/training/page.ts';

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [
  homePage,
  mediaPage,
  trainingPage,
  predictionsPage,
  filesPage,
  batchesPage,
  duplicatesPage,
  allFilesPage,
  pipelineConfigPage,
  modelPage,
  queuePage,
  runsPage,
  logsPage,
  activityPage,
  migrationsPage,
  settingsPage,
];

/** The pages of each group that has one; the first has those above the groups. */
export const groupedPages = [undefined, ...pageGroups]
  .map((group) => ({ group, pages: pages.filter((page) => page.group === group) }))
  .filter((one) => one.pages.length > 0);

/** The pages in a phone's bar, from the left. */
export const barPages = pages
  .filter(({ inBar }) => inBar !== undefined)
  .toSorted((left, right) => (left.inBar as number) - (right.inBar as number));

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
