import { randomBytes } from 'node:crypto';
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import type { FailureCode, MediaType } from '@at/contracts/vocabulary';
import { type Disk, DiskHangs, disk as ownDisk } from './disk.ts';

const { link, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, unlink } = ownDisk;

// Removes the files of media items: rules first, file operations below. Never touches anything outside of the configured
// roots, a root itself, or a directory that other files depend on. Every operation can be repeated after a process was
// killed in the middle of it.

export type RootName = 'cache' | 'movies' | 'tv';

export type FileSettings = {
  enabled: boolean;
  /** `trash`: move to `.trash/` of the same root, to restore or purge later; `unlink`: delete at once. */
  mode: 'trash' | 'unlink';
  /** The configured roots: absolute paths without a trailing slash. */
  roots: Partial<Record<RootName, string>>;
};

/** Every root contains this file. Without it the disk may not be mounted, and nothing is removed. */
export const markerName = '.rear-differential-root';
export const trashName = '.trash';
const purgeAfterDays = 7;
/** In milliseconds. */
const day = 86_400_000;

/** The paths of a media item's files. */
export type MediaPlace = { media_type: MediaType; parent_path: string | null; target_path: string | null };

/** A file or directory: `path` below `root`, in the trash as `.trash/<entry>/<path>`. */
export type Trashed = { root: RootName; entry: string; path: string };

/** A file or directory to remove, or to restore. */
export type Removal = {
  root: RootName;
  path: string;
  /** null: it is deleted at once, not moved to the trash. */
  entry: string | null;
  /** Tells it from another file that takes its place later; removals of older versions have none. */
  inode?: string;
};

// Rules

/** The normalised relative path; undefined if it would leave its directory. */
export function pathBelow(path: string): string | undefined {
  const normal = normalize(path).replace(/\/+$/, '');
  const leaves = isAbsolute(path) || normal === '' || normal === '.' || normal === '..' || normal.startsWith('../');
  return leaves || path.includes('\0') ? undefined : normal;
}

/** Paths where the files may be. `target` is a result of `pathBelow`. */
export function candidatesOf(
  { roots: { cache, movies, tv } }: FileSettings,
  { media_type, parent_path }: MediaPlace,
  target: string,
): string[] {
  const library = media_type === 'movie' ? movies : tv;
  return [
    ...(cache ? [join(cache, 'incomplete', target), join(cache, 'complete', target)] : []),
    ...(library ? [join(library, target)] : []),
    // Absolute only: a relative path would depend on the working directory.
    ...(parent_path && isAbsolute(parent_path) ? [join(parent_path, target)] : []),
  ];
}

/** Whether `path` is below `directory`; both are resolved. */
export function isInside(path: string, directory: string): boolean {
  const below = relative(directory, path);
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}

type ResolvedRoot = { name: RootName; path: string };

/** The innermost root that contains a resolved path; undefined if the path must not be removed. */
export function rootOf(path: string, roots: ResolvedRoot[]): ResolvedRoot | undefined {
  const kept = roots.flatMap((root) => [
    root.path,
    join(root.path, markerName),
    join(root.path, trashName),
    ...(root.name === 'cache' ? [join(root.path, 'incomplete'), join(root.path, 'complete')] : []),
  ]);
  if (kept.some((one) => one === path || isInside(one, path))) return undefined;
  if (roots.some((root) => isInside(path, join(root.path, trashName)))) return undefined;
  const around = roots.filter((root) => isInside(path, root.path));
  return around.toSorted((left, right) => right.path.length - left.path.length)[0];
}

/** The name of a trash entry: the time and a random suffix. */
export function entryName(now: Date): string {
  return `${now.toISOString().replaceAll(':', '-')}_${randomBytes(4).toString('hex')}`;
}

const entryPattern = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)_[0-9a-f]{8}$/;

