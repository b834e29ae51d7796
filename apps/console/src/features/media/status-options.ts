import { pipelineStatuses, rejectionStatuses } from '@at/contracts/vocabulary';
import { mediaTexts as texts } from './texts.ts';

/** The options of the three statuses, for selects. */

/** The known words, and the item's own. */
const optionsOf =
  (words: readonly string[], nameOf: (word: string) => string) =>
  (own: string[] = []) =>
    [...new Set([...words, ...own])].map((value) => ({ value, label: nameOf(value) }));

export const pipelineOptions = optionsOf(pipelineStatuses, texts.statusName);
export const rejectionOptions = optionsOf(rejectionStatuses, texts.rejectionName);
export const errorOptions = [true, false].map((value) => ({ value: String(value), label: texts.yesNo(value) }));
