import type { MediaRow } from '@at/contracts/media';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { RowSelection } from '#lists/selection.ts';
import { SelectPage, SelectRow } from '#lists/selection-bar.tsx';
import { none } from '#ui/format.ts';
import { ItemMenu } from './item-menu.tsx';
import { nameOf } from './items.ts';
import type { MediaColumn } from './media-columns.tsx';
import styles from './media-table.module.css';
import { mediaTexts as texts } from './texts.ts';
import { type MediaView, sortBy, writeView } from './view.ts';

const ariaOrders = { asc: 'ascending', desc: 'descending' } as const;

function Heading({ column: { name, sort }, view }: { column: MediaColumn; view: MediaView }) {
  if (!sort) return name;
  const active = view.sort_by === sort;
  const Icon = active ? (view.sort_order === 'asc' ? IconArrowUp : IconArrowDown) : IconArrowsSort;
  return (
    <Link
      className={styles.sort}
      data-active={active || undefined}
      to={{ search: `${writeView(sortBy(view, sort))}` }}
      preventScrollReset
    >
      {name}
      <Icon className={styles.arrow} size={14} stroke={2} aria-hidden />
    </Link>
  );
}

/** A page of items as a table; on a narrow screen as cards, with the headings that sort as a line above them. */
export function MediaTable({
  rows,
  columns,
  view,
  selection,
  current,
  pulsing,
  gone,
  onCurrent,
  onOpen,
}: {
  rows: readonly MediaRow[];
  columns: readonly MediaColumn[];
  view: MediaView;
  selection: RowSelection;
  /** The hash of the row that keys act on. */
  current: string | null;
  /** Hashes of rows that have just changed. */
  pulsing: ReadonlySet<string>;
  /** Hashes of rows that exist no more. */
  gone: ReadonlySet<string>;
  onCurrent: (hash: string) => void;
  onOpen: (hash: string) => void;
}) {
  return (
    <div className={styles.frame}>
      <table className={styles.table} aria-label={texts.tableLabel}>
        <thead className={styles.head}>
          <tr data-sort-by={texts.sortBy}>
            <th className={styles.select}>
              <SelectPage selection={selection} />
            </th>
            {columns.map((column) => (
              <th
                key={column.id}
                data-sortable={column.sort !== undefined || undefined}
                aria-sort={column.sort && (view.sort_by === column.sort ? ariaOrders[view.sort_order] : 'none')}
              >
                <Heading column={column} view={view} />
              </th>
            ))}
            <th>
              <span className={styles.hidden}>{texts.columns.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((item) => (
            <tr
              key={item.hash}
              className={styles.row}
              data-hash={item.hash}
              data-current={item.hash === current || undefined}
              data-selected={selection.isSelected(item.hash) || undefined}
              data-pulsing={pulsing.has(item.hash) || undefined}
              data-gone={gone.has(item.hash) || item.deleted_at != null || undefined}
              onFocus={() => onCurrent(item.hash)}
              onPointerDown={() => onCurrent(item.hash)}
            >
              <td className={styles.select}>
                <SelectRow
                  name={nameOf(item)}
                  checked={selection.isSelected(item.hash)}
                  onToggle={(range) => selection.toggle(item.hash, range)}
                />
              </td>
              {columns.map(({ id, name, show }) => {
                const shown = show(item);
                return (
                  <td key={id} data-column={id} data-label={name} data-empty={shown === none || undefined}>
                    {shown}
                  </td>
                );
              })}
              <td data-column="actions">
                <ItemMenu item={item} onEdit={() => onOpen(item.hash)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
