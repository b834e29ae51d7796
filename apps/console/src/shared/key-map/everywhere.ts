import { everywhere, keyMap } from '../keys.ts';
import { pages } from '../pages.ts';

export const everywhereKeys = keyMap({
  id: 'everywhere',
  title: everywhere,
  page: '*',
  keys: {
    palette: { keys: ['mod+k'], label: 'Command palette' },
    keys: { keys: ['?'], label: 'Keys of this page' },
    // Not F6, by which browsers lead to their address bar.
    messages: { keys: ['F8'], label: 'To the latest Undo or message, and back' },
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
