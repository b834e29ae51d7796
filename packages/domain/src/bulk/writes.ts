import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import type { Actor } from '../actor.ts';
import { isReverted } from './queries.ts';

/**
 * Starts a preview; needs a transaction. Returns false if it is not a preview or has expired, or if it is an inverse and
 * another one reverts the same operation.
 */
export async function startOperation(trx: Kysely<DB>, id: string, actor: Actor): Promise<boolean> {
  await lockInverted(trx, id);
  const { numUpdatedRows } = await trx
    .updateTable('console.operation')
    .set({ state: 'running', started_at: sql`now()`, run_by: actor.name, run_by_verified: actor.verified })
    .where('operation_id', '=', id)
    .where('state', '=', 'previewed')
    .where('expires_at', '>', sql<string>`now()`)
    .where(sql<boolean>`not ${isReverted(sql`operation.inverse_of`)}`)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Of two inverses that start at once, the second sees the first. */
async function lockInverted(trx: Kysely<DB>, id: string): Promise<void> {
  await sql`select from console.operation where operation_id = (
    select inverse_of from console.operation where operation_id = ${id}::uuid
  ) for update`.execute(trx);
}

/**
 * Ends an operation with its run. If items still owe side effects, as when its worker was lost before a cancel, it goes on as
 * `cancelling` until another run has done them.
 */
export async function endOperation(trx: Kysely<DB>, id: string, isCompleted: boolean): Promise<void> {
  await sql`
    with ended as (
      select operation_id, case
          when exists (select from console.operation_item i where i.operation_id = o.operation_id and i.owed) then 'cancelling'
          when state = 'running' and ${isCompleted}::boolean then 'done'
          else 'cancelled'
        end as state
      from console.operation o where operation_id = ${id}::uuid and state in ('running', 'cancelling')
      for update
    )
    update console.operation o
    set state = e.state, finished_at = case when e.state <> 'cancelling' then now() end
    from ended e where e.operation_id = o.operation_id
  `.execute(trx);
}

/** Continues a cancelled operation with its run. Returns false if it, or what it inverts, has been reverted. */
export async function reopenOperation(trx: Kysely<DB>, id: string): Promise<boolean> {
  await lockInverted(trx, id);
  const { numAffectedRows = 0n } = await sql`
    update console.operation o set state = 'running', finished_at = null
    where operation_id = ${id}::uuid and state in ('cancelling', 'cancelled')
      and not ${isReverted(sql`o.operation_id`)} and not ${isReverted(sql`o.inverse_of`)}
  `.execute(trx);
  return numAffectedRows > 0n;
}

/** Stops an operation after the batch in flight, or discards a preview. */
export async function stopOperation(db: Kysely<DB>, id: string): Promise<void> {
  await sql`
    update console.operation
    set state = case state when 'previewed' then 'cancelled' else 'cancelling' end,
      finished_at = case state when 'previewed' then now() end
    where operation_id = ${id}::uuid and state in ('previewed', 'running')
  `.execute(db);
}

/**
 * Deletes a preview a day after it expires, or an operation 90 days after it ends, and returns how many it were: one at most.
 * An operation with an inverse stays as long as its inverse. Label events and media events stay.
 */
export async function deleteOldOperation(db: Kysely<DB>): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from console.operation where operation_id = (
      select operation_id from console.operation o
      where (o.started_at is null and o.expires_at < now() - interval '1 day')
        or (o.finished_at < now() - interval '90 days'
          and not exists (select from console.operation i where i.inverse_of = o.operation_id))
      limit 1 for update skip locked
    )
  `.execute(db);
  return Number(numAffectedRows);
}
