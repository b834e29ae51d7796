import type { PlaceName } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { Kysely, Transaction } from 'kysely';
import { findBatch } from '../batches/queries.ts';
import { BatchRefused, lockBatch, undoableStates } from '../batches/rules.ts';
import { type BatchSettings, batch } from '../batches/tasks/make.ts';
import { undoBatch } from '../batches/tasks/undo.ts';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { StartRefused } from '../refused.ts';
import { findPlaces, folderOf } from './places.ts';
import type { Root } from './queries.ts';
import { cleanUpFiles } from './tasks/cleanup.ts';
import { scan } from './tasks/scan.ts';

// How runs of the file pipeline start: with the configuration of this moment, which they keep.

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

/** Starts a cleanup, or finds the one in progress. A dry run is one of its own. `purges`: also what was in quarantine for long enough. */
export async function startCleanup<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  { starter, dry_run, purges }: { starter: Starter; dry_run: boolean; purges: boolean },
): Promise<{ id: string; joined: boolean }> {
  const { cleanup } = await readPipelineConfig(trx);
  const quarantine_days = purges ? cleanup.retention.quarantine_days : 0;
  const params = { temp_days: cleanup.temp_days, quarantine_days, dry_run };
  return runs.start(trx, cleanUpFiles, params, {
    starter,
    ...(dry_run && { subject: { type: 'dry_run', id: 'files' } }),
  });
}

/** What the next batch is made of, with the configuration of this moment. Throws StartRefused. */
export async function batchParameters(
  trx: Kysely<DB>,
): Promise<{ source: number; batch: number; settings: BatchSettings; root: Root }> {
  const [source, root] = [await rootFor(trx, 'source'), await rootFor(trx, 'batch')];
  const { batch: chosen, sorter } = await readPipelineConfig(trx);
  const { max_size_gb, max_files, naming_pattern, order, allow_parallel, transfer_mode } = chosen;
  // As 2026-11-30.
  const day = new Date().toLocaleDateString('sv-SE', sorter.timezone === '' ? {} : { timeZone: sorter.timezone });
  const settings = { max_size_gb, max_files, naming_pattern, order, allow_parallel, transfer_mode, day };
  return { source: source.id, batch: root.id, settings, root };
}

/** Starts the run that makes the next batch, or finds the one in progress. Throws StartRefused. */
export async function startBatch<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  starter: Starter,
): Promise<{ id: string; joined: boolean }> {
  const { root, ...params } = await batchParameters(trx);
  return runs.start(trx, batch, params, {
    starter,
    subject: { type: 'batches', id: String(root.id) },
  });
}

/** Starts the run that takes a batch back. Throws BatchRefused if its status does not allow that, and BatchNotFound. */
export async function startBatchUndo<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  { id, starter }: { id: number; starter: Extract<Starter, { actor: unknown }> },
): Promise<{ id: string; joined: boolean }> {
  const found = await lockBatch(trx, id);
  const isBegun = !found.is_ready && found.status !== 'CLEANED' && (await findBatch(trx, id))?.undone_by !== null;
  if (!isBegun && !(found.is_ready && undoableStates.includes(found.status)))
    throw new BatchRefused(found, 'be undone', []);
  const params = { batch: id, actor: starter.actor.name };
  return runs.start(trx, undoBatch, params, {
    starter,
    subject: { type: 'batch', id: String(id) },
  });
}
