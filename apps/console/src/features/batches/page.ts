import { IconPackage } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const batchesPage = definePage({
  path: '/files/batches',
  name: 'Batches',
  purpose: 'Files that go to the device and into the archive together.',
  hint: 'New batch shows what would be in it before anything moves.',
  Icon: IconPackage,
  group: 'library',
  letter: 'b',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  children: [{ path: ':id', lazy: () => import('./batch-route.ts') }],
});
