import {
  type Operation,
  type OperationItem,
  type OperationRequest,
  type OperationResult,
  type OperationSubject,
  type OperationsQuery,
  operationLimits,
} from '@at/contracts/bulk';
import type { DB } from '@at/db/schema';
import type { Actor } from '@at/domain/actor';
import { fromOperation, operationColumns, operationState } from '@at/domain/bulk/queries';
import { expressionBuilder, type Kysely, type RawBuilder, sql } from 'kysely';
import { runFilled } from '#lists/list-statements.ts';
import { mediaConditions, mediaFilterShape } from '#media-items/filters.ts';
import { movieConditions, movieFilterShape, needsPrediction } from '#titles/movie-filters.ts';

const result = sql`case when i.result = 'pending' and o.state = 'cancelled' then 'cancelled' else i.result end`;

/** Operations, newest first; those behind the one that was created then and has this id. */
export async function findOperations(
  db: Kysely<DB>,
  { state: states, subject, actor, started, at_min, at_max }: Omit<OperationsQuery, 'limit' | 'cursor'>,
  limit: number,
  behind: { created_at: string; id: string } | undefined,
): Promise<Operation[]> {
  const conditions = [
    states && sql`${operationState} = any(${states}::text[])`,
    subject && sql`o.subject = ${subject}`,
    actor !== undefined && sql`${actor} in (o.actor, o.run_by)`,
    started !== undefined && sql`(o.started_at is not null) = ${started}::boolean`,
    at_min !== undefined && sql`coalesce(o.started_at, o.created_at) >= ${at_min}::timestamptz`,
    at_max !== undefined && sql`coalesce(o.started_at, o.created_at) < ${at_max}::timestamptz`,
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

type NewOperation = Pick<Operation, 'subject' | 'action' | 'change' | 'filter' | 'inverse_of'>;

/** Returns its id. */
export async function insertOperation(
  trx: Kysely<DB>,
  { subject, action, change, filter, inverse_of }: NewOperation,
  actor: Actor,
): Promise<string> {
  const { operation_id } = await trx
    .insertInto('console.operation')
    .values({
      subject,
      action,
      change: JSON.stringify(change),
      filter: filter === null ? null : JSON.stringify(filter),
      inverse_of,
      actor: actor.name,
      actor_verified: actor.verified,
    })
    .returning('operation_id')
    .executeTakeFirstOrThrow();
  return operation_id;
}

const absence: Record<OperationSubject, string> = {
  media: 'No media found with hash: ',
  training: 'No training data found with IMDB ID: ',
};

const padded = (column: string) => `lpad(${column}::text, greatest(2, length(${column}::text)), '0')`;
/** The title with its season and episode, such as `Alien S02E05`; until the release is parsed, its raw name. */
const mediaName = sql.raw(
  `coalesce(m.media_title || coalesce(' ' || nullif(concat('S' || ${padded('m.season')}, 'E' || ${padded('m.episode')}), ''), ''),
    m.original_title)`,
);

/** Freezes the items with these ids, each once; one that is not there has failed already. */
export async function freezeIds(trx: Kysely<DB>, id: string, subject: OperationSubject, ids: string[]): Promise<void> {
  const row =
    subject === 'media'
      ? sql`select m.updated_at, ${mediaName} as title from atp.media m where m.hash = a.key::bpchar`
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
    return sql`select m.hash as key, ${mediaName} as title, m.updated_at, m.created_at
      from atp.media m where ${eb.and(mediaConditions(mediaFilterShape(filter)))}`;
  }
  const shape = movieFilterShape(filter);
  const prediction = needsPrediction(shape) ? sql`join atp.prediction p on p.imdb_id = t.imdb_id` : sql``;
  return sql`select t.imdb_id as key, t.media_title as title, t.updated_at, t.created_at
    from atp.training t ${prediction} where ${eb.and(movieConditions(shape))}`;
}

/**
 * Freezes what matches the request's filter, in the default order of its list; one with a cell needs a threshold. Returns how
 * many; what is beyond the limit is not looked at.
 */
export async function freezeMatching(trx: Kysely<DB>, id: string, request: OperationRequest): Promise<number> {
  const statement = sql`
    insert into console.operation_item (operation_id, position, key, title, version)
    select ${id}::uuid, row_number() over (order by created_at desc, key), key, title, updated_at
    from (${found(request)} limit ${operationLimits.items + 1}) as found
  `;
  await runFilled(trx, statement, request.filter ?? {});
  return countItems(trx, id);
}

/** Freezes what an operation has done and no inverse of it has reverted yet, as it left it. */
export async function freezeInverse(trx: Kysely<DB>, id: string, inverseOf: string): Promise<void> {
  await sql`
    insert into console.operation_item (operation_id, position, key, title, version, source)
    select ${id}::uuid, row_number() over (order by position), key, title, written, position
    from console.operation_item i where operation_id = ${inverseOf}::uuid and result = 'done' and not exists (
      select from console.operation o join console.operation_item r on r.operation_id = o.operation_id
      where o.inverse_of = ${inverseOf}::uuid and r.source = i.position and r.result in ('done', 'unchanged')
    )
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
