import { IconPhoto } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const filesPage = definePage({
  path: '/files',
  formerly: ['/dashboard', '/control'],
  name: 'Files',
  purpose: 'Photos and videos on their way from the inbox into the archive.',
  hint: 'The step with the coloured button is the next one.',
  Icon: IconPhoto,
  group: 'library',
  letter: 'f',
  attention: () => import('./attention.ts'),
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
