import { getEvaluation } from '@at/contracts/predictions';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { countedAt } from '#ui/counted-at.ts';
import { evaluationQuery, type PredictionsView, scopeOf } from './view.ts';

/** What matrix, measures and charts show. One query for each scope: while a threshold loads, the last evaluation stays. */
export const evaluationOf = (view: PredictionsView) =>
  queryOptions({
    queryKey: keyOf('evaluation', scopeOf(view)),
    queryFn: async () => {
      const requestedAt = performance.now();
      const { data, age, url } = await call(getEvaluation, { query: evaluationQuery(view) });
      return {
        /** When it was requested, by `performance.now()`: it includes what had been saved before. */
        requestedAt,
        /** null: the downloader's. */
        threshold: view.threshold,
        evaluation: data,
        countedAt: countedAt(age),
        url,
      };
    },
  });
