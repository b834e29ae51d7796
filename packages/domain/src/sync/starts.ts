import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { Transaction } from 'kysely';
import { lockBatch, moveBatch } from '../batches/rules.ts';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { StartRefused } from '../refused.ts';
import { sync } from './tasks/sync.ts';

/**
 * Starts the sync of a batch with the configuration of this moment, or finds the one in progress. Throws StartRefused without a
 * device, BatchRefused if its state does not allow it, and BatchNotFound.
 */
export async function startSync<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  { batch, starter }: { batch: number; starter: Starter },
): Promise<{ id: string; joined: boolean }> {
  const { folder_id, device_id, auto_sort_after_sync, poll_interval_sec, rescan_delay_sec, stall_min, on_stall } = (
    await readPipelineConfig(trx)
  ).syncthing;
  if (folder_id === '')
    throw new StartRefused(
      'No Syncthing folder is configured (syncthing.folder_id): without one, batches are sorted at once.',
    );
  if (device_id === '')
    throw new StartRefused('No device is configured (syncthing.device_id). Connect Syncthing first.');
  const { status } = await lockBatch(trx, batch);
  if (status !== 'SYNCING') await moveBatch(trx, batch, 'SYNCING');
  const params = {
    batch,
    folder: folder_id,
    device: device_id,
    poll_interval_sec,
    rescan_delay_sec,
    stall_min,
    on_stall,
    sort_next: auto_sort_after_sync,
  };
  return runs.start(trx, sync, params, {
    starter,
    subject: { type: 'batch', id: String(batch) },
  });
}
