import { listMedia } from '@at/contracts/media';
import { maximumLimit } from '@at/contracts/paging';
import type { LoaderFunctionArgs } from 'react-router';
import { call, type Reply } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { readPage, reloadsFor } from '#lists/read-page.ts';
import { type Board, boardLimit, createBoard } from './board.ts';
import { mediaErrors } from './media-errors.ts';
import { mediaStats } from './media-stats.ts';
import { type MediaView, mediaView, queryOf, readView, showsCauses } from './view.ts';

export type MediaList = Reply<typeof listMedia>;

export type MediaData = {
  view: MediaView;
  /** The database holds no item at all, deleted ones included. */
  firstUse: boolean;
} & ({ list: MediaList; board?: never } | { board: Board; list?: never });

async function hasItems(signal: AbortSignal): Promise<boolean> {
  const { data } = await call(listMedia, { query: { deleted: 'include', limit: 1, count: 'none' }, signal });
  return data.data.length > 0;
}

const readList = (view: MediaView, signal: AbortSignal): Promise<MediaList> =>
  readPage(view, (place) =>
    call(listMedia, { query: { ...queryOf(view), count: 'estimated', limit: view.limit, ...place }, signal }),
  );

/** The board that was loaded last. */
let latest: { query: string; board: Board } | undefined;

/** The columns of a view. After a reload each is as long as before, up to the limit of one request. */
async function readBoard(view: MediaView, signal: AbortSignal): Promise<Board> {
  const { pipeline_status: chosen, ...query } = queryOf(view);
  const name = JSON.stringify(query);
  const before = latest?.query === name ? latest.board.columns.get() : [];
  const lengthOf = (status: string) => before.find((column) => column.status === status)?.rows.length ?? 0;
  // The database may have more statuses than we know.
  const statuses =
    chosen ?? Object.keys((await queryClient.fetchQuery({ ...mediaStats, staleTime: 1_000 })).pipeline_status);
  const first = await Promise.all(
    statuses.map(async (status) => {
      const limit = Math.min(maximumLimit, Math.max(boardLimit, lengthOf(status)));
      const page = { pipeline_status: [status], limit, count: 'estimated' as const };
      return { status, page: await call(listMedia, { query: { ...query, ...page }, signal }) };
    }),
  );
  const board = createBoard(first, (status, cursor) =>
    call(listMedia, { query: { ...query, pipeline_status: [status], limit: boardLimit, count: 'none', cursor } }),
  );
  latest = { query: name, board };
  return board;
}

/** What is above the list of errors comes with it, so that the list does not move. A failure shows in its place. */
const loadCauses = () =>
  Promise.allSettled([queryClient.prefetchQuery({ ...mediaErrors, staleTime: 1_000 }), import('./error-causes.tsx')]);

export async function loader({ request: { url, signal } }: LoaderFunctionArgs): Promise<MediaData> {
  const view = readView(new URL(url).searchParams);
  void queryClient.prefetchQuery({ ...mediaStats, staleTime: 1_000 });
  if (view.view === 'board') {
    const board = await readBoard(view, signal);
    const isEmpty = board.columns.get().every(({ rows }) => rows.length === 0);
    return { view, board, firstUse: isEmpty && !(await hasItems(signal)) };
  }
  const [list] = await Promise.all([readList(view, signal), showsCauses(view) && loadCauses()]);
  return { view, list, firstUse: list.data.data.length === 0 && !(await hasItems(signal)) };
}

/** An item that opens or closes beside the list does not change it. */
export const shouldRevalidate = reloadsFor(mediaView);
