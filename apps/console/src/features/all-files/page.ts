import { IconFiles } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const allFilesPage = definePage({
  path: '/files/all',
  name: 'All files',
  purpose: 'Every photo and video that a scan has found, and where it is now.',
  hint: 'The button before a name shows what was done with the file.',
  Icon: IconFiles,
  group: 'library',
  letter: 'e',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
