import { plural } from '#ui/plural.ts';

/** Texts of the page Runs. Numbers come formatted. */
export const runsPageTexts = {
  page: 'Runs',
  keys: { failed: 'Only failed runs', refresh: 'Refresh' },
  state: 'State',
  anyState: 'All',
  task: 'Task',
  anyTask: 'All',
  tasks: (count: string) => `${count} tasks`,
  trigger: 'Started by',
  triggers: { all: 'Anything', manual: 'A person', cron: 'A schedule', webhook: 'A webhook', event: 'An event' },
  stuck: 'Stuck',
  subject: 'Of',
  subjects: {
    all: 'Anything',
    title: 'One title',
    titles: 'Several titles',
    queue_item: 'A file in the queue',
    operation: 'A bulk change',
  },
  subjectId: 'Id of the subject (in full)',
  subjectIdPlaceholder: 'Subject id',
  who: 'Requested by (full name)',
  whoPlaceholder: 'Requested by',
  columns: {
    task: 'Task',
    state: 'State',
    subject: 'Subject',
    starter: 'Started by',
    created: 'When',
    duration: 'Duration',
    progress: 'Progress',
  },
  described: {
    runs: 'runs',
    trigger: {
      manual: 'started by a person',
      cron: 'started by a schedule',
      webhook: 'started by a webhook',
      event: 'started by an event',
    },
    stuck: 'stuck (worker lost, failing, or waiting for 10 minutes)',
    sameCause: 'that failed for one cause',
    by: (name: string) => `by ${name}`,
    subject: (name: string) => `of ${name}`,
    latest: (rows: string, what: string) => `Latest ${rows} ${what}`,
  },
  failures: 'Failures of the last 7 days',
  changes: {
    retry: { label: 'Retry', none: 'None of the selected runs can be continued.', failed: 'Runs not retried' },
    cancel: { label: 'Cancel', none: 'None of the selected runs goes on.', failed: 'Runs not cancelled' },
  },
  questions: {
    retry: (count: number, shown: string) => ({
      title: 'Retry?',
      text: 'Each run continues where it failed; others are left alone.',
      verb: `Retry ${shown} ${plural(count, { one: 'run', other: 'runs' })}`,
    }),
    cancel: (count: number, shown: string) => ({
      title: 'Cancel?',
      text: 'What they have done stays. A cancelled run can be retried.',
      verb: `Cancel ${shown} ${plural(count, { one: 'run', other: 'runs' })}`,
    }),
  },
  none: {
    title: 'No runs yet',
    text: 'What workers do in the background is listed here, such as refreshing metadata or emptying the trash. A run is deleted 90 days after it ends.',
  },
  noMatch: (filter: string) => ({ title: 'Nothing matches', text: `There are no ${filter}.` }),
} as const;
