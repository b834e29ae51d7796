import { IconBinaryTree2 } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const modelPage = definePage({
  path: '/model',
  formerly: ['/algo'],
  name: 'Model',
  purpose: 'The training runs of the model: measures, features and trees, one beside another.',
  hint: 'The features that matter most are at the top; open any tree below.',
  Icon: IconBinaryTree2,
  group: 'model',
  letter: 'o',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
  states: { tree: '#trees' },
});
