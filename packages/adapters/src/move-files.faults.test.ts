import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sized } from '../../db/src/test-size.ts';
import { directory, hasTwo, memory, withoutLinks } from '../test/file-systems.ts';
import { isFrozen, openGroups, writeGroups } from '../test/killed-moves.ts';
import { openDisk, disk as ownDisk } from './disk.ts';
import { sha256Of } from './file-copy.ts';
import { identify } from './file-identity.ts';
import type { MoveOptions, MovePlan } from './file-move.ts';
import { type MoveResult, type MoveWay, moveFiles, type PlannedMove } from './move-files.ts';

/** Files that belong together move together or not at all, and no byte is lost, wherever the moves of many are interrupted. */

const child = fileURLToPath(new URL('../test/killed-moves.ts', import.meta.url));

type Kind = 'same' | 'other' | 'copy' | 'no links';
const moving: Kind[] = ['same', ...(hasTwo ? ['other' as const] : []), 'no links'];
const kinds: Kind[] = [...moving, 'copy'];

const photo = ['IMG_1.HEIC', 'IMG_1.MOV', 'IMG_1.HEIC.xmp'];

/** Every file below a directory with its content, but the journal. */
function filesOf(top: string): Record<string, string> {
  const files = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(top.length + 1), readFileSync(path, 'utf8')]));
}

let lastId = 0;

/** Planned moves of groups of new files, each of which has its name as content; `taken`: names that another file has. */
async function planned(kind: Kind, names: string[][] = [photo, ['b.jpg'], ['c.jpg']], taken: string[] = []) {
  const source = directory();
  const target = directory(kind === 'other' ? memory : undefined);
  const journal = join(directory(), 'journal.json');
  mkdirSync(join(target, 'day'));
  for (const name of taken) writeFileSync(join(target, 'day', name), 'another file');
  const planOf = async (name: string): Promise<PlannedMove> => {
    const from = Buffer.from(join(source, name));
    writeFileSync(from, name);
    const identity = await identify(from);
    if (!identity) throw new Error('The file to move was not written.');
    lastId += 1;
    const roots = { fromRoot: Buffer.from(source), toRoot: Buffer.from(target) };
    const plan = { id: String(lastId), from, to: Buffer.from(join(target, 'day', name)), ...roots, source: identity };
    return { plan: { ...plan, copies: kind === 'copy', stem: name.indexOf('.') }, progress: {} };
  };
  const groups: PlannedMove[][] = [];
  for (const group of names) groups.push(await Promise.all(group.map(planOf)));
  writeGroups(journal, groups);
  const run = (options: MoveOptions = {}, way: MoveWay = 'move') => {
    const opened = openGroups(journal);
    const disk = kind === 'no links' ? openDisk({ calls: withoutLinks }) : ownDisk;
    return moveFiles(opened.groups, opened.record, { disk, ...options }, way);
  };
  const here = () => filesOf(source);
  const there = () => filesOf(join(target, 'day'));
  return { source, target, journal, groups, run, here, there, names };
}

const own = (names: string[]) => Object.fromEntries(names.map((name) => [name, name]));
const states = (results: Map<string, MoveResult>) => [...results.values()].map(({ state }) => state);

/** Each boundary that the moves pass, with how often it was passed by then. */
async function boundariesOf(kind: Kind, taken: string[] = []): Promise<[step: string, times: number][]> {
  const { run } = await planned(kind, undefined, taken);
  const seen: [string, number][] = [];
  await run({ boundary: (step) => void seen.push([step, seen.filter(([one]) => one === step).length + 1]) });
  return seen;
}

/** Interrupts moves behind a step: by a kill of a process in `test:deep`, else by an error after which nothing is done. */
async function interrupt(move: Awaited<ReturnType<typeof planned>>, kind: Kind, at: [string, number]): Promise<void> {
  if (kind !== 'no links' && sized(['copy opened', 'source set aside'].includes(at[0]) && at[1] === 1, true)) {
    const signal = await new Promise((resolve) => {
      execFile(process.execPath, [child, move.journal, at[0], String(at[1])], (error) => resolve(error?.signal));
    });
    expect([at, signal]).toEqual([at, 'SIGKILL']);
    return;
  }
  let left = at[1];
  const boundary = (step: string) => {
    if (step === at[0] && --left === 0) throw new Error('cut off');
  };
  await expect(move.run({ boundary })).rejects.toThrow('cut off');
}

