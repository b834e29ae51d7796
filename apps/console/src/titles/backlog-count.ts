import { listTraining } from '@at/contracts/training';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** When the latest count was requested, by `performance.now()`. */
let requestedAt = Number.NEGATIVE_INFINITY;
export const lastCountRequest = () => requestedAt;

/** The number of unreviewed films: every page that shows it reads it here. */
export const backlog = queryOptions({
  queryKey: keyOf('backlog'),
  queryFn: async (): Promise<number | null> => {
    requestedAt = performance.now();
    const query = { media_type: 'movie', reviewed: false, limit: 1, count: 'exact' } as const;
    return (await call(listTraining, { query })).data.pagination.total;
  },
});
