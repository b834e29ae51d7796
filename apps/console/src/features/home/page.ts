import { IconHome } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const homePage = definePage({
  path: '/',
  name: 'Home',
  purpose: 'The state of the platform at a glance.',
  hint: 'Every number links to its rows.',
  Icon: IconHome,
  letter: 'h',
  inBar: 1,
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
