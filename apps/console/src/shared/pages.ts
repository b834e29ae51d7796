import { IconDatabaseCog, IconHome, IconTags, type TablerIcon } from '@tabler/icons-react';

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
    path: '/training',
    name: 'Training',
    purpose: 'Clear the backlog: one decision per key press.',
    Icon: IconTags,
    letter: 't',
  },
  {
    path: '/migrations',
    name: 'Migrations',
    purpose: 'What has been done to the database schema, and what is still to do.',
    Icon: IconDatabaseCog,
    letter: 'm',
  },
];
