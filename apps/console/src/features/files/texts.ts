import type { FileStorage } from '@at/contracts/files';
import type { PlaceName } from '@at/contracts/vocabulary';
import { plural } from '#ui/plural.ts';
import type { Next, Step } from './next.ts';

const files = (count: number, shown: string) => `${shown} ${plural(count, { one: 'file', other: 'files' })}`;

/** Texts of the page Files. Numbers come formatted. */
export const filesTexts = {
  page: 'Files',
  keys: { scan: 'Find new files', refresh: 'Refresh' },
  what: { scan: 'The scan', runs: 'The last runs' },
  filesAndBytes: (count: number, shown: string, bytes: string) => `${files(count, shown)}, ${bytes}`,

  next: 'Next',
  nextSteps: {
    folders: 'Set up the folders',
    failed: 'Look at the stopped batch',
    wait: 'Nothing: a step is in progress',
    scan: 'Look for new files in the inbox',
    batch: 'Make a batch of the new files',
    sync: 'Send the batch to the device',
    sort: 'Sort the batch into the archive',
    cleanup: 'Clean up sorted batches',
  } satisfies Record<Next, string>,

  flow: 'Steps',
  steps: {
    scan: 'Find',
    batch: 'Batch',
    sync: 'Sync',
    sort: 'Sort',
    cleanup: 'Clean up',
  } satisfies Record<Step, string>,
  figures: {
    NEW: 'new, not compared yet',
    DUPLICATE: 'duplicates',
    UNIQUE: 'ready for a batch',
    refused: 'with names that no batch can have',
    BATCHED: 'in batches',
    SYNCED: 'on the device',
    SORTED: 'in the archive',
    ARCHIVED: 'copied to the archive',
    sortedBatches: (count: number) => plural(count, { one: 'sorted batch', other: 'sorted batches' }),
  },
  nothingToSort: 'No batch is ready to be sorted',
  sync: {
    noDevice: 'No device is connected: batches are sorted without a sync',
    connect: 'Connect Syncthing',
    noBatch: 'No batch is on its way',
  },
  makeBatch: { open: 'New batch', noFolder: 'Set up the folder for batches first' },

  scan: {
    start: 'Find new files',
    again: 'Try again',
    accept: 'Accept that they are missing',
    acceptTitle: 'Are these files gone on purpose?',
    acceptText:
      'Files that the scan does not find are marked as missing, and their duplicates are compared again. Nothing on the disk changes.',
    notStarted: 'The scan was not started',
    running: 'A scan is already running',
    progress: 'Progress of the scan',
    of: (done: string, total: string) => `${done} of ${total} files`,
    rate: (bytes: string) => `${bytes}/s`,
    left: (duration: string) => `about ${duration} left`,
    waiting: 'Waiting for a worker',
    last: 'Last scan',
    found: (total: string, duplicates: number, shown: string) =>
      `· ${total} files, ${shown} new ${plural(duplicates, { one: 'duplicate', other: 'duplicates' })}`,
    never: 'No scan yet',
    moves: { true: 'Moves copies to Duplicates', false: 'Marks copies, moves nothing' },
    failed: 'Last scan failed',
    noInbox: 'Set up the inbox first',
  },

  folders: 'Folders',
  places: {
    source: 'Inbox',
    duplicates: 'Duplicates',
    batch: 'Batches',
    sorted: 'Archive',
    quarantine: 'Quarantine',
  } satisfies Record<PlaceName, string>,
  states: {
    ready: 'Ready',
    unset: 'Not set',
    missing: 'Does not exist',
    unmade: 'Not set up',
    held: 'Held',
    absent: 'Not mounted',
    unreachable: 'Does not respond',
  } satisfies Record<FileStorage['state'], string>,
  free: (free: string, total: string) => `${free} free of ${total}`,
  choose: (folder: string) => `Choose a folder: ${folder}`,
  setUp: {
    make: 'Set up',
    create: 'Create',
    accept: 'Accept',
    all: 'Set up all',
    actionOn: (action: string, folder: string) => `${action}: ${folder}`,
    explain:
      'A folder that is set up has a marker file, .at-root. Without it the disk counts as not mounted, and nothing is moved.',
    questions: {
      accept: {
        title: 'Is this the right folder?',
        text: 'Accept it only if it has the files that you expect, for example after a move to a new disk. It gets a new marker.',
        verb: 'Accept',
      },
      create: {
        title: 'Create this folder?',
        text: 'If a disk belongs at this path, mount it first: otherwise the folder is created on the disk above.',
        verb: 'Create and set up',
      },
    },
    done: (folders: string) => `Ready: ${folders}`,
    notDone: (folder: string) => `${folder}: not set up`,
    failed: 'The folders were not set up',
  },

  problems: {
    title: 'Needs attention',
    folder: (folder: string, state: string) => `${folder}: ${state.toLowerCase()}`,
    files: (count: number, shown: string) => `${files(count, shown)} with an error`,
    batches: {
      stopped: (name: string, reason: string) => `${name} has stopped. ${reason}`,
      undecided: (name: string, reason: string) => `${name} is on the device, and is not sorted. ${reason}`,
      uncleaned: (name: string) => `${name} is in the archive as copies. Say in the batch when its own files can go.`,
    },
    tooLarge: (path: string, size: string) =>
      `${path} with its companions is larger than a batch may be: ${size}. Raise the limit.`,
  },

  batch: 'Current batch:',
  batchFacts: (state: string, files: string) => `, ${state}, ${files}`,
  batchStates: {
    PENDING: 'waiting',
    SYNCING: 'syncing',
    SYNCED: 'on the device',
    SORTING: 'being sorted',
    SORTED: 'sorted',
    CLEANED: 'cleaned up',
    ERROR: 'stopped',
  },

  runs: 'Last runs',
  noRuns: 'No runs yet',
  allRuns: 'All runs',
} as const;
