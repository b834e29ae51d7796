/** How the form names and explains the sections and values of the configuration. The API has its own words, for programs. */

type Words = {
  label: string;
  help?: string;
  /** The words of a choice. */
  options?: Readonly<Record<string, string>>;
};

const transfer = { move: 'Move', copy: 'Copy' };
const never = '0 means never';
const zone = 'Such as Europe/Berlin';

export const fieldTexts: Readonly<Record<string, Words>> = {
  paths: {
    label: 'Folders',
    help: 'Where files arrive and where they go. Use absolute paths such as /media/inbox, or leave a folder empty. No folder may contain another one.',
  },
  'paths.source_dir': { label: 'Inbox', help: 'Where photos and videos arrive' },
  'paths.duplicates_dir': { label: 'Duplicates', help: 'Where duplicates are moved' },
  'paths.batch_dir': {
    label: 'Batches',
    help: 'The folder that Syncthing sends. Batches are prepared in .at-staging in it',
  },
  'paths.sorted_dir': { label: 'Archive', help: 'Where sorted files are kept, by date' },
  'paths.temp_dir': { label: 'Temporary files', help: 'Where incomplete files are kept' },
  'paths.quarantine_dir': { label: 'Quarantine', help: 'Where removed files are kept until they expire' },

  batch: { label: 'Batches', help: 'How much goes to the device at once.' },
  'batch.selection_mode': {
    label: 'Limit by',
    help: 'A maximum that is not 0 applies in either case',
    options: { size: 'Size', files: 'Number of files', count: 'Number of files' },
  },
  'batch.max_size_gb': { label: 'Maximum size', help: 'In GiB. 0 means no limit' },
  'batch.max_files': { label: 'Maximum files', help: '0 means no limit' },
  'batch.naming_pattern': {
    label: 'Name',
    help: 'At least one letter and {index}. {index:03d} has three digits; {date} is the day',
  },
  'batch.order': {
    label: 'Order',
    help: 'Which files go first',
    options: { path: 'By path', captured: 'Oldest first', largest: 'Largest first' },
  },
  'batch.allow_parallel': {
    label: 'Several batches at once',
    help: 'When off, a batch waits until the one before it is sorted',
  },
  'batch.transfer_mode': {
    label: 'From inbox to batch',
    help: 'Copying leaves the originals in the inbox',
    options: transfer,
  },

  dedup: { label: 'Duplicates', help: 'How files with the same content are found. They are compared by SHA-256.' },
  'dedup.threads': { label: 'Files read at once' },
  'dedup.move_duplicates': {
    label: 'Move duplicates',
    help: 'When on, duplicates go to their folder. When off, they are only marked',
  },
  'dedup.keep': {
    label: 'Keep',
    help: 'Which of several new files with the same content is kept',
    options: {
      path: 'The first by path',
      shortest: 'The one with the shortest path',
      oldest: 'The one that was changed first',
    },
  },
  'dedup.preferred': {
    label: 'Preferred folders',
    help: 'Folders below the inbox, one per line, such as Camera/2024. A file in the first of them is kept before all others',
  },
  'dedup.ignore': {
    label: 'Ignore',
    help: 'Names of files and folders that a scan skips, one per line. * matches any characters, ? matches one. Paths do not work',
  },

  syncthing: { label: 'Syncthing', help: 'The device that gets the batches. Without a folder there is none.' },
  'syncthing.api_url': { label: 'Address', help: "The address of Syncthing's REST API" },
  'syncthing.api_key': { label: 'API key', help: 'Stored, and never shown again' },
  'syncthing.folder_id': { label: 'Folder', help: 'ID of the folder with the batches. Leave empty for no device' },
  'syncthing.device_id': { label: 'Device', help: 'ID of the device that confirms each file' },
  'syncthing.poll_interval_sec': { label: 'Check every', help: 'In seconds, when Syncthing reports nothing' },
  'syncthing.auto_sort_after_sync': { label: 'Sort after the sync' },
  'syncthing.rescan_delay_sec': { label: 'Wait before a rescan', help: 'In seconds' },
  'syncthing.stall_min': { label: 'Stalled after', help: 'In minutes without progress' },
  'syncthing.on_stall': {
    label: 'When stalled',
    options: { wait: 'Wait and continue later', error: 'Stop until someone decides' },
  },
  'syncthing.after_sync': {
    label: 'After the sync',
    help: 'A file that leaves the synced folder also leaves the device',
    options: {
      ask: 'Ask before sorting',
      remove: 'Move to the archive, remove from the device',
      keep: 'Copy to the archive, keep on the device',
    },
  },

  sorter: { label: 'Sorting', help: 'How files are sorted by the day they were taken.' },
  'sorter.folder_pattern': {
    label: 'Folders',
    help: 'Use {year}, {month:02d}, {day:02d}, {hour:02d}, {camera} and {kind}, with / between folders',
  },
  'sorter.exif_fallback': {
    label: 'Use the time of the file',
    help: 'For files without a capture date. When off, these wait for a decision',
  },
  'sorter.timezone': { label: 'Time zone', help: `For files that name no zone and no place. ${zone}` },
  'sorter.transfer_mode': {
    label: 'From batch to archive',
    help: 'Must match what happens after the sync: copying keeps files on the device, moving removes them',
    options: transfer,
  },

  cleanup: { label: 'Cleanup', help: 'What is removed, and after how many days.' },
  'cleanup.temp_days': { label: 'Temporary files', help: `In days. ${never}` },
  'cleanup.retention': { label: 'Retention', help: 'How long things are kept.' },
  'cleanup.retention.quarantine_days': { label: 'Removed files', help: `In days. ${never}` },
  'cleanup.retention.cleaned_days': { label: 'Timelines of cleaned batches', help: `In days. ${never}` },
  'cleanup.retention.missing_days': { label: 'Entries of missing files', help: `In days. ${never}` },

  watch: { label: 'Watch', help: 'Starts a run when files arrive.' },
  'watch.enabled': { label: 'Watch the inbox' },
  'watch.quiet_sec': { label: 'Start after', help: 'In seconds without a change in the inbox' },

  schedule: { label: 'Schedule', help: 'Starts runs at set times.' },
  'schedule.enabled': { label: 'Run on a schedule' },
  'schedule.cron': {
    label: 'Times',
    help: 'Minute, hour, day, month and weekday: 0 3 * * * is every day at 3:00',
  },
  'schedule.timezone': { label: 'Time zone of the schedule', help: zone },

  workflow: { label: 'Runs', help: 'How the steps of a run follow each other.' },
  'workflow.debug': { label: 'Pause after each step', help: 'When on, someone has to continue each step' },
  'workflow.step_timeout_sec': { label: 'Longest pause', help: 'In seconds. A run that is paused for longer ends' },
  'workflow.trace': { label: 'Detailed log' },
  'workflow.delays': { label: 'Delays', help: 'How many seconds to wait before each step.' },
  'workflow.delays.scan': { label: 'Scan' },
  'workflow.delays.batch': { label: 'Batch' },
  'workflow.delays.sync': { label: 'Sync' },
  'workflow.delays.sort': { label: 'Sort' },
  'workflow.delays.cleanup': { label: 'Cleanup' },
};
