import { filterWord } from '@at/contracts/filter-words';
import type { MediaRow } from '@at/contracts/media';
import { Button, Text } from '@mantine/core';
import { opensByClick } from '#lists/row-click.ts';
import { formatInteger, formatTotal, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { LikelyAction } from './action-button.tsx';
import type { BoardColumn } from './board.ts';
import { boardLimit } from './board.ts';
import { DownloadProgress } from './download-progress.tsx';
import { ItemLink } from './item-link.tsx';
import { ItemMenu } from './item-menu.tsx';
import { qualityOf } from './items.ts';
import styles from './media-board.module.css';
import { DeletedBadge, ErrorBadge, PipelineBadge, RejectionBadge } from './pipeline-status.tsx';
import { mediaTexts as texts } from './texts.ts';

type Marks = {
  current: string | null;
  pulsing: ReadonlySet<string>;
  gone: ReadonlySet<string>;
};

function Card({
  item,
  column,
  marks: { current, pulsing, gone },
  onCurrent,
  onOpen,
}: {
  item: MediaRow;
  column: BoardColumn;
  marks: Marks;
  onCurrent: (hash: string) => void;
  onOpen: (hash: string) => void;
}) {
  return (
    <li
      className={styles.card}
      data-hash={item.hash}
      data-current={item.hash === current || undefined}
      data-pulsing={pulsing.has(item.hash) || undefined}
      data-gone={gone.has(item.hash) || item.deleted_at != null || undefined}
      onFocus={() => onCurrent(item.hash)}
      onPointerDown={() => onCurrent(item.hash)}
      {...opensByClick(() => onOpen(item.hash))}
    >
      <div className={styles.name}>
        <span>
          <ItemLink item={item} />{' '}
          {item.release_year !== null && <span className={styles.year}>{item.release_year}</span>}
        </span>
        <ItemMenu item={item} onEdit={() => onOpen(item.hash)} />
      </div>
      {/* A card stays in its column until the board is loaded again. */}
      {filterWord(item.pipeline_status) !== column.status && <PipelineBadge status={item.pipeline_status} />}
      {item.deleted_at != null && <DeletedBadge />}
      {item.error_status && <ErrorBadge />}
      {item.error_status && item.error_condition !== null && (
        <span className={styles.words} data-clamp dir="auto" title={item.error_condition}>
          {item.error_condition}
        </span>
      )}
      {item.rejection_status === 'rejected' && item.deleted_at == null && (
        <>
          <RejectionBadge status="rejected" />
          {item.rejection_reason !== null && (
            <span className={styles.words} data-clamp dir="auto" title={item.rejection_reason}>
              {item.rejection_reason}
            </span>
          )}
        </>
      )}
      <DownloadProgress item={item} />
      <LikelyAction item={item} />
      <span className={styles.facts}>
        <bdi>{qualityOf(item) || none}</bdi> <RelativeTime at={item.updated_at} />
      </span>
    </li>
  );
}

/** One column per pipeline status. */
export function MediaBoard({
  columns,
  rows,
  onMore,
  ...card
}: {
  columns: readonly BoardColumn[];
  /** The latest state of all cards, by hash. */
  rows: ReadonlyMap<string, MediaRow>;
  marks: Marks;
  onMore: (column: BoardColumn) => void;
  onCurrent: (hash: string) => void;
  onOpen: (hash: string) => void;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be scrollable by keyboard
    <section className={styles.board} aria-label={texts.board} tabIndex={0}>
      {columns.map((column) => {
        const { status, total, isEstimate, cursor, isLoading, failure } = column;
        const count = formatTotal(total, isEstimate);
        const left = total === null || isEstimate ? boardLimit : Math.min(boardLimit, total - column.rows.length);
        return (
          <section key={status} className={styles.column} aria-label={texts.columnOf(texts.statusName(status), count)}>
            <h2 className={styles.heading}>
              <PipelineBadge status={status} /> <span className={styles.count}>{count}</span>
            </h2>
            {column.rows.length === 0 && (
              <Text size="sm" c="dimmed" px={4}>
                {texts.columnEmpty}
              </Text>
            )}
            <ul className={styles.cards}>
              {column.rows.map((row) => (
                <Card key={row.hash} item={rows.get(row.hash) ?? row} column={column} {...card} />
              ))}
            </ul>
            {failure !== undefined && (
              <Text size="xs" role="alert" className={styles.words ?? ''}>
                {texts.moreFailed(failure instanceof Error ? failure.message : String(failure))}
              </Text>
            )}
            {cursor !== null && (
              <Button size="compact-sm" variant="default" loading={isLoading} onClick={() => onMore(column)}>
                {failure === undefined ? texts.more(formatInteger(Math.max(1, left))) : texts.retry}
              </Button>
            )}
          </section>
        );
      })}
    </section>
  );
}
