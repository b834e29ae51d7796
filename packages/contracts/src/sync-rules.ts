/** What is looked at before a batch is synced, in this order: each needs the ones before it. */
export const syncChecks = [
  'reachable',
  'key',
  'host',
  'folder',
  'paused',
  'shared',
  'send_only',
  'normalize',
  'ignores',
  'marker',
  'connected',
] as const;
export type SyncCheckName = (typeof syncChecks)[number];

/** What the folder must ignore: batches are made in a directory of it, and its marker is no photo. */
export const ownFiles = '/.at-*';
