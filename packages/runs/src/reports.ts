import type { FailureCode, RetryRefusal } from '@at/contracts/vocabulary';
import { runPrepared } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { AttemptOutcome, Starter } from './queries.ts';
import { mostRetries, type State } from './states.ts';
import { type Json, type Progress, type QueueName, queues } from './task.ts';

/** What runs look like from outside. */

/** `code`: those that earlier versions stored have none. */
type RunError = { code?: FailureCode; type: string; message: string; stack?: string };

/** A run as a list shows it, with the step that is in progress or ended last. */
export type RunRow = {
  id: string;
  task: string;
  state: State;
  subject_type: string | null;
  subject_id: string | null;
  trigger: Starter['trigger'];
  requested_by: string | null;
  requested_by_verified: boolean;
  schedule: string | null;
  slot: string | null;
  created_at: string;
  started_at: string | null;
  cancel_requested_at: string | null;
  finished_at: string | null;
  next_attempt_at: string | null;
  progress: Progress | null;
  error: RunError | null;
  /** Milliseconds of work. */
  worked_ms: number;
  /** The later run that has completed for its subject what failed here. */
  repaired_by: string | null;
  /** How often it was continued. */
  retries: number;
  retry_refusal: RetryRefusal | null;
};

/** `number` counts from 1; `worker`: its host and process, null if it is no longer recorded. */
export type AttemptReport = {
  number: number;
  worker: string | null;
  outcome: AttemptOutcome | null;
  error: RunError | null;
  started_at: string;
  finished_at: string | null;
};

export type StepReport = {
  id: string;
  ref: string | null;
  depends_on: string[];
  needs_approval: boolean;
  approved_at: string | null;
  approved_by: string | null;
  task: string;
  state: State;
  progress: Progress | null;
  output: Json;
  error: RunError | null;
  next_attempt_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  worked_ms: number;
  attempts: AttemptReport[];
};

/** A run as it is now, with its steps in the order in which they were named. */
export type RunReport = RunRow & { params: { [name: string]: Json }; steps: StepReport[] };

/** How much a queue of workers has to do. `ended`: jobs of the last ten minutes. */
export type QueueReport = { queue: QueueName; waiting: number; running: number; ended: number };

/** The queues in their order. Steps that wait for the time of another attempt do not count. */
export async function findQueues(db: Kysely<DB>): Promise<QueueReport[]> {
  const { rows } = await sql<QueueReport>`
    select q.name as queue,
      (count(*) filter (where j.state < 'active' and j.start_after <= now()))::integer as waiting,
      (count(*) filter (where j.state = 'active'))::integer as running,
      (count(*) filter (where j.state = 'completed' and j.completed_on > now() - interval '10 minutes'))::integer as ended
    from unnest(${queues as unknown as string[]}::text[]) with ordinality as q (name, place)
    left join console.job j on j.name = q.name
    group by q.name, q.place order by q.place
  `.execute(db);
  return rows;
}

const time = (column: string) => sql.raw(timestampText(column));

/**
 * Milliseconds of work: the sum of the attempts `a` at the steps `w` that match. An attempt without an end lasts until its step ended,
 * or until now. All durations of runs use this: the time that a run waits for a worker, for another attempt or for a person does not count.
 */
export const workedMs = (matches: RawBuilder<unknown>) => sql<number>`(
  select coalesce(round(sum(t.seconds) * 1000), 0)::bigint
  from console.step w cross join lateral (
    select extract(epoch from coalesce(a.finished_at, w.finished_at, now()) - a.started_at) as seconds
    -- As a join, it read all attempts for each run while the table had no statistics.
    from console.step_attempt a where a.step_id = w.id offset 0
  ) t where ${matches}
)`;

