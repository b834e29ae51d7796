import type { PlaceName } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { Kysely, Transaction } from 'kysely';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { StartRefused } from '../refused.ts';
import { findPlaces, folderOf } from './places.ts';
import type { Root } from './queries.ts';
import { cleanUpFiles } from './tasks/cleanup.ts';
import { scan } from './tasks/scan.ts';

// How scans and cleanups start: with the configuration of this moment, which they keep.

/** The root of a place. Throws StartRefused if there is none, or a person must accept it. */
export async function rootFor(trx: Kysely<DB>, place: PlaceName): Promise<Root> {
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
    ...(dedup.preferred.length > 0 && { preferred: dedup.preferred }),
    threads: dedup.threads,
    timezone: sorter.timezone,
    exif_fallback: sorter.exif_fallback,
    ...(accept_missing && { accept_missing }),
    ...(dedup.move_duplicates && { duplicates_root: duplicates?.id ?? null }),
  };
  return runs.start(trx, scan, params, {
    starter,
    subject: { type: 'file_root', id: String(root) },
  });
}

/** Starts a cleanup, or finds the one in progress. A dry run is one of its own. `purges`: also what has passed its retention. */
export async function startCleanup<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  { starter, dry_run, purges }: { starter: Starter; dry_run: boolean; purges: boolean },
): Promise<{ id: string; joined: boolean }> {
  const { cleanup } = await readPipelineConfig(trx);
  const { quarantine_days, cleaned_days, missing_days } = cleanup.retention;
  const retention = purges
    ? { quarantine_days, cleaned_days, missing_days }
    : { quarantine_days: 0, cleaned_days: 0, missing_days: 0 };
  const params = { temp_days: cleanup.temp_days, ...retention, dry_run };
  return runs.start(trx, cleanUpFiles, params, {
    starter,
    ...(dry_run && { subject: { type: 'dry_run', id: 'files' } }),
  });
}
