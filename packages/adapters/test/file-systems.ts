import { existsSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Another file system than that of temporary files, if `hasTwo`. */
export const memory = '/dev/shm';
export const hasTwo = existsSync(memory) && statSync(memory).dev !== statSync(tmpdir()).dev;

/** A new directory that exists until the end of the test, with symbolic links resolved. */
export function directory(parent = tmpdir()): string {
  const path = realpathSync(mkdtempSync(join(parent, 'at-test-files-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The calls of a file system without hard links. */
export const withoutLinks = {
  ...fs,
  link: async () => {
    throw Object.assign(new Error('no links'), { code: 'EPERM' });
  },
};
