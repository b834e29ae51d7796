import type { Migration } from '@at/contracts/migrations';
import { Fragment } from 'react';
import type { TableColumn } from '#lists/data-table.tsx';
import { none, shownName } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { formatExecution, tones } from './history.ts';
import styles from './migrations.module.css';
import { migrationsTexts as texts } from './texts.ts';
import type { FlywaySort } from './view.ts';

/** The name of a file, which may break after each underscore. */
function Script({ name }: { name: string }) {
  const parts = name.split(/(?<=_)(?!_)/);
  return parts.map((part, index) => (
    <Fragment key={`${index} ${part}`}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

/** A dash for a cell without a character. */
const shown = (text: string | null) => shownName(text ?? '');

const names = texts.columns;

type MigrationColumn = TableColumn<Migration, keyof typeof names, FlywaySort>;

/** The columns of the table, from left to right. */
export const migrationColumns: readonly MigrationColumn[] = [
  {
    id: 'version',
    name: names.version,
    sort: 'version',
    fixed: true,
    block: 'first',
    className: styles.version,
    show: ({ version }) => shown(version),
  },
  {
    id: 'state',
    name: names.state,
    block: 'end',
    show: ({ state }) => <Status tone={tones[state]}>{texts.states[state]}</Status>,
  },
  {
    id: 'description',
    name: names.description,
    wrap: true,
    block: 'name',
    show: ({ description }) => shown(description),
  },
  {
    id: 'script',
    name: names.script,
    wrap: true,
    block: 'line',
    className: styles.script,
    show: ({ script }) => <Script name={shown(script)} />,
  },
  { id: 'type', name: names.type, show: ({ type }) => shown(type) },
  {
    id: 'rank',
    name: names.rank,
    sort: 'installed_rank',
    align: 'end',
    label: texts.facts.rank,
    show: ({ installed_rank }) => installed_rank ?? none,
  },
  {
    id: 'installed',
    name: names.installed,
    sort: 'installed_on',
    label: texts.facts.installed,
    show: ({ installed_on }) => <RelativeTime at={installed_on} />,
  },
  {
    id: 'by',
    name: names.by,
    label: texts.facts.by,
    show: ({ installed_by }) => shown(installed_by),
  },
  {
    id: 'time',
    name: names.time,
    align: 'end',
    label: texts.facts.took,
    show: ({ execution_time }) => formatExecution(execution_time),
  },
  {
    id: 'checksum',
    name: names.checksum,
    align: 'end',
    extra: true,
    label: texts.facts.checksum,
    show: ({ checksum }) => checksum ?? none,
  },
];
