import { join } from 'node:path';
import { type Disk, DiskError, disk as ownDisk } from '@at/adapters/disk';
import { sha256Of } from '@at/adapters/file-copy';
import { type Presence, presenceOf, type Syncthing, type WantedFile } from '@at/adapters/syncthing';
import type { SyncTarget } from './preflight.ts';

/** Calls at once, on connections that stay open. */
const most = 8;

/** A file of a manifest. `ctime_ns`: when its content was known to be `sha256`; null: it is not known to be that one still. */
export type BatchFile = WantedFile & { sha256: string | null; ctime_ns: string | null };

/**
 * Whether the device has each file: what Syncthing knows of it, and because that is as old as its last scan, also the file itself, which
 * must be the one of the manifest still.
 */
export async function lookForFiles<F extends BatchFile>(
  syncthing: Syncthing,
  { folder, device, directory }: SyncTarget,
  files: readonly F[],
  { signal, disk = ownDisk }: { signal?: AbortSignal | undefined; disk?: Disk } = {},
): Promise<Map<F, Presence>> {
  const found = new Map<F, Presence>();
  const presence = async (file: F): Promise<Presence> => {
    const known = presenceOf(await syncthing.file(folder, file.path, signal), file, device);
    return known === 'present' ? presenceOnDisk(disk, join(directory, file.path), file, signal) : known;
  };
  let next = 0;
  const look = async () => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) found.set(file, await presence(file));
  };
  await Promise.all(Array.from({ length: Math.min(most, files.length) }, look));
  return found;
}

async function presenceOnDisk(disk: Disk, path: string, file: BatchFile, signal?: AbortSignal): Promise<Presence> {
  try {
    const stats = await disk.lstat(path, { bigint: true });
    if (!stats.isFile() || stats.size !== BigInt(file.size) || stats.mtimeNs !== BigInt(file.mtime_ns))
      return 'differs';
    // Another change of its inode may be another content with the time of the former one.
    if (String(stats.ctimeNs) === file.ctime_ns || file.sha256 === null) return 'present';
    return (await sha256Of(disk, Buffer.from(path), signal)) === file.sha256 ? 'present' : 'differs';
  } catch (error) {
    if (error instanceof DiskError && ['ENOENT', 'ENOTDIR'].includes(error.code)) return 'gone_here';
    throw error;
  }
}