describe.each(kinds)('moves (%s)', (kind) => {
  test('bring each file to its place', async () => {
    const { run, here, there, names, target } = await planned(kind);
    const results = await run();
    expect([...results.values()]).toEqual(
      names.flat().map((name) => ({ state: 'done', path: Buffer.from(join(target, 'day', name)) })),
    );
    expect(there()).toEqual(own(names.flat()));
    expect(here()).toEqual(kind === 'copy' ? own(names.flat()) : {});
    expect(states(await run())).toEqual(Array(5).fill('done'));
    expect(there()).toEqual(own(names.flat()));
  });

  test('that are interrupted behind any step are finished by another call', async ({ annotate }) => {
    const taken = ['IMG_1.MOV', 'c.jpg', 'c (1).jpg'];
    const moved = ['IMG_1 (1).HEIC', 'IMG_1 (1).MOV', 'IMG_1 (1).HEIC.xmp', 'b.jpg', 'c (2).jpg'];
    const boundaries = await boundariesOf(kind, taken);
    expect(boundaries.length).toBeGreaterThan(kind === 'copy' ? 15 : 10);
    for (const at of boundaries) {
      const move = await planned(kind, undefined, taken);
      await interrupt(move, kind, at);
      const contents = [...Object.values(move.here()), ...Object.values(move.there())];
      for (const name of move.names.flat()) expect([at, contents]).toEqual([at, expect.arrayContaining([name])]);
      expect([at, states(await move.run())]).toEqual([at, Array(5).fill('done')]);
      const names = Object.fromEntries(move.names.flat().map((name, i) => [moved[i], name]));
      const others = Object.fromEntries(taken.map((name) => [name, 'another file']));
      expect([at, move.there()]).toEqual([at, { ...names, ...others }]);
      expect([at, move.here()]).toEqual([at, kind === 'copy' ? own(move.names.flat()) : {}]);
    }
    await annotate(`${boundaries.length} interruptions; each file is in its place after each`, 'figure');
  });

  test.each(['settle', 'abandon'] as const)(
    'that are interrupted behind any step leave each group in one place: %s',
    async (way) => {
      for (const at of await boundariesOf(kind)) {
        const move = await planned(kind);
        await interrupt(move, kind, at);
        const results = await move.run({}, way);
        const [here, there] = [move.here(), move.there()];
        for (const [i, group] of move.groups.entries()) {
          const names = move.names[i] as string[];
          const found = new Set(group.map(({ plan }) => results.get(plan.id)?.state));
          const isDone = found.has('done');
          expect([at, found]).toEqual([at, new Set([isDone ? 'done' : 'kept'])]);
          for (const name of names) {
            expect([at, name, there[name]]).toEqual([at, name, isDone ? name : undefined]);
            expect([at, name, here[name]]).toEqual([at, name, isDone && kind !== 'copy' ? undefined : name]);
          }
        }
        const left = [...Object.keys(here), ...Object.keys(there)].filter((name) => name.startsWith('.at-'));
        expect([at, left]).toEqual([at, []]);
      }
    },
  );
});

