/** Texts of the sorting of a batch. Numbers come formatted. */
export const sortTexts = {
  what: 'The sorting',
  start: 'Sort into the archive',
  again: 'Sort again',
  running: 'A sort of it is already running',
  notStarted: 'The batch was not sorted',
  progress: 'Progress of the sorting',
  sorted: (sorted: string, total: string) => `${sorted} of ${total} files sorted`,
  stopped: 'Not all files are sorted',
  title: 'Sort this batch into the archive?',
  move: 'Its files move to folders of the day they were taken. Nothing is replaced.',
  leaves: 'Its files move to folders of the day they were taken. What leaves the folder is deleted on the device too.',
  copy: 'The archive gets copies, in folders of the day they were taken. The files of the batch stay.',
} as const;
