import { keyMap } from '#keys/bindings.ts';

export const settingsKeys = keyMap({
  id: 'settings',
  title: 'Settings',
  page: 'settings',
  keys: { refresh: { keys: ['r'], label: 'Refresh' } },
});
