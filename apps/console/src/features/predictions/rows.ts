import { listMovies, type MovieRow } from '@at/contracts/movies';
import { maximumLimit } from '@at/contracts/paging';
import type { TrainingRow } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { listQuery, type PredictionsView } from './view.ts';

/** A title with the model's word on it, as every part of the console knows titles. */
export type PredictedTitle = TrainingRow & Pick<MovieRow, 'probability' | 'prediction' | 'cm_value'>;

export function titleOf(movie: MovieRow): PredictedTitle {
  const { training_created_at: created_at, training_updated_at: updated_at, ...title } = movie;
  return { ...title, created_at, updated_at };
}

/** The beginning of a list. */
export type Rows = {
  titles: PredictedTitle[];
  total: number | null;
  /** Where it goes on; null at its end. */
  cursor: string | null;
  /** The request for its first rows. */
  url: string;
};

/** What was loaded last, so that more of the same list costs what is missing alone; events keep it up to date. */
let latest: { name: string; rows: Rows } | undefined;

/** For when the page is left: nothing tells of what changes then. */
export function forgetRows(): void {
  latest = undefined;
}

/**
 * As many rows of the list as the view asks for. Asked again for as many as it has, or fewer, it reads them anew; asked
 * for more, it goes on where it ended.
 */
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

/** As many ids as fit into one request. */
const mostIds = 200;

/** Rows by id, whatever the filter unless one is given. */
export async function fetchTitles(
  ids: string[],
  signal: AbortSignal,
  filter: ReturnType<typeof listQuery> = {},
): Promise<PredictedTitle[]> {
  const titles: PredictedTitle[] = [];
  for (let from = 0; from < ids.length; from += mostIds) {
    const query = { ...filter, imdb_id: ids.slice(from, from + mostIds), limit: mostIds, count: 'none' as const };
    const { data } = await call(listMovies, { query, signal });
    titles.push(...data.data.map(titleOf));
  }
  return titles;
}

/** Whether the model has judged any title at all. */
export async function hasPredictions(signal: AbortSignal): Promise<boolean> {
  const { data } = await call(listMovies, { query: { limit: 1, count: 'none' }, signal });
  return data.data.length > 0;
}
