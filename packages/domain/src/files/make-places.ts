import { DiskError, DiskHangs, openDisk } from '@at/adapters/disk';
import { parentOf } from '@at/adapters/file-names';
import { MarkerBroken } from '@at/adapters/root-marker';
import type { RootMade } from '@at/contracts/file-roots';
import { PipelineConfig } from '@at/contracts/pipeline-config';
import { type PlaceName, placeNames } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { folderOf, placesAmong } from './places.ts';
import { findRoots } from './queries.ts';
import { acceptRoot, isUnmade, makeRoot, RootRefused, RootUnusable } from './roots.ts';

/** A request waits for it. */
const disk = openDisk({ patience: 1_000 });

type Wanted = {
  /** By default those that are set. */
  places?: readonly PlaceName[];
  /** Creates a folder that is missing in one that exists. */
  create?: boolean;
  /** Those that a person has found to be the right ones, although their marker is not the expected one. */
  accept?: readonly PlaceName[];
};

const titleOf = (place: PlaceName) =>
  (PipelineConfig.properties.paths.properties[`${place}_dir`] as { title?: string }).title ?? place;

/** Makes the configured folders roots, one call at a time. What cannot be done is in the result. */
export function makePlaces(db: Kysely<DB>, { places, create = false, accept = [] }: Wanted): Promise<RootMade[]> {
  const lock = sql`hashtextextended('console.file_root make', 0)`;
  return db.connection().execute(async (session) => {
    await sql`select pg_advisory_lock(${lock})`.execute(session);
    try {
      const config = await readPipelineConfig(db);
      const made: RootMade[] = [];
      for (const place of placeNames) {
        const folder = folderOf(config, place);
        const isWanted = places?.includes(place) || accept.includes(place);
        if (isWanted || (!places && folder))
          made.push(await makePlace(db, place, folder, { create, accepts: accept.includes(place) }));
      }
      return made;
    } finally {
      // Fails on a broken connection, whose end frees the lock.
      await sql`select pg_advisory_unlock(${lock})`.execute(session).catch(() => {});
    }
  });
}

async function makePlace(
  db: Kysely<DB>,
  place: PlaceName,
  folder: Buffer | undefined,
  { create, accepts }: { create: boolean; accepts: boolean },
): Promise<RootMade> {
  const refused = {
    place,
    path: folder?.toString() ?? null,
    root_id: null,
    result: 'refused',
    created: false,
  } as const;
  if (!folder) return { ...refused, message: `paths.${place}_dir is not set. Set it in the configuration first.` };
  let created = false;
  try {
    if (!(await exists(folder))) {
      const message = `${folder} does not exist. Create it, or check that its disk is mounted. The API and the workers need it at the same path.`;
      if (!create) return { ...refused, result: 'missing', message };
      const above = parentOf(folder);
      if (!(await exists(above)))
        return { ...refused, result: 'missing', message: `${above} does not exist: only the last folder is created.` };
      await disk.mkdir(folder);
      created = true;
    }
    const roots = await findRoots(db);
    const known = (await placesAmong(roots, await readPipelineConfig(db)))[place];
    if (known && accepts && !isUnmade(known)) await acceptRoot(db, known.id);
    const names = new Set(roots.map(({ name }) => name));
    const root = await makeRoot(db, folder, freeName(titleOf(place), names));
    const isKnown = roots.some(({ id }) => id === root.id);
    const result = root.held !== null ? 'held' : !isKnown ? 'made' : known && accepts ? 'accepted' : 'present';
    return { ...refused, root_id: root.id, result, created, message: root.held };
  } catch (error) {
    // Nothing has used it yet.
    if (created) await disk.rmdir(folder).catch(() => {});
    const isExpected = [RootRefused, RootUnusable, MarkerBroken, DiskError, DiskHangs].some(
      (of) => error instanceof of,
    );
    if (!isExpected) throw error;
    return { ...refused, message: (error as Error).message };
  }
}

async function exists(folder: Buffer): Promise<boolean> {
  try {
    await disk.stat(folder);
    return true;
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Roots of folders that the configuration named before keep their names. */
function freeName(title: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? title : `${title} ${n}`;
    if (!taken.has(name)) return name;
  }
}
