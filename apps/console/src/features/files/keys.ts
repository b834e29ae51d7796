import { keyMap } from '#keys/bindings.ts';
import { filesTexts as texts } from './texts.ts';

export const filesKeys = keyMap({
  id: 'files',
  title: texts.page,
  page: 'files',
  part: 'overview',
  keys: {
    scan: { keys: ['l'], label: texts.keys.scan },
    refresh: { keys: ['r'], label: texts.keys.refresh },
  },
});
