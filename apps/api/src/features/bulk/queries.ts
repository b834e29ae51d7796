import {
  type MediaState,
  type Operation,
  type OperationItem,
  type OperationRequest,
  type OperationResult,
  type OperationSubject,
  type OperationsQuery,
  operationLimits,
} from '@at/contracts/bulk';
import type { FlagValues } from '@at/contracts/labels';
import type { DB } from '@at/db/schema';
import type { Actor } from '@at/domain/actor';
import { expressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely';
import { runFilled } from '#lists/list-statements.ts';
import { mediaConditions, mediaFilterShape } from '#media-items/filters.ts';
import { asksPrediction, movieConditions, movieFilterShape } from '#titles/movie-filters.ts';

const state = sql`case when o.state = 'previewed' and o.expires_at <= now() then 'expired' else o.state end`;
const operationColumns = sql`
  o.operation_id, o.subject, o.action, o.change, o.filter, ${state} as state, o.total,
  json_build_object(
    'pending', case when o.state = 'cancelled' then 0 else rest end,
    'done', o.done, 'unchanged', o.unchanged, 'conflict', o.conflict, 'failed', o.failed,
    'cancelled', case when o.state = 'cancelled' then rest else 0 end
  ) as counts,
  o.actor, o.actor_verified, o.run_by, o.run_by_verified, o.created_at, o.expires_at, o.started_at, o.finished_at,
  o.inverse_of, (
    select i.operation_id from console.operation i where i.inverse_of = o.operation_id and i.started_at is not null
    order by i.started_at desc limit 1
  ) as taken_back_by, o.state in ('done', 'cancelled') and o.inverse_of is null and o.done > 0 as can_invert`;
const fromOperation = sql`
  from console.operation o, lateral (select o.total - o.done - o.unchanged - o.conflict - o.failed as rest) as rest`;

const result = sql`case when i.result = 'pending' and o.state = 'cancelled' then 'cancelled' else i.result end`;

export async function findOperation(db: Kysely<DB>, id: string): Promise<Operation | undefined> {
  const { rows } = await sql<Operation>`
    select ${operationColumns} ${fromOperation} where o.operation_id = ${id}::uuid
  `.execute(db);
  return rows[0];
}

/** Operations, newest first; those behind the one that was created then and has this id. */
export async function findOperations(
  db: Kysely<DB>,
  { state: states, subject, actor, started }: Omit<OperationsQuery, 'limit' | 'cursor'>,
  limit: number,
  behind: { created_at: string; id: string } | undefined,
): Promise<Operation[]> {
  const conditions = [
    states && sql`${state} = any(${states}::text[])`,
    subject && sql`o.subject = ${subject}`,
    actor !== undefined && sql`${actor} in (o.actor, o.run_by)`,
    started !== undefined && sql`(o.started_at is not null) = ${started}::boolean`,
    behind && sql`(o.created_at, o.operation_id) < (${behind.created_at}::timestamptz, ${behind.id}::uuid)`,
  ].filter((condition) => condition !== undefined && condition !== false);
  const { rows } = await sql<Operation>`
    select ${operationColumns} ${fromOperation}
    where ${sql.join([sql`true`, ...conditions], sql` and `)}
    order by o.created_at desc, o.operation_id desc
    limit ${limit}
  `.execute(db);
  return rows;
}

/** Items in their order, behind a position. */
export async function findItems(
  db: Kysely<DB>,
  id: string,
  { results, limit, behind = 0 }: { results?: OperationResult[] | undefined; limit: number; behind?: number },
): Promise<OperationItem[]> {
  const { rows } = await sql<OperationItem>`
    select i.position, i.key, i.title, ${result} as result, i.problem, i.before, i.after, i.event_id
    from console.operation_item i join console.operation o on o.operation_id = i.operation_id
    where i.operation_id = ${id}::uuid and i.position > ${behind}
      and ${results ? sql`${result} = any(${results}::text[])` : sql`true`}
    order by i.position
    limit ${limit}
  `.execute(db);
  return rows;
}

/** The request as a text that is the same for the same request in whatever order its members came. */
const digestOf = (request: object) =>
  sql`encode(sha256(convert_to((${JSON.stringify(request)}::jsonb)::text, 'UTF8')), 'hex')`;

export type KeyedRequest = {
  /** All that makes it this request and no other. */
  request: object;
  actor: Actor;
  key: string | undefined;
};

/** The operation of that actor and key, and whether the request is the same; undefined where the key is new. */
export async function findByKey(
  db: Kysely<DB>,
  { request, actor, key }: KeyedRequest,
): Promise<{ operation_id: string; same: boolean } | undefined> {
  const { rows } = await sql<{ operation_id: string; same: boolean }>`
    select operation_id, request_digest = ${digestOf(request)} as same
    from console.operation where actor = ${actor.name} and idempotency_key = ${key ?? null}
  `.execute(db);
  return rows[0];
}

type NewOperation = Pick<Operation, 'subject' | 'action' | 'change' | 'filter' | 'inverse_of'>;

/** Returns its id; undefined: the actor has used the key already. Waits for whoever is using it now. */
export async function insertOperation(
  trx: Kysely<DB>,
  { subject, action, change, filter, inverse_of }: NewOperation,
  { request, actor, key }: KeyedRequest,
): Promise<string | undefined> {
  const { rows } = await sql<{ operation_id: string }>`
    insert into console.operation
      (subject, action, change, filter, inverse_of, actor, actor_verified, idempotency_key, request_digest)
    values (${subject}, ${action}, ${JSON.stringify(change)}::jsonb, ${filter === null ? null : JSON.stringify(filter)}::jsonb,
      ${inverse_of}::uuid, ${actor.name}, ${actor.verified}::boolean, ${key ?? null}, ${digestOf(request)})
    on conflict (actor, idempotency_key) do nothing
    returning operation_id
  `.execute(trx);
  return rows[0]?.operation_id;
}

const absence: Record<OperationSubject, string> = {
  media: 'No media found with hash: ',
  training: 'No training data found with IMDB ID: ',
};

/** Freezes the items with these ids, each once; one that is not there has failed already. */
export async function freezeIds(trx: Kysely<DB>, id: string, subject: OperationSubject, ids: string[]): Promise<void> {
  const row =
    subject === 'media'
      ? sql`select m.updated_at, coalesce(m.media_title, m.original_title) as title from atp.media m where m.hash = a.key::bpchar`
      : sql`select t.updated_at, t.media_title as title from atp.training t where t.imdb_id = a.key`;
  await sql`
    insert into console.operation_item (operation_id, position, key, title, version, result, problem)
    select ${id}::uuid, a.position, a.key, r.title, r.updated_at,
      case when r.updated_at is null then 'failed' else 'pending' end,
      case when r.updated_at is null then ${absence[subject]} || a.key end
    from unnest(${ids}::text[]) with ordinality as a(key, position) left join lateral (${row}) as r on true
  `.execute(trx);
  await countItems(trx, id);
}

const eb = expressionBuilder<DB, never>();

function found({ subject, filter = {} }: OperationRequest): RawBuilder<unknown> {
  if (subject === 'media') {
    return sql`select m.hash as key, coalesce(m.media_title, m.original_title) as title, m.updated_at, m.created_at
      from atp.media m where ${eb.and(mediaConditions(mediaFilterShape(filter)))}`;
  }
  const shape = movieFilterShape(filter);
  const prediction = asksPrediction(shape) ? sql`join atp.prediction p on p.imdb_id = t.imdb_id` : sql``;
  return sql`select t.imdb_id as key, t.media_title as title, t.updated_at, t.created_at
    from atp.training t ${prediction} where ${eb.and(movieConditions(shape))}`;
}

/**
 * Freezes what matches the request's filter, newest first; `threshold` is that of a cell without one. Returns how many;
 * what is beyond the limit is not looked at.
 */
export async function freezeMatching(
  trx: Kysely<DB>,
  id: string,
  request: OperationRequest,
  threshold: number,
): Promise<number> {
  const statement = sql`
    insert into console.operation_item (operation_id, position, key, title, version)
    select ${id}::uuid, row_number() over (order by created_at desc, key desc), key, title, updated_at
    from (${found(request)} limit ${operationLimits.items + 1}) as found
  `;
  await runFilled(trx, statement, { threshold, ...request.filter });
  return countItems(trx, id);
}

/** Freezes what an operation has done, as it left it. */
export async function freezeInverse(trx: Kysely<DB>, id: string, inverseOf: string): Promise<void> {
  await sql`
    insert into console.operation_item (operation_id, position, key, title, version, source)
    select ${id}::uuid, row_number() over (order by position), key, title, written, position
    from console.operation_item where operation_id = ${inverseOf}::uuid and result = 'done'
  `.execute(trx);
  await countItems(trx, id);
}

async function countItems(trx: Kysely<DB>, id: string): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    update console.operation o set total = c.total, failed = c.failed
    from (
      select count(*)::integer as total, (count(*) filter (where result = 'failed'))::integer as failed
      from console.operation_item where operation_id = ${id}::uuid
    ) as c
    where o.operation_id = ${id}::uuid
    returning o.total
  `.execute(trx);
  return rows[0]?.total ?? 0;
}

/** Lets a preview run; false: it is none, or no more. */
export async function startOperation(db: Kysely<DB>, id: string, actor: Actor): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('console.operation')
    .set({ state: 'running', started_at: sql`now()`, run_by: actor.name, run_by_verified: actor.verified })
    .where('operation_id', '=', id)
    .where('state', '=', 'previewed')
    .where('expires_at', '>', sql<string>`now()`)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Stops an operation after what is being done at this moment, or drops a preview. */
export async function stopOperation(db: Kysely<DB>, id: string): Promise<void> {
  await sql`
    update console.operation
    set state = case state when 'previewed' then 'cancelled' else 'cancelling' end,
      finished_at = case state when 'previewed' then now() end
    where operation_id = ${id}::uuid and state in ('previewed', 'running')
  `.execute(db);
}

/**
 * Forgets previews that were never run, a day after they could last have been, and operations 90 days after they ended:
 * one by one, because an operation can have 100,000 items. One that another takes back stays for as long as that one. What
 * was done remains in the label events and media events.
 */
export async function forgetOperations(db: Kysely<DB>): Promise<void> {
  for (let deleted = 1n; deleted > 0n; ) {
    const { numAffectedRows = 0n } = await sql`
      delete from console.operation where operation_id = (
        select operation_id from console.operation o
        where (o.started_at is null and o.expires_at < now() - interval '1 day')
          or (o.finished_at < now() - interval '90 days'
            and not exists (select from console.operation i where i.inverse_of = o.operation_id))
        limit 1 for update skip locked
      )
    `.execute(db);
    deleted = numAffectedRows;
  }
}

// What the runner asks, over a connection of its own.

/** Makes this connection the one that runs the operation; false: another one does. It lasts until the connection ends. */
export async function claimOperation(session: Kysely<DB>, id: string): Promise<boolean> {
  const { rows } = await sql<{ claimed: boolean }>`
    select pg_try_advisory_lock(hashtextextended(${`operation ${id}`}, 0)) as claimed
  `.execute(session);
  return rows[0]?.claimed ?? false;
}

export async function releaseOperation(session: Kysely<DB>, id: string): Promise<void> {
  await sql`select pg_advisory_unlock(hashtextextended(${`operation ${id}`}, 0))`.execute(session);
}

/** Operations that have begun and not ended, the longest waiting first. */
export async function findUnfinished(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ operation_id: string }>`
    select operation_id from console.operation where state in ('running', 'cancelling') order by started_at limit 100
  `.execute(db);
  return rows.map(({ operation_id }) => operation_id);
}

/**
 * Keeps the operation from being cancelled until the transaction ends; false: it has been. Whatever lock is asked for in
 * the transaction is waited for briefly only, so that of two who wait for each other this one gives way.
 */
export async function holdRunning(trx: Kysely<DB>, id: string): Promise<boolean> {
  await sql`set local lock_timeout = '250ms'`.execute(trx);
  const { rows } = await sql`
    select from console.operation where operation_id = ${id}::uuid and state = 'running' for update
  `.execute(trx);
  return rows.length > 0;
}

/** An item whose turn has come, with what the operation taken back did to it. */
export type RunItem = {
  position: number;
  key: string;
  version: string;
  wanted: FlagValues | MediaState | null;
  undoes: number | null;
  outside: Outside | null;
};

/** What was done to an item outside the database: the torrent added, or what brings back those that were removed. */
export type Outside = { added?: string; links?: string[] };

/** Behind which position the items begin that wait. */
export async function findStart(db: Kysely<DB>, id: string): Promise<number> {
  const { rows } = await sql<{ start: number | null }>`
    select min(position) - 1 as start from console.operation_item where operation_id = ${id}::uuid and result = 'pending'
  `.execute(db);
  return rows[0]?.start ?? 0;
}

/**
 * The items that wait among the `size` positions behind one, held until the transaction ends. Positions have no gaps,
 * and a range of them costs the same however many items there are.
 */
export async function holdItems(trx: Kysely<DB>, id: string, behind: number, size: number): Promise<RunItem[]> {
  const { rows } = await sql<RunItem>`
    select i.position, i.key, i.version, s.before as wanted, s.event_id as undoes, s.outside
    from console.operation_item i
    join console.operation o on o.operation_id = i.operation_id
    left join console.operation_item s on s.operation_id = o.inverse_of and s.position = i.source
    where i.operation_id = ${id}::uuid and i.position > ${behind} and i.position <= ${behind + size}
      and i.result = 'pending'
    order by i.position
    for update of i
  `.execute(trx);
  return rows;
}

/** What became of an item. */
export type Outcome = {
  position: number;
  result: 'done' | 'unchanged' | 'conflict' | 'failed';
  problem: string | null;
  before: FlagValues | MediaState | null;
  after: FlagValues | MediaState | null;
  /** `updated_at` as it was left. */
  written: string | null;
  event_id: number | null;
  /** Something outside the database is still to follow. */
  owed: boolean;
  outside: Outside | null;
};

/** Writes down what became of items, in the transaction that changed them. */
export async function recordOutcomes(trx: Kysely<DB>, id: string, outcomes: Outcome[]): Promise<void> {
  await sql`
    with told as (
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
      from told
    )
    update console.operation o
    set done = o.done + c.done, unchanged = o.unchanged + c.unchanged, conflict = o.conflict + c.conflict,
      failed = o.failed + c.failed
    from counted c where o.operation_id = ${id}::uuid
  `.execute(trx);
}

/** An item that is done, but for what follows outside the database. */
export type OwedItem = Pick<RunItem, 'position' | 'key' | 'outside'> & {
  event_id: number | null;
  /** Of the operation taken back. */
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

export async function settleOwed(
  db: Kysely<DB>,
  id: string,
  { position, problem, outside }: Pick<Outcome, 'position' | 'problem' | 'outside'>,
): Promise<void> {
  await sql`
    update console.operation_item
    set owed = false, problem = ${problem}, outside = ${outside === null ? null : JSON.stringify(outside)}::jsonb
    where operation_id = ${id}::uuid and position = ${position}
  `.execute(db);
}

export async function finishOperation(db: Kysely<DB>, id: string): Promise<void> {
  await sql`
    update console.operation
    set state = case state when 'cancelling' then 'cancelled' else 'done' end, finished_at = now()
    where operation_id = ${id}::uuid and state in ('running', 'cancelling')
  `.execute(db);
}

/** What of an item decides whether Transmission is asked for its torrent. */
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
