import { IconSettings } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const pipelineConfigPage = definePage({
  path: '/files/config',
  name: 'Configuration',
  purpose: 'How photos are filed.',
  hint: 'Review, then save.',
  Icon: IconSettings,
  group: 'library',
  letter: 'c',
  keys: async () => ({}),
  lazy: () => import('./route.ts'),
});
