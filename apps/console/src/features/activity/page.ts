import { IconHistory } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const activityPage = definePage({
  path: '/activity',
  name: 'Activity',
  purpose: 'Recorded changes, and bulk changes.',
  hint: 'Find a bulk change again to see each item, stop it or undo it.',
  Icon: IconHistory,
  group: 'system',
  letter: 'a',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  children: [{ id: 'operation', path: ':operation_id', lazy: () => import('./operation-route.ts') }],
  states: { bulk: '?tab=operations' },
});
