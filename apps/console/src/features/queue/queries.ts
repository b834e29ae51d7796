import { getQueueHistory, getQueueItem, getQueueSummary, listQueueFailures } from '@at/contracts/queue';
import { queryOptions } from '@tanstack/react-query';
import { ApiProblem, call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** Items in error, by failure. */
export const queueFailures = queryOptions({
  queryKey: keyOf('queue', 'failures'),
  queryFn: async () => (await call(listQueueFailures, {})).data,
});

/** The last 24 hours as figures. */
export const queueSummary = queryOptions({
  queryKey: keyOf('queue', 'summary'),
  queryFn: async () => (await call(getQueueSummary, {})).data,
});

/** By hour and by day. */
export const queueHistory = queryOptions({
  queryKey: keyOf('queue-history'),
  queryFn: async () => (await call(getQueueHistory, { query: { hours: 24, days: 30 } })).data,
});

/** An item with its metadata and runs; null: there is none. */
export const queueItem = (id: number) =>
  queryOptions({
    queryKey: keyOf('queue', 'item', id),
    queryFn: async ({ signal }) => {
      try {
        return (await call(getQueueItem, { params: { id }, signal })).data;
      } catch (error) {
        if (error instanceof ApiProblem && error.problem.status === 404) return null;
        throw error;
      }
    },
  });
