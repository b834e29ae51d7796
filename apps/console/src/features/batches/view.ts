import { batchStatuses } from '@at/contracts/vocabulary';
import { defineView, knownWords, offset, type ViewOf } from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { batchesTexts as texts } from './texts.ts';

/** Rows a page. */
export const pageSize = 20;

export const batchesView = defineView({
  fields: { status: knownWords(batchStatuses), offset: offset(pageSize) },
  paging: ['offset'],
  title: () => texts.batches,
  descriptions: {
    status: (given) => given.length > 0 && describeStatuses(given),
  },
});
export type BatchesView = ViewOf<typeof batchesView>;

export const describeStatuses = (given: readonly string[]) =>
  given
    .map((status) => texts.statuses[status as keyof typeof texts.statuses])
    .join(listsTexts.or)
    .toLowerCase();
