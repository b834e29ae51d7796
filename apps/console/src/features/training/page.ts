import { IconTags } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const trainingPage = definePage({
  path: '/training',
  formerly: ['/training_backlog', '/training_search', '/training_anomalies'],
  name: 'Training',
  purpose: 'Clear the backlog: one decision per key press.',
  hint: 'One key press per decision; every decision can be undone.',
  Icon: IconTags,
  group: 'model',
  letter: 't',
  inBar: 2,
  opensWithFilter: true,
  attention: () => import('./attention.ts'),
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  states: { list: '?view=list' },
});
