import { keyMap } from '#keys/bindings.ts';
import { batchesTexts as texts } from './texts.ts';

export const batchesKeys = keyMap({
  id: 'batches',
  title: texts.page,
  page: 'files',
  part: 'batches',
  keys: {
    make: { keys: ['q'], label: texts.keys.make },
    refresh: { keys: ['r'], label: texts.keys.refresh },
  },
});
