import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directory, hasTwo, memory, withoutLinks } from '../test/file-systems.ts';
import { openJournal, readJournal, storedOf, writeJournal } from '../test/killed-move.ts';
import { openDisk } from './disk.ts';
import { identify } from './file-identity.ts';
import type { MoveOptions } from './file-move.ts';
import { MoveError } from './move-error.ts';
import { moveFile } from './move-file.ts';

/** No byte is lost, and nothing that exists is overwritten, wherever a move is interrupted. */

const child = fileURLToPath(new URL('../test/killed-move.ts', import.meta.url));

const content = 'every byte of the film\n'.repeat(200_000);
const digest = (path: string | Buffer) => createHash('sha256').update(readFileSync(path)).digest('hex');
const wanted = createHash('sha256').update(content).digest('hex');

type Kind = 'same' | 'other' | 'copy';
const kinds: Kind[] = ['same', ...(hasTwo ? ['other' as const] : []), 'copy'];

let lastId = 0;

/** A planned move of a new file; its target directory does not exist yet. */
async function planned(kind: Kind, names: { from?: Buffer; to?: Buffer; bytes?: string } = {}) {
  const source = directory();
  const target = directory(kind === 'other' ? memory : undefined);
  const from = Buffer.concat([Buffer.from(`${source}/`), names.from ?? Buffer.from('film.mkv')]);
  const to = Buffer.concat([Buffer.from(`${target}/Ada/`), names.to ?? Buffer.from('Film.mkv')]);
  writeFileSync(from, names.bytes ?? content);
  utimesSync(from, 1_700_000_000.123, 1_700_000_000.123);
  chmodSync(from, 0o640);
  const journal = join(source, 'journal.json');
  lastId += 1;
  const identity = await identify(from);
  if (!identity) throw new Error('The file to move was not written.');
  const roots = { fromRoot: Buffer.from(source), toRoot: Buffer.from(target) };
  const plan = { id: String(lastId), from, to, ...roots, source: identity, copies: kind === 'copy' };
  writeJournal(journal, storedOf({ plan, progress: {} }));
  const run = (options: MoveOptions = {}) => {
    const { plan, progress, record } = openJournal(journal);
    return moveFile(plan, progress, record, options);
  };
  const listed = () => (existsSync(join(target, 'Ada')) ? readdirSync(join(target, 'Ada')).toSorted() : []);
  return { source, target, from, to, journal, run, listed, folder: join(target, 'Ada') };
}

/** The steps that a move passes, in order. */
async function stepsOf(kind: Kind, isTaken: boolean): Promise<string[]> {
  const move = await planned(kind, { bytes: 'short' });
  if (isTaken) occupy(move.folder);
  const steps: string[] = [];
  await move.run({ boundary: (step) => void steps.push(step) });
  return steps;
}

function occupy(folder: string): void {
  mkdirSync(folder);
  for (const name of ['Film.mkv', 'Film (1).mkv']) writeFileSync(join(folder, name), 'another film');
}

const killed = (journal: string, step: string, times: number) =>
  new Promise<string>((resolve) => {
    execFile(process.execPath, [child, journal, step, String(times)], (error) => resolve(error?.signal ?? 'no signal'));
  });

