import { listMovies, type MovieRow } from '@at/contracts/movies';
import { maximumLimit } from '@at/contracts/paging';
import type { TrainingRow } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';
import { listQuery, type PredictionsView } from './view.ts';

/** A title with its prediction. */
export type PredictedTitle = TrainingRow & Pick<MovieRow, 'probability' | 'prediction' | 'cm_value'>;

export function titleOf(movie: MovieRow): PredictedTitle {
  const { training_created_at: created_at, training_updated_at: updated_at, ...title } = movie;
  return { ...title, created_at, updated_at };
}

/** The first rows of a list. */
export type Rows = {
  titles: PredictedTitle[];
  total: number | null;
  /** Of the next rows; null at the end. */
  cursor: string | null;
  /** The request for its first rows. */
  url: string;
};

/** The last rows, so that more of the same list loads only what is missing; events keep them up to date. */
let latest: { name: string; rows: Rows } | undefined;

/** Called when the page is left, because nothing keeps the rows up to date then. */
export function forgetRows(): void {
  latest = undefined;
}

/** The rows of the view. Loads only the rest if the same list has grown, otherwise all. */
export async function loadRows(view: PredictionsView, signal: AbortSignal): Promise<Rows> {
  const query = listQuery(view);
  const name = JSON.stringify(query);
  const known = latest?.name === name && latest.rows.titles.length < view.rows ? latest.rows : undefined;
  let rows = known?.cursor == null ? undefined : known;
  while (rows === undefined || (rows.cursor !== null && rows.titles.length < view.rows)) {
    const before: Rows | undefined = rows;
    const limit = Math.min(maximumLimit, view.rows - (before?.titles.length ?? 0));
    const page = before
      ? { limit, count: 'none' as const, cursor: before.cursor as string }
      : { limit, count: 'exact' as const };
    const { data, url } = await call(listMovies, { query: { ...query, ...page }, signal });
    rows = {
      titles: [...(before?.titles ?? []), ...data.data.map(titleOf)],
      total: before ? before.total : data.pagination.total,
      cursor: data.pagination.next_cursor,
      url: before?.url ?? url,
    };
  }
  latest = { name, rows };
  return rows;
}

/** Rows by id, of the whole table unless a filter is given. */
export const fetchTitles = (
  ids: string[],
  signal: AbortSignal,
  filter: ReturnType<typeof listQuery> = {},
): Promise<PredictedTitle[]> =>
  readByIds(ids, async (imdb_id) => {
    const query = { ...filter, imdb_id, limit: imdb_id.length, count: 'none' } as const;
    return (await call(listMovies, { query, signal })).data.data.map(titleOf);
  });

/** Whether there is any prediction. */
export async function hasPredictions(signal: AbortSignal): Promise<boolean> {
  const { data } = await call(listMovies, { query: { limit: 1, count: 'none' }, signal });
  return data.data.length > 0;
}