describe('a group of which one file cannot move stays where it is', () => {
  test.each(moving)('because it was changed or is gone (%s)', async (kind) => {
    for (const change of [(path: string) => writeFileSync(path, 'a new version'), unlinkSync]) {
      const { run, source, here, there, groups } = await planned(kind);
      change(join(source, 'IMG_1.MOV'));
      const results = await run();
      const isGone = change === unlinkSync;
      expect(states(results).toSorted()).toEqual(
        ['done', 'done', 'kept', 'kept', isGone ? 'missing' : 'kept'].toSorted(),
      );
      const kept = results.get(groups[0]?.[0]?.plan.id as string);
      expect(kept).toMatchObject({ by: groups[0]?.[1]?.plan.id, error: { kind: isGone ? 'failed' : 'changed' } });
      const { 'IMG_1.MOV': second, ...others } = here();
      expect([others, second]).toEqual([own(['IMG_1.HEIC', 'IMG_1.HEIC.xmp']), isGone ? undefined : 'a new version']);
      expect(there()).toEqual(own(['b.jpg', 'c.jpg']));
    }
  });

  test.each(moving)('because it is written behind any step before it has left (%s)', async (kind) => {
    const steps = [...new Set((await boundariesOf(kind)).map(([step]) => step))].filter(
      (step) => !['source removed', 'copy removed', 'renamed'].includes(step),
    );
    for (const step of steps) {
      const move = await planned(kind, [photo]);
      let isFirst = true;
      const boundary = (done: string) => {
        if (done !== step || !isFirst) return;
        isFirst = false;
        const path = join(move.source, 'IMG_1.MOV');
        if (existsSync(path)) appendFileSync(path, ' and more');
        else appendFileSync(join(move.target, 'day/IMG_1.MOV'), ' and more');
      };
      const results = await move.run({ boundary });
      const whole = { ...own(photo), 'IMG_1.MOV': 'IMG_1.MOV and more' };
      // Without links a file leaves its old name when it gets the new one.
      const isDone = kind === 'no links' && step === 'target synced';
      const [here, there] = isDone ? [{}, whole] : [whole, {}];
      const state = isDone ? 'done' : 'kept';
      expect([step, states(results), move.here(), move.there()]).toEqual([step, [state, state, state], here, there]);
    }
  });

  test('because its disk refuses it, and what has left already comes back', async () => {
    const { source, groups, journal, here, there } = await planned('same', [photo]);
    const { record } = openGroups(journal);
    const link: typeof fs.link = async (existing, path) => {
      if (String(path).endsWith('.MOV')) throw Object.assign(new Error('refused'), { code: 'EACCES' });
      return fs.link(existing, path);
    };
    const results = await moveFiles(groups, record, { disk: openDisk({ calls: { ...fs, link } }) });
    expect([states(results), there(), here()]).toEqual([['kept', 'kept', 'kept'], {}, own(photo)]);
    expect(results.get(groups[0]?.[0]?.plan.id as string)).toMatchObject({ error: { code: 'EACCES' } });
    expect(existsSync(join(source, 'IMG_1.MOV'))).toBe(true);
  });
});

test('companions get the same number when one of their names is taken, also at the last moment', async () => {
  for (const taken of [['IMG_1.MOV'], []]) {
    const { run, target, there, here } = await planned('same', [photo], taken);
    let isFirst = true;
    const boundary = (step: string) => {
      if (step !== 'linked' || !isFirst) return;
      isFirst = false;
      writeFileSync(join(target, 'day/IMG_1.MOV'), 'another file');
    };
    expect(states(await run(taken.length > 0 ? {} : { boundary }))).toEqual(['done', 'done', 'done']);
    expect(there()).toEqual({
      'IMG_1.MOV': 'another file',
      'IMG_1 (1).HEIC': 'IMG_1.HEIC',
      'IMG_1 (1).MOV': 'IMG_1.MOV',
      'IMG_1 (1).HEIC.xmp': 'IMG_1.HEIC.xmp',
    });
    expect(here()).toEqual({});
  }
});

test('of two moves to one name both files are kept', async () => {
  const { groups, journal, there } = await planned('same', [['a.jpg'], ['b.jpg']]);
  (groups[1]?.[0]?.plan as MovePlan).to = groups[0]?.[0]?.plan.to as Buffer;
  expect(states(await moveFiles(groups, openGroups(journal).record))).toEqual(['done', 'done']);
  expect(there()).toEqual({ 'a.jpg': 'a.jpg', 'a (1).jpg': 'b.jpg' });
});

