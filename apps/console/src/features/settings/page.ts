import { IconSettings } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const settingsPage = definePage({
  path: '/settings',
  formerly: ['/changelog'],
  name: 'Settings',
  purpose: 'How this console looks and works for you, and what the API is connected to.',
  hint: 'This browser keeps your choices, and so does the API once you sign in.',
  Icon: IconSettings,
  group: 'system',
  letter: 's',
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
