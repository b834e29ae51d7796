import { type Disk, DiskHangs } from './disk.ts';
import { codeOf, whatIsAt } from './file-identity.ts';

/** Whether a link was refused because the file system has none. */
export const hasNoLinks = (error: unknown) =>
  ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error));

type Given = 'linked' | 'renamed' | undefined;

/** Gives a file another name, and replaces nothing. Without hard links it loses its old name. Returns undefined if the name is taken. */
export async function giveName(disk: Disk, existing: Buffer, path: Buffer, rename = claimAndRename): Promise<Given> {
  try {
    await disk.link(existing, path);
    return 'linked';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    if (!hasNoLinks(error)) throw error;
  }
  return (await rename(disk, existing, path)) ? 'renamed' : undefined;
}

/**
 * The same for a directory too, which replaces nothing but an empty one. No claim is made, because one that a crash leaves would look like
 * another file.
 */
export async function giveWhole(disk: Disk, existing: Buffer, path: Buffer): Promise<Given> {
  if (!(await disk.lstat(existing)).isDirectory()) return giveName(disk, existing, path, renameToFree);
  try {
    await disk.rename(existing, path);
    return 'renamed';
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function renameToFree(disk: Disk, existing: Buffer, path: Buffer): Promise<boolean> {
  if (await whatIsAt(path, disk)) return false;
  await disk.rename(existing, path);
  return true;
}

/**
 * An empty file claims the name, then the rename replaces that. A crash between the two leaves the empty file, and the next call
 * takes another name.
 */
async function claimAndRename(disk: Disk, existing: Buffer, path: Buffer): Promise<boolean> {
  let claim: bigint;
  try {
    const file = await disk.open(path, 'wx');
    try {
      claim = (await file.stat()).ino;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await disk.rename(existing, path);
  } catch (error) {
    // A disk that was lost may have renamed it all the same.
    if (error instanceof DiskHangs) throw error;
    if ((await whatIsAt(path, disk))?.identity?.inode === `${claim}`) await disk.unlink(path);
    throw error;
  }
  return true;
}
