/** Texts of runs of all steps, and of the step Clean up. */
export const pipelineTexts = {
  start: 'Run all steps',
  title: 'Run all steps?',
  text: 'Finds new files, makes a batch of them, sends it to the device if there is one, sorts it into the archive and cleans up. Files are only moved to free names, and each step can be undone in Activity.',
  running: (step: string) => `Running: ${step}`,
  begins: 'Starting',
  waits: (step: string) => `Waits for you before the step ${step}`,
  proceed: 'Continue',
  failed: 'The last run of all steps has stopped',
  again: 'Try again',
  what: 'The run of all steps',
  notStarted: 'The run was not started',
  notAdvanced: 'The step was not continued',
  alreadyRuns: 'A run is already in progress',
  noFolders: 'Set up the inbox and the folder of batches first',
} as const;

export const byItselfTexts = {
  title: 'Runs that start by themselves',
  change: 'Change',
  names: { schedule: 'Schedule', watch: 'When files arrive' },
  off: 'Off',
  next: 'Next run',
  waits: { schedule: 'No next run', watch: 'Waits for files in the inbox' },
  last: 'Last run',
} as const;

export const cleanupTexts = {
  start: 'Clean up',
  looking: 'Looking',
  title: 'Clean up?',
  found: (batches: string, files: string, purged: string) =>
    `Removes the manifests and empty directories of ${batches} sorted batches, ${files} unfinished temporary files, and ${purged} files that have been in the quarantine for long enough.`,
  forgets: (batches: string, files: string) =>
    `Deletes the timelines of ${batches} cleaned batches and the entries of ${files} missing files, which are past their retention.`,
  leaves: (count: string) => `${count} entries are kept.`,
  failed: 'The cleanup failed',
} as const;
