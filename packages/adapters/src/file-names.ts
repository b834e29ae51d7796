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

/** Other names for a path whose name is taken, in its directory, none longer than a file system takes. Never ends. */
export function* otherNames(wanted: Buffer, otherName: OtherName): Generator<Buffer> {
  const directory = parentOf(wanted);
  const name = nameOf(wanted);
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.subarray(0, dot), name.subarray(dot)] : [name, Buffer.alloc(0)];
  // Latin-1 carries any bytes through a string.
  const [first, last] = [stem.toString('latin1'), extension.toString('latin1')];
  for (let n = 1; ; n += 1) {
    const marked = otherName('', '', n).length;
    const room = longestName - extension.length - marked;
    yield below(directory, Buffer.from(otherName(first.slice(0, room), last, n), 'latin1'));
  }
}
