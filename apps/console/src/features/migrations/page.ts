import { IconDatabaseCog } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const migrationsPage = definePage({
  path: '/migrations',
  formerly: ['/flyway', '/get_flyway_migrations'],
  name: 'Migrations',
  purpose: 'Applied and pending changes of the database schema.',
  hint: 'Failed and pending migrations come first, with what to do about them.',
  Icon: IconDatabaseCog,
  group: 'system',
  letter: 'i',
  attention: () => import('./attention.ts'),
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  states: { console: '?schema=console' },
});