describe.each(kinds)('to %s', (kind) => {
  test('the file is whole in its place, with its time and mode, and has left the other unless it is copied', async () => {
    const { run, to, from, listed } = await planned(kind);
    expect(await run()).toEqual({ state: 'done', path: to });
    expect(digest(to)).toBe(wanted);
    const { mtimeMs, mode } = statSync(to);
    expect([mtimeMs, mode & 0o777]).toEqual([expect.closeTo(1_700_000_000_123, 0), 0o640]);
    expect(existsSync(from)).toBe(kind === 'copy');
    expect(listed()).toEqual(['Film.mkv']);
    // Asked again, it is done.
    expect(await run()).toMatchObject(kind === 'copy' ? { state: 'done' } : { state: 'done', path: to });
  });

  test.each([false, true])('it is whole after a kill behind any step, where its name is taken: %s', async (isTaken) => {
    const steps = await stepsOf(kind, isTaken);
    const seen = new Map<string, number>();
    const kills = steps.map((step) => {
      seen.set(step, (seen.get(step) ?? 0) + 1);
      return { step, times: seen.get(step) as number };
    });
    expect(kills.length).toBeGreaterThan(2);
    await Promise.all(
      kills.map(async ({ step, times }) => {
        const { journal, run, from, folder, listed } = await planned(kind);
        if (isTaken) occupy(folder);
        expect([step, await killed(journal, step, times)]).toEqual([step, 'SIGKILL']);
        // In the meantime the film is whole under one name at least.
        const copies = [from.toString(), ...listed().map((name) => join(folder, name))].filter((path) =>
          existsSync(path),
        );
        expect([step, copies.some((path) => digest(path) === wanted)]).toEqual([step, true]);
        expect(await run()).toMatchObject({ state: 'done' });
        const name = isTaken ? 'Film (2).mkv' : 'Film.mkv';
        const others = isTaken ? ['Film (1).mkv', 'Film.mkv'] : [];
        expect([step, listed()]).toEqual([step, [...others, name].toSorted()]);
        expect(digest(join(folder, name))).toBe(wanted);
        for (const other of others) expect(readFileSync(join(folder, other), 'utf8')).toBe('another film');
        expect(existsSync(from)).toBe(kind === 'copy');
      }),
    );
  });

  test('a file that was changed since the plan, or while it is copied, stays, and nothing is left at the target', async () => {
    const early = await planned(kind);
    writeFileSync(early.from, 'a new version');
    await expect(early.run()).rejects.toMatchObject({ kind: 'changed' });
    expect([readFileSync(early.from, 'utf8'), early.listed()]).toEqual(['a new version', []]);
    if (kind === 'same') return;
    const late = await planned(kind);
    const boundary = (step: string) => {
      if (step === 'copy opened') utimesSync(late.from, 1, 1);
    };
    await expect(late.run({ boundary })).rejects.toMatchObject({ kind: 'changed' });
    expect([digest(late.from), late.listed()]).toEqual([wanted, []]);
  });

  test('names that are not UTF-8 keep their bytes', async () => {
    const name = Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x6d, 0x6b, 0x76]);
    const { run, to, folder } = await planned(kind, { from: name, to: name });
    mkdirSync(folder);
    writeFileSync(to, 'another film');
    const outcome = await run();
    expect(outcome).toMatchObject({ state: 'done' });
    const other = Buffer.concat([Buffer.from(`${folder}/`), name.subarray(0, 3), Buffer.from(' (1).mkv')]);
    expect(outcome).toEqual({ state: 'done', path: other });
    expect(digest(other)).toBe(wanted);
  });

  test('a move that is given up leaves the file where it was', async () => {
    const { run, from, listed } = await planned(kind);
    const controller = new AbortController();
    controller.abort(new Error('The run was cancelled.'));
    await expect(run({ signal: controller.signal })).rejects.toThrow('The run was cancelled.');
    expect([digest(from), listed()]).toEqual([wanted, []]);
  });
});

test('of two rivals for one name both files are kept', async () => {
  const one = await planned('same');
  const journal = readJournal(one.journal);
  const second = join(one.source, 'second.mkv');
  writeFileSync(second, 'the second film');
  const source = await identify(Buffer.from(second));
  const path = join(one.source, 'second.json');
  lastId += 1;
  const plan = { ...journal.plan, id: String(lastId), from: Buffer.from(second).toString('hex') };
  writeJournal(path, { plan: { ...plan, ...(source && { source }) }, progress: {} });
  const rival = openJournal(path);
  const outcomes = await Promise.all([one.run(), moveFile(rival.plan, rival.progress, rival.record)]);
  expect(outcomes.map(({ state }) => state)).toEqual(['done', 'done']);
  expect(one.listed()).toEqual(['Film (1).mkv', 'Film.mkv']);
  const found = one.listed().map((name) => digest(join(one.folder, name)));
  expect(found.toSorted()).toEqual([wanted, createHash('sha256').update('the second film').digest('hex')].toSorted());
});

test('a file that is neither here nor there is missing, and no success', async () => {
  const { run, from } = await planned('same');
  unlinkSync(from);
  expect(await run()).toEqual({ state: 'missing' });
});

test.runIf(hasTwo)('the finished copy is placed even if the original has gone since', async () => {
  const { run, from, to, journal } = await planned('other');
  expect(await killed(journal, 'copy recorded', 1)).toBe('SIGKILL');
  unlinkSync(from);
  expect(await run()).toEqual({ state: 'done', path: to });
  expect(digest(to)).toBe(wanted);
});

