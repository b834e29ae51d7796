import type { BigIntStats } from 'node:fs';
import { type Disk, disk as ownDisk } from './disk.ts';
import { MoveError } from './move-error.ts';

/** Tells a file from another one, and from a later version of itself. Device numbers change with a reboot: they are left out. */
export type FileIdentity = { size: number; mtimeNs: string; inode: string };

/** The code of an error of the system, else nothing. */
export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/** The identity in what `lstat` or `fstat` says; times in nanoseconds. */
export const identityOf = ({ size, mtimeNs, ino }: BigIntStats): FileIdentity => ({
  size: Number(size),
  mtimeNs: String(mtimeNs),
  inode: String(ino),
});
/** Whether it is the same file, unchanged. */
export const isSame = (one: FileIdentity, other: FileIdentity) =>
  one.size === other.size && one.mtimeNs === other.mtimeNs && one.inode === other.inode;

/** Of what is identified by its inode alone: a directory, or a file that may be written at any time. */
export const wholeIdentity = (inode: string): FileIdentity => ({ size: 0, mtimeNs: '0', inode });

/** undefined: nothing is there. */
async function statsAt(path: Buffer, disk: Disk): Promise<BigIntStats | undefined> {
  try {
    return await disk.lstat(path, { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** The identity of a path; undefined: nothing is there. Throws MoveError for anything but a file. */
export async function identify(path: Buffer, disk: Disk = ownDisk): Promise<FileIdentity | undefined> {
  const stats = await statsAt(path, disk);
  if (stats && !stats.isFile()) throw new MoveError('failed', `${path} is no regular file. Only files are moved.`);
  return stats && identityOf(stats);
}

/** Like `identify`, for a name that may be anything's. */
export async function whatIsAt(path: Buffer, disk: Disk): Promise<{ identity?: FileIdentity } | undefined> {
  const stats = await statsAt(path, disk);
  return stats && (stats.isFile() ? { identity: identityOf(stats) } : {});
}

/** The same by the inode alone, of files and all else. */
export async function whatIsWhole(path: Buffer, disk: Disk): Promise<{ identity: FileIdentity } | undefined> {
  const stats = await statsAt(path, disk);
  return stats && { identity: wholeIdentity(String(stats.ino)) };
}
