import type { BatchStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { sql, type Transaction } from 'kysely';

// Which state of a batch follows which. Every change of a state goes through here; the trigger of the table keeps the history.

/** The states that a batch may get next, by its present one. From ERROR it goes back to where it failed. */
export const nextStates: Record<BatchStatus, readonly BatchStatus[]> = {
  PENDING: ['SYNCING', 'SORTING'],
  SYNCING: ['SYNCED', 'ERROR'],
  SYNCED: ['SORTING'],
  SORTING: ['SORTED', 'ERROR'],
  SORTED: ['CLEANED'],
  ERROR: ['SYNCING', 'SORTING'],
  CLEANED: [],
};

/** States in which no run works on the files of a batch, and they are in its directory: it can be taken back. */
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

/** A batch is not in a state that allows what was asked for. `allowed`: the states that it may get next. */
export class BatchRefused extends Error {
  override name = 'BatchRefused';
  readonly batch: BatchState;
  readonly allowed: readonly BatchStatus[];
  constructor(batch: BatchState, wanted: string, allowed: readonly BatchStatus[]) {
    const next = allowed.length > 0 ? `It can become ${allowed.join(' or ')}.` : 'Nothing follows that.';
    super(
      batch.is_ready || batch.status === 'CLEANED'
        ? `The batch ${batch.name} is ${batch.status} and cannot ${wanted}. ${next}`
        : `The files of the batch ${batch.name} are still being moved. Wait until its run has ended.`,
    );
    this.batch = batch;
    this.allowed = allowed;
  }
}

export class BatchNotFound extends Error {
  override name = 'BatchNotFound';
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
  if (!rows[0]) throw new BatchNotFound(`No batch has the id ${id}.`);
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

/**
 * Batches that were sorted, also those that were cleaned since, are to be sorted again, because a run has undone the moves of their files
 * into the archive. Those files are what they were before.
 */
export async function reopenSorted(trx: Transaction<DB>, run: string): Promise<void> {
  await sql`
    with back as materialized (
      select o.old_batch_id as batch_id, o.file_id, o.old_status as state
      from console.move m join console.move o on o.id = m.undoes
      where m.run_id = ${run}::uuid and m.state = 'done' and o.new_status = 'SORTED' and o.old_status in ('BATCHED', 'SYNCED')
    ), returned as (
      update console.batch_file b set state = case when b.confirmed_at is null then 'BATCHED' else back.state end, error = null
      from back where b.batch_id = back.batch_id and b.file_id = back.file_id and b.state = 'SORTED'
    )
    update console.batch set status = 'ERROR', failed_in = 'SORTING', sorted_at = null, cleaned_at = null, updated_at = now(),
      reason = 'The sorting of its files was undone. Sort it again.'
    where id in (select batch_id from back) and status in ('SORTED', 'CLEANED') and undone_at is null
  `.execute(trx);
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
