import type { MediaRow, MediaSort } from '@at/contracts/media';
import type { ReactNode } from 'react';
import type { TableColumn } from '#lists/data-table.tsx';
import { formatDecimal, none, shownName } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { LikelyAction } from './action-button.tsx';
import { DownloadProgress } from './download-progress.tsx';
import { HashChip } from './hash-chip.tsx';
import { ItemLink } from './item-link.tsx';
import { qualityOf } from './items.ts';
import styles from './media-columns.module.css';
import { DeletedBadge, ErrorBadge, PipelineBadge, RejectionBadge } from './pipeline-status.tsx';
import { mediaTexts } from './texts.ts';

const texts = mediaTexts.columns;

type MediaColumnId = Exclude<keyof typeof texts, 'actions'>;
type MediaColumn = TableColumn<MediaRow, MediaColumnId, MediaSort>;

const bidi = (value: string | null) => (value === null || value.trim() === '' ? none : <bdi>{value}</bdi>);

/** A badge and its reason, cut to two lines. */
const explained = (mark: ReactNode, reason: string | null) => (
  <>
    {mark}
    {reason !== null && (
      <span className={styles.words} data-clamp dir="auto" title={reason}>
        {reason}
      </span>
    )}
  </>
);

/** The columns of the table, from left to right. */
export const mediaColumns: readonly MediaColumn[] = [
  {
    id: 'title',
    name: texts.title,
    sort: 'media_title',
    fixed: true,
    wrap: true,
    className: styles.title,
    block: 'name',
    show: (item) => (
      <>
        <ItemLink item={item} />{' '}
        {item.release_year !== null && <span className={styles.year}>{item.release_year}</span>}
        {item.deleted_at != null && (
          <div>
            <DeletedBadge />
          </div>
        )}
      </>
    ),
  },
  { id: 'year', name: texts.year, sort: 'release_year', extra: true, show: (item) => item.release_year ?? none },
  { id: 'type', name: texts.type, wrap: true, show: (item) => mediaTexts.typeName(item.media_type) },
  {
    id: 'status',
    name: texts.status,
    show: (item) => (
      <>
        <PipelineBadge status={item.pipeline_status} />
        <DownloadProgress item={item} />
        <div className={styles.likely}>
          <LikelyAction item={item} />
        </div>
      </>
    ),
  },
  {
    id: 'error',
    name: texts.error,
    show: (item) => (item.error_status ? explained(<ErrorBadge />, item.error_condition) : none),
  },
  {
    id: 'rejection',
    name: texts.rejection,
    wrap: true,
    show: (item) => explained(<RejectionBadge status={item.rejection_status} />, item.rejection_reason),
  },
  { id: 'quality', name: texts.quality, show: (item) => bidi(qualityOf(item) || null) },
  { id: 'source', name: texts.source, extra: true, show: (item) => item.rss_source ?? none },
  { id: 'uploader', name: texts.uploader, label: texts.uploader, extra: true, show: (item) => bidi(item.uploader) },
  {
    id: 'imdb_rating',
    name: texts.imdb_rating,
    label: texts.imdb_rating,
    sort: 'imdb_rating',
    extra: true,
    show: (item) => (item.imdb_rating === null ? none : formatDecimal(item.imdb_rating / 10, 1)),
  },
  {
    id: 'release',
    name: texts.release,
    extra: true,
    show: (item) => (
      <span className={styles.words} data-clamp dir="auto" title={item.original_title}>
        {shownName(item.original_title)}
      </span>
    ),
  },
  {
    id: 'created',
    name: texts.created,
    label: texts.created,
    sort: 'created_at',
    extra: true,
    show: (item) => <RelativeTime at={item.created_at} />,
  },
  {
    id: 'updated',
    name: texts.updated,
    label: texts.updated,
    sort: 'updated_at',
    show: (item) => <RelativeTime at={item.updated_at} />,
  },
  { id: 'hash', name: texts.hash, show: (item) => <HashChip hash={item.hash} /> },
];
