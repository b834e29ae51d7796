import { queryClient } from '#api/query-client.ts';
import { dashboard, lastRuns, scanStatus } from './queries.ts';

/** A scan and the runs that cannot be read show it in their place. */
export async function loader() {
  const at = new Date().toISOString();
  const fresh = { staleTime: 0 };
  const [first] = await Promise.all([
    queryClient.fetchQuery({ ...dashboard, ...fresh }),
    queryClient.prefetchQuery({ ...scanStatus, ...fresh }),
    queryClient.prefetchQuery({ ...lastRuns, ...fresh }),
  ]);
  return { at, first };
}
