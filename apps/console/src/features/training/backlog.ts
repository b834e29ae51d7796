import { queryClient } from '#api/query-client.ts';
import { invalidate } from '#live/invalidations.ts';
import { liveState } from '#live/live-events.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { backlog } from './backlog-count.ts';
import { backlogOf, filterOf, type TrainingView } from './view.ts';

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
