import type { OperationResult } from '@at/contracts/bulk';
import { plural } from '#ui/plural.ts';

const noun = (count: number, what: 'training' | 'media') =>
  what === 'training'
    ? plural(count, { one: 'title', other: 'titles' })
    : plural(count, { one: 'media item', other: 'media items' });

/** The words of changing many titles or media items at once. Numbers come in as they are to be shown. */
export const bulkTexts = {
  items: (count: number, shown: string, what: 'training' | 'media') => `${shown} ${noun(count, what)}`,
  counting: 'Looking at what this concerns…',
  preview:
    'Nothing is changed yet. What comes to match later is left alone, and so is what somebody else changes first.',
  nothing: 'This concerns nothing: no row matches any more.',
  sample: (rest: number, shown: string) => (rest > 0 ? `and ${shown} more` : ''),
  cancel: 'Cancel',
  close: 'Close',
  hide: 'Hide',
  stop: 'Stop',
  stopping: 'Stopping: what has begun is finished first.',
  retry: 'Try again',
  progress: (ended: string, total: string) => `${ended} of ${total}`,
  goesOn: 'This goes on when you leave the page; a message tells when it has ended, and Activity keeps it.',
  undo: 'Undo',
  inActivity: 'Item by item',
  results: {
    pending: 'waiting',
    done: 'done',
    unchanged: 'was so already',
    conflict: 'changed by somebody else meanwhile, left alone',
    failed: 'failed',
    cancelled: 'not begun',
  } satisfies Record<OperationResult, string>,
  attention: 'Not done, or not whole',
  more: 'Show more',
  notPreviewed: 'The change could not be prepared',
  notStarted: 'The change could not be started',
  notStopped: 'The change could not be stopped',
  notTakenBack: 'The change could not be taken back',
  lostSight: 'How far the change is cannot be told at the moment',
  ended: (title: string, parts: string) => `${title}: ${parts}`,
  takenBack: (title: string) => `${title}, taken back`,
} as const;
