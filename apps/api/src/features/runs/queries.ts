import type { LogLine, LogsQuery, Run, RunsQuery } from '@at/contracts/runs';
import type { DB } from '@at/db/schema';
import { attemptsOf, fromRun, runColumns } from '@at/runs/reports';
import { type Kysely, sql } from 'kysely';

/** Its worker is gone, it has failed at least twice, or no worker takes it. */
const isStuck = sql`
  r.finished_at is null and (
    rs.state = 'lost'
    or rs.state in ('pending', 'queued') and s.next_attempt_at is null and r.created_at < now() - interval '10 minutes'
    or exists (select from console.step f where f.run_id = r.id and f.outcome is null and f.failures > 1)
  )`;

type Place = { created_at: string; id: string };

export async function findRuns(
  db: Kysely<DB>,
  query: Omit<RunsQuery, 'limit' | 'cursor'>,
  limit: number,
  behind: Place | undefined,
): Promise<Run[]> {
  const { id, state, task, trigger, stuck, subject_type, subject_id, requested_by, at_min, at_max } = query;
  const conditions = [
    id && sql`r.id = any(${id}::uuid[])`,
    state && sql`rs.state = any(${state}::text[])`,
    task && sql`r.task = any(${task}::text[])`,
    trigger && sql`r.trigger = any(${trigger}::text[])`,
    stuck !== undefined && sql`(${isStuck}) = ${stuck}`,
    subject_type !== undefined && sql`r.subject_type = ${subject_type}`,
    subject_id !== undefined && sql`r.subject_id = ${subject_id}`,
    requested_by !== undefined && sql`r.requested_by = ${requested_by}`,
    at_min !== undefined && sql`r.created_at >= ${at_min}::timestamptz`,
    at_max !== undefined && sql`r.created_at < ${at_max}::timestamptz`,
    behind && sql`(r.created_at, r.id) < (${behind.created_at}::timestamptz, ${behind.id}::uuid)`,
  ].filter((condition) => condition !== undefined && condition !== false);
  const { rows } = await sql<Run>`
    select ${runColumns} ${fromRun}
    where ${sql.join([sql`true`, ...conditions], sql` and `)}
    order by r.created_at desc, r.id desc
    limit ${limit}
  `.execute(db);
  return rows;
}

/** A line as a page shows it, where it stands, and the transaction that wrote it. */
type LineRow = LogLine & { job_id: string; retry_count: number; txid: string | null };

export type LogPlace = { at: string; job_id: string; retry_count: number; seq: number };

/** A page of lines, and all that was written before it was read. */
export type LogPage = { rows: LineRow[]; snapshot: string };

const lineColumns = sql`
  l.at as timestamp, l.level, r.task as source, r.id as run_id, s.id as step, s.ref, a.number as attempt, l.seq as line,
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
  search !== undefined && sql`position(lower(${search}) in lower(l.message)) > 0`,
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