/** The time of an entry in milliseconds; undefined for any other name. */
function entryTime(name: string): number | undefined {
  const match = entryPattern.exec(name);
  const time = match ? Date.parse(`${match[1]}${match[2]}:${match[3]}:${match[4]}`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

// File operations

/** The operation was refused or failed; the message has the reason and what to do. */
export class FileTrashError extends Error {
  override name = 'FileTrashError';
  readonly failure = 'disk_unavailable' satisfies FailureCode;
  /** Trying again cannot help: the file is nowhere. */
  readonly final: boolean;

  constructor(message: string, { final = false, ...options }: ErrorOptions & { final?: boolean } = {}) {
    super(message, options);
    this.final = final;
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? (error as Error).message;
/** The code, and what it means where a user can act on it. */
const reasonOf = (error: unknown) => {
  const code = codeOf(error);
  return ['ENOSPC', 'EDQUOT'].includes(code) ? `the disk is full (${code})` : code;
};
const isAbsent = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

/** undefined: there is no such file. */
async function inodeOf(path: string): Promise<string | undefined> {
  try {
    return String((await lstat(path, { bigint: true })).ino);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Writes the names in directories to the disk, where the file system can. */
async function sync(...directories: string[]): Promise<void> {
  for (const directory of directories) {
    const handle = await open(directory, 'r').catch(() => undefined);
    await handle?.sync().catch(() => {});
    await handle?.close();
  }
}

/** A root with symbolic links resolved; throws FileTrashError if it is missing or has no marker. */
export async function resolveRoot(path: string, disk: Disk = ownDisk): Promise<string> {
  try {
    const resolved = await disk.realpath(path);
    if (!(await disk.stat(resolved)).isDirectory()) throw new FileTrashError(`${path} is not a directory.`);
    await disk.stat(join(resolved, markerName));
    return resolved;
  } catch (cause) {
    if (cause instanceof FileTrashError || cause instanceof DiskHangs) throw cause;
    const message =
      `The directory ${path} does not contain its marker file ${markerName} (${codeOf(cause)}), so its disk may not be ` +
      `mounted. If it is the right directory, create the file once: touch '${join(path, markerName)}'.`;
    throw new FileTrashError(message, { cause });
  }
}

/** Resolves the configured roots; throws FileTrashError if one is missing or has no marker. */
export async function resolveRoots({ roots }: FileSettings): Promise<ResolvedRoot[]> {
  const names = Object.entries(roots) as [RootName, string][];
  return Promise.all(names.map(async ([name, path]) => ({ name, path: await resolveRoot(path) })));
}

/**
 * Finds the files of a media item in all places, changing nothing. Does not throw on file system errors: they are in the
 * warnings.
 */
export async function findFiles(
  settings: FileSettings,
  place: MediaPlace,
  now = new Date(),
): Promise<{ removals: Removal[]; warnings: string[] }> {
  const nothing = (warning: string) => ({ removals: [], warnings: [warning] });
  const { parent_path, target_path } = place;
  // In this order, because the original looks for the path first.
  if (!parent_path || !target_path) return nothing('No path information available in media table');
  if (!settings.enabled) return nothing('File deletion is disabled');
  const target = pathBelow(target_path);
  if (target === undefined) return nothing(`Refused to remove ${target_path}: it is not a path below a directory`);

  let roots: ResolvedRoot[];
  try {
    roots = await resolveRoots(settings);
  } catch (error) {
    if (error instanceof FileTrashError) return nothing(`Nothing was removed. ${error.message}`);
    throw error;
  }
  const removals: Removal[] = [];
  const warnings: string[] = [];
  const taken = new Set<string>();
  for (const candidate of candidatesOf(settings, place, target)) {
    try {
      const path = await realpath(candidate);
      if (taken.has(path)) continue;
      taken.add(path);
      const root = rootOf(path, roots);
      if (!root) {
        warnings.push(`Refused to remove ${candidate}: it is not inside a configured directory`);
        continue;
      }
      const inode = await inodeOf(path);
      if (inode === undefined) continue;
      const entry = settings.mode === 'trash' ? entryName(now) : null;
      removals.push({ root: root.name, path: relative(root.path, path), entry, inode });
    } catch (error) {
      if (!isAbsent(error)) warnings.push(couldNotRemove(candidate, error));
    }
  }
  return { removals, warnings };
}

export const nothingFound = ({ target_path }: MediaPlace) => `No files found in any location for: ${target_path}`;
const couldNotRemove = (path: string, error: unknown) => `Could not remove ${path}: ${reasonOf(error)}`;

/** What became of a removal; `trashed` and `deleted` only if it is removed. */
export type Removed = { trashed?: Trashed & { inode?: string }; deleted?: string; warning?: string };

/**
 * Moves a file to the trash, or deletes it; one that an earlier attempt has removed counts as removed. A file that has
 * taken its place since stays. Throws if it cannot tell whether the file is removed.
 */
export async function removeFile(settings: FileSettings, removal: Removal): Promise<Removed> {
  const { root, path, entry, inode } = removal;
  const resolved = await configuredRoot(settings, root, path);
  const source = join(resolved, path);
  const isThere = async () => {
    if ((await inodeOf(source)) !== inode || inode === undefined) return false;
    // A parent directory may be a symbolic link to another place now.
    return (await realpath(source)) === source;
  };
  let failure: string | undefined;
  const warned = (): Removed => (failure === undefined ? {} : { warning: failure });
  try {
    if (settings.enabled && (await isThere())) {
      if (entry === null) await rm(source, { recursive: true, force: true });
      else await moveToTrash(source, resolved, entry, path);
    }
  } catch (error) {
    if (!isAbsent(error) && !(error instanceof FileTrashError) && !(await isThere())) throw error;
    failure = couldNotRemove(source, error);
  }
  const remains = await isThere();
  if (!remains) failure = undefined;
  if (entry === null) return remains ? warned() : { deleted: source };
  const place = join(resolved, trashName, entry, path);
  if ((await inodeOf(place)) !== undefined) return { trashed: { root, entry, path, ...(inode ? { inode } : {}) } };
  await removeEmpty(dirname(place), join(resolved, trashName));
  return warned();
}

/** The trash of a resolved root; throws FileTrashError if it is outside of the root. */
async function trashOf(root: string): Promise<string> {
  const trash = join(root, trashName);
  if ((await realpath(trash)) !== trash) throw new FileTrashError(`${trash} is a symbolic link. Make it a directory.`);
  return trash;
}

async function moveToTrash(source: string, root: string, entry: string, path: string): Promise<void> {
  await mkdir(join(root, trashName), { recursive: true });
  const place = join(await trashOf(root), entry, path);
  await mkdir(dirname(place), { recursive: true });
  // The entry is new, so nothing is overwritten.
  await rename(source, place);
  await sync(dirname(place), dirname(source));
}

/** Removes `directory` and its parents below `end` while they are empty. */
async function removeEmpty(directory: string, end: string): Promise<void> {
  try {
    for (let at = directory; isInside(at, end); at = dirname(at)) await rmdir(at);
  } catch {
    // Stops at the first one that is not empty.
  }
}

/** The resolved root of a file. Throws FileTrashError if it is not configured or cannot be used. */
async function configuredRoot(settings: FileSettings, root: RootName, path: string): Promise<string> {
  const configured = settings.roots[root];
  if (!configured) throw new FileTrashError(`${path} stays where it is: its directory is no longer configured.`);
  return resolveRoot(configured);
}

/**
 * Moves a file back to its place; one that an earlier attempt has moved counts as restored. Throws FileTrashError with
 * the reason on failure.
 */
export async function restoreFile(settings: FileSettings, { root, entry, path, inode }: Removal): Promise<void> {
  if ((entry !== null && entryTime(entry) === undefined) || pathBelow(path) !== path)
    throw new FileTrashError(`${path} is not a path of the trash.`, { final: true });
  const resolved = await configuredRoot(settings, root, path);
  const place = join(resolved, path);
  if (entry === null) {
    if ((await inodeOf(place)) !== inode)
      throw new FileTrashError(`${place} was permanently deleted.`, { final: true });
    return;
  }
  const trash = join(resolved, trashName);
  const source = join(trash, entry, path);
  try {
    if ((await inodeOf(source)) === undefined) {
      if (inode !== undefined && (await inodeOf(place)) === inode) return;
      throw new FileTrashError(`${path} was not restored: it is no longer in the trash.`, { final: true });
    }
    await mkdir(dirname(place), { recursive: true });
    // A parent directory may be a symbolic link to another place now.
    const parent = await realpath(dirname(place));
    if (parent !== resolved && !isInside(parent, resolved)) {
      throw new FileTrashError(`${path} was not restored: its directory is now outside of ${settings.roots[root]}.`);
    }
    await moveBack(source, place);
    await sync(parent, dirname(source));
  } catch (cause) {
    if (cause instanceof FileTrashError) throw cause;
    const code = codeOf(cause);
    const isTaken = ['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(code);
    const why = isTaken ? `${place} already exists` : reasonOf(cause);
    throw new FileTrashError(`${path} was not restored: ${why}. It is still in ${source}.`, { cause });
  }
  await removeEmpty(dirname(source), trash);
}

/** Moves without overwriting: fails with EEXIST, ENOTEMPTY or ENOTDIR if the place is taken. */
async function moveBack(source: string, place: string): Promise<void> {
  // A directory replaces nothing but an empty directory.
  if ((await lstat(source)).isDirectory()) return rename(source, place);
  try {
    await link(source, place);
  } catch (error) {
    const code = codeOf(error);
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) {
      // The file system has no hard links. A placeholder would stay behind if the process were killed now.
      if ((await inodeOf(place)) !== undefined) throw Object.assign(new Error(code), { code: 'EEXIST' });
      return rename(source, place);
    }
    // An earlier attempt linked it.
    if (code !== 'EEXIST' || (await inodeOf(place)) !== (await inodeOf(source))) throw error;
  }
  await unlink(source);
}

/** Prefix of the name of an entry that is being purged. */
const purging = '.purging_';

/**
 * Decides which of these entries may be purged, and calls `claim` with them while no undo can begin to restore one. `claim` resolves
 * to those that are purged now, and so does this.
 */
export type SelectPurgeable = (
  entries: string[],
  claim: (purgeable: string[]) => Promise<string[]>,
) => Promise<string[]>;

/**
 * Permanently deletes trash entries that are older than seven days and that `select` chooses, and returns their number.
 * Skips a missing root and reports it to `warn`, like entries that nothing names.
 */
export async function purgeTrash(
  settings: { enabled: boolean; roots: { [name: string]: string | undefined } },
  select: SelectPurgeable,
  warn: (message: string) => void,
  now = new Date(),
): Promise<number> {
  if (!settings.enabled) return 0;
  let purged = 0;
  for (const path of new Set(Object.values(settings.roots).filter((root) => root !== undefined))) {
    try {
      const trash = await trashOf(await resolveRoot(path));
      const isOld = (name: string) => now.getTime() - (entryTime(name) ?? Number.NaN) >= purgeAfterDays * day;
      const old = (await readdir(trash)).filter(isOld);
      const stuck = new Set<string>();
      if (old.length > 0) {
        const claimed: string[] = [];
        try {
          await select(old, async (purgeable) => {
            for (const name of purgeable) {
              // Claims the entry: a restore finds all of it, or nothing.
              const failure = await rename(join(trash, name), join(trash, purging + name)).catch((error) => error);
              if (!failure || codeOf(failure) === 'ENOENT') claimed.push(name);
              else {
                stuck.add(name);
                warn(`${join(trash, name)} was not purged: ${reasonOf(failure)}.`);
              }
            }
            return claimed;
          });
        } catch (error) {
          // What is not decided can still be brought back.
          for (const name of claimed) await rename(join(trash, purging + name), join(trash, name)).catch(() => {});
          throw error;
        }
      }
      for (const name of await readdir(trash)) {
        if (name.startsWith(purging) && entryTime(name.slice(purging.length)) !== undefined) {
          await rm(join(trash, name), { recursive: true, force: true });
          purged += 1;
        } else if (isOld(name) && !stuck.has(name)) {
          warn(
            `${join(trash, name)} stays: no removal of a week ago names it, or it was undone. Move it back, or delete it.`,
          );
        }
      }
    } catch (error) {
      if (error instanceof FileTrashError) warn(`The trash was not purged. ${error.message}`);
      else if (!isAbsent(error)) warn(`The trash of ${path} was not purged: ${reasonOf(error)}.`);
    }
  }
  return purged;
}
