import { keyMap } from '#keys/bindings.ts';
import { allFilesTexts as texts } from './texts.ts';

export const allFilesKeys = keyMap({
  id: 'all-files',
  title: texts.page,
  page: 'files',
  part: 'all',
  keys: {
    search: { keys: ['/'], label: texts.keys.search },
    errors: { keys: ['e'], label: texts.keys.errors },
    refresh: { keys: ['r'], label: texts.keys.refresh },
  },
});
