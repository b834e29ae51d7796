import { IconStack2 } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const queuePage = definePage({
  path: '/queue',
  name: 'Queue',
  purpose: 'Video files on their way into the library.',
  hint: 'A failed file says why, and can be retried.',
  Icon: IconStack2,
  group: 'operations',
  letter: 'q',
  inBar: 4,
  attention: () => import('./attention.ts'),
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
