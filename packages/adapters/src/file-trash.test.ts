import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, open, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { directory, hasTwo, memory, withoutLinks } from '../test/file-systems.ts';
import { openDisk } from './disk.ts';
import {
  candidatesOf,
  type FileSettings,
  FileTrashError,
  findFiles,
  isInside,
  type MediaPlace,
  markerName,
  nothingFound,
  pathBelow,
  purgeTrash,
  type Removal,
  removeFile,
  restoreFile,
  rootOf,
  type SelectPurgeable,
} from './file-trash.ts';

describe('rules', () => {
  test.each([
    ['Film (2001)', 'Film (2001)'],
    ['Show/Season 1/', 'Show/Season 1'],
    ['a/../b', 'b'],
    ['./a//b', 'a/b'],
    ['..a', '..a'],
    ['', undefined],
    ['.', undefined],
    ['./', undefined],
    ['..', undefined],
    ['../x', undefined],
    ['a/../..', undefined],
    ['a/..', undefined],
    ['/etc/passwd', undefined],
    ['//x', undefined],
    ['a\0b', undefined],
  ])('%j is %j below its directory', (path, below) => {
    expect(pathBelow(path)).toBe(below);
  });

  const settings: FileSettings = { enabled: true, mode: 'trash', roots: { cache: '/c', movies: '/m', tv: '/t' } };
  test.each([
    ['movie', '/m/x'],
    ['tv_show', '/t/x'],
    ['tv_season', '/t/x'],
    ['tv_episode_pack', '/t/x'],
    ['unknown', '/t/x'],
  ] as const)('%s is looked for in both caches, at %s and at its parent path', (media_type, library) => {
    expect(candidatesOf(settings, { media_type, parent_path: '/p/', target_path: 'x' }, 'x')).toEqual([
      '/c/incomplete/x',
      '/c/complete/x',
      library,
      '/p/x',
    ]);
  });

  test('a relative parent path and an unconfigured root are ignored', () => {
    const place: MediaPlace = { media_type: 'movie', parent_path: 'p', target_path: 'x' };
    expect(candidatesOf({ ...settings, roots: { tv: '/t' } }, place, 'x')).toEqual([]);
  });

  test('inside means below, not the directory itself or a sibling with a longer name', () => {
    expect(isInside('/a/b', '/a')).toBe(true);
    expect(isInside('/a/..b', '/a')).toBe(true);
    for (const path of ['/a', '/ab', '/', '/b/a', '/a/../b']) expect(isInside(path, '/a')).toBe(false);
  });

  test('a path belongs to its innermost root; directories with other files belong to none', () => {
    const roots = [
      { name: 'cache' as const, path: '/d' },
      { name: 'movies' as const, path: '/d/movies' },
    ];
    expect(rootOf('/d/complete/x', roots)?.name).toBe('cache');
    expect(rootOf('/d/movies/x', roots)?.name).toBe('movies');
    for (const path of [
      '/',
      '/d',
      '/d/movies',
      '/d/complete',
      '/d/incomplete',
      '/d/.trash',
      '/d/.trash/x/y',
      '/d/movies/.trash/x',
      `/d/${markerName}`,
      '/e/x',
    ]) {
      expect(rootOf(path, roots), path).toBeUndefined();
    }
  });
});

/** A new directory for each test, with three roots. */
let home: string;
let settings: FileSettings;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'at-files-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const roots = { cache: join(home, 'cache'), movies: join(home, 'movies'), tv: join(home, 'tv') };
  for (const root of Object.values(roots)) await put(join(root, markerName), '');
  settings = { enabled: true, mode: 'trash', roots };
});

