import { listAgreement } from '@at/contracts/predictions';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { countedAt } from '#ui/counted-at.ts';
import { evaluationQuery, type PredictionsView } from './view.ts';

export function agreementOf(view: PredictionsView) {
  const { threshold } = evaluationQuery(view);
  const query = { by: view.period, ...(threshold !== undefined && { threshold }) };
  return queryOptions({
    queryKey: keyOf('agreement', query),
    queryFn: async () => {
      const { data, age, url } = await call(listAgreement, { query });
      return { agreement: data, countedAt: countedAt(age), url };
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}
