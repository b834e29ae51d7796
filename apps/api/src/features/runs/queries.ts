import type { LogLine, LogsQuery } from '@at/contracts/logs';
import type { SortOrder } from '@at/contracts/paging';
import {
  type Run,
  type RunFailure,
  type RunFilters,
  type RunsQuery,
  runDefaultSort,
  type runSorts,
} from '@at/contracts/runs';
import type { RunState } from '@at/contracts/vocabulary';
import { runPrepared } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { attemptsOf, fromRun, repairedBy, runColumns } from '@at/runs/reports';
import { CompiledQuery, type Kysely, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { SortKey } from '#lists/keyset.ts';
import { type List, type ListInput, type ListStatements, param } from '#lists/list-statements.ts';
import { holdsWords } from '#lists/title-search.ts';

/** Of runs of `fromRun`. */
const failure = {
  /** It failed in the last days, and no other run has followed it that does the same for its subject. */
  isCurrent: sql<SqlBool>`(
    r.outcome in ('failed', 'timeout') and r.created_at > now() - interval '7 days' and ${repairedBy} is null and not exists (
      select from console.run later
      where later.created_at > r.created_at and later.task = r.task
        and later.subject_type is not distinct from r.subject_type and later.subject_id is not distinct from r.subject_id
    )
  )`,
  message: sql<string>`coalesce(s.error ->> 'message', 'It failed without a message.')`,
  fingerprint: sql<string>`console.failure_fingerprint(s.task, coalesce(s.error ->> 'message', ''), array[r.subject_id])`,
};

type Described = Run & { is_stuck: boolean; is_current_failure: boolean; fingerprint: string };

/** Runs with what their filters compare. Nothing is computed that a statement does not name. */
const described = sql<Described>`(
  select ${runColumns}, (
    rs.state = 'lost'
    or rs.state in ('pending', 'queued') and s.next_attempt_at is null and r.created_at < now() - interval '10 minutes'
    or exists (select from console.step f where f.run_id = r.id and f.outcome is null and f.failures > 1)
  ) and r.finished_at is null as is_stuck, ${failure.isCurrent} as is_current_failure, ${failure.fingerprint} as fingerprint
  ${fromRun}
)`;

const filterNames = [
  'id',
  'state',
  'task',
  'trigger',
  'stuck',
  'error_code',
  'fingerprint',
  'repaired',
  'subject_type',
  'subject_id',
  'requested_by',
  'search',
  'worked_ms_min',
  'worked_ms_max',
  'at_min',
  'at_max',
] as const satisfies (keyof RunFilters)[];

/** Whether a line has these characters in it, in any case: it is the text of a program, in which signs count. */
const has = (text: RawBuilder<unknown>, words: unknown) => sql`position(lower(${words}) in lower(${text})) > 0`;

/** The conditions of filters, over values that `of` gives. */
const conditionsOf = (
  of: <Value>(read: (query: RunFilters) => Value) => Value,
): Record<(typeof filterNames)[number], RawBuilder<SqlBool>> => ({
  id: sql`r.id = any(${of(({ id }) => id)}::uuid[])`,
  state: sql`r.state = any(${of(({ state }) => state)}::text[])`,
  task: sql`r.task = any(${of(({ task }) => task)}::text[])`,
  trigger: sql`r.trigger = any(${of(({ trigger }) => trigger)}::text[])`,
  stuck: sql`r.is_stuck = ${of(({ stuck }) => stuck)}::boolean`,
  error_code: sql`r.error ->> 'code' = any(${of(({ error_code }) => error_code)}::text[])`,
  fingerprint: sql`(r.is_current_failure and r.fingerprint = ${of(({ fingerprint }) => fingerprint)})`,
  repaired: sql`(r.repaired_by is not null) = ${of(({ repaired }) => repaired)}::boolean`,
  subject_type: sql`r.subject_type = ${of(({ subject_type }) => subject_type)}`,
  subject_id: sql`r.subject_id = ${of(({ subject_id }) => subject_id)}`,
  requested_by: sql`r.requested_by = ${of(({ requested_by }) => requested_by)}`,
  search: sql`(${sql.join(
    ['r.task', 'r.subject_id', 'r.requested_by'].map((column) =>
      holdsWords(sql.ref(column), sql`${of(({ search }) => search)}::text`),
    ),
    sql` or `,
  )} or exists (
    select from console.step f
    where f.run_id = r.id and f.error is not null and ${holdsWords(
      sql`(f.error ->> 'message')`,
      sql`${of(({ search }) => search)}::text`,
    )}
  ))`,
  worked_ms_min: sql`r.worked_ms >= ${of(({ worked_ms_min }) => worked_ms_min)}::bigint`,
  worked_ms_max: sql`r.worked_ms <= ${of(({ worked_ms_max }) => worked_ms_max)}::bigint`,
  at_min: sql`r.created_at >= ${of(({ at_min }) => at_min)}::timestamptz`,
  at_max: sql`r.created_at < ${of(({ at_max }) => at_max)}::timestamptz`,
});

/** The part of the parameters that the SQL depends on. */
export type RunShape = {
  sort_by: (typeof runSorts)[number];
  sort_order: SortOrder;
  filters: (typeof filterNames)[number][];
};

export function runShape(query: RunsQuery): RunShape {
  const { sort_by = runDefaultSort.sort_by, sort_order = runDefaultSort.sort_order } = query;
  return { sort_by, sort_order, filters: filterNames.filter((name) => query[name] !== undefined) };
}

const columns = [
  'id',
  'task',
  'state',
  'subject_type',
  'subject_id',
  'trigger',
  'requested_by',
  'requested_by_verified',
  'schedule',
  'slot',
  'created_at',
  'started_at',
  'cancel_requested_at',
  'finished_at',
  'next_attempt_at',
  'progress',
  'error',
  'worked_ms',
  'repaired_by',
  'retries',
  'retry_refusal',
] as const satisfies (keyof Run)[];

/** The list that the parameters describe. */
export function runList(db: Kysely<DB>, { sort_by, sort_order, filters }: RunShape): List<Run> {
  const conditions = conditionsOf((read) => param(({ query }: ListInput<RunFilters>) => read(query)));
  let counted = db.selectFrom(described.as('r')) as unknown as SelectQueryBuilder<{ r: Run }, 'r', object>;
  for (const name of filters) counted = counted.where(conditions[name]);
  if (sort_by === 'finished_at') counted = counted.where(sql<SqlBool>`r.finished_at is not null`);
  const key: SortKey = {
    expression: sql.ref(`r.${sort_by}`),
    fromCursor: (value) => sql`${value}::timestamptz`,
    column: sort_by,
    nullable: false,
    direction: sort_order,
    // As its index has them.
    ties: sort_order,
    indexed: true,
  };
  const query = counted.select(columns.map((column) => `r.${column}` as const)) as unknown as SelectQueryBuilder<
    { r: Run },
    'r',
    Run
  >;
  return { segments: [{ query, key, id: sql.ref('r.id') }], idColumn: 'id', counted, isServed: filters.length === 0 };
}

export async function findRuns(
  db: Kysely<DB>,
  statements: ListStatements<Run, RunsQuery>,
  input: ListInput<RunsQuery>,
): Promise<Run[]> {
  const { sql: text, parameters, quick } = statements.page(0, input);
  const page = CompiledQuery.raw(text, [...parameters]) as CompiledQuery<Run>;
  // Half of the cost of the usual page is its plan.
  return quick ? runPrepared(db, page) : (await db.executeQuery<Run>(page)).rows;
}

/** The ids of the newest runs that match and are in one of the states, or can be continued. */
export async function findRunIds(
  db: Kysely<DB>,
  filter: RunFilters,
  which: readonly RunState[] | 'retryable',
  atMost: number,
): Promise<string[]> {
  const conditions = conditionsOf((read) => read(filter));
  const given = filterNames.filter((name) => filter[name] !== undefined).map((name) => conditions[name]);
  const possible = which === 'retryable' ? sql`r.retry_refusal is null` : sql`r.state = any(${which}::text[])`;
  const { rows } = await sql<{ id: string }>`
    select r.id from ${described} r where ${sql.join([possible, ...given], sql` and `)}
    order by r.created_at desc, r.id desc limit ${atMost}
  `.execute(db);
  return rows.map(({ id }) => id);
}

type StepTask = { id: string; task: string; params: unknown };

/** The tasks of the steps of runs, with the ids of the runs. */
export async function findTasks(db: Kysely<DB>, ids: readonly string[]): Promise<StepTask[]> {
  const { rows } = await sql<StepTask>`
    select run_id as id, task, params from console.step where run_id = any(${ids}::uuid[])
  `.execute(db);
  return rows;
}

export async function findRunFailures(db: Kysely<DB>): Promise<{ failures: RunFailure[]; total: number }> {
  const { rows } = await sql<RunFailure & { total: number }>`
    select fingerprint, (array_agg(failed_task order by created_at desc, id desc))[1] as task,
      (array_agg(message order by created_at desc, id desc))[1] as message,
      (array_agg(code order by created_at desc, id desc))[1] as code, count(*)::integer as count,
      max(finished_at) as latest_at, to_json((array_agg(id order by created_at desc, id desc))[1:5]) as example_ids,
      (sum(count(*)) over ())::integer as total
    from (select r.id, r.created_at, r.finished_at, ${failure.message} as message, s.error ->> 'code' as code, s.task as failed_task, ${failure.fingerprint} as fingerprint ${fromRun}
      where ${failure.isCurrent}) as failed
    group by fingerprint
    order by count(*) desc, max(created_at) desc limit 100
  `.execute(db);
  const failures = rows.map(({ total: _total, ...one }) => one);
  return { failures, total: rows[0]?.total ?? 0 };
}

/** A line as a page shows it, where it stands, and the transaction that wrote it. */
type LineRow = LogLine & { job_id: string; retry_count: number; txid: string | null };

export type LogPlace = { at: string; job_id: string; retry_count: number; seq: number };

/** A page of lines, and all that was written before it was read. */
export type LogPage = { rows: LineRow[]; snapshot: string };

const lineColumns = sql`
  l.at as timestamp, l.level, r.task as source, r.id as run_id, r.subject_type, r.subject_id, s.id as step, s.ref, a.number as attempt, l.seq as line,
  l.message, l.fields, l.job_id, l.retry_count, l.txid::text as txid`;

/** Of lines whose attempts are not known beforehand. */
const fromLines = sql`
  from console.run_log l
  join console.step_attempt own on own.job_id = l.job_id and own.retry_count = l.retry_count
  join console.step s on s.id = own.step_id
  join console.run r on r.id = s.run_id
  cross join lateral (
    select count(*)::integer as number from console.step_attempt o
    where o.step_id = own.step_id and (o.started_at, o.retry_count) <= (own.started_at, own.retry_count)
  ) a`;

const place = sql`(l.at, l.job_id, l.retry_count, l.seq)`;
const placeOf = ({ at, job_id, retry_count, seq }: LogPlace) =>
  sql`(${at}::timestamptz, ${job_id}::uuid, ${retry_count}::integer, ${seq}::integer)`;

const matches = ({ level, search }: Pick<LogsQuery, 'level' | 'search'>) => [
  level && sql`l.level = any(${level}::text[])`,
  search !== undefined && has(sql`l.message`, search),
];

type Fragment = ReturnType<typeof sql>;

/** All of the conditions that are given. */
const allOf = (conditions: (Fragment | false | undefined)[]) =>
  sql.join([sql`true`, ...conditions.filter((one) => one !== undefined && one !== false)], sql` and `);

/** The rows of a statement in its order, together with the snapshot in which they were read. */
async function readPage(db: Kysely<DB>, statement: Fragment): Promise<LogPage> {
  const { rows } = await sql<LineRow & { snapshot: string }>`
    select pg_current_snapshot()::text as snapshot, page.*
    from (values (true)) as one left join (${statement}) as page on true
  `.execute(db);
  const found = rows.map(({ snapshot: _, ...row }) => row);
  return { rows: found[0]?.job_id ? found : [], snapshot: (rows[0] as { snapshot: string }).snapshot };
}

/** Lines of a run in the order of their times; those of one attempt in the order in which they were written. */
export async function findRunLogs(
  db: Kysely<DB>,
  id: string,
  filter: Pick<LogsQuery, 'level' | 'search'>,
  limit: number,
  behind: LogPlace | undefined,
): Promise<LogPage> {
  return readPage(
    db,
    sql`
      select ${lineColumns}
      from console.run r
      join console.step s on s.run_id = r.id
      cross join lateral (${attemptsOf(sql`s.id`)}) a
      join console.run_log l on l.job_id = a.job_id and l.retry_count = a.retry_count
      where r.id = ${id}::uuid and ${allOf([...matches(filter), behind && sql`${place} > ${placeOf(behind)}`])}
      order by l.at, l.job_id, l.retry_count, l.seq
      limit ${limit}
    `,
  );
}

/** The newest lines, the newest first. */
export async function findLogs(
  db: Kysely<DB>,
  { source, run, ...filter }: Pick<LogsQuery, 'level' | 'search' | 'source' | 'run'>,
  limit: number,
  before: LogPlace | undefined,
): Promise<LogPage> {
  const conditions = [
    ...matches(filter),
    source && sql`r.task = any(${source}::text[])`,
    run !== undefined && sql`r.id = ${run}::uuid`,
    before && sql`${place} < ${placeOf(before)}`,
  ];
  return readPage(
    db,
    sql`
      select ${lineColumns} ${fromLines} where ${allOf(conditions)}
      order by l.at desc, l.job_id desc, l.retry_count desc, l.seq desc
      limit ${limit}
    `,
  );
}

/** Up to so many lines that were written since the snapshot was taken, in the order of their times. */
export async function findNewLogs(db: Kysely<DB>, snapshot: string, limit: number): Promise<LogPage> {
  return readPage(
    db,
    sql`
      select ${lineColumns} ${fromLines}
      where l.txid >= pg_snapshot_xmin(${snapshot}::pg_snapshot) and not pg_visible_in_snapshot(l.txid, ${snapshot}::pg_snapshot)
        -- Those out of a dump of another cluster may have numbers that are still to come here.
        and pg_visible_in_snapshot(l.txid, pg_current_snapshot()) and l.at > now() - interval '1 day'
      order by l.at, l.job_id, l.retry_count, l.seq
      limit ${limit}
    `,
  );
}

export async function findSnapshot(db: Kysely<DB>): Promise<string> {
  const { rows } = await sql<{ snapshot: string }>`select pg_current_snapshot()::text as snapshot`.execute(db);
  return (rows[0] as { snapshot: string }).snapshot;
}

export async function runExists(db: Kysely<DB>, id: string): Promise<boolean> {
  const { rows } = await sql`select from console.run where id = ${id}::uuid`.execute(db);
  return rows.length > 0;
}
