import { listTrainingSessions } from '@at/contracts/labels';
import { getHealth, getReadyz, type Readiness } from '@at/contracts/system';
import { getTrainingStats } from '@at/contracts/training';
import { queryOptions } from '@tanstack/react-query';
import { ApiProblem, call, urlOf } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { recentServerInfo } from '#api/server-info.ts';
import { invalidate, keyOf } from '#live/invalidations.ts';

async function read({ signal }: { signal: AbortSignal }) {
  invalidate('backlog');
  // Loaded separately: the top of the page does not wait for the contracts of the cards below.
  const lazyData = import('./lazy-data.ts').then(({ loadLazyData }) => loadLazyData(signal));
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
  const [readiness, stats, sessions, latency] = fresh;
  // If every part fails, so does the page, with one reason; the server info may come from the cache.
  if (fresh.every(({ status }) => status === 'rejected')) throw (stats as PromiseRejectedResult).reason;
  return {
    at: new Date().toISOString(),
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
  queryKey: keyOf('home'),
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
