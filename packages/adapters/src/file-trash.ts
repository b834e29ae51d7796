import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import type { MediaType } from '@at/contracts/vocabulary';

// Removes the files of media items: rules first, file operations below. Never touches anything outside of the configured
// roots, a root itself, or a directory that other files depend on.

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
const trashName = '.trash';
const purgeAfterDays = 7;
/** In milliseconds. */
const day = 86_400_000;

/** The paths of a media item's files. */
export type MediaPlace = { media_type: MediaType; parent_path: string | null; target_path: string | null };

/** A file in the trash: `path` below `root`, now in `.trash/<entry>/`. */
export type Trashed = { root: RootName; entry: string; path: string };

export type FileRemoval = {
  /** Whether anything was removed. */
  removed: boolean;
  trashed: Trashed[];
  /** Permanently deleted paths. */
  deleted: string[];
  /** Why nothing, or not everything, was removed. */
  warning?: string;
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
function entryName(now: Date): string {
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
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? (error as Error).message;
const isAbsent = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

async function resolveRoot(path: string): Promise<string> {
  try {
    const resolved = await realpath(path);
    if (!(await stat(resolved)).isDirectory()) throw new FileTrashError(`${path} is not a directory.`);
    await stat(join(resolved, markerName));
    return resolved;
  } catch (cause) {
    if (cause instanceof FileTrashError) throw cause;
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
 * Removes the files of a media item from all places. Does not throw on file system errors: they are in the warning, and
 * files removed before the error are listed.
 */
export async function removeFiles(settings: FileSettings, place: MediaPlace, now = new Date()): Promise<FileRemoval> {
  const nothing = (warning: string): FileRemoval => ({ removed: false, trashed: [], deleted: [], warning });
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
  const trashed: Trashed[] = [];
  const deleted: string[] = [];
  const warnings: string[] = [];
  const taken = new Set<string>();
  for (const candidate of candidatesOf(settings, place, target)) {
    const path = await realpath(candidate).catch((error) => {
      if (!isAbsent(error)) warnings.push(`Could not remove ${candidate}: ${codeOf(error)}`);
    });
    if (path === undefined || taken.has(path)) continue;
    taken.add(path);
    const root = rootOf(path, roots);
    if (!root) {
      warnings.push(`Refused to remove ${candidate}: it is not inside a configured directory`);
      continue;
    }
    try {
      if (settings.mode === 'trash') {
        trashed.push(await moveToTrash(path, root, now));
      } else {
        await rm(path, { recursive: true });
        deleted.push(path);
      }
    } catch (error) {
      // Another process removed it.
      const isGone = await stat(path).then(() => false, isAbsent);
      if (!isGone) warnings.push(`Could not remove ${candidate}: ${codeOf(error)}`);
    }
  }
  const removed = trashed.length > 0 || deleted.length > 0;
  if (!removed && warnings.length === 0) return nothing(`No files found in any location for: ${target_path}`);
  return { removed, trashed, deleted, ...(warnings.length > 0 ? { warning: warnings.join('; ') } : {}) };
}

/** The trash of a resolved root; throws FileTrashError if it is outside of the root. */
async function trashOf(root: string): Promise<string> {
  const trash = join(root, trashName);
  if ((await realpath(trash)) !== trash) throw new FileTrashError(`${trash} is a symbolic link. Make it a directory.`);
  return trash;
}

async function moveToTrash(path: string, root: ResolvedRoot, now: Date): Promise<Trashed> {
  const below = relative(root.path, path);
  const entry = entryName(now);
  await mkdir(join(root.path, trashName), { recursive: true });
  const trash = await trashOf(root.path);
  const place = join(trash, entry, below);
  await mkdir(dirname(place), { recursive: true });
  try {
    await rename(path, place);
  } catch (error) {
    await removeEmpty(dirname(place), trash);
    throw error;
  }
  return { root: root.name, entry, path: below };
}

/** Removes `directory` and its parents below `end` while they are empty. */
async function removeEmpty(directory: string, end: string): Promise<void> {
  try {
    for (let at = directory; isInside(at, end); at = dirname(at)) await rmdir(at);
  } catch {
    // Stops at the first one that is not empty.
  }
}

/** Moves a file back to its place; throws FileTrashError with the reason on failure. */
export async function restoreFile(settings: FileSettings, { root, entry, path }: Trashed): Promise<void> {
  const configured = settings.roots[root];
  if (!configured) throw new FileTrashError(`${path} was not restored: its directory is no longer configured.`);
  if (entryTime(entry) === undefined || pathBelow(path) !== path)
    throw new FileTrashError(`${path} is not a path of the trash.`);
  const resolved = await resolveRoot(configured);
  const trash = join(resolved, trashName);
  const source = join(trash, entry, path);
  const place = join(resolved, path);
  try {
    const isDirectory = (await stat(source)).isDirectory();
    await mkdir(dirname(place), { recursive: true });
    // A parent directory may be a symbolic link to another place now.
    const parent = await realpath(dirname(place));
    if (parent !== resolved && !isInside(parent, resolved)) {
      throw new FileTrashError(`${path} was not restored: its directory is now outside of ${configured}.`);
    }
    await takePlace(place, isDirectory);
    await rename(source, place).catch(async (error) => {
      await (isDirectory ? rmdir(place) : rm(place)).catch(() => {});
      throw error;
    });
  } catch (cause) {
    if (cause instanceof FileTrashError) throw cause;
    const code = codeOf(cause);
    const why =
      code === 'EEXIST'
        ? `${place} already exists. It is still in ${source}`
        : isAbsent(cause)
          ? 'it is no longer in the trash'
          : `${code}. It is still in ${source}`;
    throw new FileTrashError(`${path} was not restored: ${why}.`, { cause });
  }
  await removeEmpty(dirname(source), trash);
}

/** Creates an empty file or directory to rename over; fails with EEXIST if the place is taken. */
async function takePlace(place: string, isDirectory: boolean): Promise<void> {
  if (isDirectory) await mkdir(place);
  else await (await open(place, 'wx')).close();
}

/**
 * Permanently deletes trash entries older than seven days and returns their number. Skips a missing root and reports it
 * to `warn`.
 */
export async function purgeTrash(
  settings: FileSettings,
  warn: (message: string) => void,
  now = new Date(),
): Promise<number> {
  if (!settings.enabled) return 0;
  let purged = 0;
  for (const path of Object.values(settings.roots)) {
    try {
      const trash = await trashOf(await resolveRoot(path));
      for (const name of await readdir(trash)) {
        const time = entryTime(name);
        if (time === undefined || now.getTime() - time < purgeAfterDays * day) continue;
        await rm(join(trash, name), { recursive: true, force: true });
        purged += 1;
      }
    } catch (error) {
      if (error instanceof FileTrashError) warn(`The trash was not purged. ${error.message}`);
      else if (!isAbsent(error)) warn(`The trash of ${path} was not purged: ${codeOf(error)}.`);
    }
  }
  return purged;
}

/** Purges the trash now and once a day, without keeping the process alive. Returns a function that stops it. */
export function purgeDaily(settings: FileSettings, warn: (message: string) => void): () => void {
  const purge = () => void purgeTrash(settings, warn);
  purge();
  const timer = setInterval(purge, day).unref();
  return () => clearInterval(timer);
}
