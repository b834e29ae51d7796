import { type Disk, DiskHangs } from './disk.ts';
import { codeOf, whatIsAt } from './file-identity.ts';

/** Whether a link was refused because the file system has none. */
export const hasNoLinks = (error: unknown) =>
  ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error));

/** Gives a file another name, and replaces nothing. Without hard links it loses its old name. Returns undefined if the name is taken. */
export async function giveName(disk: Disk, existing: Buffer, path: Buffer): Promise<'linked' | 'renamed' | undefined> {
  try {
    await disk.link(existing, path);
    return 'linked';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    if (!hasNoLinks(error)) throw error;
  }
  return (await claimAndRename(disk, existing, path)) ? 'renamed' : undefined;
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
