import { IconFolder } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const pipelineConfigPage = definePage({
  path: '/files/config',
  name: 'Configuration',
  purpose: 'How photos and videos are filed.',
  hint: 'Changes are shown before they are saved.',
  Icon: IconFolder,
  group: 'library',
  letter: 'c',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  states: { yaml: '?tab=yaml', sync: '?tab=sync', versions: '?tab=versions', presets: '?tab=presets' },
});
