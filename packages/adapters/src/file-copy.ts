import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import type { Disk, DiskFile } from './disk.ts';
import { type FileIdentity, identityOf, isSame } from './file-identity.ts';
import { MoveError } from './move-error.ts';

const bufferSize = 1 << 20;

type Copy = {
  from: Buffer;
  /** Does not exist yet. */
  part: Buffer;
  /** The file as it has to be, before and after. */
  source: FileIdentity;
  signal: AbortSignal | undefined;
  passed: (step: string) => Promise<void>;
};

/** The file is not the one of the plan any more. */
export const changedFile = (path: Buffer) =>
  new MoveError('changed', `${path} was changed by another program. Plan the move again.`);

/**
 * Copies a file, syncs the copy and reads it back; returns the inode and the sha256 of the copy. Throws MoveError if the file is
 * not the one of the plan or reads back differently, errors of the disk, and the reason of the signal; then the caller removes
 * the unfinished copy.
 */
export async function copyFile(disk: Disk, { from, part, source, signal, passed }: Copy) {
  const input = await disk.open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  let sha256: string;
  let inode: string;
  try {
    const before = await input.stat();
    const isUnchanged = async () => isSame(identityOf(await input.stat()), source);
    if (!(await isUnchanged())) throw changedFile(from);
    const output = await disk.open(part, 'wx');
    try {
      await passed('copy opened');
      sha256 = await pour(input, output, signal);
      const time = Number(source.mtimeNs) / 1e9;
      await output.chmod(Number(before.mode) & 0o777);
      await output.utimes(time, time);
      await output.sync();
      inode = String((await output.stat()).ino);
    } finally {
      await output.close();
    }
    if (!(await isUnchanged())) throw changedFile(from);
  } finally {
    await input.close();
  }
  await passed('copied');
  if ((await sha256Of(disk, part, signal)) !== sha256)
    throw new MoveError('failed', `The copy of ${from} reads back differently. Check the disk of the target.`);
  return { inode, sha256 };
}

/** The sha256 of a file, in hexadecimal. */
export async function sha256Of(disk: Disk, path: Buffer, signal: AbortSignal | undefined): Promise<string> {
  const handle = await disk.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const hash = createHash('sha256');
  try {
    await read(handle, hash, signal);
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

async function pour(input: DiskFile, output: DiskFile, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  await read(input, hash, signal, async (bytes) => {
    for (let written = 0; written < bytes.length; ) written += (await output.write(bytes, written)).bytesWritten;
  });
  return hash.digest('hex');
}

async function read(
  file: DiskFile,
  hash: Hash,
  signal: AbortSignal | undefined,
  each?: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(bufferSize);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, bufferSize);
    if (bytesRead === 0) return;
    const bytes = buffer.subarray(0, bytesRead);
    hash.update(bytes);
    await each?.(bytes);
  }
}