describe('a disk', () => {
  /** Mounts a file system in memory; skips the test if this user may not. */
  function mounted(path: string, size: string, skip: (note: string) => never): () => void {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]).status !== 0)
      skip('This user may not mount a file system.');
    const unmount = () => void spawnSync('umount', ['-l', path]);
    onTestFinished(unmount);
    return unmount;
  }

  test('that refuses to sync one directory of copies stops the files in it alone', async () => {
    const { groups, journal, target, here, there } = await planned('copy', [['a.jpg'], ['b.jpg'], ['c.jpg']]);
    const refused = join(target, 'refused');
    const plan = groups[1]?.[0]?.plan as MovePlan;
    plan.to = Buffer.from(join(refused, 'b.jpg'));
    const open = (async (path, ...more) => {
      if (String(path) === refused) throw Object.assign(new Error('refused'), { code: 'EIO' });
      return fs.open(path, ...more);
    }) as typeof fs.open;
    const results = await moveFiles(groups, openGroups(journal).record, { disk: openDisk({ calls: { ...fs, open } }) });
    expect(states(results)).toEqual(expect.arrayContaining(['done', 'done', 'kept']));
    expect(results.get(plan.id)).toMatchObject({ state: 'kept', by: plan.id, error: { code: 'EIO' } });
    expect([there(), here(), readdirSync(refused)]).toEqual([
      own(['a.jpg', 'c.jpg']),
      own(['a.jpg', 'b.jpg', 'c.jpg']),
      [],
    ]);
  });

  test('that gets full keeps the groups that have arrived, and nothing of the others', async ({ skip }) => {
    const { groups, journal, target, source, there } = await planned('same', [['a'], ['b1', 'b2'], ['c']]);
    mounted(join(target, 'day'), '1m', skip as never);
    for (const name of ['b1', 'b2']) writeFileSync(join(source, name), name.repeat(300_000));
    for (const { plan } of groups.flat()) plan.source = (await identify(plan.from)) as MovePlan['source'];
    const results = await moveFiles(groups, openGroups(journal).record);
    expect(states(results).toSorted()).toEqual(['done', 'kept', 'kept', 'kept']);
    expect([there(), readdirSync(source).toSorted()]).toEqual([{ a: 'a' }, ['b1', 'b2', 'c']]);
    const error = { kind: 'full', message: expect.stringContaining('No space is left') };
    expect(results.get(groups[1]?.[0]?.plan.id as string)).toMatchObject({ error });
  });

  test('that is unmounted behind any step loses nothing, and nothing is written below its directory', async ({
    skip,
  }) => {
    const steps = [...new Set((await boundariesOf(hasTwo ? 'other' : 'copy')).map(([step]) => step))];
    for (const step of steps) {
      const move = await planned('same', [photo]);
      const day = join(move.target, 'day');
      // The same disk again, as after a mount.
      const kept = directory();
      mounted(kept, '10m', skip as never);
      spawnSync('mount', ['--bind', kept, day]);
      onTestFinished(() => void spawnSync('umount', ['-l', day]));
      let isFirst = true;
      const boundary = (done: string) => {
        if (done === step && isFirst) {
          isFirst = false;
          expect(spawnSync('umount', ['-l', day]).status).toBe(0);
        }
      };
      const check = async () => {
        if (!isFirst) throw new Error('The disk is not mounted.');
      };
      await move.run({ boundary, check }).catch((error) => expect(error.message).toBe('The disk is not mounted.'));
      expect([step, filesOf(day)]).toEqual([step, {}]);
      expect([step, spawnSync('mount', ['--bind', kept, day]).status]).toEqual([step, 0]);
      expect([step, states(await move.run())]).toEqual([step, ['done', 'done', 'done']]);
      expect([step, move.here(), filesOf(kept)]).toEqual([step, {}, own(photo)]);
      spawnSync('umount', ['-l', day]);
    }
  });

  test('that has other inodes after a mount is known by the content of its files', async () => {
    const move = await planned('same', [['a.jpg'], ['b.jpg']]);
    for (const { plan } of move.groups.flat()) {
      plan.sha256 = await sha256Of(ownDisk, plan.from, undefined);
      plan.source.inode = '1';
    }
    const [first, second] = move.groups.map(([one]) => one?.plan) as [MovePlan, MovePlan];
    // An earlier call has moved it; a copy has another inode, as the same file after a mount.
    copyFileSync(first.from, first.to);
    unlinkSync(first.from);
    const { record } = openGroups(move.journal);
    expect(states(await moveFiles(move.groups, record))).toEqual(['done', 'done']);
    expect([move.here(), move.there()]).toEqual([{}, own(['a.jpg', 'b.jpg'])]);
    renameSync(second.to, second.from);
    second.sha256 = '0'.repeat(64);
    expect(states(await moveFiles([[{ plan: second, progress: {} }]], record))).toEqual(['kept']);
  });
});

