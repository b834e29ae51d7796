import { exportMedia } from '@at/contracts/media';
import { useMemo } from 'react';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { PageLine, Pager } from '#lists/pager.tsx';
import { useSelection } from '#lists/selection.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { useItemKeys } from './item-keys.ts';
import type { MediaList } from './loader.ts';
import { mediaColumns } from './media-columns.tsx';
import { useMediaRows } from './media-rows.ts';
import { MediaSelection } from './media-selection.tsx';
import { MediaTable } from './media-table.tsx';
import { expectsProgress } from './torrent-pace.ts';
import { useTransmission } from './torrents.ts';
import { describeView, filterOf, type MediaView, nextPage, pageSizes, previousPage, queryOf } from './view.ts';

/** A page of the list, with what can be done to one row or to many. */
export function TableView({
  view,
  asked,
  list,
  onChange,
}: {
  /** That of the rows. */
  view: MediaView;
  /** The one on its way, if there is one. */
  asked: MediaView;
  list: MediaList;
  onChange: ChangeView<MediaView>;
}) {
  const { data, pagination } = list.data;
  const { rows, pulsing, gone, newCount, showNew } = useMediaRows(view, data, onChange);
  const hashes = useMemo(() => data.map(({ hash }) => hash), [data]);
  const selection = useSelection(hashes, JSON.stringify(filterOf(view)));
  const { current, setCurrent, open } = useItemKeys(rows, (hash) => selection.toggle(hash));
  const columns = useColumns('media', mediaColumns);
  useTransmission(expectsProgress(rows));
  const page = { pagination, offset: view.offset, rows: rows.length };
  return (
    <>
      <PageLine page={page} filter={describeView(view)}>
        <ExportMenu
          endpoint={exportMedia}
          query={queryOf(view)}
          total={pagination.total_is_estimate ? null : pagination.total}
        />
        <ColumnChooser columns={columns} />
      </PageLine>
      <NewRowsPill count={newCount} onShow={showNew} />
      <MediaTable
        rows={rows}
        columns={columns.shown}
        view={asked}
        selection={selection}
        current={current}
        pulsing={pulsing}
        gone={gone}
        onCurrent={setCurrent}
        onOpen={open}
      />
      <MediaSelection
        selection={selection}
        view={view}
        total={pagination.total}
        isEstimate={pagination.total_is_estimate}
      />
      <Pager
        page={page}
        onPrevious={() => onChange(previousPage(view))}
        onNext={() => onChange(nextPage(view, rows, pagination.next_cursor))}
        sizes={pageSizes}
        onSize={(limit) => onChange({ limit })}
      />
    </>
  );
}