async function put(path: string, content = path): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}
const root = (name: keyof FileSettings['roots']) => settings.roots[name] as string;
const movie = (target_path: string | null, parent_path: string | null = root('movies')): MediaPlace => ({
  media_type: 'movie',
  parent_path,
  target_path,
});
/** Finds the files of an item and removes them. */
async function removeFiles(of: FileSettings, place: MediaPlace, now = new Date()) {
  const { removals, warnings } = await findFiles(of, place, now);
  const trashed: Removal[] = [];
  const deleted: string[] = [];
  for (const removal of removals) {
    const outcome = await removeFile(of, removal);
    if (outcome.trashed) trashed.push(outcome.trashed);
    if (outcome.deleted) deleted.push(outcome.deleted);
    if (outcome.warning) warnings.push(outcome.warning);
  }
  const removed = trashed.length + deleted.length > 0;
  if (!removed && warnings.length === 0) warnings.push(nothingFound(place));
  return { removed, trashed, deleted, warning: warnings.length > 0 ? warnings.join('; ') : undefined };
}
/** Relative paths of all files below a directory. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}
const withoutTrash = async () => (await filesIn(home)).filter((path) => !path.includes('.trash/'));
/** Expects the same files before and after. */
async function expectUntouched(act: () => Promise<unknown>): Promise<void> {
  const before = await filesIn(home);
  await act();
  expect(await filesIn(home)).toEqual(before);
}

