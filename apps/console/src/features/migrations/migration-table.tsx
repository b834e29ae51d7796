import type { Migration } from '@at/contracts/migrations';
import { ActionIcon, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconChevronRight, IconCopy } from '@tabler/icons-react';
import { Fragment } from 'react';
import { Link } from 'react-router';
import { useUrlValues } from '#lists/use-url-values.ts';
import { copyText } from '#ui/copy-text.ts';
import { formatMoment, none } from '#ui/format.ts';
import { InlineCode } from '#ui/inline-code.tsx';
import { explain, type KeptBy, keyOf } from './history.ts';
import type { MigrationColumn } from './migration-columns.tsx';
import styles from './migrations.module.css';
import { migrationsTexts as texts } from './texts.ts';
import { type FlywaySort, sortBy, type View, writeView } from './view.ts';

const ariaOrders = { asc: 'ascending', desc: 'descending' } as const;

type Props = {
  migrations: Migration[];
  columns: readonly MigrationColumn[];
  /** That of the rows. */
  view: View;
  /** The one on its way, if there is one. */
  asked: View;
  keptBy: KeptBy;
};

/** The migrations, sorted by a click on a column, each with its details behind a button; cards on a phone. */
export function MigrationTable({ migrations, columns, view, asked, keptBy }: Props) {
  const [opened, setOpened] = useUrlValues('open');
  const toggle = (key: string) =>
    setOpened((before) => (before.includes(key) ? before.filter((other) => other !== key) : [...before, key]));
  return (
    <table className={styles.table}>
      <thead className={styles.head}>
        <tr>
          {columns.map(({ name, sort, align }) => (
            <th
              key={name}
              data-align={align}
              data-sortable={sort !== undefined || undefined}
              aria-sort={sort && (asked.sort === sort ? ariaOrders[asked.order] : 'none')}
            >
              {sort ? <SortLink name={name} sort={sort} view={asked} /> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {migrations.map((migration) => {
          const key = keyOf(migration);
          const isOpen = opened.includes(key);
          return (
            <Fragment key={key}>
              <Row
                migration={migration}
                columns={columns}
                id={`details-${key}`}
                isOpen={isOpen}
                toggle={() => toggle(key)}
              />
              {isOpen && (
                <tr id={`details-${key}`} className={styles.details}>
                  <td colSpan={columns.length}>
                    <Details migration={migration} explanation={explain(migration, view.schema, keptBy)} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

function SortLink({ name, sort, view }: { name: string; sort: FlywaySort; view: View }) {
  const active = view.sort === sort;
  const Icon = active ? (view.order === 'asc' ? IconArrowUp : IconArrowDown) : IconArrowsSort;
  return (
    <Link className={styles.sort} data-active={active || undefined} to={{ search: `${writeView(sortBy(view, sort))}` }}>
      {name}
      <Icon className={styles.arrow} size={14} stroke={2} aria-hidden="true" />
    </Link>
  );
}

function Row({
  migration,
  columns,
  id,
  isOpen,
  toggle,
}: {
  migration: Migration;
  columns: readonly MigrationColumn[];
  id: string;
  isOpen: boolean;
  toggle: () => void;
}) {
  return (
    <tr className={styles.row}>
      {columns.map(({ id: column, align, className, label, show }) => (
        <td key={column} className={className} data-align={align} data-label={label}>
          {column === 'version' && (
            <UnstyledButton
              className={styles.toggle}
              aria-expanded={isOpen}
              aria-controls={isOpen ? id : undefined}
              aria-label={texts.detailsOf(migration.script)}
              onClick={toggle}
            >
              <IconChevronRight className={styles.chevron} size={16} stroke={2} aria-hidden="true" />
            </UnstyledButton>
          )}
          {show(migration)}
        </td>
      ))}
    </tr>
  );
}

function Details({ migration, explanation }: { migration: Migration; explanation: string }) {
  const { checksum, shipped_checksum, installed_on } = migration;
  const compared = checksum !== null && shipped_checksum !== null;
  return (
    <>
      <p className={styles.explanation}>
        <InlineCode>{explanation}</InlineCode>
      </p>
      <dl>
        <dt>{texts.details.recorded}</dt>
        <dd>
          <Checksum value={checksum} />
        </dd>
        <dt>{texts.details.shipped}</dt>
        <dd>
          <Checksum value={shipped_checksum} />
          {compared && (checksum === shipped_checksum ? texts.same : texts.notSame)}
        </dd>
        <dt>{texts.details.installed}</dt>
        <dd>{installed_on === null ? none : formatMoment(installed_on)}</dd>
      </dl>
    </>
  );
}

function Checksum({ value }: { value: number | null }) {
  if (value === null) return none;
  return (
    <>
      <code>{value}</code>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={texts.copyChecksum(String(value))}
        onClick={() => void copyText(String(value), texts.checksum)}
      >
        <IconCopy size={15} stroke={1.8} />
      </ActionIcon>
    </>
  );
}
