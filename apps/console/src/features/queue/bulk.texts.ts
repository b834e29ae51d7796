import { plural } from '#ui/plural.ts';

const files = (count: number) => plural(count, { one: 'file', other: 'files' });

/** Texts of changes of many items. Numbers come formatted. */
export const bulkTexts = {
  notStarted: 'Not started',
  retry: 'Retry',
  refresh: 'Refresh metadata',
  noneFailed: 'None of the selected files has failed.',
  questions: {
    retry: (count: number, shown: string) => ({
      title: 'Retry?',
      text: 'Each failed file continues where it failed; others are left alone.',
      verb: `Retry ${shown} ${files(count)}`,
    }),
    refresh: (count: number, shown: string) => ({
      title: 'Refresh metadata?',
      text: 'Metadata of each file with a code are fetched again, and files in the library are published again.',
      verb: `Refresh ${shown} ${files(count)}`,
    }),
  },

  title: 'Maintenance of the queue',
  cleanUp: 'Clean up',
  cleanUpText: 'Removes completed files from the queue. They stay on the disk.',
  age: 'Not changed for (days)',
  ageHint: '0 removes every completed file',
  counting: 'Counting',
  count: (count: number, shown: string) =>
    count === 0
      ? 'No completed file is that old'
      : `${shown} completed ${plural(count, { one: 'file', other: 'files' })}`,
  nothingToRemove: 'No completed file is that old.',
  notAnAge: 'Whole days from 0 to 365',
  remove: (count: number, shown: string) => `Remove ${shown} ${files(count)}`,
  refreshAll: 'Refresh all',
  refreshAllText:
    'Fetches the metadata of every file with a code again, and publishes files in the library again. This can take hours.',
  refreshAllVerb: 'Refresh all metadata',
} as const;
