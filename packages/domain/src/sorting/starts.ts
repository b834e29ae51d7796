import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { Kysely, Transaction } from 'kysely';
import { allowedStates, BatchNotFound, BatchRefused, moveBatch } from '../batches/rules.ts';
import { findPlaces } from '../files/places.ts';
import { rootFor } from '../files/starts.ts';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { StartRefused } from '../refused.ts';
import { findBatchToSort, type SortedBatch } from './queries.ts';
import { sort } from './tasks/sort.ts';

/**
 * What the sorting of a batch would do, by the configuration of this moment. Throws StartRefused, or BatchRefused if the state of the batch
 * does not allow it.
 */
export async function planSort(db: Kysely<DB>, batch: SortedBatch) {
  const { dedup, sorter, syncthing } = await readPipelineConfig(db);
  const hasDevice = syncthing.folder_id !== '';
  const allowed = allowedStates(batch, hasDevice);
  if (batch.status !== 'SORTING' && !allowed.includes('SORTING'))
    throw new BatchRefused(batch, 'become SORTING', allowed);
  // The configuration is refused unless remove goes with moves, and keep with copies.
  if (hasDevice && syncthing.after_sync === 'ask')
    throw new StartRefused(
      'A file that leaves the folder leaves the device too. Choose syncthing.after_sync first: remove or keep.',
    );
  const { id: sorted } = await rootFor(db, 'sorted');
  const { duplicates } = await findPlaces(db);
  const params = {
    batch: batch.id,
    sorted,
    ...(duplicates && dedup.move_duplicates && { duplicates: duplicates.id }),
    folder_pattern: sorter.folder_pattern,
    exif_fallback: sorter.exif_fallback,
    timezone: sorter.timezone,
    transfer_mode: sorter.transfer_mode,
  };
  return { params, hasDevice };
}

/**
 * Starts the sorting of a batch, by its id or name, or finds the run that sorts it. Throws StartRefused, BatchRefused and BatchNotFound,
 * before it has written anything.
 */
export async function startSort<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  { batch: key, starter }: { batch: string; starter: Starter },
): Promise<{ id: string; joined: boolean; batch: SortedBatch }> {
  const batch = await findBatchToSort(trx, key);
  if (!batch) throw new BatchNotFound(key);
  const { params, hasDevice } = await planSort(trx, batch);
  if (batch.status !== 'SORTING') await moveBatch(trx, batch.id, 'SORTING', { hasDevice });
  const run = await runs.start(trx, sort, params, {
    starter,
    subject: { type: 'batch', id: String(batch.id) },
  });
  return { ...run, batch };
}