test.runIf(existsSync('/proc/self/status'))(
  'a process that freezes behind any step, and wakes after another one has finished the moves and undone them, changes nothing',
  async () => {
    for (const kind of sized<Kind[]>(['same'], hasTwo ? ['same', 'other'] : ['same'])) {
      const boundaries = await boundariesOf(kind);
      await Promise.all(
        boundaries.map(async ([step, times]) => {
          const move = await planned(kind);
          const lost = `${move.journal}.lost`;
          const of = [child, move.journal, step, String(times), 'SIGSTOP', lost];
          const worker = spawn(process.execPath, of, { stdio: 'inherit' });
          onTestFinished(() => void worker.kill('SIGKILL'));
          const ended = once(worker, 'exit');
          while (!isFrozen(worker.pid as number)) await sleep(20);
          expect([step, times, states(await move.run())]).toEqual([step, times, Array(5).fill('done')]);
          const { groups } = openGroups(move.journal);
          for (const { plan } of groups.flat()) {
            [plan.id, plan.from, plan.to] = [`${plan.id}-back`, plan.to, plan.from];
            [plan.fromRoot, plan.toRoot] = [plan.toRoot, plan.fromRoot];
            plan.source = (await identify(plan.from)) as MovePlan['source'];
          }
          const back = groups.map((group) => group.map(({ plan }) => ({ plan, progress: {} })));
          expect([step, states(await moveFiles(back, async () => {}))]).toEqual([step, Array(5).fill('done')]);
          writeFileSync(lost, '');
          worker.kill('SIGCONT');
          expect([step, times, await ended]).toEqual([step, times, [0, null]]);
          expect([step, times, move.here(), move.there()]).toEqual([step, times, own(move.names.flat()), {}]);
        }),
      );
    }
  },
);

test('200 files cost one sync of each directory and no record on one file system', async ({ annotate }) => {
  for (const kind of hasTwo ? (['same', 'other'] as const) : (['same'] as const)) {
    const names = Array.from({ length: 100 }, (_, i) => [`${i}.jpg`, `${i}.mov`]);
    const move = await planned(kind, names);
    let [syncs, calls, records] = [0, 0, 0];
    const counted = Object.fromEntries(
      Object.entries(fs).map(([name, call]) => [
        name,
        (...of: unknown[]) => {
          calls += 1;
          if (name === 'open' && statSync(of[0] as Buffer, { throwIfNoEntry: false })?.isDirectory()) syncs += 1;
          return (call as (...given: unknown[]) => unknown)(...of);
        },
      ]),
    ) as unknown as typeof fs;
    const began = performance.now();
    const results = await moveFiles(
      move.groups,
      async () => {
        records += 1;
      },
      { disk: openDisk({ calls: counted }) },
    );
    const took = Math.round(performance.now() - began);
    expect(states(results)).toEqual(Array(200).fill('done'));
    expect([kind, syncs, records]).toEqual(kind === 'same' ? [kind, 2, 0] : [kind, 3, 1]);
    expect(calls / 200).toBeLessThan(kind === 'same' ? 14 : 20);
    await annotate(
      `200 files, ${kind} file system: ${took} ms, ${calls} calls, ${syncs} syncs of directories`,
      'figure',
    );
    expect(Object.keys(move.there()).length).toBe(200);
    expect(dirname(move.journal)).not.toBe(move.source);
  }
});
