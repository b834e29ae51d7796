import type { SyncState } from '@at/contracts/sync-rules';
import type { DB } from '@at/db/schema';
import { sql, type Transaction } from 'kysely';
import { moveBatch } from '../batches/rules.ts';
import { decideAlone } from '../files/writes.ts';
import { isInBatch } from './queries.ts';

/** Keeps that the device has files. */
export async function confirmFiles(trx: Transaction<DB>, batch: number, positions: readonly number[]): Promise<void> {
  if (positions.length === 0) return;
  await sql`
    update console.batch_file set confirmed_at = now(), error = null
    where batch_id = ${batch} and position = any(${positions}::int[]) and confirmed_at is null
  `.execute(trx);
}

/** Writes why the device does not have files; what was confirmed before is not any more. */
export async function refuseFiles(
  trx: Transaction<DB>,
  batch: number,
  refused: readonly { position: number; why: string }[],
): Promise<void> {
  if (refused.length === 0) return;
  await sql`
    update console.batch_file f set confirmed_at = null, error = n.why
    from unnest(${refused.map(({ position }) => position)}::int[], ${refused.map(({ why }) => why)}::text[]) as n (position, why)
    where f.batch_id = ${batch} and f.position = n.position and (f.confirmed_at is not null or f.error is distinct from n.why)
  `.execute(trx);
}

/** Why a batch waits; null: it does not. */
export async function setBatchReason(
  trx: Transaction<DB>,
  batch: number,
  reason: string | null,
  status: 'SYNCING' | 'SYNCED' = 'SYNCING',
): Promise<void> {
  await sql`
    update console.batch set reason = ${reason}, updated_at = now()
    where id = ${batch} and status = ${status} and reason is distinct from ${reason}
  `.execute(trx);
}

export type Snapshot = {
  state: SyncState;
  percent: number;
  needed_bytes: number;
  needed_items: number;
  said: Record<string, string | number | boolean | null>;
};

/** Keeps what a sync saw if state or percentage are not those of the last time. */
export async function writeSnapshot(trx: Transaction<DB>, batch: number, snapshot: Snapshot): Promise<void> {
  const { state, percent, needed_bytes, needed_items, said } = snapshot;
  await sql`
    insert into console.sync_snapshot (batch_id, state, percent, needed_bytes, needed_items, said)
    select ${batch}, ${state}, ${percent}::real, ${needed_bytes}, ${needed_items}, ${JSON.stringify(said)}::jsonb
    where not exists (
      select from (
        select s.state, s.percent from console.sync_snapshot s where s.batch_id = ${batch} order by s.id desc limit 1
      ) last where last.state = ${state} and last.percent = ${percent}::real
    )
  `.execute(trx);
}

/** Files of a batch are not as they were when it was made. */
export class BatchChanged extends Error {
  override name = 'BatchChanged';
}

/** Makes a batch SYNCED with all of its files. Throws BatchChanged if one is not confirmed, or is not what it was. */
export async function endSync(trx: Transaction<DB>, batch: number): Promise<number> {
  await decideAlone(trx);
  const { rows } = await sql<{ wanted: number; confirmed: number; files: number }>`
    with wanted as materialized (
      select position, file_id, size, mtime_ns, sha256, confirmed_at from console.batch_file
      where batch_id = ${batch} and ${isInBatch} for update
    ), confirmed as (
      update console.batch_file m set state = 'SYNCED', error = null from wanted w
      where m.batch_id = ${batch} and m.position = w.position and w.confirmed_at is not null returning m.position
    ), synced as (
      update console.file f set status = 'SYNCED' from wanted w
      where f.id = w.file_id and f.batch_id = ${batch} and f.status = 'BATCHED' and f.size = w.size and f.mtime_ns = w.mtime_ns
        and (w.sha256 is null or f.sha256 = w.sha256)
      returning f.id
    )
    select (select count(*) from wanted) as wanted, (select count(*) from confirmed) as confirmed,
      (select count(*) from synced) as files
  `.execute(trx);
  const { wanted, confirmed, files } = rows[0] as (typeof rows)[0];
  if (wanted === 0) throw new BatchChanged('The batch has no files. Undo it.');
  if (wanted !== confirmed || wanted !== files) {
    throw new BatchChanged(
      `${wanted - Math.min(confirmed, files)} of ${wanted} files are not what they were when the batch was made. Undo the batch: changed files go to where they came from, as new ones.`,
    );
  }
  await moveBatch(trx, batch, 'SYNCED');
  return files;
}