describe('removing', () => {
  test('moves all files of an item into the trash of their roots, by time and path', async () => {
    await put(join(root('cache'), 'incomplete/Film/part'));
    await put(join(root('cache'), 'complete/Film/film.mkv'));
    await put(join(root('movies'), 'Film/film.mkv'));
    await put(join(root('movies'), 'Another/film.mkv'));
    const removal = await removeFiles(settings, movie('Film/'), new Date('2025-05-21T02:27:51.094Z'));
    expect(removal).toEqual({
      removed: true,
      deleted: [],
      trashed: [
        { root: 'cache', path: 'incomplete/Film', entry: expect.any(String), inode: expect.any(String) },
        { root: 'cache', path: 'complete/Film', entry: expect.any(String), inode: expect.any(String) },
        { root: 'movies', path: 'Film', entry: expect.any(String), inode: expect.any(String) },
      ],
    });
    for (const { root: name, entry, path } of removal.trashed) {
      expect(entry).toMatch(/^2025-05-21T02-27-51\.094Z_[0-9a-f]{8}$/);
      expect(existsSync(join(root(name), '.trash', entry as string, path))).toBe(true);
    }
    expect(await withoutTrash()).toEqual([
      `cache/${markerName}`,
      `movies/${markerName}`,
      'movies/Another/film.mkv',
      `tv/${markerName}`,
    ]);
  });

  test("finds the item's own path inside another root", async () => {
    await put(join(root('tv'), 'Misc/Film.mkv'));
    const removal = await removeFiles(settings, movie('Film.mkv', join(root('tv'), 'Misc')));
    expect(removal.trashed).toMatchObject([{ root: 'tv', path: 'Misc/Film.mkv' }]);
  });

  test('deletes at once in mode unlink, without following links inside', async () => {
    const outside = await put(join(home, 'outside/precious'));
    await put(join(root('movies'), 'Film/film.mkv'));
    await symlink(dirname(outside), join(root('movies'), 'Film/link'));
    const removal = await removeFiles({ ...settings, mode: 'unlink' }, movie('Film'));
    expect(removal).toEqual({ removed: true, trashed: [], deleted: [join(root('movies'), 'Film')] });
    expect(existsSync(join(root('movies'), 'Film'))).toBe(false);
    expect(existsSync(join(root('movies'), '.trash'))).toBe(false);
    expect(existsSync(outside)).toBe(true);
  });

  test('does nothing unless enabled', async () => {
    await put(join(root('movies'), 'Film/film.mkv'));
    await expectUntouched(async () => {
      const removal = await removeFiles({ ...settings, enabled: false }, movie('Film'));
      expect(removal).toEqual({ removed: false, trashed: [], deleted: [], warning: 'File deletion is disabled' });
    });
  });

  test.each([
    [null, '/library'],
    ['Film', null],
    ['', '/library'],
    ['Film', ''],
  ])('without target (%j) or parent (%j) there is no path information', async (target, parent) => {
    const { warning } = await removeFiles(settings, movie(target, parent));
    expect(warning).toBe('No path information available in media table');
  });

  test('reports that it found no files', async () => {
    const { removed, warning } = await removeFiles(settings, movie('Film'));
    expect([removed, warning]).toEqual([false, 'No files found in any location for: Film']);
  });

  test.each(['..', '../..', '../movies/Film', 'Film/..', '.', './', '/', '/etc', '../../../../../../etc/passwd'])(
    'refuses the target %j',
    async (target) => {
      await put(join(root('movies'), 'Film/film.mkv'));
      await expectUntouched(async () => {
        const { removed, warning } = await removeFiles(settings, movie(target));
        expect(removed).toBe(false);
        expect(warning).toMatch(/^Refused to remove /);
      });
    },
  );

  test('refuses paths outside of every root, and removes the rest', async () => {
    await put(join(home, 'elsewhere/Film/film.mkv'));
    await put(join(root('movies'), 'Film/film.mkv'));
    const removal = await removeFiles(settings, movie('Film', join(home, 'elsewhere')));
    expect(removal.trashed).toMatchObject([{ root: 'movies', path: 'Film' }]);
    expect(removal.warning).toBe(
      `Refused to remove ${join(home, 'elsewhere/Film')}: it is not inside a configured directory`,
    );
    expect(existsSync(join(home, 'elsewhere/Film/film.mkv'))).toBe(true);
  });

  test('refuses a symbolic link out of the roots, at any level', async () => {
    await put(join(home, 'elsewhere/Film/film.mkv'));
    await symlink(join(home, 'elsewhere/Film'), join(root('movies'), 'Film'));
    await put(join(home, 'somewhere/Film/film.mkv'));
    await symlink(join(home, 'somewhere'), join(root('cache'), 'complete'));
    await expectUntouched(async () => {
      const { removed, warning } = await removeFiles(settings, movie('Film'));
      expect(removed).toBe(false);
      expect(warning?.match(/Refused to remove/g)).toHaveLength(2);
    });
  });

  test('refuses a symbolic link to a root, to a cache, or to the trash', async () => {
    for (const [name, target] of [
      ['one', root('movies')],
      ['two', join(root('cache'), 'complete')],
      ['three', join(root('movies'), '.trash')],
      ['four', home],
    ] as const) {
      await mkdir(target, { recursive: true });
      await symlink(target, join(root('movies'), name));
      await expectUntouched(async () => {
        const { removed, warning } = await removeFiles(settings, movie(name));
        expect(removed).toBe(false);
        expect(warning).toMatch(/^Refused to remove /);
      });
    }
  });

  test('a link inside the roots and its target are removed once', async () => {
    await put(join(root('movies'), 'Film/film.mkv'));
    await mkdir(join(root('cache'), 'complete'));
    await symlink(join(root('movies'), 'Film'), join(root('cache'), 'complete/Film'));
    const removal = await removeFiles(settings, movie('Film'));
    expect(removal).toMatchObject({ removed: true, trashed: [{ root: 'movies', path: 'Film' }] });
    expect(removal.warning).toBeUndefined();
  });

  test.each(['cache', 'movies', 'tv'] as const)('nothing is removed anywhere when %s lost its marker', async (name) => {
    await put(join(root('movies'), 'Film/film.mkv'));
    await rm(join(root(name), markerName));
    await expectUntouched(async () => {
      const { removed, warning } = await removeFiles(settings, movie('Film'));
      expect(removed).toBe(false);
      expect(warning).toMatch(/^Nothing was removed\. /);
      expect(warning).toContain(`touch '${join(root(name), markerName)}'`);
    });
  });

  test('nothing is removed anywhere when the disk refuses the path of a root, and the way out is said', async () => {
    await symlink('circle', join(home, 'circle'));
    for (const [path, wayOut] of [
      [join(home, 'x'.repeat(300)), 'takes no name as long as'],
      [join(home, 'circle/tv'), 'lead back to each other. Remove one of them'],
    ] as const) {
      const { removed, warning } = await removeFiles(
        { ...settings, roots: { ...settings.roots, tv: path } },
        movie('Film'),
      );
      expect([removed, warning]).toEqual([false, expect.stringContaining(wayOut)]);
      expect(warning).not.toContain('touch');
    }
  });

  test('nothing is removed anywhere when a root is missing, or is a file', async () => {
    await put(join(root('movies'), 'Film/film.mkv'));
    await rename(root('tv'), join(home, 'unmounted'));
    expect((await removeFiles(settings, movie('Film'))).warning).toContain(
      `does not exist (ENOENT), so its disk may not be mounted. If it is the right directory, create it with its marker file once: mkdir -p '${root('tv')}'`,
    );
    await writeFile(root('tv'), '');
    expect((await removeFiles(settings, movie('Film'))).warning).toContain(`${root('tv')} is not a directory`);
    expect(existsSync(join(root('movies'), 'Film/film.mkv'))).toBe(true);
  });

  test('a failed move is reported and leaves everything unchanged', async () => {
    await put(join(root('movies'), 'Film/film.mkv'));
    await writeFile(join(root('movies'), '.trash'), 'a file where the directory should be');
    await expectUntouched(async () => {
      const { removed, warning } = await removeFiles(settings, movie('Film'));
      expect(removed).toBe(false);
      expect(warning).toMatch(/^Could not remove .*movies\/Film: .*\.trash is a file/);
    });
  });

  test('a full disk is reported as such, and nothing has moved', async ({ skip }) => {
    // The root, its marker and the film: no inode is left for the trash.
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=3', 'at-test', root('movies')]).status !== 0) {
      skip('This user may not mount a file system.');
    }
    onTestFinished(() => void spawnSync('umount', ['--lazy', root('movies')]));
    await put(join(root('movies'), markerName), '');
    const film = await put(join(root('movies'), 'Film'));
    expect(await removeFiles(settings, movie('Film'))).toMatchObject({
      removed: false,
      warning: `Could not remove ${film}: No space is left for the directory .trash in ${root('movies')}. Free some.`,
    });
    expect(existsSync(film)).toBe(true);
  });

  test('a trash outside of its root is not used', async () => {
    await put(join(root('movies'), 'Film/film.mkv'));
    await mkdir(join(home, 'elsewhere'));
    await symlink(join(home, 'elsewhere'), join(root('movies'), '.trash'));
    await expectUntouched(async () => {
      expect((await removeFiles(settings, movie('Film'))).warning).toContain('Remove the symbolic link');
    });
  });

  test('of many concurrent requests exactly one moves the files', async () => {
    for (let i = 0; i < 20; i += 1) await put(join(root('movies'), `Film/${i}.mkv`));
    const removals = await Promise.all(Array.from({ length: 8 }, () => removeFiles(settings, movie('Film'))));
    expect(removals.filter(({ removed }) => removed)).toHaveLength(1);
    for (const { removed, warning } of removals) {
      expect(warning).toBe(removed ? undefined : 'No files found in any location for: Film');
    }
    expect((await filesIn(join(root('movies'), '.trash'))).length).toBe(20);
  });
});

