import { IconPlayerPlay } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const runsPage = definePage({
  path: '/runs',
  name: 'Runs',
  purpose: 'What workers do in the background.',
  hint: 'Failed runs say why, and can be retried.',
  Icon: IconPlayerPlay,
  group: 'operations',
  letter: 'r',
  attention: () => import('./attention.ts'),
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
