import { listSlices } from '@at/contracts/predictions';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { countedAt } from '#ui/counted-at.ts';
import { evaluationQuery, type PredictionsView } from './view.ts';

export function slicesOf(view: PredictionsView) {
  const { by, minimum } = view;
  const query = { ...evaluationQuery(view), by, minimum };
  return queryOptions({
    queryKey: keyOf('slices', query),
    queryFn: async () => {
      const { data, age, url } = await call(listSlices, { query });
      return { slices: data, countedAt: countedAt(age), url };
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}
