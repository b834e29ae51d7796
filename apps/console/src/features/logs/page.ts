import { IconFileText } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const logsPage = definePage({
  path: '/logs',
  name: 'Logs',
  purpose: 'What workers write while they work.',
  hint: 'New lines appear at the end; scroll up to pause.',
  Icon: IconFileText,
  group: 'operations',
  letter: 'l',
  keys: () => import('#runs/log-keys.ts'),
  lazy: () => import('./route.ts'),
});
