import { plural } from './plural.ts';

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

  activity: {
    nothing: 'Nothing has happened here yet.',
    database: 'Somebody in the database',
    unverified: 'The name is what the caller said.',
    undone: 'undone since',
    manyTitles: 'many titles',
    manyItems: 'many items',
    others: (count: number, shown: string) => `and ${shown} ${many(count, 'other', 'others')}`,
    /** What somebody did: the words before what they did it to, and those after. */
    label: {
      would_watch: ['labelled', 'would watch'],
      would_not_watch: ['labelled', 'would not watch'],
      label: ['set the label of', ''],
      reviewed: ['confirmed the label of', ''],
      update: ['changed the flags of', ''],
      undo: ['took back a change of', ''],
    },
    media: {
      pipeline: ['changed the status of', ''],
      reingest: ['sent', 'through the pipeline again'],
      approve: ['approved', ''],
      finish: ['finished', ''],
      delete: ['deleted', ''],
      restore: ['restored', ''],
      undo: ['took back a change of', ''],
    },
    outside: { insert: 'added', update: 'changed', delete: 'deleted' },
    prediction: { insert: 'predicted', update: 'predicted', delete: 'removed the prediction of' },
  },
} as const;