test('another file that takes the place of the source stays', async () => {
  const { run, from, to, journal } = await planned('same');
  expect(await killed(journal, 'source removed', 1)).toBe('SIGKILL');
  writeFileSync(from, 'a newcomer');
  expect(await run()).toEqual({ state: 'done', path: to });
  expect(readFileSync(from, 'utf8')).toBe('a newcomer');
});

test('a file that is put in the place of the source just then keeps its name alone', async () => {
  const { run, source, from, listed } = await planned('same');
  const other = join(source, 'other.mkv');
  writeFileSync(other, 'another film');
  const swapped: typeof fs.link = async (existing, path) => {
    renameSync(other, from);
    return fs.link(existing, path);
  };
  await expect(run({ disk: openDisk({ calls: { ...fs, link: swapped } }) })).rejects.toMatchObject({ kind: 'changed' });
  expect([readFileSync(from, 'utf8'), listed()]).toEqual(['another film', []]);
});

describe('where the file system has no hard links', () => {
  test.each(kinds)('a file comes to %s, beside one that has its name', async (kind) => {
    const { run, folder, listed, from } = await planned(kind);
    occupy(folder);
    expect(await run({ disk: openDisk({ calls: withoutLinks }) })).toMatchObject({ state: 'done' });
    expect(listed()).toEqual(['Film (1).mkv', 'Film (2).mkv', 'Film.mkv']);
    expect(digest(join(folder, 'Film (2).mkv'))).toBe(wanted);
    expect(readFileSync(join(folder, 'Film.mkv'), 'utf8')).toBe('another film');
    expect(existsSync(from)).toBe(kind === 'copy');
  });
});

describe('is refused', () => {
  test.each(['target', 'source'] as const)('where a symbolic link leads the %s out of its directory', async (end) => {
    const elsewhere = directory();
    const move = await planned('same');
    if (end === 'target') {
      // No directory is made behind the link either.
      symlinkSync(elsewhere, move.folder);
      const journal = readJournal(move.journal);
      journal.plan.to = Buffer.from(join(move.folder, 'new', 'Film.mkv')).toString('hex');
      writeJournal(move.journal, journal);
    } else {
      const inside = join(move.source, 'link');
      symlinkSync(elsewhere, inside);
      renameSync(move.from, join(elsewhere, 'film.mkv'));
      const journal = readJournal(move.journal);
      journal.plan.from = Buffer.from(join(inside, 'film.mkv')).toString('hex');
      writeJournal(move.journal, journal);
    }
    await expect(move.run()).rejects.toMatchObject({ kind: 'outside' });
    expect(readdirSync(elsewhere)).toEqual(end === 'target' ? [] : ['film.mkv']);
  });

  test('where the directory of the target is gone, which may be a disk that is not mounted', async () => {
    const { run, target, from } = await planned('same');
    rmSync(target, { recursive: true });
    await expect(run()).rejects.toMatchObject({ code: 'ENOENT' });
    expect([existsSync(target), digest(from)]).toEqual([false, wanted]);
  });

  test('for a symbolic link and a directory', async () => {
    const { run, from, source } = await planned('same');
    renameSync(from, join(source, 'real.mkv'));
    symlinkSync(join(source, 'real.mkv'), from);
    await expect(run()).rejects.toThrow('is no regular file');
    expect(lstatSync(from).isSymbolicLink()).toBe(true);
  });
});

test('a name that is taken by a file with a name as long as possible is shortened', async () => {
  const long = Buffer.from(`${'n'.repeat(251)}.mkv`);
  const { run, folder, to } = await planned('same', { to: long });
  mkdirSync(folder);
  writeFileSync(to, 'another film');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(readdirSync(folder).map((name) => name.length)).toEqual([255, 255]);
});

const settle = (journal: string) => {
  const { plan, progress, record } = openJournal(journal);
  return moveFile(plan, progress, record, {}, 'settle');
};

const openedMove = (journal: string) => {
  const { plan, progress, record } = openJournal(journal);
  return moveFile(plan, progress, record);
};

test('a copy that is given up leaves no temporary file', async () => {
  const { journal, listed, from } = await planned('copy');
  expect(await killed(journal, 'copy recorded', 1)).toBe('SIGKILL');
  expect(listed()).toEqual([expect.stringMatching(/^\.at-\d+\.part$/)]);
  expect(await settle(journal)).toMatchObject({ state: 'kept' });
  expect([listed(), digest(from)]).toEqual([[], wanted]);
});

