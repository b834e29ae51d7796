import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { mountDeadDisk } from '../test/dead-disk.ts';
import { directory } from '../test/file-systems.ts';
import { DiskHangs } from './disk.ts';
import { type FoundGroup, type HashJob, hashFiles, type WalkOptions, walkFiles } from './file-thread.ts';

/** Latin-1 shows any bytes. */
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

function makeRoot(): { root: string; path: (name: string | Buffer) => Buffer } {
  const root = directory();
  return { root, path: (name) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]) };
}

type Found = {
  files: string[];
  left: string[];
  digests: Map<string, string>;
  failed: Map<string, string>;
  groups: FoundGroup[];
};

async function walk(root: string, options: Partial<WalkOptions> = {}): Promise<Found> {
  const found: Found = { files: [], left: [], digests: new Map(), failed: new Map(), groups: [] };
  const signal = new AbortController().signal;
  for await (const group of walkFiles(Buffer.from(root), { signal, ...options })) {
    found.groups.push(group);
    let i = 0;
    for (const { path, files, digest, failed } of group.directories) {
      const directory = path.length === 0 ? '' : `${text(path)}/`;
      for (const end = i + files; i < end; i += 1)
        found.files.push(directory + text(group.names.subarray(group.ends[i - 1] ?? 0, group.ends[i])));
      if (digest) found.digests.set(text(path), text(digest));
      if (failed) found.failed.set(text(path), failed);
    }
    found.left.push(...group.left.map(({ path, reason }) => `${reason}: ${text(path)}`));
  }
  return found;
}

function jobOf(path: Buffer, part: HashJob['part'] = 'whole'): HashJob {
  const { size, mtimeNs, ctimeNs, ino } = lstatSync(path, { bigint: true });
  return { path, size, mtime: mtimeNs, ctime: ctimeNs, inode: ino, part };
}

async function hash(jobs: Iterable<HashJob> | AsyncIterable<HashJob>, signal = new AbortController().signal) {
  const results = new Map<
    string,
    { head: string | undefined; sha256: string | undefined; problem: string | undefined }
  >();
  for await (const some of hashFiles(jobs, { threads: 2, signal })) {
    for (const { job, result } of some) {
      const hex = (hashed?: Uint8Array) => hashed && Buffer.from(hashed).toString('hex');
      results.set(text(job.path), { head: hex(result.head), sha256: hex(result.sha256), problem: result.problem });
    }
  }
  return results;
}

const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex');

/** Sets the times of a file to long ago. */
const rest = (path: string | Buffer) => utimesSync(path, 1, 1);

test('a walk finds names of any bytes, and twins that differ in normalisation or case alone', async () => {
  const { root, path } = makeRoot();
  const names = [
    bytes('not utf8 ', 0xff, '.jpg'),
    bytes('new\nline.jpg'),
    bytes('x'.repeat(255)),
    bytes('\u00e9.jpg'),
    bytes('e\u0301.jpg'),
    bytes('twin.JPG'),
    bytes('twin.jpg'),
    bytes(' \\ "quotes" $(x) '),
  ];
  const directory = path(bytes('d', 0xfe));
  mkdirSync(directory);
  for (const name of names) writeFileSync(Buffer.concat([directory, Buffer.from('/'), name]), name);
  const { files, left, groups } = await walk(root);
  expect(files).toEqual(names.map((name) => `d\u00fe/${text(name)}`).toSorted());
  expect(left).toEqual(['not UTF-8: d\u00fe/not utf8 \u00ff.jpg']);
  expect([...(groups[0]?.sizes ?? [])].map(Number).toSorted()).toEqual(names.map(({ length }) => length).toSorted());
});

test('a walk leaves out links, pipes, other roots and ignored names, and says so', async () => {
  const { root, path } = makeRoot();
  mkdirSync(path('a/b'), { recursive: true });
  symlinkSync('..', path('a/loop'));
  symlinkSync('nothing', path('a/dangling'));
  execFileSync('mkfifo', [path('a/pipe').toString()]);
  mkdirSync(path('other'));
  for (const name of [
    '.at-root',
    '.at-1.part',
    'a/b/kept.jpg',
    'a/b/x.tmp',
    'a/.DS_Store',
    'other/.at-root',
    'other/x.jpg',
  ])
    writeFileSync(path(name), '');
  mkdirSync(path('.stfolder'));
  const { files, left } = await walk(root, { ignored: ['*.tmp'] });
  expect(files).toEqual(['a/b/kept.jpg']);
  expect(left.toSorted()).toEqual([
    'ignored: .at-1.part',
    'ignored: .stfolder',
    'ignored: a/.DS_Store',
    'ignored: a/b/x.tmp',
    'link: a/dangling',
    'link: a/loop',
    'other root: other',
    'special: a/pipe',
  ]);
});

