import type { SortOrder } from '@at/contracts/paging';
import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconChevronRight } from '@tabler/icons-react';
import { Fragment, memo, type ReactNode } from 'react';
import { Link } from 'react-router';
import { none } from '#ui/format.ts';
import type { Column } from './columns.tsx';
import styles from './data-table.module.css';
import { opensByClick } from './row-click.ts';
import type { RowSelection } from './selection.ts';
import { SelectPage, SelectRow } from './selection-bar.tsx';
import { listsTexts } from './texts.ts';
import { useUrlValues } from './use-url-values.ts';

export type TableColumn<Row, Id extends string = string, Sort extends string = string> = Column<Id> & {
  /** Sorts the table by a click on the heading. */
  sort?: Sort;
  align?: 'end';
  /** Hidden on a narrow screen. */
  wide?: true;
  /** Its text may break into lines. */
  wrap?: true;
  /** The heading of its row. */
  heading?: true;
  className?: string | undefined;
  /** Its place where each row is a block, because the columns do not fit; otherwise it follows the others. */
  block?: 'first' | 'name' | 'end' | 'line';
  /** Before its value in a block. */
  label?: string;
  show: (row: Row) => ReactNode;
};

const ariaOrders = { asc: 'ascending', desc: 'descending' } as const;

type Sorting = {
  by: string;
  order: SortOrder;
  /** The query string of the table sorted by another column. */
  searchOf: (sort: never) => URLSearchParams;
};

function Heading({ name, sort, sorting }: { name: string; sort: string | undefined; sorting: Sorting | undefined }) {
  if (sort === undefined || !sorting) return name;
  const active = sorting.by === sort;
  const Icon = active ? (sorting.order === 'asc' ? IconArrowUp : IconArrowDown) : IconArrowsSort;
  return (
    <Link
      className={styles.sort}
      data-active={active || undefined}
      to={{ search: `${sorting.searchOf(sort as never)}` }}
      preventScrollReset
    >
      {name}
      <Icon className={styles.arrow} size={14} stroke={2} aria-hidden />
    </Link>
  );
}

/** The cells of a row. They render again only for another version of the row or other columns, not for a selection. */
const Cells = memo(function Cells({
  row,
  columns,
  toggle,
}: {
  row: unknown;
  columns: readonly TableColumn<unknown>[];
  /** What the first one begins with. */
  toggle: ReactNode;
}) {
  return columns.map(({ id, heading, align, wide, wrap, className, block, label, show }, index) => {
    const shown = show(row);
    const Cell = heading ? 'th' : 'td';
    return (
      <Cell
        key={id}
        scope={heading && 'row'}
        className={className}
        data-align={align}
        data-wide={wide}
        data-wrap={wrap}
        data-block={block}
        data-label={label}
        data-empty={shown === none || undefined}
      >
        {index === 0 && toggle}
        {shown}
      </Cell>
    );
  });
});

const Actions = memo(function Actions({ row, show }: { row: unknown; show: (row: unknown) => ReactNode }) {
  return <td data-block="end">{show(row)}</td>;
});

/** Rows in columns; where these do not fit, each row is a block below a line of the headings that sort. */
export function DataTable<Row>({
  label,
  rows,
  keyOf,
  columns,
  plain = false,
  sorting,
  selection,
  nameOf,
  current,
  onCurrent,
  onOpen,
  pulsing,
  gone,
  attributesOf,
  actions,
  details,
}: {
  label?: string;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  columns: readonly TableColumn<Row>[];
  /** Without a frame, and never in blocks. */
  plain?: boolean;
  sorting?: Sorting;
  selection?: RowSelection;
  /** For screen readers. */
  nameOf?: (row: Row) => string;
  /** The row that keys act on. */
  current?: string | null;
  onCurrent?: (key: string) => void;
  /** A click on a row; without it, the row's details open. */
  onOpen?: (key: string) => void;
  /** Rows that have just changed. */
  pulsing?: ReadonlySet<string>;
  /** Rows that no longer exist. */
  gone?: ReadonlySet<string>;
  attributesOf?: (row: Row) => Record<`data-${string}`, string | boolean | undefined>;
  /** `show` should be the same function at each render: with another one each row renders again. */
  actions?: { name: string; show: (row: Row) => ReactNode };
  /** What a button in the first column opens below the row; the URL holds which are open. */
  details?: { nameOf: (row: Row) => string; show: (row: Row) => ReactNode };
}) {
  const [opened, setOpened] = useUrlValues('open');
  const toggle = (key: string) => {
    setOpened((before) => (before.includes(key) ? before.filter((other) => other !== key) : [...before, key]));
    void import('./reveal-details.ts').then(({ revealDetails }) => revealDetails(`details-${key}`));
  };
  return (
    <div className={styles.frame} data-plain={plain || undefined}>
      <table className={styles.table} aria-label={label}>
        <thead className={styles.head}>
          <tr data-sort-by={listsTexts.sortBy}>
            {selection && (
              <th className={styles.select}>
                <SelectPage selection={selection} />
              </th>
            )}
            {columns.map(({ id, name, sort, align, wide }) => (
              <th
                key={id}
                scope="col"
                data-align={align}
                data-wide={wide}
                data-sortable={sort !== undefined || undefined}
                aria-sort={sort && sorting ? (sorting.by === sort ? ariaOrders[sorting.order] : 'none') : undefined}
              >
                <Heading name={name} sort={sort} sorting={sorting} />
              </th>
            ))}
            {actions && (
              <th>
                <span className={styles.hidden}>{actions.name}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row);
            const isOpen = details !== undefined && opened.includes(key);
            const open = onOpen ?? (details && toggle);
            return (
              <Fragment key={key}>
                <tr
                  className={styles.row}
                  data-current={key === current || undefined}
                  data-selected={selection?.isSelected(key) || undefined}
                  data-pulsing={pulsing?.has(key) || undefined}
                  data-gone={gone?.has(key) || undefined}
                  {...attributesOf?.(row)}
                  onFocus={onCurrent && (() => onCurrent(key))}
                  onPointerDown={onCurrent && (() => onCurrent(key))}
                  {...(open && opensByClick(() => open(key)))}
                >
                  {selection && (
                    <td className={styles.select} data-own-click>
                      <SelectRow
                        name={nameOf?.(row) ?? key}
                        checked={selection.isSelected(key)}
                        onToggle={(range) => selection.toggle(key, range)}
                      />
                    </td>
                  )}
                  <Cells
                    row={row}
                    columns={columns as readonly TableColumn<unknown>[]}
                    toggle={
                      details && (
                        <UnstyledButton
                          className={styles.toggle}
                          aria-expanded={isOpen}
                          aria-controls={isOpen ? `details-${key}` : undefined}
                          aria-label={details.nameOf(row)}
                          onClick={() => toggle(key)}
                        >
                          <IconChevronRight className={styles.chevron} size={16} stroke={2} aria-hidden />
                        </UnstyledButton>
                      )
                    }
                  />
                  {actions && <Actions row={row} show={actions.show as (row: unknown) => ReactNode} />}
                </tr>
                {isOpen && (
                  <tr id={`details-${key}`} className={styles.details}>
                    <td colSpan={columns.length + Number(selection !== undefined) + Number(actions !== undefined)}>
                      {details.show(row)}
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
