import { plural } from '#ui/plural.ts';

/** Texts of the activity log. Numbers come formatted. */
export const activityTexts = {
  nothing: 'No changes yet.',
  all: 'All activity',
  today: 'Today',
  /** After the name of a row that a bulk change changed. */
  inBulk: 'in a bulk change',
  database: 'A direct database change',
  undone: 'undone later',
  undo: 'Undo',
  undoOf: (name: string) => `Undo the change of ${name}`,
  wasUndone: (name: string) => `${name}: change undone.`,
  notUndone: (name: string) => `${name}: change not undone`,
  span: (from: string, to: string) => `${from} to ${to},`,
  changes: (count: number, shown: string) => `${shown} ${plural(count, { one: 'change', other: 'changes' })}`,
  manyTitles: 'more than 100 titles, too many to record each',
  manyItems: 'more than 100 items, too many to record each',
  others: (count: number, shown: string) => `and ${shown} ${plural(count, { one: 'other', other: 'others' })}`,
  /** What a user did: the text before and after the name of what was changed. */
  media: {
    pipeline: ['set the statuses of', ''],
    reingest: ['re-ingested', ''],
    approve: ['approved', ''],
    finish: ['marked', 'complete'],
    delete: ['deleted', ''],
    restore: ['restored', ''],
    undo: ['undid a change of', ''],
  },
  outside: { insert: 'added', update: 'changed', delete: 'deleted' },
  prediction: { insert: 'predicted', update: 'predicted', delete: 'removed the prediction of' },
} as const;
