import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import type { MediaType } from '@at/contracts/vocabulary';

/**
 * Removing a media item's files: rules first, acts below. Nothing outside the configured roots is ever touched, nor a
 * root itself, nor a directory that others' files depend on.
 */

export type RootName = 'cache' | 'movies' | 'tv';

export type FileSettings = {
  enabled: boolean;
  /** `trash`: into `.trash/` of the same root, to be restored or purged; `unlink`: gone at once. */
  mode: 'trash' | 'unlink';
  /** Absolute paths without a trailing slash; those that are configured. */
  roots: Partial<Record<RootName, string>>;
};

/** Every root holds a file of this name. Where it is not, the disk is not mounted, and nothing may be removed. */
export const markerName = '.rear-differential-root';
const trashName = '.trash';
const purgeAfterDays = 7;
/** In milliseconds. */
const day = 86_400_000;

/** Where a media item says its files are. */
export type MediaPlace = { media_type: MediaType; parent_path: string | null; target_path: string | null };

/** Something in the trash: `path` below `root` lies in `.trash/<entry>/` now. */
export type Trashed = { root: RootName; entry: string; path: string };

export type FileRemoval = {
  /** Whether anything was removed. */
  removed: boolean;
  trashed: Trashed[];
  /** Paths that are gone for good. */
  deleted: string[];
  /** Why nothing, or not everything, was removed. */
  warning?: string;
};

// Rules

/** The path as a relative one that stays below where it is put; undefined when it does not. */
export function pathBelow(path: string): string | undefined {
  const normal = normalize(path).replace(/\/+$/, '');
  const leaves = isAbsolute(path) || normal === '' || normal === '.' || normal === '..' || normal.startsWith('../');
  return leaves || path.includes('\0') ? undefined : normal;
}

/** Where the files may be. `target` is what `pathBelow` gave. */
export function candidatesOf(
  { roots: { cache, movies, tv } }: FileSettings,
  { media_type, parent_path }: MediaPlace,
  target: string,
): string[] {
  const library = media_type === 'movie' ? movies : tv;
  return [
    ...(cache ? [join(cache, 'incomplete', target), join(cache, 'complete', target)] : []),
    ...(library ? [join(library, target)] : []),
    // Against nothing but itself: a relative one would mean the directory this process happens to run in.
    ...(parent_path && isAbsolute(parent_path) ? [join(parent_path, target)] : []),
  ];
}

/** Whether `path` lies below `directory`, and is not the directory itself. Both resolved. */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The resolved roots, and what in them must stay. */
type Ground = { name: RootName; path: string }[];

/** The innermost root that a resolved path may be removed from; undefined when it must not be removed. */
export function rootOf(path: string, ground: Ground): Ground[number] | undefined {
  const kept = ground.flatMap((root) => [
    root.path,
    join(root.path, markerName),
    join(root.path, trashName),
    ...(root.name === 'cache' ? [join(root.path, 'incomplete'), join(root.path, 'complete')] : []),
  ]);
  if (kept.some((one) => one === path || isInside(one, path))) return undefined;
  if (ground.some((root) => isInside(path, join(root.path, trashName)))) return undefined;
  const around = ground.filter((root) => isInside(path, root.path));
  return around.toSorted((left, right) => right.path.length - left.path.length)[0];
}

/** The name of an entry of the trash: when, and what keeps two of the same moment apart. */
function entryName(now: Date): string {
  return `${now.toISOString().replaceAll(':', '-')}_${randomBytes(4).toString('hex')}`;
}

const entryPattern = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)_[0-9a-f]{8}$/;

