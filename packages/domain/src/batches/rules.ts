import type { BatchStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { decideAlone } from '../files/writes.ts';
import { NotFound, Refused } from '../refused.ts';

// Which state of a batch follows which. Every change of a state goes through here; the trigger of the table keeps the history.

/** The states that a batch may get next, by its present one. From ERROR it goes back to where it failed. */
const nextStates: Record<BatchStatus, readonly BatchStatus[]> = {
  PENDING: ['SYNCING', 'SORTING'],
  SYNCING: ['SYNCED', 'ERROR'],
  SYNCED: ['SORTING'],
  SORTING: ['SORTED', 'ERROR'],
  SORTED: ['CLEANED'],
  ERROR: ['SYNCING', 'SORTING'],
  CLEANED: [],
};

/** States in which no run works on the files of a batch, and they are in its directory: it can be undone. */
export const undoableStates: readonly BatchStatus[] = ['PENDING', 'SYNCED', 'ERROR'];

/** States in which a batch holds up the next one. */
export const blockingStates: readonly BatchStatus[] = ['PENDING', 'SYNCING', 'SYNCED', 'SORTING', 'ERROR'];

/** What a change of a batch depends on. */
export type BatchState = {
  id: number;
  name: string;
  status: BatchStatus;
  failed_in: BatchStatus | null;
  reason: string | null;
  is_ready: boolean;
};

/** Why a batch cannot be undone, and what to do; null: it can. */
export function undoRefusal({ status, is_ready }: Pick<BatchState, 'status' | 'is_ready'>): string | null {
  if (status === 'CLEANED' && !is_ready) return 'It is undone already.';
  if (!is_ready) return 'Its files are being moved. Wait until its run has ended.';
  if (undoableStates.includes(status)) return null;
  return status === 'SYNCING' || status === 'SORTING'
    ? 'A run works on it. Cancel that first.'
    : 'Its files are in the archive. Undo the run that sorted it.';
}

/** Why a person cannot say now that the device was cleaned of a batch; null: that is possible. */
export function deviceCleanedRefusal({
  status,
  has_files,
  device_cleaned_at,
}: Pick<BatchState, 'status'> & { has_files: boolean; device_cleaned_at: string | null }): string | null {
  if (device_cleaned_at !== null) return 'That is confirmed already.';
  if (status === 'CLEANED') return 'It is cleaned up already.';
  if (status !== 'SORTED') return 'Sort it first: the archive does not have all of its files.';
  return has_files ? null : 'Its folder has none of its files any more: the cleanup needs no confirmation.';
}

/** A batch is not in a state that allows a change. `allowed`: the states that it may get next. */
export class BatchRefused extends Refused {
  override name = 'BatchRefused';
  readonly batch: BatchState;
  readonly allowed: readonly BatchStatus[];
  constructor(batch: BatchState, wanted: string, allowed: readonly BatchStatus[]) {
    const next = allowed.length > 0 ? `It can become ${allowed.join(' or ')}.` : undoRefusal(batch);
    super(
      batch.is_ready || batch.status === 'CLEANED'
        ? `The batch ${batch.name} is ${batch.status} and cannot ${wanted}. ${next ?? 'GET /api/batches has its state.'}`
        : `The files of the batch ${batch.name} are still being moved. Wait until its run has ended.`,
    );
    this.batch = batch;
    this.allowed = allowed;
  }
}

export class BatchNotFound extends NotFound {
  override name = 'BatchNotFound';
  constructor(idOrName: string | number) {
    super('Batch', `No batch has the id or name ${JSON.stringify(idOrName)}. GET /api/batches lists them.`);
  }
}

/** The states that a batch may get next. `hasDevice`: its files go to a device before they are sorted. */
export function allowedStates(
  { status, failed_in, is_ready }: Pick<BatchState, 'status' | 'failed_in' | 'is_ready'>,
  hasDevice = true,
): readonly BatchStatus[] {
  if (!is_ready) return [];
  if (status === 'ERROR') return nextStates.ERROR.filter((next) => next === failed_in);
  if (status === 'PENDING') return nextStates.PENDING.filter((next) => (next === 'SYNCING') === hasDevice);
  return nextStates[status];
}

/** Locks a batch until the transaction ends. Throws BatchNotFound. */
export async function lockBatch(trx: Transaction<DB>, id: number): Promise<BatchState> {
  const { rows } = await sql<BatchState>`
    select id, name, status, failed_in, reason, ready_at is not null as is_ready from console.batch where id = ${id} for update
  `.execute(trx);
  if (!rows[0]) throw new BatchNotFound(id);
  return rows[0];
}

/**
 * Gives a batch its next state; `reason` is why, which ERROR needs, and replaces that of the former state. Without a device a PENDING
 * batch can be sorted at once. Throws BatchRefused if the state does not follow the present one, and BatchNotFound.
 */
export async function moveBatch(
  trx: Transaction<DB>,
  id: number,
  to: BatchStatus,
  { reason = null, hasDevice = true }: { reason?: string | null; hasDevice?: boolean } = {},
): Promise<BatchState> {
  const batch = await lockBatch(trx, id);
  const allowed = allowedStates(batch, hasDevice);
  if (!allowed.includes(to)) throw new BatchRefused(batch, `become ${to}`, allowed);
  const failed_in = to === 'ERROR' ? batch.status : null;
  await sql`
    update console.batch set status = ${to}, reason = ${reason}, failed_in = ${failed_in}, updated_at = now(),
      synced_at = case when ${to} = 'SYNCED' then now() else synced_at end,
      sorted_at = case when ${to} = 'SORTED' then now() else sorted_at end,
      cleaned_at = case when ${to} = 'CLEANED' then now() end
    where id = ${id}
  `.execute(trx);
  return { ...batch, status: to, reason, failed_in };
}

/** Files that are in the directory of their batch, though they have had a place elsewhere: nobody has changed them, nor sorts them now. */
const isBack = sql`b.state in ('SORTED', 'DUPLICATE') and t.status <> 'SORTING' and f.status in ('BATCHED', 'SYNCED', 'NEW', 'UNIQUE')
  and d.root_id = here.root_id and f.size = b.size and abs(f.mtime_ns - b.mtime_ns) <= 1000`;
/** Files of a cleaned batch that came back from the quarantine. */
const isReleased = sql`b.state in ('SORTED', 'DUPLICATE') and t.status = 'CLEANED' and f.status in ('ARCHIVED', 'DUPLICATE') and d.root_id = here.root_id`;
const returned = sql`console.file f join console.batch_file b on b.batch_id = f.batch_id and b.file_id = f.id
  join console.batch t on t.id = b.batch_id and t.undone_at is null join console.file_directory d on d.id = t.directory_id
  join console.file_directory here on here.id = f.directory_id`;

/**
 * Batches of which files are back in their directory, because their moves were undone, are to be sorted again, also those that were cleaned
 * since. What says so is where the files are, not a run: an undo can end early, and be finished by another one.
 */
export async function reopenReturned(trx: Transaction<DB>): Promise<number> {
  await decideAlone(trx);
  const { rows } = await sql<{ batches: number }>`
    with back as materialized (
      select b.batch_id, b.position, f.id, case when b.confirmed_at is null then 'BATCHED' else 'SYNCED' end as state
      from ${returned} where ${isBack}
    ), noted as (
      update console.batch_file b set state = back.state, error = null from back
      where b.batch_id = back.batch_id and b.position = back.position
    ), placed as (
      update console.file f set status = back.state, duplicate_of = null, error = null from back
      where f.id = back.id and f.status <> back.state
    ), reopened as (
      update console.batch set status = 'ERROR', failed_in = 'SORTING', sorted_at = null, cleaned_at = null, device_cleaned_at = null,
        device_cleaned_by = null, updated_at = now(),
        reason = 'The sorting of its files was undone. Sort it again.'
      where id in (select batch_id from back) and status in ('SORTED', 'CLEANED', 'ERROR')
      returning id
    ), waiting as (
      update console.batch set status = 'SORTED', cleaned_at = null, device_cleaned_at = null, device_cleaned_by = null,
        updated_at = now(), reason = 'Its files came back from the quarantine.'
      where id in (select t.id from ${returned} where ${isReleased}) and id not in (select batch_id from back)
      returning id
    )
    select (select count(*) from reopened) + (select count(*) from waiting) as batches
  `.execute(trx);
  return rows[0]?.batches ?? 0;
}

/** Whether there are batches for `reopenReturned`. */
export async function hasReturned(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql`select from ${returned} where ${isBack} or ${isReleased} limit 1`.execute(db);
  return rows.length > 0;
}

/** Ends the sorting of a batch whose run has ended before it wrote how. */
export async function endSorting(trx: Transaction<DB>, id: number): Promise<void> {
  const batch = await lockIfThere(trx, id);
  if (batch?.status === 'SORTING') await moveBatch(trx, id, 'ERROR', { reason: 'The run ended early. Sort it again.' });
}

/** Sorts a batch because its run goes on. Returns false if its state does not allow it any more. */
export async function reopenSorting(trx: Transaction<DB>, id: number): Promise<boolean> {
  const batch = await lockIfThere(trx, id);
  if (!batch || !allowedStates(batch).includes('SORTING')) return false;
  await moveBatch(trx, id, 'SORTING');
  return true;
}

/** Like `lockBatch`; undefined: there is no such batch. */
export async function lockIfThere(trx: Transaction<DB>, id: number): Promise<BatchState | undefined> {
  try {
    return await lockBatch(trx, id);
  } catch (error) {
    if (error instanceof BatchNotFound) return undefined;
    throw error;
  }
}
