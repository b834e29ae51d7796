import type { QueryOf } from '@at/contracts/endpoint';
import { sortOrders } from '@at/contracts/paging';
import { type listQueue, type QueueFilters, type QueueItem, type QueueSort, queueSorts } from '@at/contracts/queue';
import { type FailureCode, queueStatuses } from '@at/contracts/vocabulary';
import { choice, defineView, flag, knownWords, offset, search, type ViewOf } from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { describeFailures } from '#runs/describe-run.ts';
import { failureNames } from '#runs/texts.ts';
import { queueLabels, shownLabels } from '#state/queue-labels.ts';
import { isolate } from '#ui/format.ts';
import { queueTexts as texts } from './texts.ts';

/** Rows a page. */
export const pageSize = 50;

const containing = (name: string, value: string) => value.trim() && texts.containing(name, isolate(value.trim()));

export const queueView = defineView({
  fields: {
    q: search(),
    status: knownWords(queueStatuses),
    error_code: knownWords(Object.keys(failureNames) as FailureCode[]),
    movie_code: search(),
    actress: search(),
    fingerprint: search(64),
    waits: flag(),
    sort_by: choice(queueSorts, 'created_at'),
    sort_order: choice(sortOrders, 'desc'),
    offset: offset(pageSize),
  },
  paging: ['offset'],
  title: () => texts.items,
  descriptions: {
    status: (given) => given.length > 0 && given.map(texts.statusName).join(listsTexts.or).toLowerCase(),
    movie_code: (value) => containing(shownLabels(queueLabels.get()).code, value),
    actress: (value) => containing(shownLabels(queueLabels.get()).performer, value),
    error_code: (given) => describeFailures(given).toLowerCase(),
    fingerprint: (value) => value && texts.sameFailure,
    waits: (value) => value !== 'all' && texts.waits[value],
    q: (q) => q.trim() && listsTexts.matching(q.trim()),
  },
});
export type QueueView = ViewOf<typeof queueView>;

/** The filters, as the API names them. */
export function filterOf(view: QueueView): QueueFilters {
  const { q, ...others } = queueView.filter(view);
  return {
    ...others,
    ...(q && { search: q }),
  };
}

/** The API's query for a view, without its page. */
export const queryOf = (view: QueueView): NonNullable<QueryOf<typeof listQueue>> => ({
  ...filterOf(view),
  sort_by: view.sort_by,
  sort_order: view.sort_order,
});

/** A new column starts with the order that most users want; the same column reverses. */
export function sortBy(view: QueueView, column: QueueSort): QueueView {
  const first = column === 'created_at' || column === 'updated_at' ? 'desc' : 'asc';
  const reversed = view.sort_order === 'asc' ? 'desc' : 'asc';
  return { ...view, offset: 0, sort_by: column, sort_order: view.sort_by === column ? reversed : first };
}

/** Only these statuses, or all if they are shown. */
export const toggleStatus = (view: QueueView, status: QueueItem['status']): Partial<QueueView> => ({
  status: view.status.join() === status ? [] : [status],
});

/** Whether an item no longer matches the filters of what its runs change. */
export const hasLeft = (view: QueueView, item: QueueItem) =>
  (view.status.length > 0 && !view.status.includes(item.status)) ||
  (view.error_code.length > 0 && !view.error_code.some((code) => code === item.error_code)) ||
  (view.fingerprint !== '' && view.fingerprint !== item.error_fingerprint) ||
  (view.waits !== 'all' && (item.status !== 'error' || (view.waits === 'true') !== (item.next_retry_at !== null)));
