import { exportMedia } from '@at/contracts/media';
import { useMemo } from 'react';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { ListLine } from '#lists/pager.tsx';
import { listsTexts } from '#lists/texts.ts';
import { useStore } from '#state/store.ts';
import { formatInteger, formatTotal } from '#ui/format.ts';
import { type Board, countCards } from './board.ts';
import { useItemKeys } from './item-keys.ts';
import { MediaBoard } from './media-board.tsx';
import { useMediaRows } from './media-rows.ts';
import { expectsProgress } from './torrent-poll-interval.ts';
import { usePolledTorrents } from './torrents.ts';
import { UndoLatest } from './undo-latest.tsx';
import { describeView, type MediaView, queryOf } from './view.ts';

/** The items by pipeline status. */
export function BoardView({ view, board }: { view: MediaView; board: Board }) {
  const columns = useStore(board.columns);
  const { shown, total, isEstimate } = countCards(columns);
  const loaded = useMemo(() => columns.flatMap(({ rows }) => rows), [columns]);
  const { rows, pulsing, gone, newCount, showNew } = useMediaRows(view, loaded);
  const { current, setCurrent, open } = useItemKeys(rows);
  usePolledTorrents(expectsProgress(rows));
  return (
    <>
      <ListLine
        text={`${listsTexts.part(formatInteger(shown), formatTotal(total, isEstimate))}, ${describeView(view)}`}
      >
        <UndoLatest />
        <ExportMenu endpoint={exportMedia} query={queryOf(view)} total={isEstimate ? null : total} />
      </ListLine>
      <NewRowsPill count={newCount} onShow={showNew} />
      <MediaBoard
        columns={columns}
        rows={new Map(rows.map((row) => [row.hash, row]))}
        marks={{ current, pulsing, gone }}
        onMore={({ status }) => void board.loadMore(status)}
        onCurrent={setCurrent}
        onOpen={open}
      />
    </>
  );
}