describe('an attempt that was killed is repeated:', () => {
  const planned = async (of = settings) => (await findFiles(of, movie('Film'))).removals[0] as Removal;
  beforeEach(() => put(join(root('movies'), 'Film/film.mkv'), 'the film'));

  test('what was moved counts as moved, and a new file in its place stays', async () => {
    const removal = await planned();
    const { trashed } = await removeFile(settings, removal);
    expect(trashed).toEqual(removal);
    await put(join(root('movies'), 'Film/film.mkv'), 'another film');
    expect(await removeFile(settings, removal)).toEqual({ trashed: removal });
    expect(await readFile(join(root('movies'), 'Film/film.mkv'), 'utf8')).toBe('another film');
  });

  test('a file that was replaced before it was moved stays', async () => {
    const removal = await planned();
    await rename(join(root('movies'), 'Film'), join(home, 'kept'));
    await put(join(root('movies'), 'Film/film.mkv'), 'another film');
    await mkdir(join(root('movies'), '.trash', removal.entry as string), { recursive: true });
    await expectUntouched(async () => expect(await removeFile(settings, removal)).toEqual({}));
    expect(await readdir(join(root('movies'), '.trash'))).toEqual([]);
  });

  test('what was deleted counts as deleted', async () => {
    const removal = await planned({ ...settings, mode: 'unlink' });
    const deleted = { deleted: join(root('movies'), 'Film') };
    expect(await removeFile(settings, removal)).toEqual(deleted);
    expect(await removeFile(settings, removal)).toEqual(deleted);
  });

  test('nothing is moved once removing is off or the disk is unreachable', async () => {
    const removal = await planned();
    await expectUntouched(async () => expect(await removeFile({ ...settings, enabled: false }, removal)).toEqual({}));
    await rm(join(root('movies'), markerName));
    await expectUntouched(() => expect(removeFile(settings, removal)).rejects.toThrow(FileTrashError));
  });

  const cut = new Error('cut off');
  test.each([
    ['a directory', 'Film/film.mkv', 'Film', {}],
    ['a file', 'film.mkv', 'film.mkv', {}],
    ['a file without hard links', 'film.mkv', 'film.mkv', { disk: openDisk({ calls: withoutLinks }) }],
  ])(
    'after each step of moving %s the next move ends it, in either direction',
    async (_kind, file, target, options) => {
      const movies = directory(hasTwo ? memory : undefined);
      await put(join(movies, markerName));
      const of: FileSettings = { ...settings, roots: { movies } };
      const ways = { removeFile, restoreFile };
      /** What is there, once a move to the trash or back was cut off after a step, and another one followed; and its steps. */
      async function after(way: keyof typeof ways, step: string | undefined, next: keyof typeof ways) {
        await put(join(movies, file), 'the film');
        const { removals } = await findFiles(of, movie(target, movies));
        const removal = removals[0] as Removal;
        if (way === 'restoreFile') await removeFile(of, removal, options);
        const steps: string[] = [];
        const boundary = (done: string) => {
          steps.push(done);
          if (done === step) throw cut;
        };
        await ways[way](of, removal, { ...options, boundary }).catch((error) => expect(error).toBe(cut));
        await ways[next](of, removal, options);
        const place = next === 'removeFile' ? `.trash/${removal.entry}/${file}` : file;
        expect([step, await filesIn(movies)]).toEqual([step, [markerName, place].toSorted()]);
        expect(await readFile(join(movies, place), 'utf8')).toBe('the film');
        await rm(join(movies, next === 'removeFile' ? '.trash' : target), { recursive: true });
        return steps;
      }
      for (const way of ['removeFile', 'restoreFile'] as const) {
        const steps = await after(way, undefined, way);
        expect(steps).toEqual(expect.arrayContaining([expect.stringMatching(/^(linked|renamed)$/), 'target synced']));
        for (const step of steps)
          for (const next of ['removeFile', 'restoreFile'] as const) await after(way, step, next);
      }
    },
  );

  test('a file that is being written moves all the same', async () => {
    const writer = await open(await put(join(root('movies'), 'growing.mkv'), 'first'), 'a');
    const [removal] = (await findFiles(settings, movie('growing.mkv'))).removals;
    const boundary = () => writer.appendFile(' and more');
    const { trashed } = await removeFile(settings, removal as Removal, { boundary });
    await restoreFile(settings, trashed as Removal, { boundary });
    await writer.close();
    expect(await readFile(join(root('movies'), 'growing.mkv'), 'utf8')).toMatch(/^first( and more){8,}$/);
    expect(await readdir(join(root('movies'), '.trash'))).toEqual([]);
  });

  test('a file that was linked back, but not yet unlinked, is restored once', async () => {
    const file = join(root('movies'), 'Film/film.mkv');
    const { removals } = await findFiles(settings, movie('Film/film.mkv'));
    const removal = removals[0] as Removal;
    await removeFile(settings, removal);
    await link(join(root('movies'), '.trash', removal.entry as string, removal.path), file);
    for (let attempt = 0; attempt < 2; attempt += 1) await restoreFile(settings, removal);
    expect(await readFile(file, 'utf8')).toBe('the film');
    expect(await readdir(join(root('movies'), '.trash'))).toEqual([]);
  });

  test('a directory of an interrupted restore is taken, and a file is not overwritten', async () => {
    const removal = await planned();
    await removeFile(settings, removal);
    await mkdir(join(root('movies'), 'Film'), { recursive: true });
    await restoreFile(settings, removal);
    expect(await readFile(join(root('movies'), 'Film/film.mkv'), 'utf8')).toBe('the film');
  });
});

