import type { LoaderFunctionArgs, ShouldRevalidateFunctionArgs } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { evaluationOf } from './evaluation-query.ts';
import { hasPredictions, loadRows, type Rows } from './rows.ts';
import { listQuery, type PredictionsView, readView, scopeOf } from './view.ts';

export type PredictionsData = {
  at: string;
  view: PredictionsView;
  rows: PromiseSettledResult<Rows>;
  /** There are no predictions yet. */
  firstUse: boolean;
};

export async function loader({ request: { url, signal } }: LoaderFunctionArgs): Promise<PredictionsData> {
  const view = readView(new URL(url).searchParams);
  const [evaluation, rows] = await Promise.allSettled([
    queryClient.fetchQuery({ ...evaluationOf(view), staleTime: 0 }),
    loadRows(view, signal),
    // Awaited: React shows a placeholder for 300 ms. If it fails, the page says so.
    view.tab === 'titles' && import('./title-list.tsx'),
  ]);
  signal.throwIfAborted();
  // If both fail, so does the page.
  if (rows.status === 'rejected' && evaluation.status === 'rejected') throw rows.reason;
  const isEmpty = rows.status === 'fulfilled' && rows.value.titles.length === 0;
  return {
    at: new Date().toISOString(),
    view,
    rows,
    firstUse: isEmpty && !(await hasPredictions(signal)),
  };
}

/** Identifies what the loader reads: the list, and the scope of the evaluation. */
function loadedFor(search: URLSearchParams): string {
  const view = readView(search);
  return JSON.stringify([scopeOf(view), listQuery(view), view.rows]);
}

/** The threshold, the tab and opened rows do not change the loaded data. */
export function shouldRevalidate({ currentUrl, nextUrl, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) {
  const moved = currentUrl.search !== nextUrl.search;
  const isSame = loadedFor(currentUrl.searchParams) === loadedFor(nextUrl.searchParams);
  return moved && isSame ? false : defaultShouldRevalidate;
}
