import { listTrainingSessions } from '@at/contracts/labels';
import { getHealth, getReadyz, type Readiness } from '@at/contracts/system';
import { getTrainingStats } from '@at/contracts/training';
import { queryOptions } from '@tanstack/react-query';
import { ApiProblem, call, type Reply, urlOf } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { recentServerInfo } from '#api/server-info.ts';
import { invalidate, keyOf } from '#live/invalidations.ts';
import { keepDuringOutage } from './keep-during-outage.ts';
import type { LazyData } from './lazy-data.ts';

type Kept = {
  at: string;
  stats: PromiseSettledResult<Reply<typeof getTrainingStats>>;
  sessions: PromiseSettledResult<Reply<typeof listTrainingSessions>>;
  lazyData: Promise<LazyData>;
};

const queryKey = keyOf('home');

async function read({ signal }: { signal: AbortSignal }) {
  invalidate('backlog');
  const before = queryClient.getQueryData<Kept>(queryKey);
  // Loaded separately: the top of the page does not wait for the contracts of the cards below.
  const lazyData = import('./lazy-data.ts').then(({ loadLazyData }) => loadLazyData(signal, before?.lazyData));
  // The cards that use it report a failure.
  lazyData.catch(() => {});
  const parts = await Promise.allSettled([
    recentServerInfo(),
    findReadiness(signal),
    call(getTrainingStats, { signal }),
    call(listTrainingSessions, { query: { limit: 1 }, signal }),
    findLatency(signal),
  ]);
  const [facts, ...fresh] = parts;
  const [readiness, freshStats, freshSessions, latency] = fresh;
  // If every part fails, so does the page, with one reason; the server info may come from the cache.
  if (fresh.every(({ status }) => status === 'rejected')) throw (freshStats as PromiseRejectedResult).reason;
  const stats = keepDuringOutage(freshStats, before?.stats);
  const sessions = keepDuringOutage(freshSessions, before?.sessions);
  const isKept = before !== undefined && (stats !== freshStats || sessions !== freshSessions);
  return {
    at: isKept ? before.at : new Date().toISOString(),
    url: urlOf(getTrainingStats),
    factsError: facts.status === 'rejected' ? (facts.reason as unknown) : undefined,
    readiness,
    stats,
    sessions,
    /** Milliseconds to the API's health reply; null: it failed. */
    latency: latency.status === 'fulfilled' ? latency.value : null,
    lazyData,
  };
}

/** Everything on the page. Events invalidate it; the rest, such as latency and midnight, loads every minute. */
export const home = queryOptions({
  queryKey,
  queryFn: read,
  staleTime: 30_000,
  refetchInterval: 60_000,
  refetchOnWindowFocus: true,
  structuralSharing: false,
});

export const loader = () => queryClient.fetchQuery({ ...home, staleTime: 0 });

/** The checks, passed (200) or failed (503). */
async function findReadiness(signal: AbortSignal): Promise<Readiness> {
  try {
    return (await call(getReadyz, { signal })).data;
  } catch (error) {
    if (error instanceof ApiProblem && isReadiness(error.answer)) return error.answer;
    throw error;
  }
}

const isReadiness = (answer: unknown): answer is Readiness =>
  typeof answer === 'object' && answer !== null && 'checks' in answer;

async function findLatency(signal: AbortSignal): Promise<number> {
  const began = performance.now();
  await call(getHealth, { signal });
  return performance.now() - began;
}
