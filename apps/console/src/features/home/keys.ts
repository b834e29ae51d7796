import { keyMap } from '#keys/bindings.ts';

export const homeKeys = keyMap({
  id: 'home',
  title: 'Home',
  page: '',
  keys: { refresh: { keys: ['r'], label: 'Refresh' } },
});
