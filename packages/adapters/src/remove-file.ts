import { disk } from './disk.ts';
import { type FileIdentity, whatIsAt } from './file-identity.ts';
import { giveName } from './file-link.ts';

/**
 * Removes the file at a path if it is the one that is known, and no other that has taken its place. `aside`: a name of our own in the same
 * directory, under which an interrupted call may have left it. The caller syncs the directory.
 */
export async function removeKnownFile(
  path: Buffer,
  aside: Buffer,
  isKnown: (path: Buffer, identity: FileIdentity) => Promise<boolean>,
): Promise<'removed' | 'absent' | 'other'> {
  const isTheOne = async (name: Buffer) => {
    const found = await whatIsAt(name, disk);
    return found && (found.identity !== undefined && (await isKnown(name, found.identity)) ? 'known' : 'other');
  };
  if (!(await whatIsAt(aside, disk))) {
    const here = await isTheOne(path);
    if (here !== 'known') return here ?? 'absent';
    await disk.rename(path, aside);
  }
  // Another program may have replaced it since it was looked at.
  if ((await isTheOne(aside)) === 'known') {
    await disk.unlink(aside);
    return 'removed';
  }
  if ((await giveName(disk, aside, path)) === 'linked') await disk.unlink(aside);
  return 'other';
}
