import { keyMap } from '#keys/bindings.ts';
import { logTexts as texts } from './log-texts.ts';

export const logKeys = keyMap({
  id: 'log',
  title: texts.log,
  page: 'logs',
  keys: {
    search: { keys: ['/'], label: texts.keys.search },
    match: { keys: ['n'], label: texts.keys.match },
    before: { keys: ['shift+n'], label: texts.keys.before },
    errors: { keys: ['e'], label: texts.keys.errors },
    end: { keys: ['End'], label: texts.keys.end },
  },
});
