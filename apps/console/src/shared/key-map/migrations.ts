import { keyMap } from '../keys.ts';

export const migrationKeys = keyMap({
  id: 'migrations',
  title: 'Migrations',
  page: 'migrations',
  keys: {
    refresh: { keys: ['r'], label: 'Refresh' },
    schema: { keys: ['s'], label: 'Show the other schema' },
    order: { keys: ['o'], label: 'Turn the order round' },
  },
});
