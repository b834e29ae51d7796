/** Texts of runs. Numbers come formatted. */
export const runsTexts = {
  /** What tasks do. */
  tasks: {
    'media.trash_purge': 'Empty the trash',
    'training.rerun_metadata': 'Refresh metadata',
  },
  states: {
    waiting: 'waiting',
    running: 'running',
    done: 'done',
    held: 'held',
    failed: 'failed',
    unknown: 'unknown',
  },
  /** Of states that differ from their word. */
  details: {
    retrying: 'another attempt',
    stopping: 'stopping',
    held: 'needs approval',
    skipped: 'skipped',
    cancelled: 'cancelled',
    timeout: 'out of time',
    lost: 'worker lost',
  },
  triggers: { manual: 'A person', cron: 'A schedule', webhook: 'A webhook', event: 'An event' },
  subjects: { selection: 'A selection of titles', withoutFacts: 'All titles without facts' },
  schedule: (name: string) => `Schedule ${name}`,
  progress: (done: string, total: string, unit: string) => `${done} of ${total} ${unit}`.trim(),
  counted: (done: string, unit: string) => `${done} ${unit}`.trim(),
} as const;
