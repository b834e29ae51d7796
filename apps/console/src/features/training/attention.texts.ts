import { plural } from '#ui/plural.ts';

/** Texts of what waits in Training, which every page loads. */
export const attentionTexts = {
  backlog: (count: number) => plural(count, { one: 'movie to review', other: 'movies to review' }),
  review: 'Review',
} as const;
