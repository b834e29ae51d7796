import { plural } from '#ui/plural.ts';

/** Texts of what waits in the queue, which every page loads. */
export const attentionTexts = {
  failed: (count: number) => plural(count, { one: 'failed file in the queue', other: 'failed files in the queue' }),
  show: 'Show failures',
} as const;
