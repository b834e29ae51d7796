import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { Task } from '@at/runs/task';
import type { Transaction } from 'kysely';
import { findPlaces, folderOf, type PlaceName, readPipelineConfig } from './places.ts';
import type { Root } from './queries.ts';
import { cleanUpFiles } from './tasks/cleanup.ts';
import { scan } from './tasks/scan.ts';

// How runs of the file pipeline start: with the configuration of this moment, which they keep.

/** What a run needs is not there; the message says what to do. */
export class StartRefused extends Error {
  override name = 'StartRefused';
}

/** The root of a place. Throws StartRefused if there is none, or a person must accept it. */
async function rootFor(trx: Transaction<DB>, place: PlaceName): Promise<Root> {
  const root = (await findPlaces(trx))[place];
  if (root?.held) throw new StartRefused(`"${root.name}" is held. ${root.held}`);
  if (root) return root;
  const folder = folderOf(await readPipelineConfig(trx), place);
  throw new StartRefused(
    folder
      ? `${folder} has no marker yet. Make the folders usable first (POST /api/config/roots).`
      : `paths.${place}_dir is not set. Set it in the configuration first.`,
  );
}

/** Starts a scan of the inbox, or finds the one in progress. Throws StartRefused. */
export async function startScan<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  { starter, accept_missing = false }: { starter: Starter; accept_missing?: boolean },
): Promise<{ id: string; joined: boolean }> {
  const { id: root } = await rootFor(trx, 'source');
  const { duplicates } = await findPlaces(trx);
  const { dedup, sorter } = await readPipelineConfig(trx);
  const params = {
    root,
    ignored: dedup.ignore,
    keep: dedup.keep,
    threads: dedup.threads,
    timezone: sorter.timezone,
    exif_fallback: sorter.exif_fallback,
    ...(accept_missing && { accept_missing }),
    ...(dedup.move_duplicates && { duplicates_root: duplicates?.id ?? null }),
  };
  return runs.start(trx, scan as unknown as Task<A, typeof scan.params>, params, {
    starter,
    subject: { type: 'file_root', id: String(root) },
  });
}

/** Starts a cleanup, or finds the one in progress. A dry run is one of its own. */
export async function startCleanup<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  { starter, dry_run }: { starter: Starter; dry_run: boolean },
): Promise<{ id: string; joined: boolean }> {
  const { cleanup } = await readPipelineConfig(trx);
  const params = { temp_days: cleanup.temp_days, quarantine_days: cleanup.retention.quarantine_days, dry_run };
  return runs.start(trx, cleanUpFiles as unknown as Task<A, typeof cleanUpFiles.params>, params, {
    starter,
    ...(dry_run && { subject: { type: 'dry_run', id: 'files' } }),
  });
}
