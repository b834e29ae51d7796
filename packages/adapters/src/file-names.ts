// Paths and names of files as bytes, because a name need not be UTF-8.

const slash = 0x2f;
const longestName = 255;

/** The n-th other name for a file whose name is taken; n begins at 1. */
export type OtherName = (stem: string, extension: string, n: number) => string;

/** The directory of an absolute path. */
export const parentOf = (path: Buffer) => path.subarray(0, Math.max(path.lastIndexOf(slash), 1));
/** The last part of a path. */
export const nameOf = (path: Buffer) => path.subarray(path.lastIndexOf(slash) + 1);
export const below = (directory: Buffer, name: Buffer | string) =>
  Buffer.concat([directory, Buffer.from('/'), Buffer.from(name)]);

/** Whether a path is below a directory. */
export function isBelow(path: Buffer, directory: Buffer): boolean {
  const prefix = directory.length === 1 ? directory : below(directory, '');
  return path.length > prefix.length && path.subarray(0, prefix.length).equals(prefix);
}

/**
 * The n-th other name for a path whose name is taken, in its directory, none longer than a file system takes. `stem` is the length
 * of what comes before the mark; by default all before the last dot.
 */
export function otherNameOf(wanted: Buffer, otherName: OtherName, n: number, stem?: number): Buffer {
  const name = nameOf(wanted);
  const dot = name.lastIndexOf('.');
  const end = stem ?? (dot > 0 ? dot : name.length);
  // Latin-1 carries any bytes through a string.
  const [first, last] = [name.subarray(0, end).toString('latin1'), name.subarray(end).toString('latin1')];
  const marked = otherName('', '', n).length;
  const room = longestName - last.length - marked;
  return below(parentOf(wanted), Buffer.from(otherName(first.slice(0, room), last, n), 'latin1'));
}
