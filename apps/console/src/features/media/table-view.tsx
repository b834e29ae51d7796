import { exportMedia, type MediaRow, type MediaSort } from '@at/contracts/media';
import { useCallback, useEffect, useMemo } from 'react';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { DataTable } from '#lists/data-table.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { PageLine, Pager, totalOf } from '#lists/pager.tsx';
import { useSelection } from '#lists/selection.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { useItemKeys } from './item-keys.ts';
import { ItemMenu } from './item-menu.tsx';
import { nameOf } from './items.ts';
import type { MediaList } from './loader.ts';
import { mediaColumns } from './media-columns.tsx';
import { useMediaRows } from './media-rows.ts';
import { MediaSelection } from './media-selection.tsx';
import { mediaTexts as texts } from './texts.ts';
import { expectsProgress } from './torrent-poll-interval.ts';
import { usePolledTorrents } from './torrents.ts';
import { UndoLatest } from './undo-latest.tsx';
import {
  describeView,
  filterOf,
  hasLeft,
  type MediaView,
  nextPage,
  pageSizes,
  previousPage,
  queryOf,
  sortBy,
  writeView,
} from './view.ts';

const keyOf = ({ hash }: MediaRow) => hash;

/** A page of the list, with actions on one row or many. */
export function TableView({
  view,
  latest,
  list,
  onChange,
  onLeft,
}: {
  /** The view of the rows. */
  view: MediaView;
  /** The view that loads, if another one does. */
  latest: MediaView;
  list: MediaList;
  onChange: ChangeView<MediaView>;
  /** Which of the rows no longer match the filter. */
  onLeft: (hashes: ReadonlySet<string>) => void;
}) {
  const { data, pagination } = list.data;
  const { rows, pulsing, gone, newCount, showNew } = useMediaRows(view, data, onChange);
  const hashes = useMemo(() => data.map(keyOf), [data]);
  const selection = useSelection(hashes, JSON.stringify(filterOf(view)));
  const { current, setCurrent, open } = useItemKeys(rows, (hash) => selection.toggle(hash));
  const showMenu = useCallback((item: MediaRow) => <ItemMenu item={item} onEdit={() => open(item.hash)} />, [open]);
  const columns = useColumns('media', mediaColumns);
  usePolledTorrents(expectsProgress(rows));
  const left = rows.filter((row) => gone.has(row.hash) || hasLeft(view, row)).map(keyOf);
  const leftNow = left.join();
  useEffect(() => onLeft(new Set(leftNow.split(',').filter(Boolean))), [leftNow, onLeft]);
  const page = { pagination, offset: view.offset, rows: rows.length, left: left.length };
  const total = totalOf(page);
  return (
    <>
      <PageLine page={page} filter={describeView(view)}>
        <UndoLatest />
        <ExportMenu endpoint={exportMedia} query={queryOf(view)} total={pagination.total_is_estimate ? null : total} />
        <ColumnChooser columns={columns} />
      </PageLine>
      <NewRowsPill count={newCount} onShow={showNew} />
      <DataTable
        label={texts.tableLabel}
        rows={rows}
        keyOf={keyOf}
        nameOf={nameOf}
        columns={columns.shown}
        sorting={{
          by: latest.sort_by,
          order: latest.sort_order,
          searchOf: (sort: MediaSort) => writeView(sortBy(latest, sort)),
        }}
        selection={selection}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        pulsing={pulsing}
        gone={gone}
        attributesOf={({ hash, deleted_at }) => ({
          'data-hash': hash,
          ...(deleted_at != null && { 'data-gone': true }),
        })}
        actions={{ name: texts.columns.actions, show: showMenu }}
      />
      <Pager
        page={page}
        onPrevious={() => onChange(previousPage(view))}
        onNext={() => onChange(nextPage(view, rows, pagination.next_cursor))}
        sizes={pageSizes}
        onSize={(limit) => onChange({ limit })}
      />
      <MediaSelection
        selection={selection}
        rows={rows}
        view={view}
        total={total}
        isEstimate={pagination.total_is_estimate}
      />
    </>
  );
}