test('patterns match whole names, and one with many stars takes no time', async () => {
  const { root, path } = makeRoot();
  const names = ['abc.tmp', 'b.tmp.jpg', 'cat', 'cart', 'c(t', 'x*', 'a'.repeat(250)];
  for (const name of names) writeFileSync(path(name), '');
  const left = async (pattern: string) =>
    (await walk(root, { ignored: [pattern], patience: 3_000 })).left.map((one) => one.slice('ignored: '.length));
  expect(await left('*.tmp')).toEqual(['abc.tmp']);
  expect(await left('c?t')).toEqual(['c(t', 'cat']);
  expect(await left('c*t')).toEqual(['c(t', 'cart', 'cat']);
  expect(await left('*.t*p*')).toEqual(['abc.tmp', 'b.tmp.jpg']);
  expect(await left('?*')).toHaveLength(names.length);
  expect(await left('b')).toEqual([]);
  expect(await left(`${'*a'.repeat(100)}b`)).toEqual([]);
});

test('a walk does not enter another file system', async () => {
  // A root has directories of other file systems everywhere.
  const { left, files } = await walk('/dev');
  expect(left).toContain('other disk: shm');
  expect(files.filter((file) => file.startsWith('shm/'))).toEqual([]);
});

// Root may read everything.
test.skipIf(process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status !== 0)(
  'a directory that cannot be read is named with its error, and hides no other',
  async () => {
    const { root, path } = makeRoot();
    mkdirSync(path('closed'));
    mkdirSync(path('open'));
    writeFileSync(path('closed/1.jpg'), '');
    writeFileSync(path('open/2.jpg'), '');
    chmodSync(path('closed'), 0);
    onTestFinished(() => chmodSync(path('closed'), 0o700));
    if (process.getuid?.() !== 0) {
      const { files, failed, left } = await walk(root);
      expect([files, left, [...failed]]).toEqual([['open/2.jpg'], ['unreadable: closed'], [['closed', 'EACCES']]]);
      return;
    }
    chmodSync(root, 0o755);
    const script = `import { walkFiles } from ${JSON.stringify(import.meta.resolve('./file-thread.ts'))};
      const failed = [];
      for await (const { directories } of walkFiles(Buffer.from(${JSON.stringify(root)}), { signal: new AbortController().signal }))
        failed.push(...directories.map(({ path, files, failed }) => [Buffer.from(path).toString(), files, failed]));
      console.log(JSON.stringify(failed));`;
    const drop = ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'];
    const { stdout, stderr } = spawnSync(
      'setpriv',
      [...drop, process.execPath, '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      ['', 0, null],
      ['closed', 0, 'EACCES'],
      ['open', 1, null],
    ]);
  },
);

test('the digest of a directory is the same until a file in it changes, and is left out while files are young', async () => {
  const { root, path } = makeRoot();
  mkdirSync(path('a'));
  for (const name of ['a/1', 'a/2']) writeFileSync(path(name), name);
  expect((await walk(root)).digests.has('a')).toBe(false);
  // Nothing can set ctime: the clock goes on instead.
  const old = async () => {
    await expect.poll(async () => (await walk(root)).digests.has('a'), { timeout: 10_000, interval: 200 }).toBe(true);
    return (await walk(root)).digests.get('a');
  };
  const first = await old();
  expect(await old()).toBe(first);
  expect((await walk(root, { ignored: ['*.tmp'] })).digests.get('a')).not.toBe(first);
  rest(path('a/1'));
  const second = await old();
  expect(second).not.toBe(first);
  renameSync(path('a/1'), path('a/3'));
  expect(await old()).not.toBe(second);
});

test('a large directory comes in several groups', async () => {
  const { root, path } = makeRoot();
  mkdirSync(path('many'));
  for (let i = 0; i < 250; i += 1) writeFileSync(path(`many/${i}`), '');
  const { groups, files } = await walk(root, { groupSize: 100 });
  const parts = groups.flatMap(({ directories }) => directories.map((one) => [text(one.path), one.files, one.isLast]));
  expect(parts).toEqual([
    ['', 0, true],
    ['many', 100, false],
    ['many', 100, false],
    ['many', 50, true],
  ]);
  expect(new Set(files).size).toBe(250);
});

/** More files than a thread reads ahead in groups of ten. */
function makeMany(path: (name: string) => Buffer): void {
  for (let i = 10; i < 40; i += 1) {
    mkdirSync(path(`${i}`));
    for (let n = 0; n < 10; n += 1) writeFileSync(path(`${i}/${n}`), '');
  }
}

/** Whether this process has a file open. */
const isOpen = (path: Buffer) =>
  readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path.toString();
    } catch {
      return false;
    }
  });

