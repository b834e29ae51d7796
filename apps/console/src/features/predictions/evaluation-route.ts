import { type Evaluation, getEvaluation } from '@at/contracts/predictions';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { evaluationQuery, type PredictionsView, readView, scopeOf } from './view.ts';

/** What matrix, measures and charts show; a failure leaves the rest of the page as it is. */
export type Evaluated = {
  /** Names what it is about, without the threshold. */
  scope: string;
  /** When it was asked for, by `performance.now()`: what had been saved before is in it. */
  askedAt: number;
  /** At which threshold; null: the downloader's. */
  threshold: number | null;
} & ({ evaluation: Evaluation; url: string; failure?: never } | { failure: unknown; evaluation?: never });

export const scopeName = (view: PredictionsView) => JSON.stringify(scopeOf(view));

export async function loadEvaluation(view: PredictionsView, signal: AbortSignal): Promise<Evaluated> {
  const about = { scope: scopeName(view), askedAt: performance.now(), threshold: view.threshold };
  try {
    const { data, url } = await call(getEvaluation, { query: evaluationQuery(view), signal });
    return { ...about, evaluation: data, url };
  } catch (failure) {
    if (signal.aborted) throw failure;
    return { ...about, failure };
  }
}

/** For another threshold, or after labels have changed: without the list, whose rows stay where they are. */
export function loader({ request }: LoaderFunctionArgs): Promise<Evaluated> {
  return loadEvaluation(readView(new URL(request.url).searchParams), request.signal);
}

/** The page's own loader brings a new one. */
export const shouldRevalidate = () => false;
