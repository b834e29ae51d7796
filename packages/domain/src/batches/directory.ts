import { below } from '@at/adapters/file-names';
import {
  directoriesIn,
  filesIn,
  hasContent,
  isDirectory,
  makeDirectory,
  removeEmptyDirectory,
  removeOwnFile,
  renameDirectory,
  writeOwnFile,
} from '@at/adapters/staged-directory';
import type { DB } from '@at/db/schema';
import { StepFailure } from '@at/runs/task';
import type { Kysely } from 'kysely';
import type { HeldRoots, UsableRoot } from '../files/roots.ts';
import { type BatchRow, findUnready, type Manifest } from './queries.ts';
import { manifestName } from './selection.ts';
import { placeDirectory, stagingName } from './writes.ts';

// The directory of a batch is filled in the staging directory, and gets its place among the batches by one rename. Only a process that
// holds the move lock of the root renames it. A process that ends between the rename and its row leaves that to the next one: the row
// follows the disk.

export type Boundary = (step: string) => void | Promise<void>;

const pathsOf = (root: Buffer, name: string) => ({
  staged: below(below(root, stagingName), name),
  placed: below(root, name),
});

/** The text of a manifest: the row may have its members in another order. */
const textOf = ({ batch, id, created_at, files }: Manifest) =>
  Buffer.from(
    `${JSON.stringify(
      {
        batch,
        id,
        created_at,
        files: files.map(({ path, source, size, mtime_ns, sha256 }) => ({ path, source, size, mtime_ns, sha256 })),
      },
      null,
      1,
    )}\n`,
  );

/**
 * Writes where the directory of a batch is, unless its row says so already. `none`: nothing has been moved yet. Throws StepFailure
 * if it is gone.
 */
async function findDirectory(db: Kysely<DB>, root: UsableRoot, batch: BatchRow): Promise<'staged' | 'placed' | 'none'> {
  const { staged, placed } = pathsOf(root.path, batch.name);
  if (await isDirectory(staged)) {
    await placeDirectory(db, batch, true);
    return 'staged';
  }
  const isPlaced =
    (await isDirectory(placed)) &&
    (!batch.is_staged || (await hasContent(below(placed, manifestName), textOf(batch.manifest))));
  if (!isPlaced) return 'none';
  await placeDirectory(db, batch, false);
  return 'placed';
}

/** Lets the rows of directories follow renames that an interrupted process has made, for roots whose move locks are held. */
export async function followDirectories({ session, roots }: HeldRoots): Promise<void> {
  for (const root of roots)
    for (const batch of await findUnready(session, root.id)) await findDirectory(session, root, batch);
}

/** Writes the manifest of a batch and gives its directory its place. Its row follows in the transaction of the caller. */
export async function publishDirectory(
  { roots, check }: HeldRoots,
  { name, manifest }: Pick<BatchRow, 'name' | 'manifest'>,
  boundary?: Boundary,
): Promise<void> {
  const root = roots[0] as UsableRoot;
  const { staged, placed } = pathsOf(root.path, name);
  if (!(await isDirectory(staged))) {
    if (await hasContent(below(placed, manifestName), textOf(manifest))) return;
    throw new StepFailure('file_gone', `${staged} is gone. Look for it, and put it back, then retry.`);
  }
  await writeOwnFile(below(staged, manifestName), textOf(manifest));
  await boundary?.('manifest written');
  await check();
  await renameDirectory(staged, placed);
  await boundary?.('directory renamed');
}

/** Removes the manifest that the row of a batch has. Call it before the row gets another one. */
export async function removeManifest({ roots }: HeldRoots, { name, manifest }: BatchRow): Promise<void> {
  const { staged } = pathsOf((roots[0] as UsableRoot).path, name);
  await removeOwnFile(below(staged, manifestName), textOf(manifest));
}

/** Brings the directory of a batch back to the staging directory. */
export async function withdrawDirectory(held: HeldRoots, batch: BatchRow, boundary?: Boundary): Promise<void> {
  const { session, roots, check } = held;
  const root = roots.find(({ id }) => id === batch.root_id) as UsableRoot;
  const { staged, placed } = pathsOf(root.path, batch.name);
  if ((await findDirectory(session, root, batch)) !== 'placed') return;
  await makeDirectory(below(root.path, stagingName));
  await check();
  await renameDirectory(placed, staged);
  await boundary?.('directory withdrawn');
  await placeDirectory(session, batch, true);
}

/** Removes the manifest and the empty directories of a batch whose files are gone. Returns false if other files are left. */
export async function removeDirectory(held: HeldRoots, batch: BatchRow): Promise<boolean> {
  await removeManifest(held, batch);
  return removeEmptyDirectory(pathsOf((held.roots[0] as UsableRoot).path, batch.name).staged);
}

/**
 * Removes the manifest and the empty directories of a batch that is done. Returns up to three other files that are in it: then, and with
 * `dry_run`, nothing is removed.
 */
export async function clearDirectory(
  { roots, check }: HeldRoots,
  { name, manifest }: BatchRow,
  { isStaged, dry_run, boundary }: { isStaged: boolean; dry_run: boolean; boundary?: Boundary | undefined },
): Promise<Buffer[]> {
  const root = (roots[0] as UsableRoot).path;
  const { staged, placed } = pathsOf(root, name);
  const directory = isStaged ? staged : placed;
  const own = below(directory, manifestName);
  const isOwn = await hasContent(own, textOf(manifest));
  const others = (await filesIn(directory, 4)).filter((path) => !(isOwn && path.equals(own))).slice(0, 3);
  if (others.length > 0 || dry_run) return others;
  await check();
  await removeOwnFile(own, textOf(manifest));
  await boundary?.('manifest removed');
  // One that was written just now keeps its directory.
  return (await removeEmptyDirectory(directory)) ? [] : filesIn(directory);
}

/** The names of the directories in the staging directory. */
export const namesInStaging = ({ roots }: HeldRoots): Promise<Buffer[]> =>
  directoriesIn(below((roots[0] as UsableRoot).path, stagingName));
