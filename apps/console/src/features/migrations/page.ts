import { IconDatabaseCog } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const migrationsPage = definePage({
  path: '/migrations',
  name: 'Migrations',
  purpose: 'What has been done to the database schema, and what is still to do.',
  hint: 'Failed and pending migrations come first, with what to do about them.',
  Icon: IconDatabaseCog,
  letter: 'i',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  states: { console: '?schema=console' },
});
