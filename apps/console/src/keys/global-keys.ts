import { globalGroup, keyMap } from './bindings.ts';

/** The keys that work on every page. */
export const globalKeys = keyMap({
  id: 'everywhere',
  title: globalGroup,
  page: '*',
  keys: {
    palette: { keys: ['mod+k'], label: 'Command palette' },
    keys: { keys: ['?'], label: 'Keys of this page' },
    // Not F6, which browsers use for their address bar.
    messages: { keys: ['F8'], label: 'Go to the latest Undo or message, and back' },
  },
});