/** The first later run for the subject of `r` that has completed each step that failed in `r`; null: there is none. */
export const repairedBy = sql<string | null>`(
  select later.id from console.run later
  where r.outcome in ('failed', 'timeout', 'cancelled') and later.outcome = 'completed' and later.created_at > r.created_at
    and later.subject_type = r.subject_type and later.subject_id = r.subject_id
    and not exists (
      select from console.step f
      where f.run_id = r.id and f.outcome not in ('completed', 'skipped') and not exists (
        select from console.step d
        where d.run_id = later.id and d.outcome = 'completed' and d.task = f.task and d.params - 'fresh' = f.params - 'fresh'
      )
    )
  order by later.created_at limit 1
)`;

/** Why `r` is not continued; null: it can be. */
const retryRefusal = sql<RetryRefusal | null>`case
  when coalesce(r.outcome, '') not in ('failed', 'cancelled', 'timeout') then 'state'
  when ${repairedBy} is not null then 'repaired'
  when r.retries >= ${sql.lit(mostRetries)} then 'spent'
  when r.exclusive and exists (
    select from console.run o
    where o.task = r.task and o.exclusive and o.finished_at is null and o.id <> r.id
      and o.subject_type is not distinct from r.subject_type and o.subject_id is not distinct from r.subject_id
  ) then 'overtaken'
end`;

/** The columns of a RunRow, of `r` in `fromRun`. */
export const runColumns = sql`
  r.id, r.task, r.subject_type, r.subject_id, r.trigger, r.requested_by, r.requested_by_verified, r.schedule, r.slot,
  r.created_at, r.cancel_requested_at, r.finished_at, rs.state, first.started_at, s.next_attempt_at, s.progress, s.error,
  ${workedMs(sql`w.run_id = r.id`)} as worked_ms, ${repairedBy} as repaired_by, r.retries,
  ${retryRefusal} as retry_refusal`;

export const fromRun = sql`
  from console.run r
  join console.run_state rs on rs.id = r.id
  left join lateral (
    select ss.next_attempt_at, s.task, s.progress, s.error - 'stack' as error
    from (
      select id, task, progress, error from console.step
      where run_id = r.id
      order by (outcome is not distinct from 'completed'), case when outcome = 'completed' then -position else position end limit 1
    ) s join console.step_state ss on ss.id = s.id
  ) s on true
  left join lateral (select min(s.started_at) as started_at from console.step s where s.run_id = r.id) first on true`;

/** The attempts at a step, counted from 1. */
export const attemptsOf = (step: ReturnType<typeof sql>) => sql`
  select a.*, row_number() over (order by a.started_at, a.retry_count)::integer as number
  from console.step_attempt a where a.step_id = ${step}`;

/** A run with its steps, or undefined. */
export async function findRun(db: Kysely<DB>, id: string): Promise<RunReport | undefined> {
  const [run] = await runPrepared(
    db,
    sql<RunReport>`
    select ${runColumns}, r.params, (
      select coalesce(json_agg(json_build_object(
        'id', s.id, 'ref', s.ref, 'depends_on', s.depends_on, 'needs_approval', s.needs_approval,
        'approved_at', ${time('s.approved_at')}, 'approved_by', s.approved_by, 'task', s.task, 'state', ss.state, 'progress', s.progress, 'output', s.output, 'error', s.error,
        'next_attempt_at', ${time('ss.next_attempt_at')}, 'started_at', ${time('s.started_at')},
        'finished_at', ${time('s.finished_at')}, 'worked_ms', ${workedMs(sql`w.id = s.id`)}, 'attempts', (
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
  `,
  );
  return run;
}

/** Why a run is not continued (null: it can be), and which later run has completed what failed (null: there is none). */
export async function findRetryRefusal(
  db: Kysely<DB>,
  id: string,
): Promise<{ refusal: RetryRefusal | null; repaired_by: string | null }> {
  const { rows } = await sql<{ refusal: RetryRefusal | null; repaired_by: string | null }>`
    select ${retryRefusal} as refusal, ${repairedBy} as repaired_by from console.run r where r.id = ${id}::uuid
  `.execute(db);
  return rows[0] ?? { refusal: null, repaired_by: null };
}
