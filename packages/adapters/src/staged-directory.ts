import { constants } from 'node:fs';
import { disk } from './disk.ts';
import { codeOf, whatIsAt } from './file-identity.ts';
import { below, parentOf } from './file-names.ts';
import { MoveError } from './move-error.ts';

// A directory that is filled aside and gets its place at once: programs that watch the place never see a part of it.

/** Whether a path is a directory, and no symbolic link to one. */
export async function isDirectory(path: Buffer): Promise<boolean> {
  try {
    return (await disk.lstat(path)).isDirectory();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return false;
    throw error;
  }
}

/**
 * Writes a file of our own, which is safe from a crash afterwards. It replaces only itself, whole or cut off. Throws MoveError if anything
 * else has the name.
 */
export async function writeOwnFile(path: Buffer, content: Buffer): Promise<void> {
  await removeOwnFile(path, content);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await disk.open(path, flags).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new MoveError('failed', `${path} is another file. Rename it or move it away, then retry.`, { cause: error });
  });
  try {
    for (let at = 0; at < content.length; ) at += (await file.write(content, at)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.syncDirectory(parentOf(path));
}

/** What is in a file that has up to `most` bytes; undefined: it has more, or is none. */
async function contentOf(path: Buffer, most: number): Promise<Buffer | undefined> {
  const size = (await whatIsAt(path, disk))?.identity?.size;
  if (size === undefined || size > most) return undefined;
  const file = await disk.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const read = Buffer.alloc(size);
    for (let at = 0; at < size; ) {
      const rest = read.subarray(at);
      const { bytesRead } = await file.read(rest, rest.length);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    return read;
  } finally {
    await file.close();
  }
}

/** Whether a file has this content. */
export const hasContent = async (path: Buffer, content: Buffer): Promise<boolean> =>
  (await contentOf(path, content.length))?.equals(content) ?? false;

/** Renames a directory to a free name on the same file system. Throws MoveError if the name is taken. */
export async function renameDirectory(from: Buffer, to: Buffer): Promise<void> {
  if (await whatIsAt(to, disk))
    throw new MoveError('failed', `${to} exists already. Rename it or move it away, then retry.`);
  await disk.rename(from, to);
  await disk.syncDirectory(parentOf(to));
  if (!parentOf(from).equals(parentOf(to))) await disk.syncDirectory(parentOf(from));
}

/** Creates a directory unless it exists. */
export async function makeDirectory(path: Buffer): Promise<void> {
  await disk.mkdir(path).catch((error) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await disk.syncDirectory(parentOf(path));
}

/** Removes a file of our own, if it has this content, or only its beginning because a process ended while it wrote. */
export async function removeOwnFile(path: Buffer, content: Buffer): Promise<void> {
  const found = await contentOf(path, content.length);
  if (found?.equals(content.subarray(0, found.length))) await disk.unlink(path);
}

/** Removes a directory with the directories in it, but no file. Returns false if something is left. */
export async function removeEmptyDirectory(path: Buffer): Promise<boolean> {
  if (!(await isDirectory(path))) return true;
  const entries = await disk.readdir(path, { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries) if (entry.isDirectory()) await removeEmptyDirectory(below(path, entry.name));
  try {
    await disk.rmdir(path);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return false;
    throw error;
  }
}

/** The paths of up to `most` entries below a directory that are no directories; none if it does not exist. */
export async function filesIn(path: Buffer, most = 3): Promise<Buffer[]> {
  if (!(await isDirectory(path))) return [];
  const found: Buffer[] = [];
  for (const entry of await disk.readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
    if (found.length >= most) break;
    const one = below(path, entry.name);
    found.push(...(entry.isDirectory() ? await filesIn(one, most - found.length) : [one]));
  }
  return found;
}

/** The names of the directories in a directory; none if it does not exist. */
export async function directoriesIn(path: Buffer): Promise<Buffer[]> {
  if (!(await isDirectory(path))) return [];
  const entries = await disk.readdir(path, { withFileTypes: true, encoding: 'buffer' });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
