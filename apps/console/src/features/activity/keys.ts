import { keyMap } from '#keys/bindings.ts';
import { activityPageTexts as texts } from './texts.ts';

export const activityKeys = keyMap({
  id: 'activity',
  title: texts.page,
  page: 'activity',
  keys: {
    search: { keys: ['/'], label: texts.keys.search },
    tab: { keys: ['v'], label: texts.keys.tab },
    refresh: { keys: ['r'], label: texts.keys.refresh },
  },
});
