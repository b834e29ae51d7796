import type { QueueItem, QueueSort } from '@at/contracts/queue';
import type { QueueMeta } from '@at/contracts/queue-status';
import { Link, useLocation } from 'react-router';
import type { TableColumn } from '#lists/data-table.tsx';
import type { QueueLabels } from '#state/queue-labels.ts';
import { LinkedId } from '#ui/copyable.tsx';
import { none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { ItemMark } from './item-mark.tsx';
import { fileOf, nameOf, serverLink } from './items.ts';
import styles from './queue.module.css';
import { queueTexts } from './texts.ts';

const { columns: names, serverItem } = queueTexts;

/** A row: an item, and what its link to the media server is made of. */
export type QueueRow = { item: QueueItem; meta: QueueMeta | undefined };

/** The id of a row's link, for moving the focus. */
export const linkId = (id: string) => `queue-${id}`;

/** The address of this page with an item beside it. */
export function addressWith(search: string, id: string) {
  const parameters = new URLSearchParams(search);
  parameters.set('item', id);
  return { search: `${parameters}` };
}

/** Router options for opening details over the list, which stays as it is. */
export const overList = { state: { fromList: true }, preventScrollReset: true };

function ItemLink({ item }: { item: QueueItem }) {
  const { search } = useLocation();
  const file = fileOf(item);
  return (
    <>
      <Link id={linkId(`${item.id}`)} className={styles.link} to={addressWith(search, `${item.id}`)} {...overList}>
        <bdi>{nameOf(item)}</bdi>
      </Link>
      {file !== nameOf(item) && (
        <div className={`${styles.clip} ${styles.aside}`} data-clamp dir="auto" title={file}>
          {file}
        </div>
      )}
    </>
  );
}

/** The beginning of a long id. */
const shortened = (id: string) => (id.length > 10 ? `${id.slice(0, 8)}…` : id);

const text = (value: string | null) => (value === null || value.trim() === '' ? none : <bdi>{value}</bdi>);

/** The columns of the table, from left to right; the names of two are a setting. */
export const queueColumns = ({ code, performer }: QueueLabels): readonly TableColumn<QueueRow, string, QueueSort>[] => [
  { id: 'id', name: names.id, align: 'end', label: names.id, show: ({ item }) => item.id },
  {
    id: 'code',
    className: styles.clip,
    name: code,
    sort: 'movie_code',
    fixed: true,
    heading: true,
    wrap: true,
    block: 'name',
    show: ({ item }) => <ItemLink item={item} />,
  },
  {
    id: 'performer',
    name: performer,
    sort: 'actress',
    className: styles.clip,
    wrap: true,
    show: ({ item }) => text(item.actress),
  },
  { id: 'status', name: names.status, wrap: true, block: 'line', show: ({ item }) => <ItemMark item={item} /> },
  {
    id: 'error',
    name: names.error,
    wrap: true,
    block: 'line',
    show: ({ item: { error_message } }) =>
      error_message === null ? (
        none
      ) : (
        <div className={styles.clip} data-clamp dir="auto" title={error_message}>
          {error_message}
        </div>
      ),
  },
  {
    id: 'subtitle',
    name: names.subtitle,
    className: styles.clip,
    wrap: true,
    extra: true,
    show: ({ item }) => text(item.subtitle),
  },
  {
    id: 'server',
    className: styles.clip,
    wrap: true,
    name: names.server,
    label: names.server,
    show: ({ item, meta }) =>
      item.emby_item_id === null ? (
        none
      ) : (
        <LinkedId
          value={item.emby_item_id}
          shown={shortened(item.emby_item_id)}
          site={serverItem}
          href={serverLink(item, meta)}
        />
      ),
  },
  { id: 'created', name: names.created, sort: 'created_at', show: ({ item }) => <RelativeTime at={item.created_at} /> },
  {
    id: 'updated',
    name: names.updated,
    label: names.updated,
    sort: 'updated_at',
    extra: true,
    show: ({ item }) => <RelativeTime at={item.updated_at} />,
  },
];
