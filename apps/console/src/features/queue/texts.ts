import type { QueueAction } from '@at/contracts/queue-rule';
import { known } from '#ui/known-word.ts';
import { plural } from '#ui/plural.ts';

const statuses = {
  pending: 'Waiting',
  processing: 'Processing',
  moved: 'Moved',
  emby_pending: 'Publishing',
  completed: 'Completed',
  error: 'Failed',
} as const;

const steps = {
  extract: 'Read code',
  metadata: 'Metadata',
  move: 'Move',
  publish: 'Publish',
  remove_file: 'Move to the trash',
  restore_file: 'Move back from the trash',
} as const;

const actions = {
  retry: 'Retry',
  'reprocess-metadata': 'Refresh metadata and publish',
  'extract-code': 'Read the code again',
  'fetch-metadata': 'Fetch metadata',
  'rename-file': 'Rename and move',
  'update-emby': 'Publish',
  'full-retry': 'Process from the start',
  delete: 'Remove from the queue',
  'delete-file': 'Move the file to the trash',
} as const satisfies Record<QueueAction, string>;

const files = (count: number) => plural(count, { one: 'file', other: 'files' });

/** Texts of the page Queue. Numbers come formatted. */
export const queueTexts = {
  page: 'Queue',
  items: 'files',
  statuses,
  statusName: (status: string) => known(statuses, status) ?? status,
  stepName: (step: string) => known(steps, step) ?? step,
  steps,
  actions,
  keys: {
    search: 'Search',
    failed: 'Only failed files',
    refresh: 'Refresh',
    next: 'Next file',
    previous: 'Previous file',
    open: 'Open the details',
    select: 'Select or deselect',
    retry: 'Retry',
    delete: 'Remove from the queue',
  },
  itemKeys: 'Files in the queue',
  detailsKeys: 'Details of a file',

  status: 'Status',
  anyStatus: 'All',
  search: (code: string, performer: string) => `Search ${code}, ${performer} or path`,
  containing: (label: string, text: string) => `${label.toLowerCase()} contains ${text}`,
  waits: { true: 'failed and retried without you', false: 'failed and needing you' },
  sameFailure: 'with the same failure',
  suggested: (value: string, count: number, shown: string) => `${value}, ${shown} ${files(count)}`,

  columns: {
    id: 'Id',
    status: 'Status',
    server: 'Media server',
    error: 'Failure',
    subtitle: 'Subtitle',
    created: 'Created',
    updated: 'Changed',
    actions: 'Actions',
  },
  serverItem: 'Media server',
  dots: (done: string[], failed: string | null, next: string | null) =>
    [
      done.length > 0 ? `Done: ${done.join(', ')}` : 'No step is done',
      failed !== null && `failed: ${failed}`,
      next !== null && failed === null && `next: ${next}`,
    ]
      .filter(Boolean)
      .join('; '),
  notStarted: 'not started',
  notPublished: 'not published',
  nextAttempt: 'next attempt',
  actionOn: (action: string, name: string) => `${action}: ${name}`,
  actionsOf: (name: string) => `Actions for ${name}`,
  details: 'Details',
  maintenance: 'Maintenance',
  refused: (action: string, reason: string) => `${action}: ${reason}`,
  notDone: (action: string, name: string) => `${action}, ${name}: failed`,
  done: {
    delete: (name: string) => `${name} removed from the queue`,
    'delete-file': (name: string) => `The file of ${name} goes to the trash`,
  },
  fresh: 'Fresh',
  freshHint: "bypasses the provider's cache of metadata",

  noItem: { title: 'Not in the queue', text: 'No file in the queue has this id. It may have been removed.' },
  removed: {
    title: (name: string) => `${name} was removed`,
    text: (hasFile: boolean) =>
      hasFile
        ? 'Its file lies in the trash for seven days. Undo brings both back.'
        : 'All that was known of the file can come back for seven days.',
    at: 'Removed',
    undo: 'Undo the removal',
  },
  theItem: 'The file',
  loading: 'Loading the file',
  neighbours: { previous: 'Newer', next: 'Older' },
  neighbourNames: { previous: 'Newer file', next: 'Older file' },
  failedAt: (step: string) => `Failed: ${step}`,
  failedAgainAt: (step: string) => `Failed again: ${step}`,
  retries: (count: number, shown: string) => `${shown} ${plural(count, { one: 'retry', other: 'retries' })}`,
  moreActions: 'More actions',
  came: {
    of: (name: string, what: string) => `${name}: ${what}`,
    failed: (message: string, again: boolean) => `${again ? 'Failed again' : 'Failed'}: ${message}`,
    completed: 'In the library, and published',
    moved: 'In the library',
    done: (steps: string[]) => `Done: ${steps.join(', ')}`,
  },
  setCode: 'Set the code',
  codeGivenBy: (label: string, name: string) => `${label} set by ${name}.`,
  takeBackCode: 'Take it from the file name again',
  setCodeOf: (label: string) => `${label}, set by hand`,
  codeExample: 'Such as ABC-123: two to six letters, a hyphen, up to five digits',
  noCode: 'This is not a code yet.',
  sameCode: 'Another file has this code:',
  facts: {
    file: 'Now at',
    movedTo: 'Moved to',
    from: 'Came from',
    library: 'In the library',
    subtitle: 'Subtitle',
    title: 'Title',
    server: 'Media server id',
    published: 'Published',
    created: 'Created',
    updated: 'Changed',
  },
  metadata: 'Metadata',
  noMetadata: 'Not fetched yet',
  metadataLooks: { tree: 'Tree', json: 'JSON' },
  runs: 'Runs and their logs',
  noRuns: 'No run is recorded. A run is deleted 90 days after it ends.',
  runSteps: (names: string[]) => names.join(', '),
  questions: {
    delete: {
      title: 'Remove from the queue?',
      text: 'The item leaves the queue. The file stays where it is, and is not taken again until it changes. You can undo this for seven days.',
      verb: 'Remove from the queue',
    },
    'delete-file': {
      title: 'Move the file to the trash?',
      text: 'The file moves to the trash of its folder, and the item leaves the queue. The media server notices at its next scan. You can undo this for seven days.',
      verb: 'Move to trash',
    },
  },

  empty: {
    title: 'The queue is empty',
    text: 'Put a video file (.mp4, .mkv, .avi or .wmv) into the watch folder. A worker takes it once its size has not changed for five seconds.',
  },
  noFailures: { title: 'Nothing has failed', text: 'No file in the queue waits for you.' },
  noMatch: (filter: string) => ({ title: 'Nothing matches', text: `There are no ${filter}.` }),
} as const;
