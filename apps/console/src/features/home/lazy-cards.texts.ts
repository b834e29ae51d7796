import { plural } from '#ui/plural.ts';

const many = (count: number, one: string, other: string) => plural(count, { one, other });

/** Texts of the cards of Home whose code and data load separately. */
export const lazyCardsTexts = {
  what: {
    media: 'The counts of media items',
    days: 'The labels per day',
    matrix: 'The confusion matrix',
    activity: 'Recent activity',
  },

  pipeline: {
    empty: 'The pipeline is empty.',
    items: (count: number) => many(count, 'item', 'items'),
  },

  predictions: {
    caption: 'Confusion matrix of movies',
    nothing: 'No movie has both a label and a prediction yet.',
    /** Before the probability. */
    threshold: 'threshold',
  },
} as const;
