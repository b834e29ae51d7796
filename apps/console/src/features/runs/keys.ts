import { keyMap } from '#keys/bindings.ts';
import { runsPageTexts as texts } from './texts.ts';

export const runsKeys = keyMap({
  id: 'runs',
  title: texts.page,
  page: 'runs',
  keys: {
    errors: { keys: ['e'], label: texts.keys.failed },
    refresh: { keys: ['r'], label: texts.keys.refresh },
  },
});
