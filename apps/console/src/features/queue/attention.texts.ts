import { formatInteger } from '#ui/format.ts';
import { plural } from '#ui/plural.ts';

/** Texts of what waits in the queue, which every page loads. */
export const attentionTexts = {
  /** After the count, which leaves out files that are retried without a person. */
  failed: (count: number, all: number) =>
    count === all
      ? plural(count, { one: 'failed file needs you', other: 'failed files need you' })
      : `of ${formatInteger(all)} failed files ${plural(count, { one: 'needs', other: 'need' })} you`,
  show: 'Show failures',
} as const;
