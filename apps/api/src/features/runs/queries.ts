import type { Run, RunDetails, RunLogLine, RunLogsQuery, RunsQuery } from '@at/contracts/runs';
import type { DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { type Kysely, sql } from 'kysely';

const time = (column: string) => sql.raw(timestampText(column));

/** What a list shows of `r`: state, and the step that is in progress or ended last. */
const runColumns = sql`
  r.id, r.task, r.subject_type, r.subject_id, r.trigger, r.requested_by, r.requested_by_verified, r.schedule, r.slot,
  r.created_at, r.cancel_requested_at, r.finished_at, rs.state, first.started_at, s.next_attempt_at, s.progress, s.error`;

const fromRun = sql`
  from console.run r
  join console.run_state rs on rs.id = r.id
  left join lateral (
    select ss.next_attempt_at, s.progress, s.error - 'stack' as error
    from console.step s join console.step_state ss on ss.id = s.id
    where s.run_id = r.id
    order by (s.outcome is not distinct from 'completed'),
      case when s.outcome = 'completed' then -s.position else s.position end limit 1
  ) s on true
  left join lateral (select min(s.started_at) as started_at from console.step s where s.run_id = r.id) first on true`;

type Place = { created_at: string; id: string };

export async function findRuns(
  db: Kysely<DB>,
  query: Omit<RunsQuery, 'limit' | 'cursor'>,
  limit: number,
  behind: Place | undefined,
): Promise<Run[]> {
  const { id, state, task, trigger, subject_type, subject_id, requested_by, at_min, at_max } = query;
  const conditions = [
    id && sql`r.id = any(${id}::uuid[])`,
    state && sql`rs.state = any(${state}::text[])`,
    task && sql`r.task = any(${task}::text[])`,
    trigger && sql`r.trigger = any(${trigger}::text[])`,
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

export async function findRun(db: Kysely<DB>, id: string): Promise<RunDetails | undefined> {
  const { rows } = await sql<RunDetails>`
    select ${runColumns}, r.params, (
      select coalesce(json_agg(json_build_object(
        'id', s.id, 'ref', s.ref, 'depends_on', s.depends_on, 'needs_approval', s.needs_approval,
        'approved_at', ${time('s.approved_at')}, 'approved_by', s.approved_by, 'task', s.task, 'state', ss.state, 'progress', s.progress, 'output', s.output, 'error', s.error,
        'next_attempt_at', ${time('ss.next_attempt_at')}, 'started_at', ${time('s.started_at')},
        'finished_at', ${time('s.finished_at')}, 'attempts', (
          select coalesce(json_agg(json_build_object(
            'number', a.number, 'worker', w.host || ' ' || w.pid, 'outcome', a.outcome, 'error', a.error,
            'started_at', ${time('a.started_at')}, 'finished_at', ${time('a.finished_at')}
          ) order by a.number), '[]')
          from (${attemptsOf(sql`s.id`)}) a left join console.worker w on w.id = a.worker_id
        )
      ) order by s.position), '[]')
      from console.step s join console.step_state ss on ss.id = s.id
      where s.run_id = r.id
    ) as steps ${fromRun}
    where r.id = ${id}::uuid
  `.execute(db);
  return rows[0];
}

/** The attempts at a step, counted from 1. */
const attemptsOf = (step: ReturnType<typeof sql>) => sql`
  select a.*, row_number() over (order by a.started_at, a.retry_count)::integer as number
  from console.step_attempt a where a.step_id = ${step}`;

/** A line as a page shows it, and where it stands. */
export type LogEntry = RunLogLine & { job_id: string; retry_count: number };

export type LogPlace = { at: string; job_id: string; retry_count: number; seq: number };

/** Lines in the order of their times; those of one attempt in the order in which they were written. */
export async function findLogs(
  db: Kysely<DB>,
  id: string,
  { level, search }: Pick<RunLogsQuery, 'level' | 'search'>,
  limit: number,
  behind: LogPlace | undefined,
): Promise<LogEntry[]> {
  const conditions = [
    level && sql`l.level = any(${level}::text[])`,
    search !== undefined && sql`position(lower(${search}) in lower(l.message)) > 0`,
    behind &&
      sql`(l.at, l.job_id, l.retry_count, l.seq) > (${behind.at}::timestamptz, ${behind.job_id}::uuid,
        ${behind.retry_count}::integer, ${behind.seq}::integer)`,
  ].filter((condition) => condition !== undefined && condition !== false);
  const { rows } = await sql<LogEntry>`
    select l.at as timestamp, l.level, l.message, a.step_id as step, a.number as attempt, l.seq as line, l.fields,
      l.job_id, l.retry_count
    from console.step s
    cross join lateral (${attemptsOf(sql`s.id`)}) a
    join console.run_log l on l.job_id = a.job_id and l.retry_count = a.retry_count
    where s.run_id = ${id}::uuid and ${sql.join([sql`true`, ...conditions], sql` and `)}
    order by l.at, l.job_id, l.retry_count, l.seq
    limit ${limit}
  `.execute(db);
  return rows;
}

export async function runExists(db: Kysely<DB>, id: string): Promise<boolean> {
  const { rows } = await sql`select from console.run where id = ${id}::uuid`.execute(db);
  return rows.length > 0;
}
