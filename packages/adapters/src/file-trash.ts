import { randomBytes } from 'node:crypto';
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import type { FailureCode, MediaType } from '@at/contracts/vocabulary';
import { type Disk, DiskError, DiskHangs, disk as ownDisk } from './disk.ts';
import { wholeIdentity } from './file-identity.ts';
import { type MoveOptions, type MovePlan, namesOf } from './file-move.ts';
import { MoveError } from './move-error.ts';
import { moveFile } from './move-file.ts';
import type { MoveWay } from './move-files.ts';

const { lstat, readdir, realpath, rename, rm, rmdir } = ownDisk;

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
async function inodeOf(path: string | Buffer): Promise<string | undefined> {
  try {
    return String((await lstat(path, { bigint: true })).ino);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** A root with symbolic links resolved; throws FileTrashError if it is missing or has no marker. */
export async function resolveRoot(path: string, disk: Disk = ownDisk): Promise<string> {
  let resolved: string | undefined;
  try {
    resolved = await disk.realpath(path);
    if (!(await disk.stat(resolved)).isDirectory()) throw new FileTrashError(`${path} is not a directory.`);
    await disk.stat(join(resolved, markerName));
    return resolved;
  } catch (cause) {
    if (cause instanceof FileTrashError || cause instanceof DiskHangs) throw cause;
    // Too long, forbidden or in a circle: the sentence of the disk says what to do.
    if (!isAbsent(cause)) throw new FileTrashError((cause as Error).message, { cause });
    const marker = join(path, markerName);
    const message =
      resolved === undefined
        ? `The directory ${path} does not exist (${codeOf(cause)}), so its disk may not be mounted. If it is the right ` +
          `directory, create it with its marker file once: mkdir -p '${path}' && touch '${marker}'.`
        : `The directory ${path} does not contain its marker file ${markerName} (${codeOf(cause)}), so its disk may not be ` +
          `mounted. If it is the right directory, create the file once: touch '${marker}'.`;
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

/** A move of a file or directory to the trash of a resolved root, or back. */
function planOf(root: string, { entry, path }: Removal, way: 'remove' | 'restore', inode: string): MovePlan {
  const [here, there] = [Buffer.from(join(root, path)), Buffer.from(join(root, trashName, `${entry}`, path))];
  const [from, to] = way === 'remove' ? [here, there] : [there, here];
  const roots = { fromRoot: Buffer.from(root), toRoot: Buffer.from(root) };
  return { id: `${way}-${entry}`, from, to, ...roots, source: wholeIdentity(inode), copies: false, isWhole: true };
}

/** A move within a disk, to its very name, has nothing to record. */
const carry = (plan: MovePlan, options: MoveOptions, way?: MoveWay) => moveFile(plan, {}, async () => {}, options, way);

/** Whether a file has its old name, or the one under which a move sets that aside. */
const isLeft = async (plan: MovePlan) =>
  ((await inodeOf(plan.from)) ?? (await inodeOf(namesOf(plan).aside))) !== undefined;

/** Ends a move that was interrupted, before the file moves the other way. */
async function endLeft(plan: MovePlan, options: MoveOptions): Promise<void> {
  const { aside, withdrawn } = namesOf(plan);
  const isBegun = (await inodeOf(aside)) !== undefined || (await inodeOf(withdrawn)) !== undefined;
  if (isBegun) await carry(plan, options, 'settle');
}

/**
 * Moves a file to the trash, or deletes it; one that an earlier attempt has removed counts as removed. A file that has
 * taken its place since stays. Throws if it cannot tell whether the file is removed.
 */
export async function removeFile(
  settings: FileSettings,
  removal: Removal,
  options: MoveOptions = {},
): Promise<Removed> {
  const { root, path, entry, inode } = removal;
  const resolved = await configuredRoot(settings, root, path);
  const source = join(resolved, path);
  if (entry === null) return deleteFile(source, inode, settings.enabled);
  const place = join(resolved, trashName, entry, path);
  const trashed = { root, entry, path, ...(inode ? { inode } : {}) };
  // It was in the trash before, by a version that kept no inodes.
  if (inode === undefined) return (await inodeOf(place)) === undefined ? {} : { trashed };
  const failed: Removed = {};
  try {
    await endLeft(planOf(resolved, removal, 'restore', inode), options);
    const plan = planOf(resolved, removal, 'remove', inode);
    if (await isLeft(plan)) await carry(plan, options, settings.enabled ? 'move' : 'settle');
  } catch (error) {
    const isReplaced = error instanceof MoveError && error.kind === 'changed';
    const isKept = (await inodeOf(source)) === inode && (await inodeOf(place)) === undefined;
    if (!isReplaced && !isKept) throw error;
    if (isKept) failed.warning = couldNotRemove(source, error);
  }
  if ((await inodeOf(place)) !== undefined) return { trashed };
  await removeEmpty(dirname(place), join(resolved, trashName));
  return failed;
}

/** Deletes a file or directory with this inode; one that is gone counts as deleted. */
async function deleteFile(path: string, inode: string | undefined, enabled: boolean): Promise<Removed> {
  // A parent directory may be a symbolic link to another place now.
  const isThere = async () => inode !== undefined && (await inodeOf(path)) === inode && (await realpath(path)) === path;
  const failed: Removed = {};
  try {
    if (enabled && (await isThere())) await rm(path, { recursive: true, force: true });
  } catch (error) {
    failed.warning = couldNotRemove(path, error);
  }
  return (await isThere()) ? failed : { deleted: path };
}

/** The trash of a resolved root; throws FileTrashError if it is outside of the root. */
async function trashOf(root: string): Promise<string> {
  const trash = join(root, trashName);
  if ((await realpath(trash)) !== trash) throw new FileTrashError(`${trash} is a symbolic link. Make it a directory.`);
  return trash;
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
export async function restoreFile(settings: FileSettings, removal: Removal, options: MoveOptions = {}): Promise<void> {
  const { root, entry, path, inode } = removal;
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
  const planFor = (present: string) => planOf(resolved, removal, 'restore', present);
  try {
    if (inode !== undefined) await endLeft(planOf(resolved, removal, 'remove', inode), options);
    // A disk that is mounted again can have other inodes, and older versions kept none.
    const present = (await inodeOf(source)) ?? (await inodeOf(namesOf(planFor('')).aside));
    const isBack =
      present === undefined
        ? inode !== undefined && (await inodeOf(place)) === inode
        : (await carry(planFor(present), options)).state === 'done';
    if (!isBack) throw new FileTrashError(`${path} was not restored: it is no longer in the trash.`, { final: true });
  } catch (cause) {
    if (!(cause instanceof MoveError || cause instanceof DiskError || cause instanceof DiskHangs)) throw cause;
    const why = cause.message.replace(/\.$/, '');
    throw new FileTrashError(`${path} was not restored: ${why}. It is still in ${source}.`, { cause });
  }
  await removeEmpty(dirname(source), trash);
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
