import { listTrainingSessions } from '@at/contracts/labels';
import { getHealth, getReadyz, type Readiness } from '@at/contracts/system';
import { getTrainingStats } from '@at/contracts/training';
import type { LoaderFunctionArgs } from 'react-router';
import { ApiProblem, call, urlOf } from '#api/call.ts';
import { recentServerInfo } from '#api/server-info.ts';

export async function loader({ request: { signal } }: LoaderFunctionArgs) {
  // Its contracts are a large part of what it needs: what the page begins with does not wait for them.
  const further = import('./further.ts').then(({ findFurther }) => findFurther(signal));
  // Whoever shows it hears of a failure; until then, or when nobody does, it is no unhandled one.
  further.catch(() => {});
  const parts = await Promise.allSettled([
    // The frame asks for the same, and shows it too.
    recentServerInfo(),
    findReadiness(signal),
    call(getTrainingStats, { signal }),
    call(listTrainingSessions, { query: { limit: 1 }, signal }),
    findLatency(signal),
  ]);
  const [facts, readiness, stats, sessions, latency] = parts;
  // Without any part there is no page; one reason says more than five.
  if (parts.every(({ status }) => status === 'rejected')) throw (facts as PromiseRejectedResult).reason;
  return {
    at: new Date().toISOString(),
    url: urlOf(getTrainingStats),
    factsError: facts.status === 'rejected' ? (facts.reason as unknown) : undefined,
    readiness,
    stats,
    sessions,
    /** Milliseconds that the API took to say that it is there, seen from here; null: it did not. */
    latency: latency.status === 'fulfilled' ? latency.value : null,
    further,
  };
}

/** The checks, whether they passed (200) or not (503). */
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
