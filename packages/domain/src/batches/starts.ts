import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { Kysely, Transaction } from 'kysely';
import type { Root } from '../files/queries.ts';
import { rootFor } from '../files/starts.ts';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { findBatch } from './queries.ts';
import { BatchRefused, lockBatch, undoableStates } from './rules.ts';
import { type BatchSettings, batch } from './tasks/make.ts';
import { undoBatch } from './tasks/undo.ts';

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
