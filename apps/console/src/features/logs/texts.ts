/** Texts of the page Logs. */
export const logsPageTexts = {
  page: 'Logs',
  source: 'Task',
  anySource: 'All',
  live: 'Live',
  notLive: 'Connecting',
  described: {
    lines: 'lines',
    matching: (words: string) => `with "${words}"`,
  },
  noMatch: (filter: string) => `There are no ${filter}.`,
} as const;
