import type { OperationResult } from '@at/contracts/bulk';
import { plural } from '#ui/plural.ts';

const noun = (count: number, what: 'training' | 'media') =>
  what === 'training'
    ? plural(count, { one: 'title', other: 'titles' })
    : plural(count, { one: 'media item', other: 'media items' });

/** Texts of bulk changes. Numbers come formatted. */
export const bulkTexts = {
  items: (count: number, shown: string, what: 'training' | 'media') => `${shown} ${noun(count, what)}`,
  preview: (count: number, items: string) =>
    `Nothing has changed yet. Only ${plural(count, { one: 'this', other: 'these' })} ${items}; anything edited since is skipped.`,
  nothing: 'No row matches any more.',
  sample: (rest: number, shown: string) => (rest > 0 ? `and ${shown} more` : ''),
  cancel: 'Cancel',
  close: 'Close',
  hide: 'Hide',
  stop: 'Stop',
  stopping: 'Stopping after the current batch.',
  waiting: 'Waiting for a worker.',
  progress: (ended: string, total: string) => `${ended} of ${total}`,
  continues: 'This continues if you leave the page. You get a message when it is done, and Activity keeps it.',
  undo: 'Undo',
  inActivity: 'Show each item',
  results: {
    pending: 'waiting',
    done: 'done',
    unchanged: 'unchanged',
    conflict: 'skipped: edited since',
    failed: 'failed',
    cancelled: 'not started',
  } satisfies Record<OperationResult, string>,
  restored: 'restored',
  attention: 'Not done, or only in part',
  more: 'Show more',
  notPreviewed: 'Could not prepare the change',
  notStarted: 'Could not start the change',
  notStopped: 'Could not stop the change',
  notUndone: 'Could not undo the change',
  progressUnknown: 'Progress is unknown at the moment',
  ended: (title: string, parts: string) => `${title}: ${parts}`,
  undone: (title: string) => `${title} undone`,
  /** Of an undo that has not run. */
  toUndo: (title: string) => `Undo: ${title}`,
} as const;
