import type { Operation } from '@at/contracts/bulk';
import type { FlagValues } from '@at/contracts/labels';
import type { MediaState } from '@at/contracts/media';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';

/** The state in replies. */
export const operationState = sql`case when o.state = 'previewed' and o.expires_at <= now() then 'expired' else o.state end`;

/** The last operation that was run to revert this one. */
export const takenBackBy = (operation: RawBuilder<unknown>) => sql<string | null>`(
    select i.operation_id from console.operation i where i.inverse_of = ${operation} and i.started_at is not null
    order by i.started_at desc limit 1
  )`;

/** Whether another operation has reverted this one, or does. One that was stopped, or that failed for some items, leaves something to revert. */
export const isReverted = (operation: RawBuilder<unknown>) => sql`exists (
    select from console.operation i where i.inverse_of = ${operation}
      and (i.state in ('running', 'cancelling') or (i.state = 'done' and i.failed = 0))
  )`;

export const operationColumns = sql`
  o.operation_id, o.subject, o.action, o.change, o.filter, ${operationState} as state, o.total,
  json_build_object(
    'pending', case when o.state = 'cancelled' then 0 else rest end,
    'done', o.done, 'unchanged', o.unchanged, 'conflict', o.conflict, 'failed', o.failed,
    'cancelled', case when o.state = 'cancelled' then rest else 0 end
  ) as counts,
  o.actor, o.actor_verified, o.run_by, o.run_by_verified, o.created_at, o.expires_at, o.started_at, o.finished_at,
  o.inverse_of, ${takenBackBy(sql`o.operation_id`)} as taken_back_by, o.state in ('done', 'cancelled') and o.inverse_of is null and o.done > 0 and not ${isReverted(sql`o.operation_id`)} as can_invert`;
export const fromOperation = sql`
  from console.operation o, lateral (select o.total - o.done - o.unchanged - o.conflict - o.failed as rest) as rest`;

export async function findOperation(db: Kysely<DB>, id: string): Promise<Operation | undefined> {
  const { rows } = await sql<Operation>`
    select ${operationColumns} ${fromOperation} where o.operation_id = ${id}::uuid
  `.execute(db);
  return rows[0];
}

/** Locks the operation until the connection ends. Returns false if another connection holds the lock. */
export async function claimOperation(session: Kysely<DB>, id: string): Promise<boolean> {
  const { rows } = await sql<{ claimed: boolean }>`
    select pg_try_advisory_lock(hashtextextended(${`operation ${id}`}, 0)) as claimed
  `.execute(session);
  return rows[0]?.claimed ?? false;
}

export async function releaseOperation(session: Kysely<DB>, id: string): Promise<void> {
  await sql`select pg_advisory_unlock(hashtextextended(${`operation ${id}`}, 0))`.execute(session);
}

/** Locks operations that go on without an unfinished run, the oldest first; without those that another transaction has locked. */
export async function findWithoutRun(
  trx: Kysely<DB>,
): Promise<{ operation_id: string; name: string; verified: boolean }[]> {
  const { rows } = await sql<{ operation_id: string; name: string; verified: boolean }>`
    select operation_id, coalesce(run_by, actor) as name, run_by_verified as verified
    from console.operation o
    where state in ('running', 'cancelling') and not exists (
      select from console.run r
      where r.task = 'bulk.apply' and r.subject_type = 'operation' and r.subject_id = o.operation_id::text
        and r.exclusive and r.finished_at is null
    )
    order by started_at limit 100
    for update of o skip locked
  `.execute(trx);
  return rows;
}

/**
 * Locks the operation against cancelling until the transaction ends. Returns false if it is cancelled. Sets a short lock
 * timeout, so that the transaction gives way in a deadlock.
 */
export async function lockRunning(trx: Kysely<DB>, id: string): Promise<boolean> {
  await sql`set local lock_timeout = '250ms'`.execute(trx);
  const { rows } = await sql`
    select from console.operation where operation_id = ${id}::uuid and state = 'running' for update
  `.execute(trx);
  return rows.length > 0;
}

/** An item to write; for an inverse, with the values from the inverted operation. `outside`: also the torrent that was just added. */
export type RunItem = {
  position: number;
  key: string;
  version: string;
  wanted: FlagValues | MediaState | null;
  undoes: number | null;
  outside: Outside | null;
};

/** Effects of an item outside of the database: the added torrent, or the links of removed ones. */
export type Outside = { added?: string; links?: string[] };

/** The position before the first pending item. */
export async function findStart(db: Kysely<DB>, id: string): Promise<number> {
  const { rows } = await sql<{ start: number | null }>`
    select min(position) - 1 as start from console.operation_item where operation_id = ${id}::uuid and result = 'pending'
  `.execute(db);
  return rows[0]?.start ?? 0;
}

const tables = {
  training: { table: sql`atp.training`, key: sql`imdb_id`, keys: sql`text[]` },
  media: { table: sql`atp.media`, key: sql`hash`, keys: sql`bpchar[]` },
};

