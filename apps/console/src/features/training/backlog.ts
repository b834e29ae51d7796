import { listTraining } from '@at/contracts/training';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { invalidate, keyOf } from '#live/invalidations.ts';
import { liveState } from '#live/live-events.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { backlogOf, filterOf, type TrainingView } from './view.ts';

/** The number of unreviewed films, for the backlog button. */
export const backlog = queryOptions({
  queryKey: keyOf('backlog'),
  queryFn: async (): Promise<number | null> => {
    const query = { media_type: 'movie', reviewed: false, limit: 1, count: 'exact' } as const;
    return (await call(listTraining, { query })).data.pagination.total;
  },
});

const isBacklog = (view: TrainingView) => JSON.stringify(filterOf(view)) === JSON.stringify(filterOf(backlogOf(view)));

/** Call before a page loads: counts, unless the page's total will be that number. */
export function countBeside(view: TrainingView): void {
  if (!isBacklog(view)) void queryClient.prefetchQuery({ ...backlog, staleTime: 400 });
}

/** Takes the number from a page of the backlog. */
export function recordTotal(view: TrainingView, total: number | null): void {
  if (isBacklog(view)) queryClient.setQueryData(backlog.queryKey, total);
}

// Otherwise the event of the write updates the count.
outbox.onSettled(() => {
  if (liveState.get() !== 'live') invalidate('backlog');
});
