import { queryClient } from '#api/query-client.ts';
import { dashboard, syncOf } from '#files/batch-queries.ts';
import { fileRoots } from './attention.ts';
import { currentBatch } from './next.ts';
import { lastRuns, pipelineStatus, scanStatus } from './queries.ts';

/** A scan, a sync and the runs that cannot be read show it in their place. */
export async function loader() {
  const at = new Date().toISOString();
  const fresh = { staleTime: 0 };
  const [first] = await Promise.all([
    queryClient.fetchQuery({ ...dashboard, ...fresh }),
    queryClient.prefetchQuery({ ...fileRoots, ...fresh }),
    queryClient.prefetchQuery({ ...pipelineStatus, ...fresh }),
    queryClient.prefetchQuery({ ...scanStatus, ...fresh }),
    queryClient.prefetchQuery({ ...lastRuns, ...fresh }),
  ]);
  const batch = currentBatch(first);
  if (batch) await queryClient.prefetchQuery({ ...syncOf(batch.id), ...fresh });
  return { at, first };
}