describe('restoring', () => {
  async function trash(path: string): Promise<Removal> {
    await put(join(root('movies'), path), 'the film');
    const target = path.split('/').slice(0, -1).join('/') || path;
    const { trashed } = await removeFiles(settings, movie(target));
    return trashed[0] as Removal;
  }
  const refusal = async (restored: Promise<void>) => {
    const error = await restored.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FileTrashError);
    return (error as FileTrashError).message;
  };

  test.each(['Film/film.mkv', 'Deep/down/film.mkv', 'film.mkv'])(
    '%s is back in its place, and the trash is empty',
    async (path) => {
      const trashed = await trash(path);
      await rm(join(root('movies'), 'Deep'), { recursive: true, force: true });
      await restoreFile(settings, trashed);
      expect(await readFile(join(root('movies'), path), 'utf8')).toBe('the film');
      expect(await readdir(join(root('movies'), '.trash'))).toEqual([]);
    },
  );

  test('an existing file is not overwritten, and the trash stays unchanged', async () => {
    for (const path of ['film.mkv', 'Film/film.mkv']) {
      const trashed = await trash(path);
      await put(join(root('movies'), path), 'another');
      await expectUntouched(async () => {
        expect(await refusal(restoreFile(settings, trashed))).toMatch(/ already exists\. It is still in /);
      });
      expect(await readFile(join(root('movies'), path), 'utf8')).toBe('another');
    }
  });

  test('several concurrent restores move the file once', async () => {
    for (const path of ['film.mkv', 'Film/film.mkv']) {
      const trashed = await trash(path);
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => restoreFile(settings, trashed)));
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect(await readFile(join(root('movies'), path), 'utf8')).toBe('the film');
    }
  });

  test('a purged file, or one whose root is missing or no longer configured, is refused with the reason', async () => {
    const trashed = await trash('Film/film.mkv');
    expect(await refusal(restoreFile({ ...settings, roots: {} }, trashed))).toContain('no longer configured');
    await rename(join(root('movies'), markerName), join(home, 'marker'));
    expect(await refusal(restoreFile(settings, trashed))).toContain(markerName);
    await rename(join(home, 'marker'), join(root('movies'), markerName));
    await rm(join(root('movies'), '.trash'), { recursive: true });
    expect(await refusal(restoreFile(settings, trashed))).toContain('no longer in the trash');
    expect(existsSync(join(root('movies'), 'Film'))).toBe(false);
  });

  test('nothing is restored from or to a place outside of the root', async () => {
    const trashed = await trash('Film/film.mkv');
    for (const odd of [
      { ...trashed, path: '../Film' },
      { ...trashed, path: '/etc' },
      { ...trashed, entry: '..' },
      { ...trashed, entry: `${trashed.entry}/..` },
    ]) {
      expect(await refusal(restoreFile(settings, odd))).toContain('is not a path of the trash');
    }
    const deep = await trash('Deep/down/film.mkv');
    await rm(join(root('movies'), 'Deep'), { recursive: true });
    await mkdir(join(home, 'elsewhere'));
    await symlink(join(home, 'elsewhere'), join(root('movies'), 'Deep'));
    expect(await refusal(restoreFile(settings, deep))).toContain('leads out of');
    expect(await readdir(join(home, 'elsewhere'))).toEqual([]);
  });
});

