import { plural } from '#ui/plural.ts';

/** Texts above the list of the queue. Numbers come formatted. */
export const overviewTexts = {
  health: 'Health',
  showFiles: 'Show the files',
  suchAs: (message: string) => `Such as: ${message}`,
  healthy: 'All workers run',
  stopped: (workers: string[]) => `Not running: ${workers.join(', ').toLowerCase()}`,
  databaseDown: 'Database unreachable',
  diskFull: 'The disk is almost full',
  foldersUnusable: 'A folder cannot be used',
  folders: 'Folders',
  dropInto: 'Drop files into',
  workers: { FileProcessor: 'Files', EmbyUpdater: 'Publishing', RetryHandler: 'Retries' },
  states: { running: 'running', stopped: 'stopped', stale: 'not seen lately', unknown: 'unknown' },
  notConfigured: 'not configured',
  seen: 'seen',
  database: 'Database',
  uptime: 'up',
  cpu: 'CPU',
  memory: 'memory',
  disk: 'disk',
  percent: (value: string) => `${value} %`,
  notSeen: 'not seen',

  lacking: 'Not configured',
  setThese: 'Set these variables for the API and the workers, and restart them.',
  watch: 'Watch folder',
  set: (names: string) => `Not configured: set ${names}.`,

  failures: 'Failures',
  waiting: (shown: string) => `${shown} will be retried without you`,

  stats: 'Files by status',
  total: 'in all',
  needYou: (count: number, all: string) => `of ${all} failed ${plural(count, { one: 'needs', other: 'need' })} you`,

  day: 'Last 24 hours',
  dayFigures: (done: string, failed: string, seconds: string | null, rate: string) =>
    `${done} completed, ${failed} with a failure (${rate})${seconds === null ? '' : `, ${seconds} of work each on average`}`,
  ofDay: (text: string) => `Last 24 hours: ${text}`,
  quietDay: 'nothing was processed',
  showHistory: 'History',
  hideHistory: 'Hide history',
  hourly: 'By hour, last 24 hours',
  daily: 'By day, last 30 days',
  done: 'Completed',
  failed: 'Failed (latest failure)',
  average: 'Average work, without waiting',
  at: 'From',
  described: (done: string, failed: string) => `${done} completed, ${failed} with a failure`,
} as const;
