import type { FileAction } from '@at/contracts/vocabulary';
import { plural } from '#ui/plural.ts';

export type Words = readonly [before: string, after: string];

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
  wasUndone: (name: string, values: string) => `Undid the change of ${name}${values}.`,
  notUndone: (name: string) => `${name}: change not undone`,
  isUndoing: (name: string) => `${name}: moving back. The run says which of them stay.`,
  span: (from: string, to: string) => `${from} to ${to},`,
  /** Of a session: what was changed, each item of a bulk change too. */
  items: (count: number, shown: string) => `${shown} ${plural(count, { one: 'item', other: 'items' })}`,
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
  /** What was done with a file, or a run: the text before and after its name. */
  files: {
    found: ['found', ''],
    completed: ['put', 'into the library'],
    failed: ['failed to process', ''],
    retry: ['retried', ''],
    'reprocess-metadata': ['refreshed and published', 'again'],
    'extract-code': ['asked to read the code of', ''],
    'set-code': ['set the code of', ''],
    'fetch-metadata': ['asked for the metadata of', ''],
    'rename-file': ['asked to rename and move', ''],
    'update-emby': ['asked to publish', ''],
    'full-retry': ['asked to process', 'from the start'],
    delete: ['removed', 'from the queue'],
    'delete-file': ['moved the file of', 'to the trash'],
    'retry-many': ['retried', ''],
    'refresh-many': ['asked for the metadata of', ''],
    cleanup: ['cleaned up the queue in', ''],
    'run-retry': ['retried', ''],
    'run-cancel': ['cancelled', ''],
    'run-approve': ['approved a step of', ''],
    'runs-retry': ['retried', ''],
    'runs-cancel': ['cancelled', ''],
    'make-batch': ['asked for the next batch in', ''],
    'undo-batch': ['took back a batch in', ''],
    'start-pipeline': ['started a run of the file pipeline', ''],
    'start-scan': ['started a search for files and duplicates in', ''],
    'start-sync': ['started a sync in', ''],
    'make-roots': ['made folders of the file pipeline usable', ''],
    'accept-root': ['accepted a folder of the file pipeline', ''],
    moved: ['moved', ''],
    copied: ['copied', ''],
    removed: ['moved to the quarantine', ''],
    'moved-back': ['moved back', ''],
  } satisfies Record<FileAction, Words>,
  /** After the files that a run has moved, by its task. */
  movedBy: {
    'files.scan': 'to the duplicates',
    'files.batch': 'into a batch',
    'files.sort': 'into the archive',
    'files.undo_batch': 'from a batch',
    'files.restore_duplicate': 'from the duplicates',
  } as Record<string, string>,
  countOfFiles: (count: number, shown: string) => `${shown} ${plural(count, { one: 'file', other: 'files' })}`,
  countOfRuns: (count: number, shown: string) => `${shown} ${plural(count, { one: 'run', other: 'runs' })}`,
  run: 'a run',
  outside: { insert: 'added', update: 'changed', delete: 'deleted' },
  prediction: { insert: 'predicted', update: 'predicted', delete: 'removed the prediction of' },
} as const;