describe('purging', () => {
  const day = 86_400_000;
  const now = new Date('2025-06-15T12:00:00.000Z');
  const warnings: string[] = [];
  /** All entries are named by removals, except those of `unknown`. */
  const unknown = new Set<string>();
  const purge = (of = settings) =>
    purgeTrash(
      of,
      (entries, claim) => claim(entries.filter((entry) => !unknown.has(entry))),
      (message) => warnings.push(message),
      now,
    );
  beforeEach(() => {
    warnings.length = 0;
    unknown.clear();
  });

  async function trashDaysAgo(days: number, name: string): Promise<string> {
    await put(join(root('movies'), `${name}/film.mkv`));
    const { trashed } = await removeFiles(settings, movie(name), new Date(now.getTime() - days * day));
    return trashed[0]?.entry as string;
  }
  const names = async () => (await filesIn(join(root('movies'), '.trash'))).map((path) => path.split('/')[1]);

  test('entries older than seven days are deleted, younger and foreign ones stay', async () => {
    await trashDaysAgo(8, 'Old');
    await trashDaysAgo(7, 'Week');
    await trashDaysAgo(6.99, 'Young');
    await put(join(root('movies'), '.trash/someone/else'));
    await put(join(root('movies'), '.trash/2020-13-99T99-99-99.999Z_00000000/no-time'));
    expect(await purge()).toBe(2);
    expect((await names()).toSorted()).toEqual(['Young', 'else', 'no-time']);
    expect(await purge()).toBe(0);
    expect(warnings).toEqual([]);
  });

  test('an old entry that no removal names stays, and is reported', async () => {
    unknown.add(await trashDaysAgo(8, 'Lost'));
    await trashDaysAgo(8, 'Old');
    expect(await purge()).toBe(1);
    expect(await names()).toEqual(['Lost']);
    expect(warnings).toEqual([expect.stringContaining('stays: no removal of a week ago names it')]);
  });

  test('an entry that cannot be claimed stays and is reported, and the others are purged', async () => {
    await trashDaysAgo(9, 'First');
    const entry = await trashDaysAgo(8, 'Stuck');
    const trash = join(root('movies'), '.trash');
    await put(join(trash, `.purging_${entry}`, 'taken'));
    const purged: string[][] = [];
    const claimAll: SelectPurgeable = async (entries, claim) => {
      purged.push(await claim(entries.toSorted()));
      return purged.flat();
    };
    expect(await purgeTrash(settings, claimAll, (message) => warnings.push(message), now)).toBe(2);
    expect([purged.flat().length, purged.flat()]).toEqual([1, expect.not.arrayContaining([entry])]);
    expect(await readdir(trash)).toEqual([entry]);
    expect(warnings).toEqual([expect.stringContaining(`${entry} was not purged: ENOTEMPTY`)]);
  });

  test('entries whose purge was not decided in the end are not deleted by the next one', async () => {
    const entry = await trashDaysAgo(8, 'Old');
    const lost: SelectPurgeable = async (entries, claim) => {
      await claim(entries);
      throw new Error('the connection was lost');
    };
    await purgeTrash(settings, lost, (message) => warnings.push(message), now);
    expect(await readdir(join(root('movies'), '.trash'))).toEqual([entry]);
    expect(warnings).toEqual([expect.stringContaining('the connection was lost')]);
  });

  test('the rest of a purge that was killed is deleted by the next one', async () => {
    const entry = await trashDaysAgo(8, 'Old');
    const trash = join(root('movies'), '.trash');
    await rename(join(trash, entry), join(trash, `.purging_${entry}`));
    expect(await purge()).toBe(1);
    expect(await readdir(trash)).toEqual([]);
  });

  test('does nothing while removing is off', async () => {
    await trashDaysAgo(8, 'Old');
    await expectUntouched(() => purge({ ...settings, enabled: false }));
  });

  test('a root that is not mounted is skipped and reported, the others are purged', async () => {
    await trashDaysAgo(8, 'Old');
    await rm(root('cache'), { recursive: true });
    expect(await purge()).toBe(1);
    expect(warnings).toEqual([expect.stringContaining(root('cache'))]);
  });

  test('a trash outside of its root is not purged', async () => {
    await trashDaysAgo(8, 'Old');
    await rename(join(root('movies'), '.trash'), join(home, 'elsewhere'));
    await symlink(join(home, 'elsewhere'), join(root('movies'), '.trash'));
    await expectUntouched(() => purge());
    expect(warnings).toEqual([expect.stringContaining('is a symbolic link')]);
  });
});
