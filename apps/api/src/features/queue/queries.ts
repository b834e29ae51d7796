import type { SortOrder } from '@at/contracts/paging';
import {
  type QueueFilters,
  type QueueItem,
  type QueueItemDetails,
  type QueueQuery,
  type QueueRun,
  type QueueSort,
  queueDefaultSort,
} from '@at/contracts/queue';
import type { QueueFailure, QueuePeriod, QueueStats, QueueSummary } from '@at/contracts/queue-status';
import type { QueueStatus } from '@at/contracts/vocabulary';
import { runPrepared } from '@at/db/client';
import type { ConsoleQueueItemState, DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { repairedBy, workedMs } from '@at/runs/reports';
import { type Kysely, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { SortKey } from '#lists/keyset.ts';
import { type List, type ListInput, param } from '#lists/list-statements.ts';
import { holdsWords, tight } from '#lists/title-search.ts';

type Tables = DB & { q: ConsoleQueueItemState };
type Select<Row> = SelectQueryBuilder<Tables, 'q', Row>;

const filterNames = ['id', 'status', 'search', 'movie_code', 'actress', 'fingerprint', 'error_code', 'waits'] as const;

/** The part of the parameters that the SQL depends on. */
export type QueueShape = {
  sort_by: QueueSort;
  sort_order: SortOrder;
  filters: (keyof QueueFilters)[];
};

export function queueShape(query: QueueQuery): QueueShape {
  const { sort_by = queueDefaultSort.sort_by, sort_order = queueDefaultSort.sort_order } = query;
  return { sort_by, sort_order, filters: filterNames.filter((name) => query[name] !== undefined) };
}

/** The conditions of filters, over values that `of` gives. */
const conditionsOf = (
  of: <Value>(read: (query: QueueFilters) => Value) => Value,
): Record<keyof QueueFilters, RawBuilder<SqlBool>> => {
  const holds = (name: 'search' | 'movie_code' | 'actress', ...columns: (keyof ConsoleQueueItemState)[]) =>
    sql<SqlBool>`(${sql.join(
      columns.map((column) => holdsWords(sql.ref(`q.${column}`), sql`${of((query) => query[name])}::text`)),
      sql` or `,
    )})`;
  return {
    id: sql`q.id = any(${of(({ id }) => id)}::bigint[])`,
    status: sql`q.status = any(${of(({ status }) => status)}::text[])`,
    search: holds('search', 'movie_code', 'actress', 'file_path', 'new_path'),
    movie_code: holds('movie_code', 'movie_code'),
    actress: holds('actress', 'actress'),
    fingerprint: sql`(q.error_fingerprint = ${of(({ fingerprint }) => fingerprint)} and q.status = 'error')`,
    error_code: sql`(q.error_code = any(${of(({ error_code }) => error_code)}::text[]) and q.status = 'error')`,
    waits: sql`(q.status = 'error' and (q.next_retry_at is not null) = ${of(({ waits }) => waits)}::boolean)`,
  };
};

const columns = [
  'q.id',
  'q.file_path',
  'q.movie_code',
  'q.code_given_by',
  'q.actress',
  'q.subtitle',
  'q.status',
  'q.error_message',
  'q.error_code',
  'q.failed_step',
  'q.error_fingerprint',
  'q.new_path',
  'q.emby_item_id',
  'q.metadata_json',
  'q.retry_count',
  'q.next_retry_at',
  'q.next_step',
  'q.published_at',
  'q.run_id',
  'q.is_active',
  'q.created_at',
  'q.updated_at',
] as const;

const hasMove = sql<boolean>`(select i.move is not null from console.queue_item i where i.id = q.id)`;

/** The columns of a QueueItem. */
const selected = sql.join([...columns.map((column) => sql.ref(column)), sql`${hasMove} as has_move`]);

const isTime = (column: string) => column === 'created_at' || column === 'updated_at';

/** The list that the parameters describe. */
export function queueList(db: Kysely<DB>, shape: QueueShape): List<QueueItem> {
  const { filters, sort_by, sort_order } = shape;
  const conditions = conditionsOf((read) => param(({ query }: ListInput<QueueFilters>) => read(query)));
  let counted = db.selectFrom('console.queue_item_state as q') as unknown as Select<object>;
  for (const name of filters) counted = counted.where(conditions[name]);
  const key: SortKey = {
    expression: sql.ref(`q.${sort_by}`),
    fromCursor: (value) => (isTime(sort_by) ? sql`${value}::timestamptz` : sql`${value}::text`),
    column: sort_by,
    nullable: !isTime(sort_by),
    direction: sort_order,
    // As its index has them.
    ties: sort_order,
    indexed: sort_by === 'created_at',
  };
  const query = counted.select([...columns, hasMove.as('has_move')]) as unknown as Select<QueueItem>;
  return {
    segments: [{ query, key, id: sql.ref('q.id') }],
    idColumn: 'id',
    counted,
    isServed: filters.length === 0 && sort_by === 'created_at',
  };
}

/** What the items of a bulk request have, beside its filter. */
export type BulkCondition = { status?: QueueStatus | undefined; hasCode?: true };

/** The ids of the oldest items that match, in ascending order. */
export async function findQueueIds(
  db: Kysely<DB>,
  filter: QueueFilters,
  { also, atMost }: { also: BulkCondition; atMost: number },
): Promise<number[]> {
  const conditions = conditionsOf((read) => read(filter));
  const given = filterNames.filter((name) => filter[name] !== undefined).map((name) => conditions[name]);
  if (also.status !== undefined) given.push(sql`q.status = ${also.status}`);
  if (also.hasCode) given.push(sql`q.movie_code is not null`);
  const { rows } = await sql<{ id: number }>`
    select q.id from console.queue_item_state q where ${sql.join([sql`true`, ...given], sql` and `)}
    order by q.id limit ${atMost}
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** The statuses of items, by their ids. */
export async function findStatuses(db: Kysely<DB>, ids: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await sql<{ id: number; status: string }>`
    select id, status from console.queue_item_state where id = any(${ids}::bigint[])
  `.execute(db);
  return new Map(rows.map(({ id, status }) => [id, status]));
}

const runsOf = (item: RawBuilder<unknown>) => sql`(
  select coalesce(json_agg(r order by r.created_at desc, r.id desc), '[]') from (
    select r.id, rs.state, (select array_agg(s.ref order by s.position) from console.step s where s.run_id = r.id) as steps,
      r.trigger, r.requested_by, ${sql.raw(timestampText('r.created_at'))} as created_at,
      (select ${sql.raw(timestampText('min(s.started_at)'))} from console.step s where s.run_id = r.id) as started_at,
      ${sql.raw(timestampText('r.finished_at'))} as finished_at,
      ${workedMs(sql`w.run_id = r.id`)} as worked_ms, ${repairedBy} as repaired_by,
      (
        select s.error ->> 'message' from console.step s
        where s.run_id = r.id and s.error is not null and s.outcome is distinct from 'completed' order by s.position limit 1
      ) as error
    from console.run r join console.run_state rs on rs.id = r.id
    where r.subject_type = 'queue_item' and r.subject_id = ${item}::text
    order by r.created_at desc, r.id desc limit 50
  ) r
)`;

export async function findQueueItem(db: Kysely<DB>, id: number): Promise<QueueItem | undefined> {
  const { rows } = await sql<QueueItem>`
    select ${selected} from console.queue_item_state q where q.id = ${id}
  `.execute(db);
  return rows[0];
}

export async function findQueueItemDetails(
  db: Kysely<DB>,
  id: number,
): Promise<Omit<QueueItemDetails, 'cover'> | undefined> {
  const [item] = await runPrepared(
    db,
    sql<QueueItem & { runs: QueueRun[]; previous_id: number | null; next_id: number | null }>`
    select ${selected}, ${runsOf(sql`q.id`)} as runs,
      (
        select o.id from console.queue_item o
        where (o.created_at, o.id) > (q.created_at, q.id) order by o.created_at, o.id limit 1
      ) as previous_id,
      (
        select o.id from console.queue_item o
        where (o.created_at, o.id) < (q.created_at, q.id) order by o.created_at desc, o.id desc limit 1
      ) as next_id
    from console.queue_item_state q where q.id = ${id}
  `,
  );
  return item;
}

/** Counts by status, and the performers with the most completed items. */
export async function countQueue(db: Kysely<DB>): Promise<QueueStats> {
  const { rows } = await sql<QueueStats>`
    with counted as materialized (
      select status, actress, count(*)::integer as items, count(next_retry_at)::integer as waiting
      from console.queue_item_state group by status, actress
    ), by_status as (
      select coalesce(json_object_agg(status, items), '{}')::jsonb as counts, coalesce(sum(items), 0)::integer as total
      from (select status, sum(items)::integer as items from counted group by status) s
    ), top as (
      select actress, items as count from counted where status = 'completed' and actress is not null
      order by items desc, actress limit 10
    )
    select total, coalesce((counts ->> 'completed')::integer, 0) as completed,
      coalesce((counts ->> 'pending')::integer, 0) as pending, coalesce((counts ->> 'processing')::integer, 0) as processing,
      coalesce((counts ->> 'moved')::integer, 0) as moved, coalesce((counts ->> 'emby_pending')::integer, 0) as emby_pending,
      coalesce((counts ->> 'error')::integer, 0) as error,
      (select coalesce(sum(waiting), 0)::integer from counted where status = 'error') as error_waiting,
      (select coalesce(json_agg(top order by count desc, actress), '[]') from top) as by_actress, now() as timestamp
    from by_status
  `.execute(db);
  return rows[0] as QueueStats;
}

export async function findQueueFailures(db: Kysely<DB>): Promise<{ failures: QueueFailure[]; total: number }> {
  const { rows } = await sql<QueueFailure & { total: number }>`
    select error_fingerprint as fingerprint, (array_agg(error_message order by updated_at desc, id desc))[1] as message,
      min(error_message) = max(error_message) as is_alike,
      (array_agg(error_code order by updated_at desc, id desc))[1] as code, failed_step as step, count(*)::integer as count,
      (count(*) filter (where next_retry_at is not null))::integer as waiting, max(updated_at) as latest_at,
      to_json((array_agg(id order by updated_at desc, id desc))[1:5]) as example_ids, (sum(count(*)) over ())::integer as total
    from console.queue_item_state where status = 'error'
    group by error_fingerprint, failed_step
    order by count(*) desc, max(updated_at) desc limit 100
  `.execute(db);
  const failures = rows.map(({ total: _total, ...failure }) => failure);
  return { failures, total: rows[0]?.total ?? 0 };
}

export type Suggestion = { type: 'movie_code' | 'actress'; value: string; items: number };

export async function findSuggestions(db: Kysely<DB>, q: string): Promise<Suggestion[]> {
  const words = sql`${q}::text`;
  const { rows } = await sql<Suggestion>`
    select type, value, count(*)::integer as items from (
      select 'movie_code' as type, movie_code as value from console.queue_item where ${holdsWords(sql`movie_code`, words)}
      union all
      select 'actress', actress from console.queue_item where ${holdsWords(sql`actress`, words)}
    ) found
    group by type, value
    order by starts_with(${tight(sql`value`)}, ${tight(words)}) desc, count(*) desc, value, type limit 10
  `.execute(db);
  return rows;
}

/**
 * What ended since a time, at `at`: items that were published, with the seconds of work on them, and those with an attempt that
 * failed. Each item is there once, with its latest time.
 */
const endedSince = (since: RawBuilder<unknown>) => sql`
  published as (
    select distinct on (r.subject_id) s.finished_at as at, r.subject_id as item, ${workedMs(sql`w.run_id = r.id`)} / 1000.0 as seconds
    from console.step s join console.run r on r.id = s.run_id
    where s.ref = 'publish' and s.outcome = 'completed' and s.finished_at >= ${since} and r.subject_type = 'queue_item'
    order by r.subject_id, s.finished_at desc
  ), failed as (
    select max(a.finished_at) as at, r.subject_id as item
    from console.step_attempt a join console.step s on s.id = a.step_id join console.run r on r.id = s.run_id
    where a.outcome in ('failed', 'timeout') and a.finished_at >= ${since} and r.subject_type = 'queue_item'
    group by r.subject_id
  )`;

export async function summariseQueue(db: Kysely<DB>): Promise<QueueSummary> {
  const { rows } = await sql<QueueSummary>`
    with ${endedSince(sql`now() - interval '24 hours'`)}, counts as (
      select (select count(*) from published)::integer as completed,
        (select count(*) from failed)::integer as errors,
        (select avg(seconds) from published)::float8 as average
    )
    select completed as completed_24h, errors as errors_24h, round(average::numeric, 3)::float8 as avg_processing_seconds,
      coalesce(round(errors::numeric / nullif(completed + errors, 0), 4), 0)::float8 as error_rate_24h
    from counts
  `.execute(db);
  return rows[0] as QueueSummary;
}

/** The last periods, oldest first, in UTC. */
export async function findQueueHistory(db: Kysely<DB>, unit: 'hour' | 'day', periods: number): Promise<QueuePeriod[]> {
  const step = sql.raw(`interval '1 ${unit}'`);
  const { rows } = await sql<QueuePeriod>`
    with slots as materialized (
      select last - (${periods}::integer - 1 - n) * ${step} as start
      from (select date_trunc(${unit}, now(), 'UTC') as last) as current, generate_series(0, ${periods}::integer - 1) as n
    ), ${endedSince(sql`(select min(start) from slots)`)}, done as (
      select date_trunc(${unit}, at, 'UTC') as start, count(*)::integer as items, avg(seconds) as seconds
      from published group by 1
    ), wrong as (
      select date_trunc(${unit}, at, 'UTC') as start, count(*)::integer as items from failed group by 1
    )
    select s.start as at, coalesce(d.items, 0) as done, coalesce(w.items, 0) as failed,
      round(d.seconds::numeric, 3)::float8 as average_seconds
    from slots s left join done d using (start) left join wrong w using (start)
    order by s.start
  `.execute(db);
  return rows;
}

export type WorkerSeen = { tasks: string[]; seen_at: string; is_stopped: boolean; silent_seconds: number };

/** The workers that were seen in the last week. */
export async function findWorkers(db: Kysely<DB>): Promise<WorkerSeen[]> {
  const { rows } = await sql<WorkerSeen>`
    select tasks, seen_at, stopped_at is not null as is_stopped, extract(epoch from now() - seen_at)::float8 as silent_seconds
    from console.worker where seen_at > now() - interval '7 days'
  `.execute(db);
  return rows;
}