/** When an entry was made, in milliseconds; undefined for any other name. */
function entryTime(name: string): number | undefined {
  const match = entryPattern.exec(name);
  const time = match ? Date.parse(`${match[1]}${match[2]}:${match[3]}:${match[4]}`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

// Acts

/** The act was stopped; the message says why and what to do. */
export class FileTrashError extends Error {
  override name = 'FileTrashError';
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? (error as Error).message;
const isAbsent = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

async function resolveRoot(path: string): Promise<string> {
  try {
    const resolved = await realpath(path);
    if (!(await stat(resolved)).isDirectory()) throw new FileTrashError(`The directory ${path} is none.`);
    await stat(join(resolved, markerName));
    return resolved;
  } catch (cause) {
    if (cause instanceof FileTrashError) throw cause;
    const message =
      `The directory ${path} does not hold its marker file ${markerName} (${codeOf(cause)}), so its disk may not be mounted. ` +
      `If it is the right one, make the file once: touch '${join(path, markerName)}'.`;
    throw new FileTrashError(message, { cause });
  }
}

/** Every configured root, resolved; throws FileTrashError when one is missing or has lost its marker. */
export async function resolveGround({ roots }: FileSettings): Promise<Ground> {
  const names = Object.entries(roots) as [RootName, string][];
  return Promise.all(names.map(async ([name, path]) => ({ name, path: await resolveRoot(path) })));
}

/**
 * Removes the files of a media item wherever they are. Never throws for what the file system says: the reply's warning
 * does, and what was removed before stays removed and listed.
 */
export async function removeFiles(settings: FileSettings, place: MediaPlace, now = new Date()): Promise<FileRemoval> {
  const nothing = (warning: string): FileRemoval => ({ removed: false, trashed: [], deleted: [], warning });
  if (!settings.enabled) return nothing('File deletion is disabled');
  const { parent_path, target_path } = place;
  if (!parent_path || !target_path) return nothing('No path information available in media table');
  const target = pathBelow(target_path);
  if (target === undefined) return nothing(`Refused to remove ${target_path}: it is no path below a directory`);

  let ground: Ground;
  try {
    ground = await resolveGround(settings);
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
    const root = rootOf(path, ground);
    if (!root) {
      warnings.push(`Refused to remove ${candidate}: it does not lie inside a configured directory`);
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
      // Gone: another process removed it.
      const isGone = await stat(path).then(() => false, isAbsent);
      if (!isGone) warnings.push(`Could not remove ${candidate}: ${codeOf(error)}`);
    }
  }
  const removed = trashed.length > 0 || deleted.length > 0;
  if (!removed && warnings.length === 0) return nothing(`No files found in any location for: ${target_path}`);
  return { removed, trashed, deleted, ...(warnings.length > 0 ? { warning: warnings.join('; ') } : {}) };
}

/** The trash of a resolved root; throws FileTrashError when it leads out of the root. */
async function trashOf(root: string): Promise<string> {
  const trash = join(root, trashName);
  if ((await realpath(trash)) !== trash) throw new FileTrashError(`${trash} is a symbolic link. Make it a directory.`);
  return trash;
}

async function moveToTrash(path: string, root: Ground[number], now: Date): Promise<Trashed> {
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

/** Removes `directory` and those above it, up to `end`, as far as they are empty. */
async function removeEmpty(directory: string, end: string): Promise<void> {
  try {
    for (let at = directory; isInside(at, end); at = dirname(at)) await rmdir(at);
  } catch {
    // The first that is not empty is where to stop.
  }
}

/** Puts something back where it was; throws FileTrashError with the reason where that cannot be. */
export async function restoreFile(settings: FileSettings, { root, entry, path }: Trashed): Promise<void> {
  const configured = settings.roots[root];
  if (!configured) throw new FileTrashError(`${path} was not restored: its directory is no longer configured.`);
  if (entryTime(entry) === undefined || pathBelow(path) !== path)
    throw new FileTrashError(`${path} is no path of the trash.`);
  const ground = await resolveRoot(configured);
  const trash = join(ground, trashName);
  const source = join(trash, entry, path);
  const place = join(ground, path);
  try {
    const isDirectory = (await stat(source)).isDirectory();
    await mkdir(dirname(place), { recursive: true });
    // A directory on the way may have become a symbolic link to somewhere else.
    const parent = await realpath(dirname(place));
    if (parent !== ground && !isInside(parent, ground)) {
      throw new FileTrashError(`${path} was not restored: its directory now lies elsewhere.`);
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
        ? `something else is at ${place} now. It is still in ${source}`
        : isAbsent(cause)
          ? 'it is no longer in the trash'
          : `${code}. It is still in ${source}`;
    throw new FileTrashError(`${path} was not restored: ${why}.`, { cause });
  }
  await removeEmpty(dirname(source), trash);
}

/** Makes an empty file or directory to rename over, which fails with EEXIST where anything is at that moment. */
async function takePlace(place: string, isDirectory: boolean): Promise<void> {
  if (isDirectory) await mkdir(place);
  else await (await open(place, 'wx')).close();
}

/**
 * Deletes for good what has been in the trash for seven days. Returns how many entries; a missing root is skipped and
 * reported to `warn`.
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

/** Purges the trash now and once a day, without keeping the process alive. Returns what ends it. */
export function purgeDaily(settings: FileSettings, warn: (message: string) => void): () => void {
  const purge = () => void purgeTrash(settings, warn);
  purge();
  const timer = setInterval(purge, day).unref();
  return () => clearInterval(timer);
}
