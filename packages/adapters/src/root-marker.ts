import { constants } from 'node:fs';
import { type DiskFile, disk } from './disk.ts';
import { codeOf, whatIsAt } from './file-identity.ts';
import { below, parentOf } from './file-names.ts';
import { markerName } from './file-thread-work.ts';

// The file that makes a directory a root, under any path. It holds an id and a counter, and is written in place: its inode
// tells the directory from a copy of it.

export type Marker = {
  id: string;
  counter: number;
  /** As signed 64 bits. */
  inode: string;
  /** Of the directory: it changes with a reboot. */
  device: string;
};

/** The marker cannot be read as one. */
export class MarkerBroken extends Error {
  override name = 'MarkerBroken';
  constructor(path: Buffer) {
    super(`${below(path, markerName)} is not a marker of this program. Look at it, and remove it if nothing needs it.`);
  }
}

/** All have the same length, so that one replaces another in place. */
const textOf = (id: string, counter: number) =>
  Buffer.from(`${JSON.stringify({ root: id, counter: String(counter).padStart(16, '0') })}\n`);
const length = textOf('00000000-0000-0000-0000-000000000000', 0).length;

async function open(root: Buffer, flags: number): Promise<DiskFile | undefined> {
  try {
    return await disk.open(below(root, markerName), flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function read(root: Buffer, file: DiskFile): Promise<Marker> {
  const stats = await file.stat();
  const buffer = Buffer.alloc(length + 1);
  const { bytesRead } = await file.read(buffer, buffer.length);
  const [, id, counter] =
    /^\{"root":"([0-9a-f-]{36})","counter":"(\d{16})"\}\n$/.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
  if (!stats.isFile() || id === undefined) throw new MarkerBroken(root);
  const { dev } = await disk.lstat(root, { bigint: true });
  return { id, counter: Number(counter), inode: String(BigInt.asIntN(64, stats.ino)), device: String(dev) };
}

async function write(file: DiskFile, id: string, counter: number): Promise<void> {
  await file.write(textOf(id, counter), 0);
  await file.sync();
}

/** The marker in a directory, if it has one. Throws MarkerBroken, and errors of the disk. */
export async function readMarker(root: Buffer): Promise<Marker | undefined> {
  const file = await open(root, constants.O_RDONLY);
  if (!file) return undefined;
  try {
    return await read(root, file);
  } finally {
    await file.close();
  }
}

/** Writes the marker of a directory, also over one that was not written to its end. */
export async function writeMarker(root: Buffer, id: string, counter: number): Promise<Marker> {
  const path = below(root, markerName);
  const file = await disk.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW);
  try {
    await write(file, id, counter);
  } finally {
    await file.close();
  }
  await disk.syncDirectory(root);
  return (await readMarker(root)) as Marker;
}

/** Writes another counter into a marker. Returns false, and writes nothing, if the marker has changed. */
export async function countMarker(root: Buffer, from: Marker, counter: number): Promise<boolean> {
  const file = await open(root, constants.O_RDONLY);
  if (!file) return false;
  try {
    if (!isSameMarker(await read(root, file), from)) return false;
  } finally {
    await file.close();
  }
  // It creates no file: the disk may be gone by now.
  const written = await open(root, constants.O_WRONLY);
  if (!written) return false;
  try {
    const { ino } = await written.stat();
    if (String(BigInt.asIntN(64, ino)) !== from.inode) return false;
    await write(written, from.id, counter);
    return true;
  } finally {
    await written.close();
  }
}

/** Whether it is the same marker, with the same counter, on the same disk. */
export const isSameMarker = (one: Marker, other: Marker) =>
  one.id === other.id && one.counter === other.counter && one.inode === other.inode && one.device === other.device;

/** The nearest directory above that is a root, if there is one. */
export async function rootAbove(root: Buffer): Promise<Buffer | undefined> {
  for (let path = root; path.length > 1; ) {
    path = parentOf(path);
    if (await whatIsAt(below(path, markerName), disk)) return path;
  }
  return undefined;
}