test('a walk waits while four groups are not taken', async () => {
  const { root, path } = makeRoot();
  makeMany(path);
  const walking = walkFiles(Buffer.from(root), { signal: new AbortController().signal, groupSize: 10 });
  const directories: string[] = [];
  for await (const group of walking) {
    // The thread has not read this far.
    if (directories.length === 0) for (let i = 17; i < 40; i += 1) rmSync(path(`${i}`), { recursive: true });
    directories.push(...group.directories.map((one) => text(one.path)));
  }
  expect(directories).toEqual(['', '10', '11', '12', '13', '14', '15', '16']);
});

test('a walk and a reader end when they are cancelled', async () => {
  const { root, path } = makeRoot();
  writeFileSync(path('big'), '');
  truncateSync(path('big'), 2 ** 40);
  makeMany(path);
  let ended = 0;
  const seen = (thread: Worker) =>
    void thread.on('exit', () => {
      ended += 1;
    });
  process.on('worker', seen);
  onTestFinished(() => void process.off('worker', seen));
  const cancel = new AbortController();
  const reading = hash([jobOf(path('big'))], cancel.signal);
  const walking = walkFiles(Buffer.from(root), { signal: cancel.signal, groupSize: 10 });
  expect((await walking.next()).done).toBe(false);
  await expect.poll(() => isOpen(path('big')), { interval: 1 }).toBe(true);
  cancel.abort(new Error('Enough.'));
  await expect(reading).rejects.toThrow('Enough.');
  await expect(walking.next()).rejects.toThrow('Enough.');
  await expect.poll(() => ended, { timeout: 10_000 }).toBe(2);
});

test('a root that does not exist is an error that names it', async () => {
  const { root } = makeRoot();
  await expect(walk(`${root}/none`)).rejects.toThrow(`${root}/none does not exist.`);
});

test('a disk that never responds ends a walk', async ({ skip }) => {
  const { root, path } = makeRoot();
  mkdirSync(path('dead'));
  const unmount = mountDeadDisk(path('dead').toString());
  if (!unmount) return skip('This user may not mount.');
  onTestFinished(unmount);
  await expect(walk(root, { patience: 400 })).rejects.toThrow(DiskHangs);
});

test('hashes are those of the head and tail, or of the whole file, of sparse and empty ones too', async () => {
  const { path } = makeRoot();
  const content = (length: number) => Buffer.alloc(length, 'abcdefg');
  const big = content(3_000_001);
  const small = content(131_072);
  for (const [name, data] of [
    ['big', big],
    ['small', small],
    ['empty', Buffer.alloc(0)],
  ] as const)
    writeFileSync(path(name), data);
  writeFileSync(path(bytes('sparse', 0xff)), '');
  truncateSync(path(bytes('sparse', 0xff)), 5_000_000);
  const results = await hash([
    jobOf(path('big')),
    jobOf(path('small'), 'head'),
    jobOf(path('empty'), 'head'),
    jobOf(path(bytes('sparse', 0xff))),
  ]);
  const of = (name: string | Buffer) => results.get(text(path(name)));
  expect(of('big')).toEqual({ sha256: sha256(big) });
  expect(of('small')).toEqual({ head: sha256(small), sha256: sha256(small) });
  expect(of('empty')).toEqual({ head: sha256(), sha256: sha256() });
  expect(of(bytes('sparse', 0xff))).toEqual({ sha256: sha256(Buffer.alloc(5_000_000)) });
  const [head] = (await hash([jobOf(path('big'), 'head')])).values();
  expect(head).toEqual({ head: sha256(big.subarray(0, 65_536), big.subarray(-65_536)) });
});

test('what is not the file of its job, or changes while it is read, has a problem and no hash', async () => {
  const { path } = makeRoot();
  for (const name of ['kept', 'changed', 'gone', 'pipe', 'link', 'closed']) writeFileSync(path(name), name);
  const jobs = ['kept', 'changed', 'gone', 'pipe', 'link'].map((name) => jobOf(path(name)));
  appendFileSync(path('changed'), 'more');
  rmSync(path('gone'));
  rmSync(path('pipe'));
  execFileSync('mkfifo', [path('pipe').toString()]);
  rmSync(path('link'));
  symlinkSync('kept', path('link'));
  const results = await hash(jobs);
  const problems = jobs.map((job) => results.get(text(job.path))?.problem);
  expect(problems).toEqual([undefined, 'changed', 'ENOENT', 'changed', 'changed']);
  for (const [, { sha256: hashed, problem }] of results) expect(hashed === undefined).toBe(problem !== undefined);
});

test('a file that is written while it is read has no hash', async () => {
  const { path } = makeRoot();
  writeFileSync(path('growing'), '');
  truncateSync(path('growing'), 600_000_000);
  const reading = hash([jobOf(path('growing'))]);
  await expect.poll(() => isOpen(path('growing')), { interval: 1 }).toBe(true);
  appendFileSync(path('growing'), 'more');
  expect([...(await reading).values()]).toEqual([{ problem: 'changed' }]);
});
