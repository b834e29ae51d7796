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

/**
 * What a sync of a batch does: Syncthing looks at the files, the device takes them, it is away, it takes nothing, something must be
 * fixed, or all is there.
 */
export const syncStates = ['scanning', 'sending', 'offline', 'stalled', 'blocked', 'synced'] as const;
export type SyncState = (typeof syncStates)[number];
