import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/**
 * Mounts a disk that never responds on a directory, as a network share whose server is gone; undefined if this user may not. The
 * function that it returns takes it away, which ends the calls on it.
 */
export function mountDeadDisk(directory: string): (() => void) | undefined {
  let device: number;
  try {
    device = openSync('/dev/fuse', 'r+');
  } catch {
    return undefined;
  }
  // Nothing reads what the system asks of it.
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  const mounted = spawnSync('mount', ['-i', '-n', '-t', 'fuse', '-o', options, 'dead', directory], {
    stdio: ['ignore', 'ignore', 'ignore', device],
  });
  let isThere = mounted.status === 0;
  if (!isThere) closeSync(device);
  return mounted.status !== 0
    ? undefined
    : () => {
        if (!isThere) return;
        isThere = false;
        spawnSync('umount', ['-l', directory]);
        closeSync(device);
      };
}
