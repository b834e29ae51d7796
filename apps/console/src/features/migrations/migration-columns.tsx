import type { Migration } from '@at/contracts/migrations';
import { Fragment, type ReactNode } from 'react';
import type { Column } from '#lists/columns.tsx';
import { none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { formatExecution, tones } from './history.ts';
import styles from './migrations.module.css';
import { migrationsTexts as texts } from './texts.ts';
import type { FlywaySort } from './view.ts';

/** A file's name, which may break after each underscore. */
function Script({ name }: { name: string }) {
  const parts = name.split(/(?<=_)(?!_)/);
  return parts.map((part, index) => (
    <Fragment key={`${index} ${part}`}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

const names = texts.columns;

export type MigrationColumn = Column<keyof typeof names> & {
  sort?: FlywaySort;
  align?: 'right';
  /** How its cells look. */
  className: string | undefined;
  /** Before the value, where there is no room for columns. */
  label?: string;
  show: (migration: Migration) => ReactNode;
};

/** What the table can show of a migration, from left to right. */
export const migrationColumns: readonly MigrationColumn[] = [
  {
    id: 'version',
    name: names.version,
    sort: 'version',
    fixed: true,
    className: styles.version,
    show: ({ version }) => version ?? none,
  },
  {
    id: 'state',
    name: names.state,
    className: styles.state,
    show: ({ state }) => <Status tone={tones[state]}>{texts.states[state]}</Status>,
  },
  {
    id: 'description',
    name: names.description,
    className: styles.description,
    show: ({ description }) => description,
  },
  { id: 'script', name: names.script, className: styles.script, show: ({ script }) => <Script name={script} /> },
  { id: 'type', name: names.type, className: styles.fact, show: ({ type }) => type },
  {
    id: 'rank',
    name: names.rank,
    sort: 'installed_rank',
    align: 'right',
    className: styles.fact,
    label: texts.facts.rank,
    show: ({ installed_rank }) => installed_rank ?? none,
  },
  {
    id: 'installed',
    name: names.installed,
    sort: 'installed_on',
    className: styles.fact,
    label: texts.facts.installed,
    show: ({ installed_on }) => <RelativeTime at={installed_on} />,
  },
  {
    id: 'by',
    name: names.by,
    className: styles.fact,
    label: texts.facts.by,
    show: ({ installed_by }) => installed_by ?? none,
  },
  {
    id: 'time',
    name: names.time,
    align: 'right',
    className: styles.fact,
    label: texts.facts.took,
    show: ({ execution_time }) => formatExecution(execution_time),
  },
  {
    id: 'checksum',
    name: names.checksum,
    align: 'right',
    extra: true,
    className: styles.fact,
    label: texts.facts.checksum,
    show: ({ checksum }) => checksum ?? none,
  },
];