/** Of these rows, the ones that another session has locked; locks the others until the transaction ends. */
export async function findLocked(
  db: Kysely<DB>,
  subject: Operation['subject'],
  items: Pick<RunItem, 'key'>[],
): Promise<Set<string>> {
  const { table, key, keys } = tables[subject];
  const isTarget = sql`${key} = any(${items.map((item) => item.key)}::${keys})`;
  const { rows } = await sql<{ key: string }>`
    with free as (select ${key} from ${table} where ${isTarget} order by ${key} for update skip locked)
    select ${key} as key from ${table} where ${isTarget} and ${key} not in (select ${key} from free)
  `.execute(db);
  return new Set(rows.map((row) => row.key));
}

/**
 * The pending items among the next `size` positions, locked until the transaction ends. Positions have no gaps, so a range
 * costs the same for any number of items.
 */
export async function lockItems(trx: Kysely<DB>, id: string, offset: number, size: number): Promise<RunItem[]> {
  const { rows } = await sql<RunItem>`
    select i.position, i.key, i.version, s.before as wanted, s.event_id as undoes, s.outside
    from console.operation_item i
    join console.operation o on o.operation_id = i.operation_id
    left join console.operation_item s on s.operation_id = o.inverse_of and s.position = i.source
    where i.operation_id = ${id}::uuid and i.position > ${offset} and i.position <= ${offset + size}
      and i.result = 'pending'
    order by i.position
    for update of i
  `.execute(trx);
  return rows;
}

/** The outcome of an item. */
export type Outcome = {
  position: number;
  result: 'done' | 'unchanged' | 'conflict' | 'failed';
  problem: string | null;
  before: FlagValues | MediaState | null;
  after: FlagValues | MediaState | null;
  /** `updated_at` after the write. */
  written: string | null;
  event_id: number | null;
  /** Side effects outside of the database are still to do. */
  owed: boolean;
  outside: Outside | null;
};

/** Records the outcomes of items in the transaction that changed them. */
export async function recordOutcomes(trx: Kysely<DB>, id: string, outcomes: Outcome[]): Promise<void> {
  await sql`
    with recorded as (
      update console.operation_item i
      set result = t.result, problem = t.problem, before = t.before, after = t.after, written = t.written,
        event_id = t.event_id, owed = t.owed, outside = t.outside
      from jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) as t(position integer, result text, problem text,
        before jsonb, after jsonb, written timestamptz, event_id bigint, owed boolean, outside jsonb)
      where i.operation_id = ${id}::uuid and i.position = t.position
      returning i.result
    ), counted as (
      select count(*) filter (where result = 'done') as done, count(*) filter (where result = 'unchanged') as unchanged,
        count(*) filter (where result = 'conflict') as conflict, count(*) filter (where result = 'failed') as failed
      from recorded
    )
    update console.operation o
    set done = o.done + c.done, unchanged = o.unchanged + c.unchanged, conflict = o.conflict + c.conflict,
      failed = o.failed + c.failed
    from counted c where o.operation_id = ${id}::uuid
  `.execute(trx);
}

/** A written item with side effects still to do. */
export type OwedItem = Pick<RunItem, 'position' | 'key' | 'outside'> & {
  event_id: number | null;
  /** Of the inverted operation. */
  undoes: number | null;
  original_link: string | null;
};

export async function findOwed(db: Kysely<DB>, id: string, limit: number): Promise<OwedItem[]> {
  const { rows } = await sql<OwedItem>`
    select i.position, i.key, s.outside, i.event_id, s.event_id as undoes, m.original_link
    from console.operation_item i
    join console.operation o on o.operation_id = i.operation_id
    left join console.operation_item s on s.operation_id = o.inverse_of and s.position = i.source
    left join atp.media m on o.subject = 'media' and m.hash = i.key::bpchar
    where i.operation_id = ${id}::uuid and i.owed
    order by i.position
    limit ${limit}
  `.execute(db);
  return rows;
}

/** What became of the side effects of an item. */
export type Settled = Pick<Outcome, 'problem' | 'outside'> & {
  /** There were none, and the write changed nothing either. */
  isUnchanged?: boolean;
};

export async function settleOwed(
  db: Kysely<DB>,
  id: string,
  { position, problem, outside, isUnchanged = false }: Settled & Pick<Outcome, 'position'>,
): Promise<void> {
  await sql`
    with settled as (
      update console.operation_item
      set owed = false, problem = ${problem}, outside = ${outside === null ? null : JSON.stringify(outside)}::jsonb,
        result = case when ${isUnchanged}::boolean then 'unchanged' else result end
      where operation_id = ${id}::uuid and position = ${position} and owed
      returning 1
    )
    update console.operation set done = done - 1, unchanged = unchanged + 1
    where ${isUnchanged}::boolean and operation_id = ${id}::uuid and exists (select from settled)
  `.execute(db);
}

/** The fields that decide whether to add the item's torrent to Transmission. */
export async function findTorrentLink(
  db: Kysely<DB>,
  hash: string,
): Promise<{ original_link: string | null; updated_at: string; deleted_at: string | null } | undefined> {
  return db
    .selectFrom('atp.media')
    .select(['original_link', 'updated_at', 'deleted_at'])
    .where('hash', '=', hash)
    .executeTakeFirst();
}
