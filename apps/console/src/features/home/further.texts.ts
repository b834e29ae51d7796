import { plural } from '#ui/plural.ts';

const many = (count: number, one: string, other: string) => plural(count, { one, other });

/** The words of the cards of Home that are loaded beside the others. */
export const homeFurtherTexts = {
  what: {
    media: 'The counts of media items',
    rejected: 'What was rejected today',
    matrix: 'The confusion matrix',
    activity: 'What has happened',
  },

  pipeline: {
    empty: 'No item has entered the pipeline yet.',
    items: (count: number) => many(count, 'item', 'items'),
  },

  attention: {
    errors: (count: number) => many(count, 'item in error', 'items in error'),
    noErrors: 'No item is in error',
    rejected: (count: number) =>
      many(count, 'item rejected and changed since midnight', 'items rejected and changed since midnight'),
    noRejections: 'Nothing was rejected since midnight',
  },

  predictions: {
    caption: 'Confusion matrix of movies',
    nothing: 'No movie has both a label and a prediction yet.',
    /** Before the probability. */
    threshold: 'Movies, would watch from a probability of',
  },
} as const;
