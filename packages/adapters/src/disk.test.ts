import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mountDeadDisk } from '../test/dead-disk.ts';
import { directory } from '../test/file-systems.ts';
import { DiskHangs, openDisk } from './disk.ts';

/** Nothing waits for a disk for ever, and few calls wait for it at all. */

const linkOf = (fd: string) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
};

const errorOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

/** The system's calls, of which those with a path are held until they are let go. */
function held(...names: ('link' | 'lstat' | 'open')[]) {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
  let begun = 0;
  const holding = Object.fromEntries(
    names.map((name) => [
      name,
      async (...of: unknown[]) => {
        begun += 1;
        await gate;
        return (fs[name] as (...of: unknown[]) => unknown)(...of);
      },
    ]),
  );
  return { calls: { ...fs, ...holding }, letGo, begun: () => begun };
}

test('a disk that does not respond ends the wait with what to do, and works again once it is back', async ({
  skip,
}) => {
  const path = directory();
  const release = mountDeadDisk(path);
  if (!release) return skip('This user may not mount a file system.');
  onTestFinished(release);
  const disk = openDisk({ patience: 100 });
  for (const work of [disk.stat(join(path, 'a')), disk.readdir(path), disk.open(join(path, 'b'), 'wx')])
    expect(await errorOf(work)).toMatchObject({
      name: 'DiskHangs',
      message: expect.stringMatching(/does not respond/),
    });
  expect(disk.hanging()).toBeGreaterThan(0);
  release();
  await expect.poll(() => disk.hanging()).toBe(0);
  writeFileSync(join(path, 'a'), '');
  expect(await disk.readdir(path)).toEqual(['a']);
});

test('no call is made for a path that another one still waits for, and no more than three wait', async () => {
  const path = directory();
  const { calls, letGo, begun } = held('lstat');
  const disk = openDisk({ calls, patience: 50 });
  const all = ['a', 'a', 'b', 'c', 'd', 'e'].map((name) => errorOf(disk.lstat(join(path, name))));
  for (const error of await Promise.all(all)) expect(error).toBeInstanceOf(DiskHangs);
  expect([begun(), disk.hanging()]).toEqual([3, 3]);
  const other = await errorOf(disk.lstat(join(path, 'f')));
  expect([other, begun()]).toEqual([expect.any(DiskHangs), 3]);
  letGo();
  await expect.poll(() => disk.hanging()).toBe(0);
  expect(await disk.readdir(path)).toEqual([]);
});

test('a path is usable again when the call that waited for it has returned', async () => {
  const path = directory();
  const { calls, letGo, begun } = held('link');
  const disk = openDisk({ calls, patience: 50 });
  const [from, to] = [join(path, 'from'), join(path, 'to')];
  writeFileSync(from, 'a film');
  const error = (await errorOf(disk.link(from, to))) as DiskHangs;
  expect(await errorOf(disk.rename(to, join(path, 'third')))).toBeInstanceOf(DiskHangs);
  expect(begun()).toBe(1);
  letGo();
  await error.ended;
  expect(readFileSync(to, 'utf8')).toBe('a film');
  await disk.unlink(to);
  expect(existsSync(from)).toBe(true);
});

test('a file that is opened too late is closed', async () => {
  const path = join(directory(), 'film');
  writeFileSync(path, '');
  const { calls, letGo } = held('open');
  const disk = openDisk({ calls, patience: 50 });
  const opened = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === path);
  const error = (await errorOf(disk.open(path, 'r'))) as DiskHangs;
  letGo();
  await error.ended;
  expect(opened()).toEqual([]);
});

test('what the system refuses is a sentence with what to do, and keeps its code', async () => {
  const path = directory();
  const disk = openDisk();
  const refusals: [() => Promise<unknown>, string, RegExp][] = [
    [() => disk.readdir(join(path, 'none')), 'ENOENT', /none does not exist\. Check the path, then retry\./],
    [() => disk.lstat(join(path, 'x'.repeat(300))), 'ENAMETOOLONG', /Shorten it/],
    [() => disk.rmdir(`${path}/.`), 'EINVAL', /The disk refused/],
  ];
  for (const [work, code, message] of refusals)
    expect(await errorOf(work())).toMatchObject({ code, message: expect.stringMatching(message) });
  for (const [code, message] of [
    ['EPERM', /^No permission for \S+to\. Give the user of the workers/],
    ['EROFS', /reading only/],
    ['EIO', /Check the disk and its cables/],
    ['ESTALE', /Mount it again/],
  ] as const) {
    const link = async () => {
      throw Object.assign(new Error(`${code}: raw words`), { code, syscall: 'link' });
    };
    const refusing = openDisk({ calls: { ...fs, link } });
    const error = await errorOf(refusing.link(join(path, 'from'), join(path, 'to')));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((error as Error).message).not.toContain('raw words');
  }
});

test('an open file is closed while other calls hang', async () => {
  const path = join(directory(), 'film');
  writeFileSync(path, '');
  const { calls, letGo } = held('lstat');
  onTestFinished(() => letGo());
  const disk = openDisk({ calls, patience: 50, most: 1 });
  const file = await disk.open(path, 'r');
  expect(await errorOf(disk.lstat('/elsewhere'))).toBeInstanceOf(DiskHangs);
  await file.close();
  expect(readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === path)).toEqual([]);
});
