import { keyMap } from '#keys/bindings.ts';
import { migrationsTexts as texts } from './texts.ts';

export const migrationKeys = keyMap({
  id: 'migrations',
  title: texts.name,
  page: 'migrations',
  keys: {
    refresh: { keys: ['r'], label: texts.keys.refresh },
    schema: { keys: ['h'], label: texts.keys.schema },
    order: { keys: ['o'], label: texts.keys.order },
  },
});
