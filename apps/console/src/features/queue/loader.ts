import { listQueue } from '@at/contracts/queue';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { reloadsFor } from '#lists/read-page.ts';
import { queueFailures, queueHealth, queueHistory, queueMeta, queueSteps, queueSummary } from './queries.ts';
import { queueStats } from './queue-stats.ts';
import { pageSize, queryOf, queueView } from './view.ts';

/** What is above the list comes with it, so that the list does not move. A failure shows in its place. */
const loadOverview = () =>
  Promise.all(
    [queueStats, queueFailures, queueSteps, queueMeta, queueHealth, queueSummary, queueHistory].map((query) =>
      queryClient.prefetchQuery({ ...(query as typeof queueStats), staleTime: 1_000 }),
    ),
  );

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const view = queueView.read(new URL(url).searchParams);
  const at = new Date().toISOString();
  const query = { ...queryOf(view), limit: pageSize, offset: view.offset };
  const [list] = await Promise.all([call(listQueue, { query, signal }), loadOverview()]);
  return { at, view, list };
}

/** An item or a run that opens beside the list does not change it. */
export const shouldRevalidate = reloadsFor(queueView);
