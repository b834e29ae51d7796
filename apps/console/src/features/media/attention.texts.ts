import { plural } from '#ui/plural.ts';

/** Texts of what waits in Media, which every page loads. */
export const attentionTexts = {
  errors: (count: number) => plural(count, { one: 'item in error', other: 'items in error' }),
  show: 'Show errors',
} as const;