test.each(kinds)('a move to %s that is given up after any step leaves one whole file', async (kind) => {
  if (kind === 'copy') return;
  const steps = await stepsOf(kind, false);
  await Promise.all(
    steps.map(async (step) => {
      const { journal, source, from, to, listed } = await planned(kind);
      expect([step, await killed(journal, step, 1)]).toEqual([step, 'SIGKILL']);
      const isDone = (await settle(journal)).state === 'done';
      expect([step, digest(isDone ? to : from)]).toEqual([step, wanted]);
      expect([step, listed()]).toEqual([step, isDone ? ['Film.mkv'] : []]);
      const left = readdirSync(source).filter((name) => !name.startsWith('journal.json'));
      expect([step, left.length]).toEqual([step, isDone ? 0 : 1]);
    }),
  );
});

test('a file that is moved to its own name stays, also after a kill', async () => {
  const { source, from, journal, run } = await planned('same');
  const plan = readJournal(journal);
  Object.assign(plan.plan, { to: plan.plan.from, toRoot: plan.plan.fromRoot });
  writeJournal(journal, plan);
  expect(await run()).toEqual({ state: 'done', path: from });
  expect(await killed(journal, 'source set aside', 1)).toBe('SIGKILL');
  expect(existsSync(from)).toBe(false);
  expect(await run()).toEqual({ state: 'done', path: from });
  expect(digest(from)).toBe(wanted);
  expect(readdirSync(source).filter((name) => name.startsWith('.at-'))).toEqual([]);
});

test('a file that takes the place of the source while that is removed stays', async () => {
  const { run, from, to } = await planned('same');
  const boundary = (step: string) => {
    if (step === 'source set aside') writeFileSync(from, 'a newcomer');
  };
  expect(await run({ boundary })).toEqual({ state: 'done', path: to });
  expect([digest(to), readFileSync(from, 'utf8')]).toEqual([wanted, 'a newcomer']);
});

test('a move that is given up once both names exist is finished', async () => {
  const { run, from, to } = await planned('same');
  const controller = new AbortController();
  const boundary = (step: string) => {
    if (step === 'linked') controller.abort(new Error('The run was cancelled.'));
  };
  expect(await run({ boundary, signal: controller.signal })).toEqual({ state: 'done', path: to });
  expect([digest(to), existsSync(from)]).toEqual([wanted, false]);
});

describe('a move that is undone', () => {
  const cut = async (kind: Kind, step: string) => {
    const move = await planned(kind);
    const boundary = (done: string) => {
      if (done === step) throw new Error('cut off');
    };
    await expect(move.run({ boundary })).rejects.toThrow('cut off');
    const { plan, progress, record } = openJournal(move.journal);
    return { ...move, back: () => moveFile(plan, progress, record, {}, 'abandon') };
  };

  test.each(['copied', 'copy recorded'])(
    'behind "%s" leaves the file in its place, and no copy of it',
    async (step) => {
      const { back, from, listed } = await cut('copy', step);
      expect(await back()).toMatchObject({ state: 'kept' });
      expect([digest(from), listed()]).toEqual([wanted, []]);
    },
  );

  test.skipIf(!hasTwo)('is finished if its copy may be the last one, or has a target', async () => {
    const last = await cut('other', 'copy recorded');
    unlinkSync(last.from);
    expect(await last.back()).toEqual({ state: 'done', path: last.to });
    const placed = await cut('same', 'linked');
    expect(await placed.back()).toEqual({ state: 'done', path: placed.to });
    for (const { to } of [last, placed]) expect(digest(to)).toBe(wanted);
  });

  test('while its copy is read back leaves none', async () => {
    const { run, from, listed } = await planned('copy');
    const controller = new AbortController();
    const boundary = (done: string) => {
      if (done === 'copied') controller.abort(new Error('The run was cancelled.'));
    };
    await expect(run({ boundary, signal: controller.signal })).rejects.toThrow('cancelled');
    expect([digest(from), listed()]).toEqual([wanted, []]);
  });
});

