import { listMedia } from '@at/contracts/media';
import { maximumLimit } from '@at/contracts/paging';
import { type PipelineStatus, pipelineStatuses } from '@at/contracts/vocabulary';
import type { LoaderFunctionArgs } from 'react-router';
import { ApiProblem, call, type Reply } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { type Board, boardLimit, createBoard } from './board.ts';
import { mediaStats } from './media-stats.ts';
import { type MediaView, queryOf, readView } from './view.ts';

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

async function readPage(view: MediaView, signal: AbortSignal): Promise<MediaList> {
  const { offset, cursor, limit } = view;
  const query = { ...queryOf(view), count: 'estimated', limit } as const;
  const byOffset = { ...query, ...(offset > 0 ? { offset } : {}) };
  if (cursor === null) return call(listMedia, { query: byOffset, signal });
  try {
    return await call(listMedia, { query: { ...query, cursor }, signal });
  } catch (error) {
    // A cursor of another order, or one that was cut off when the link was passed on.
    if (!(error instanceof ApiProblem) || error.problem.status !== 422) throw error;
    return call(listMedia, { query: byOffset, signal });
  }
}

/** The board that was loaded last. */
let latest: { query: string; board: Board } | undefined;

/** The columns of a view. After a reload each is as long as before, up to the limit of one request. */
async function readBoard(view: MediaView, signal: AbortSignal): Promise<Board> {
  const { pipeline_status: asked, ...query } = queryOf(view);
  const name = JSON.stringify(query);
  const before = latest?.query === name ? latest.board.columns.get() : [];
  const lengthOf = (status: PipelineStatus) => before.find((column) => column.status === status)?.rows.length ?? 0;
  const statuses = asked ?? pipelineStatuses;
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

export async function loader({ request: { url, signal } }: LoaderFunctionArgs): Promise<MediaData> {
  const view = readView(new URL(url).searchParams);
  void queryClient.prefetchQuery({ ...mediaStats, staleTime: 1_000 });
  if (view.view === 'board') {
    const board = await readBoard(view, signal);
    const isEmpty = board.columns.get().every(({ rows }) => rows.length === 0);
    return { view, board, firstUse: isEmpty && !(await hasItems(signal)) };
  }
  const list = await readPage(view, signal);
  return { view, list, firstUse: list.data.data.length === 0 && !(await hasItems(signal)) };
}
