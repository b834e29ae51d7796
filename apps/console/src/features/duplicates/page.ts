import { IconCopy } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const duplicatesPage = definePage({
  path: '/files/duplicates',
  name: 'Duplicates',
  purpose: 'Files with the same content, and which one is kept.',
  hint: 'In each set you choose the file that stays, or make one a file of its own.',
  Icon: IconCopy,
  group: 'library',
  letter: 'd',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
