import {
  IconBinaryTree2,
  IconDatabaseCog,
  IconDeviceTv,
  IconGauge,
  IconHistory,
  IconHome,
  IconSettings,
  IconTags,
  type TablerIcon,
} from '@tabler/icons-react';

/** The pages people go to: what the navigation, the palette and the `g` keys know. */
export type Page = {
  path: string;
  name: string;
  /** What it is for, in one sentence. */
  purpose: string;
  Icon: TablerIcon;
  /** The letter after `g`. */
  letter: string;
};

export const pages: Page[] = [
  { path: '/', name: 'Home', purpose: 'The state of the platform at a glance.', Icon: IconHome, letter: 'h' },
  {
    path: '/media',
    name: 'Media',
    purpose: 'Every release in the pipeline: find what is stuck, and move it on.',
    Icon: IconDeviceTv,
    letter: 'm',
  },
  {
    path: '/training',
    name: 'Training',
    purpose: 'Clear the backlog: one decision per key press.',
    Icon: IconTags,
    letter: 't',
  },
  {
    path: '/predictions',
    name: 'Predictions',
    purpose: 'Where the model is wrong, and what its threshold does.',
    Icon: IconGauge,
    letter: 'p',
  },
  {
    path: '/model',
    name: 'Model',
    purpose: 'The latest training of the model: its measures, what it looks at and its trees.',
    Icon: IconBinaryTree2,
    letter: 'o',
  },
  {
    path: '/activity',
    name: 'Activity',
    purpose: 'Who changed what, and what became of changes of many.',
    Icon: IconHistory,
    letter: 'a',
  },
  {
    path: '/migrations',
    name: 'Migrations',
    purpose: 'What has been done to the database schema, and what is still to do.',
    Icon: IconDatabaseCog,
    letter: 'i',
  },
  {
    path: '/settings',
    name: 'Settings',
    purpose: 'How this console looks and works for you, and what the API is connected to.',
    Icon: IconSettings,
    letter: 's',
  },
];

const barPaths = ['/', '/media', '/training', '/predictions'];

/** Whether the page is one of those that a phone's bar has room for. */
export const isInBar = ({ path }: Page): boolean => barPaths.includes(path);
