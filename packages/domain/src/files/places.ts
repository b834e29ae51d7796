import { resolve } from 'node:path';
import { DiskError, openDisk } from '@at/adapters/disk';
import type { PipelineConfig } from '@at/contracts/pipeline-config';
import { type PlaceName, placeNames } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { findRoots, type Root } from './queries.ts';

// The folders of the configuration that are roots.

/** A link on a disk that does not respond must not delay a reply for long. */
const disk = openDisk({ patience: 1_000 });

/** The configured folder of a place; undefined: none is set. */
export function folderOf({ paths }: PipelineConfig, place: PlaceName): Buffer | undefined {
  const folder = paths[`${place}_dir`];
  return folder === '' ? undefined : Buffer.from(resolve(folder));
}

/**
 * The roots at the configured folders, also where a folder is reached by a link. A root may be held, and its disk may be gone.
 * Throws DiskHangs.
 */
export async function findPlaces(db: Kysely<DB>): Promise<Partial<Record<PlaceName, Root>>> {
  return placesAmong(await findRoots(db), await readPipelineConfig(db));
}

export async function placesAmong<R extends Root>(
  roots: readonly R[],
  config: PipelineConfig,
): Promise<Partial<Record<PlaceName, R>>> {
  const found: Partial<Record<PlaceName, R>> = {};
  for (const place of placeNames) {
    const folder = folderOf(config, place);
    const at = (path: Buffer) => roots.find((root) => root.path.equals(path));
    const root = folder && (at(folder) ?? at(await targetOf(folder)));
    if (root) found[place] = root;
  }
  return found;
}

/** Where a folder really is; itself if it does not exist. */
async function targetOf(folder: Buffer): Promise<Buffer> {
  try {
    return Buffer.from(await disk.realpath(folder, { encoding: 'buffer' }));
  } catch (error) {
    if (error instanceof DiskError) return folder;
    throw error;
  }
}
