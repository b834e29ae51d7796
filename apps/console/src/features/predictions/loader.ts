import type { LoaderFunctionArgs, ShouldRevalidateFunctionArgs } from 'react-router';
import { type Evaluated, loadEvaluation } from './evaluation-route.ts';
import { hasPredictions, loadRows, type Rows } from './rows.ts';
import { listQuery, type PredictionsView, readView, scopeOf } from './view.ts';

export type PredictionsData = {
  at: string;
  view: PredictionsView;
  evaluated: Evaluated;
  rows: PromiseSettledResult<Rows>;
  /** The model has judged no title yet. */
  firstUse: boolean;
};

export async function loader({ request: { url, signal } }: LoaderFunctionArgs): Promise<PredictionsData> {
  const view = readView(new URL(url).searchParams);
  // The list's code comes while its rows do. Where it cannot be had, the page waits for it.
  if (view.tab === 'titles') import('./title-list.tsx').catch(() => {});
  const [evaluated, [rows]] = await Promise.all([
    loadEvaluation(view, signal),
    Promise.allSettled([loadRows(view, signal)]),
  ]);
  signal.throwIfAborted();
  // Without either there is no page.
  if (rows.status === 'rejected' && evaluated.failure !== undefined) throw rows.reason;
  const isEmpty = rows.status === 'fulfilled' && rows.value.titles.length === 0;
  return {
    at: new Date().toISOString(),
    view,
    evaluated,
    rows,
    firstUse: isEmpty && !(await hasPredictions(signal)),
  };
}

/** Names what the loader reads: its list, and what the evaluation is about. */
function loadedFor(search: URLSearchParams): string {
  const view = readView(search);
  return JSON.stringify([scopeOf(view), listQuery(view), view.rows]);
}

/** The threshold alone, another tab or an opened row change nothing that was loaded. */
export function shouldRevalidate({ currentUrl, nextUrl, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) {
  const moved = currentUrl.search !== nextUrl.search;
  const isSame = loadedFor(currentUrl.searchParams) === loadedFor(nextUrl.searchParams);
  return moved && isSame ? false : defaultShouldRevalidate;
}
