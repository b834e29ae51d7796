import { everywhere, keyMap } from '../keys.ts';
import { pages } from '../pages.ts';

export const everywhereKeys = keyMap({
  id: 'everywhere',
  title: everywhere,
  page: '*',
  keys: {
    palette: { keys: ['mod+k'], label: 'Command palette' },
    keys: { keys: ['?'], label: 'Keys of this page' },
  },
});

/** To each page, by its path. */
export const pageKeys = keyMap({
  id: 'go',
  title: everywhere,
  page: '*',
  keys: Object.fromEntries(
    pages.map(({ path, name, letter }) => [path, { keys: [`g ${letter}`], label: `Go to ${name}` }]),
  ),
});
