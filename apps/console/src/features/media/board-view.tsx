import { useMemo } from 'react';
import { NewPill } from '#shared/new-pill.tsx';
import { useStore } from '#shared/store.ts';
import type { Board } from './board.ts';
import type { MediaView } from './filters.ts';
import { useItemKeys } from './item-keys.ts';
import { MediaBoard } from './media-board.tsx';
import { useMediaRows } from './media-rows.ts';
import { expectsProgress } from './torrent-pace.ts';
import { useTransmission } from './torrents.ts';

/** The items by how far they have come. */
export function BoardView({ view, board }: { view: MediaView; board: Board }) {
  const columns = useStore(board.columns);
  const loaded = useMemo(() => columns.flatMap(({ rows }) => rows), [columns]);
  const { rows, pulsing, gone, newCount, showNew } = useMediaRows(view, loaded);
  const { current, setCurrent, open } = useItemKeys(rows);
  useTransmission(expectsProgress(rows));
  return (
    <>
      <NewPill count={newCount} onShow={showNew} />
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