test('a name that was claimed stays if the disk was lost while the file got it', async () => {
  const { run, to } = await planned('same');
  let isFirst = true;
  const rename: typeof fs.rename = async (from, path) => {
    await fs.rename(from, path);
    if (!isFirst || !to.equals(path as Buffer)) return;
    isFirst = false;
    throw Object.assign(new Error('lost'), { code: 'EIO' });
  };
  const disk = openDisk({ calls: { ...withoutLinks, rename } });
  await expect(run({ disk })).rejects.toMatchObject({ code: 'EIO' });
  expect(digest(to)).toBe(wanted);
  expect(await run({ disk })).toEqual({ state: 'done', path: to });
});

test('a second hard link to the file stays', async () => {
  const { run, source, from, to } = await planned('same');
  linkSync(from, join(source, 'second name.mkv'));
  expect(await run()).toEqual({ state: 'done', path: to });
  expect(digest(join(source, 'second name.mkv'))).toBe(wanted);
});

test('a full disk is reported as that, and nothing is left on it', async ({ skip }) => {
  const disk = directory();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0)
    skip('This user may not mount a file system.');
  onTestFinished(() => void spawnSync('umount', [disk]));
  const { run, from, journal } = await planned('copy');
  const plan = readJournal(journal);
  plan.plan.toRoot = Buffer.from(disk).toString('hex');
  plan.plan.to = Buffer.from(join(disk, 'Film.mkv')).toString('hex');
  writeJournal(journal, plan);
  const error = await run().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MoveError);
  expect(error).toMatchObject({ kind: 'full', message: expect.stringContaining('the file is still in its place') });
  expect([readdirSync(disk), digest(from)]).toEqual([[], wanted]);
});

describe('a file that another program goes on writing', () => {
  const write = (path: Buffer) => appendFileSync(path, 'more');

  test.each(['linked', 'target synced', 'source set aside'])(
    'behind "%s" keeps its old name alone, also after a kill there',
    async (step) => {
      const live = await planned('same');
      const file = openSync(live.from, 'a');
      const boundary = (done: string) => {
        if (done === step) writeSync(file, 'more');
      };
      await expect(live.run({ boundary })).rejects.toMatchObject({ kind: 'changed' });
      closeSync(file);
      for (const end of [(path: string) => settle(path), (path: string) => openedMove(path)]) {
        const dead = await planned('same');
        expect(await killed(dead.journal, step, 1)).toBe('SIGKILL');
        const aside = join(dead.source, `.at-${lastId}.gone`);
        write(existsSync(aside) ? Buffer.from(aside) : dead.from);
        const outcome = await end(dead.journal).then(
          ({ state }) => state,
          (error) => error.kind,
        );
        expect(['changed', 'kept']).toContain(outcome);
        expect([readFileSync(dead.from, 'utf8'), dead.listed()]).toEqual([`${content}more`, []]);
      }
      expect([readFileSync(live.from, 'utf8'), live.listed()]).toEqual([`${content}more`, []]);
      expect(readdirSync(live.source).filter((name) => name.startsWith('.at-'))).toEqual([]);
    },
  );

  test.each(kinds.filter((kind) => kind !== 'copy'))(
    'once it has left its old name, has been moved to %s',
    async (kind) => {
      const { journal, from, to, run } = await planned(kind);
      expect(await killed(journal, 'source removed', 1)).toBe('SIGKILL');
      write(to);
      expect(await run()).toEqual({ state: 'done', path: to });
      expect([readFileSync(to, 'utf8'), existsSync(from)]).toEqual([`${content}more`, false]);
    },
  );
});

test('a move whose file left the target while it ended is no success', async () => {
  const { run, from, to } = await planned('same');
  const boundary = (step: string) => {
    if (step === 'source set aside') unlinkSync(to);
  };
  await expect(run({ boundary })).rejects.toMatchObject({ kind: 'changed' });
  expect(digest(from)).toBe(wanted);
});

test('what was set aside replaces nothing when it is put back, and is put back once', async () => {
  const { run, source, from, to } = await planned('same');
  const aside = join(source, `.at-${lastId}.gone`);
  renameSync(from, aside);
  writeFileSync(from, 'a newcomer');
  await expect(run()).rejects.toThrow('is another file by now');
  expect([readFileSync(from, 'utf8'), digest(aside)]).toEqual(['a newcomer', wanted]);
  // Cut off between the two names.
  unlinkSync(from);
  linkSync(aside, from);
  expect(await run()).toEqual({ state: 'done', path: to });
  expect(readdirSync(source).filter((name) => name.startsWith('.at-'))).toEqual([]);
});
