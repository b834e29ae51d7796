import { IconDeviceTv } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const mediaPage = definePage({
  path: '/media',
  formerly: ['/get_media', '/media_pipeline'],
  name: 'Media',
  purpose: 'Every release in the pipeline: find what is stuck, and move it on.',
  hint: 'Select rows to change them together; you see a preview first.',
  Icon: IconDeviceTv,
  group: 'library',
  letter: 'm',
  inBar: 3,
  opensWithFilter: true,
  attention: () => import('./attention.ts'),
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  children: [{ path: ':hash', lazy: () => import('./item-route.ts') }],
  states: { board: '?view=board' },
});
