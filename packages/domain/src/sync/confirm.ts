import { join } from 'node:path';
import { type Disk, DiskError, disk as ownDisk } from '@at/adapters/disk';
import { type Presence, presenceOf, type Syncthing, type WantedFile } from '@at/adapters/syncthing';

/** Calls at once, on connections that stay open. */
const most = 8;

export type SyncedFolder = {
  folder: string;
  device: string;
  /** The folder as this process sees it. */
  directory: string;
};

/**
 * Whether the device has each file: what Syncthing knows of it, and because that is as old as its last scan, also the file itself, which
 * must be the one of the manifest still.
 */
export async function lookForFiles<F extends WantedFile>(
  syncthing: Syncthing,
  { folder, device, directory }: SyncedFolder,
  files: readonly F[],
  { signal, disk = ownDisk }: { signal?: AbortSignal | undefined; disk?: Pick<Disk, 'lstat'> } = {},
): Promise<Map<F, Presence>> {
  const found = new Map<F, Presence>();
  const presence = async (file: F): Promise<Presence> => {
    const known = presenceOf(await syncthing.file(folder, file.path, signal), file, device);
    return known === 'present' ? presenceOnDisk(disk, join(directory, file.path), file) : known;
  };
  let next = 0;
  const look = async () => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) found.set(file, await presence(file));
  };
  await Promise.all(Array.from({ length: Math.min(most, files.length) }, look));
  return found;
}

async function presenceOnDisk(
  disk: Pick<Disk, 'lstat'>,
  path: string,
  { size, mtime_ns }: WantedFile,
): Promise<Presence> {
  try {
    const stats = await disk.lstat(path, { bigint: true });
    return stats.isFile() && stats.size === BigInt(size) && stats.mtimeNs === BigInt(mtime_ns) ? 'present' : 'differs';
  } catch (error) {
    if (error instanceof DiskError && ['ENOENT', 'ENOTDIR'].includes(error.code)) return 'gone_here';
    throw error;
  }
}
