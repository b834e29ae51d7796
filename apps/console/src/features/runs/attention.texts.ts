import { plural } from '#ui/plural.ts';

/** Texts of what waits in Runs, which every page loads. */
export const attentionTexts = {
  failed: (count: number) => plural(count, { one: 'run failed since yesterday', other: 'runs failed since yesterday' }),
  show: 'Show failed runs',
} as const;
