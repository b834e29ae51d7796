import type { SyncState } from '@at/contracts/sync-rules';
import type { BatchFileState, BatchSkipReason, BatchStatus } from '@at/contracts/vocabulary';
import { filesTexts } from '#files/texts.ts';
import { plural } from '#ui/plural.ts';

const files = (count: number, shown: string) => `${shown} ${plural(count, { one: 'file', other: 'files' })}`;

/** Texts of the page Batches. Numbers come formatted. */
export const batchesTexts = {
  page: 'Batches',
  batches: 'batches',
  keys: { make: 'New batch', refresh: 'Refresh' },
  files,
  statuses: {
    PENDING: 'Waiting',
    SYNCING: 'Syncing',
    SYNCED: 'On the device',
    SORTING: 'Being sorted',
    SORTED: 'Sorted',
    CLEANED: 'Cleaned up',
    ERROR: 'Stopped',
  } satisfies Record<BatchStatus, string>,
  moving: 'Files are being moved',
  undone: 'Undone',
  status: 'Status',
  anyStatus: 'Any status',
  columns: {
    name: 'Name',
    status: 'Status',
    files: 'Files',
    size: 'Size',
    created: 'Created',
    reason: 'Reason',
  },
  none: {
    title: 'No batches yet',
    text: 'A batch holds the files that go to the device together. Scan the inbox, then make the first one.',
  },
  noMatch: (described: string) => ({ title: 'No match', text: `There are no ${described}.` }),

  create: {
    open: 'New batch',
    title: 'New batch',
    what: 'The preview',
    loading: 'Choosing files',
    name: 'Name',
    from: 'Files',
    show: (shown: string, total: string) => `${shown} of ${total} files`,
    make: 'Make batch',
    close: 'Cancel',
    skipped: 'Left out',
    skippedMore: (shown: string) => `${shown} more groups`,
    reasons: {
      ...filesTexts.refusals,
      not_ready: 'a companion was not compared yet, or has an error',
      too_large: 'larger than a batch may be',
    } satisfies Record<BatchSkipReason, string>,
    toBlocker: (name: string) => `Show ${name}`,
    started: 'The batch is being made',
    failed: 'The batch was not made',
    nothing: 'No batch was made',
  },

  drawer: {
    what: 'The batch',
    loading: 'Loading the batch',
    close: 'Close',
    directory: 'Folder',
    created: 'Created',
    synced: 'Synced',
    sorted: 'Sorted',
    deviceCleaned: 'Device cleaned',
    run: 'Run',
    unfinishedRun: 'Run in progress',
    nextSteps: 'Next steps',
    tabsLabel: 'Show',
    tabs: { files: 'Files', timeline: 'Timeline', manifest: 'Manifest' },
    manifest: 'Manifest',
    firstFiles: (shown: string, total: string) => `The first ${shown} of ${total} files`,
    anyState: 'All files',
    state: 'State',
    noFiles: 'No files',
    previous: 'Previous',
    next: 'Next',
    range: (range: string, total: string) => `${range} of ${total}`,
    from: (source: string) => `from ${source}`,
    states: {
      PLANNED: 'In the inbox',
      BATCHED: 'In the batch',
      SYNCED: 'On the device',
      SORTED: 'In the archive',
      DUPLICATE: 'Duplicate',
      ERROR: 'Error',
      LEFT: 'Not in the batch',
    } satisfies Record<BatchFileState, string>,
  },

  undo: {
    act: 'Undo',
    title: 'Undo this batch?',
    text: 'Its files go back to where they came from, under their original names. What leaves the folder of Syncthing leaves the device too.',
    verb: 'Undo batch',
    failed: 'The batch was not undone',
  },
  deviceCleaned: {
    act: 'Device cleaned',
    title: 'Is the device cleaned?',
    text: 'Its files leave the synced folder at the next cleanup, and the device with it. They wait in the quarantine, each only while the archive has the same content. Until you confirm this, the cleanup touches nothing of the batch.',
    verb: 'Device cleaned',
    failed: 'Not confirmed',
  },
  timeline: {
    by: (name: string) => `by ${name}`,
    syncs: {
      scanning: 'Syncthing reads the files',
      sending: 'Sending',
      offline: 'Device not connected',
      stalled: 'Sync makes no progress',
      blocked: 'Sync held up',
      synced: 'On the device',
    } satisfies Record<SyncState, string>,
    percent: (shown: string) => `${shown} %`,
  },
} as const;
