import { getQueueItem } from '@at/contracts/queue';
import {
  getQueueHealth,
  getQueueHistory,
  getQueueMeta,
  getQueueSteps,
  getQueueSummary,
  listQueueFailures,
  type QueueHealth,
} from '@at/contracts/queue-status';
import { queryOptions } from '@tanstack/react-query';
import { ApiProblem, call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** Milliseconds between two looks at the workers: a heartbeat has no event. */
const beat = 10_000;

/** Items in error, by failure. */
export const queueFailures = queryOptions({
  queryKey: keyOf('queue', 'failures'),
  queryFn: async () => (await call(listQueueFailures, {})).data,
});

/** What each step lacks to be done. */
export const queueSteps = queryOptions({
  queryKey: ['queue-steps'],
  queryFn: async () => (await call(getQueueSteps, {})).data,
});

/** What links to the media server are made of. */
export const queueMeta = queryOptions({
  queryKey: ['queue-meta'],
  queryFn: async () => (await call(getQueueMeta, {})).data,
});

/** The API answers with the same members when its database is down. */
async function readHealth(): Promise<QueueHealth> {
  try {
    return (await call(getQueueHealth, {})).data;
  } catch (error) {
    const answer = error instanceof ApiProblem ? (error.answer as Partial<QueueHealth> | null) : null;
    if (answer?.workers && answer.system) return answer as QueueHealth;
    throw error;
  }
}

export const queueHealth = queryOptions({
  queryKey: ['queue-health'],
  queryFn: readHealth,
  refetchInterval: beat,
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

/** What a request finds; null: the API does not have it. */
const orNull = <T>(request: Promise<{ data: T }>): Promise<T | null> =>
  request.then(
    ({ data }) => data,
    (error: unknown) => {
      if (error instanceof ApiProblem && error.problem.status === 404) return null;
      throw error;
    },
  );

/** An item with its metadata and runs; null: there is none. */
export const queueItem = (id: number) =>
  queryOptions({
    queryKey: keyOf('queue', 'item', id),
    queryFn: ({ signal }) => orNull(call(getQueueItem, { params: { id }, signal })),
  });

/** The removal of an item that can be undone; null: there is none. */
export const queueRemoval = (id: number) =>
  queryOptions({
    queryKey: keyOf('queue', 'removal', id),
    queryFn: ({ signal }) =>
      orNull(import('#activity-log/restore-item.ts').then(({ findRemoval }) => findRemoval(id, signal))),
  });
