import { DiskError, DiskHangs, openDisk } from '@at/adapters/disk';
import { below } from '@at/adapters/file-names';
import { markerName } from '@at/adapters/file-thread-work';
import type { FileStorage } from '@at/contracts/files';
import type { PipelineConfig } from '@at/contracts/pipeline-config';
import { type PlaceName, placeNames } from '@at/contracts/vocabulary';
import { folderOf, placesAmong } from './places.ts';
import type { Root } from './queries.ts';
import { isUnmade } from './roots.ts';

/** One look for all who ask; a disk that does not respond must not delay a reply for long. */
const disk = openDisk({ patience: 1_000 });

/** A configured folder as it is at the moment, with its root. */
export type Storage = Pick<FileStorage, 'place' | 'path' | 'state' | 'message' | 'free_bytes' | 'total_bytes'> & {
  root: Root | undefined;
};

/** Looks at the configured folders, and at nothing in them but their markers. */
export async function lookAtPlaces(roots: readonly Root[], config: PipelineConfig): Promise<Storage[]> {
  const places = await placesAmong(roots, config).catch((error: unknown): Partial<Record<PlaceName, Root>> => {
    if (error instanceof DiskHangs) return {};
    throw error;
  });
  return Promise.all(placeNames.map((place) => lookAt(place, folderOf(config, place), places[place])));
}

async function lookAt(place: PlaceName, folder: Buffer | undefined, root: Root | undefined): Promise<Storage> {
  const unknown = { place, path: folder?.toString() ?? null, root, free_bytes: null, total_bytes: null };
  if (!folder) return { ...unknown, state: 'unset', message: null };
  try {
    const { bavail, bsize, blocks } = await disk.statfs(folder);
    const space = { ...unknown, free_bytes: bavail * bsize, total_bytes: blocks * bsize };
    if (!root || isUnmade(root)) return { ...space, state: 'unmade', message: `${folder} has no marker yet.` };
    if (root.held !== null) return { ...space, state: 'held', message: root.held };
    if (await hasMarker(folder)) return { ...space, state: 'ready', message: null };
    return {
      ...unknown,
      state: 'absent',
      message: `The marker of ${folder} is gone. Mount its disk, or accept the folder.`,
    };
  } catch (error) {
    if (error instanceof DiskHangs) return { ...unknown, state: 'unreachable', message: error.message };
    if (!(error instanceof DiskError)) throw error;
    const isGone = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    if (!isGone) return { ...unknown, state: 'unreachable', message: error.message };
    const message = `${folder} does not exist. ${root ? 'Mount its disk' : 'Create it, or mount its disk'}.`;
    return { ...unknown, state: root ? 'absent' : 'missing', message };
  }
}

async function hasMarker(folder: Buffer): Promise<boolean> {
  try {
    await disk.lstat(below(folder, markerName));
    return true;
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return false;
    throw error;
  }
}
