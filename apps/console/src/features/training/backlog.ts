import { queryClient } from '#api/query-client.ts';
import { invalidate } from '#live/invalidations.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { backlog, lastCountRequest } from '#titles/backlog-count.ts';
import { backlogOf, filterOf, type TrainingView } from './view.ts';

/** When the API had this tab's latest write, by `performance.now()`. */
let settledAt = Number.NEGATIVE_INFINITY;

export const isBacklog = (view: TrainingView) =>
  JSON.stringify(filterOf(view)) === JSON.stringify(filterOf(backlogOf(view)));

/** Call before a page loads: counts, unless the page's total will be that number. */
export function countBeside(view: TrainingView): void {
  if (!isBacklog(view)) void queryClient.prefetchQuery({ ...backlog, staleTime: 400 });
}

/**
 * Takes the number from a page of the backlog, which was requested at that time (`Date.now()`). If another count has come
 * since, which of the two is newer is unknown: the backlog is counted again.
 */
export function recordTotal(view: TrainingView, total: number | null, requestedAt: number): void {
  if (!isBacklog(view)) return;
  const { dataUpdatedAt = 0 } = queryClient.getQueryState(backlog.queryKey) ?? {};
  if (dataUpdatedAt > requestedAt) invalidate('backlog');
  else queryClient.setQueryData(backlog.queryKey, total);
}

/** Whether the latest count includes everything that was answered in this tab. */
export const countsOwnAnswers = () => outbox.unsent.get().length === 0 && lastCountRequest() >= settledAt;

outbox.onSettled(() => {
  settledAt = performance.now();
  // The event of the write may come before its reply: a count from before the reply is not used.
  invalidate('backlog');
});
