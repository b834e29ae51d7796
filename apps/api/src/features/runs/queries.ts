import type { Run, RunLogLine, RunLogsQuery, RunsQuery } from '@at/contracts/runs';
import type { DB } from '@at/db/schema';
import { attemptsOf, fromRun, runColumns } from '@at/runs/reports';
import { type Kysely, sql } from 'kysely';

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
