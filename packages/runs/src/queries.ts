import type { FailureCode } from '@at/contracts/vocabulary';
import { runPrepared } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Claim } from './job-queue.ts';
import type { Outcome, State } from './states.ts';
import type { Json, Progress } from './task.ts';

/** How an attempt at a step ended. `returned`: another worker does it; `lost`: its worker is gone. */
export type AttemptOutcome = Exclude<Outcome, 'skipped'> | 'returned' | 'lost';

export type Subject = { type: string; id: string };

/** What started a run: an actor, or a time of a schedule. */
export type Starter =
  | { trigger: 'manual' | 'webhook' | 'event'; actor: { name: string; verified: boolean } }
  | { trigger: 'cron'; schedule: string; slot: string };

/** `job`: of a step that is sent at once; `ref`: null if it is the only one. */
export type NewStep = {
  id: string;
  job: string | null;
  task: string;
  params: unknown;
  queue: string;
  ref: string | null;
  position: number;
  depends_on: readonly string[];
  needs_approval: boolean;
};

export type NewRun = {
  id: string;
  task: string;
  params: unknown;
  steps: NewStep[];
  subject: Subject | undefined;
  starter: Starter;
  priority: number;
  exclusive: boolean;
};

/** An error as rows and lines show it. */
function errorJson(error: unknown): { type: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { type: 'Error', message: String(error) };
  return { type: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

/** The failure of a step as rows have it: the code is that of the error, or of what caused it. */
export function failureJson(error: unknown): ReturnType<typeof errorJson> & { code: FailureCode } {
  let cause = error;
  while (cause instanceof Error && !('failure' in cause)) cause = cause.cause;
  const { failure = 'unexpected' } = (cause ?? {}) as { failure?: FailureCode };
  return { code: failure, ...errorJson(error) };
}

/** As JSON that a column of type jsonb takes: it refuses the character zero and halves of surrogate pairs. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, part) => {
    if (typeof part === 'bigint') return String(part);
    if (part instanceof Error) return errorJson(part);
    return typeof part === 'string' ? part.replaceAll('\0', '').toWellFormed() : part;
  });

const json = (value: unknown) => sql`${jsonText(value)}::jsonb`;
const jsonOrNull = (value: unknown) => (value === undefined || value === null ? sql`null` : json(value));

/**
 * A part of a WITH: says in the same transaction that the state of a run has changed, whose `run_id` `source` has. The actor is
 * for a run without one.
 */
const announced = (source: string) => sql`announced as (
      insert into console.event (type, actor, imdb_ids, hashes, payload)
      select 'run.changed', 'schedule', '{}', '{}', jsonb_build_object('run_id', run_id) from ${sql.raw(source)}
      returning pg_notify('console_event', '')
    )`;

/** The condition for the job of a claim that still holds. The name is a literal: one partition is planned. */
const isHeld = ({ queue, jobId, retryCount }: Claim) => sql`
  name = ${sql.lit(queue)} and id = ${jobId}::uuid and state = 'active' and retry_count = ${retryCount}::integer`;

/** Whether a claim still holds; if so, until the transaction ends. */
export async function holdClaim(trx: Transaction<DB>, claim: Claim): Promise<boolean> {
  return (await runPrepared(trx, sql`select from console.job where ${isHeld(claim)} for update`)).length > 0;
}

/** What an attempt needs to know of its step. `at`: when its job was claimed, by the clock of the database. */
export type Beginning = {
  params: unknown;
  failures: number;
  kept: Json;
  isPart: boolean;
  isCancelled: boolean;
  at: string;
};

/** The statement of the queue that claims jobs, with the beginning of each; null: its step has ended, or has another job. */
export const withSteps = (claim: string): string => `
  with claimed as (${claim})
  select claimed.*, (
    select json_build_object('params', s.params, 'failures', s.failures, 'kept', s.output, 'isPart', s.ref is not null,
      'isCancelled', r.cancel_requested_at is not null, 'at', now()::text)
    from console.step s join console.run r on r.id = s.run_id
    where s.id = (claimed.data ->> 'step')::uuid and s.job_id = claimed.id and s.outcome is null
  ) as beginning
  from claimed`;

/** An attempt by this worker. `at`: when its job was claimed. */
export type Own = { claim: Claim; worker: string; at: string };

/** How an own attempt ends. `lines`: those of its log that have not been written. */
export type OwnEnd = Own & { lines: LogLine[] };

/** A part of a WITH: completes the job of an own attempt, which must still hold it. */
const completed = (own: Own | undefined) =>
  own
    ? sql`held as (
      update console.job set state = 'completed', completed_on = now() where ${isHeld(own.claim)} returning id
    ),`
    : sql``;

/** Only while the own attempt holds the job of the step. */
const ifHeld = (own: Own | undefined) => (own ? sql`and job_id = (select id from held)` : sql``);

/**
 * Two parts of a WITH: writes how the attempt at a step of `source` ended that is in progress, which an own one may be without
 * having been written; and the rest of its log.
 */
const endedAttempt = (source: string, own: OwnEnd | undefined, outcome: AttemptOutcome, error: RawBuilder<unknown>) => {
  const from = sql.raw(source);
  if (!own)
    return sql`attempt as (
      update console.step_attempt a set outcome = ${outcome}, error = ${error}, finished_at = now()
      from ${from} where a.job_id = ${from}.job_id and a.finished_at is null
    ),`;
  const { jobId, retryCount } = own.claim;
  return sql`attempt as (
      insert into console.step_attempt (job_id, retry_count, step_id, worker_id, started_at, outcome, error, finished_at)
      select ${jobId}::uuid, ${retryCount}::integer, id, ${own.worker}::uuid, ${own.at}::timestamptz, ${outcome}, ${error}, now()
      from ${from}
      on conflict (job_id, retry_count) do update
        set outcome = excluded.outcome, error = excluded.error, finished_at = excluded.finished_at
    ), lines as (
      ${writtenLines(own.lines, source)}
    ),`;
};

/** Writes a run with its steps. Returns false if it is exclusive and there is an unfinished one. */
export async function insertRun(trx: Transaction<DB>, run: NewRun): Promise<boolean> {
  const { starter } = run;
  const actor = starter.trigger === 'cron' ? undefined : starter.actor;
  const slot = starter.trigger === 'cron' ? starter : undefined;
  const { numAffectedRows = 0n } = await sql`
    with started as (
      insert into console.run (id, task, params, subject_type, subject_id, trigger, requested_by, requested_by_verified,
        schedule, slot, priority, exclusive)
      values (${run.id}, ${run.task}, ${json(run.params)}, ${run.subject?.type ?? null}, ${run.subject?.id ?? null},
        ${starter.trigger}, ${actor?.name ?? null}, ${actor?.verified ?? false}, ${slot?.schedule ?? null},
        ${slot?.slot ?? null}::timestamptz, ${run.priority}, ${run.exclusive})
      on conflict (task, subject_type, subject_id) where exclusive and finished_at is null do nothing
      returning id as run_id
    ), ${announced('started')}
    insert into console.step (id, run_id, task, params, queue, job_id, ref, position, depends_on, needs_approval)
    select s.id, run_id, s.task, s.params, s.queue, s.job, s.ref, s.position, s.depends_on, s.needs_approval
    from started, jsonb_to_recordset(${json(run.steps)}) as s (id uuid, task text, params jsonb, queue text, job uuid,
      ref text, position smallint, depends_on text[], needs_approval boolean)
  `.execute(trx);
  return numAffectedRows > 0n;
}

/** The unfinished run of an exclusive task for a subject. */
export async function findUnfinished(
  trx: Transaction<DB>,
  task: string,
  subject: Subject | undefined,
): Promise<{ id: string; state: State } | undefined> {
  const { rows } = await sql<{ id: string; state: State }>`
    select id, state from console.run join console.run_state using (id)
    where task = ${task} and subject_type is not distinct from ${subject?.type ?? null}
      and subject_id is not distinct from ${subject?.id ?? null} and exclusive and finished_at is null
  `.execute(trx);
  return rows[0];
}

/** Waits for other writes to a run, and keeps them out until the transaction ends. */
export async function lockRun(trx: Transaction<DB>, id: string): Promise<{ isCancelled: boolean } | undefined> {
  const [run] = await runPrepared(
    trx,
    sql<{ isCancelled: boolean }>`
    select cancel_requested_at is not null as "isCancelled" from console.run where id = ${id}::uuid for update
  `,
  );
  return run;
}

export async function findState(trx: Transaction<DB>, id: string): Promise<State> {
  const { rows } = await sql<{ state: State }>`select state from console.run_state where id = ${id}`.execute(trx);
  return (rows[0] as { state: State }).state;
}

/** Removes the error of an earlier attempt from a step. */
export async function forgetError(trx: Transaction<DB>, step: string): Promise<void> {
  await sql`update console.step set error = null where id = ${step}::uuid and error is not null`.execute(trx);
}

/** Requests the end of a locked run, and takes the jobs of its steps that no worker has. Returns those and the steps without one. */
export async function requestCancel(trx: Transaction<DB>, id: string, actor: string): Promise<string[]> {
  await sql`
    with requested as (
      update console.run set cancel_requested_at = now(), cancel_requested_by = ${actor}
      where id = ${id} and cancel_requested_at is null
      returning id as run_id
    ), ${announced('requested')}
    select from requested
  `.execute(trx);
  const { rows } = await sql<{ id: string }>`
    with taken as (
      delete from console.job j using console.step s
      where s.run_id = ${id} and s.outcome is null and j.name = s.queue and j.id = s.job_id and j.state < 'active'
      returning s.id
    )
    select id from taken
    union all
    select id from console.step where run_id = ${id} and outcome is null and job_id is null
  `.execute(trx);
  return rows.map((row) => row.id);
}

/** Makes an ended run unfinished again, and its steps that did not complete, as if they had not been sent. */
export async function reopenRun(trx: Transaction<DB>, id: string): Promise<{ task: string; params: unknown }> {
  const { rows } = await sql<{ task: string; params: unknown }>`
    with reopened as (
      update console.run set outcome = null, finished_at = null, cancel_requested_at = null, cancel_requested_by = null,
        retries = retries + 1, reopened_at = now()
      where id = ${id} returning id as run_id, task, params
    ), ${announced('reopened')}, steps as (
      update console.step set outcome = null, finished_at = null, failures = 0, job_id = null
      where run_id = ${id} and outcome <> 'completed'
    )
    select task, params from reopened
  `.execute(trx);
  return rows[0] as { task: string; params: unknown };
}

/** Takes the jobs of a locked run that wait for the time of another attempt, as if their steps had not been sent. Returns how many. */
export async function takeWaiting(trx: Transaction<DB>, id: string): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    with taken as (
      delete from console.job j using console.step s
      where s.run_id = ${id} and s.outcome is null and j.name = s.queue and j.id = s.job_id
        and j.state < 'active' and j.start_after > now()
      returning s.id
    )
    update console.step s set job_id = null, failures = 0 from taken where s.id = taken.id
  `.execute(trx);
  return Number(numAffectedRows);
}

/** Approves a step of a locked run if it waits for that. Returns its state before; undefined: there is no such step. */
export async function approveStep(
  trx: Transaction<DB>,
  run: string,
  ref: string,
  actor: string,
): Promise<State | undefined> {
  const { rows } = await sql<{ state: State }>`
    with found as (
      select id, state from console.step join console.step_state using (id, run_id) where run_id = ${run} and ref = ${ref}
    ), approved as (
      update console.step s set approved_at = now(), approved_by = ${actor}
      from found where s.id = found.id and found.state = 'held'
    )
    select state from found
  `.execute(trx);
  return rows[0]?.state;
}

/** Takes the approval from a step of a locked run that waits for it: a retry lets it begin. Returns its id; undefined: it does not wait. */
export async function stopWaiting(trx: Transaction<DB>, run: string, ref: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    update console.step s set needs_approval = false from console.step_state ss
    where s.run_id = ${run} and s.ref = ${ref} and ss.id = s.id and ss.state = 'held'
    returning s.id
  `.execute(trx);
  return rows[0]?.id;
}

export type ReadyStep = { id: string; job: string; task: string; queue: string; priority: number };

/** Gives a job, which has to be sent too, to each step of a locked run whose turn has come. */
export async function takeReady(trx: Transaction<DB>, run: string): Promise<ReadyStep[]> {
  return runPrepared(
    trx,
    sql<ReadyStep>`
    with ready as (
      update console.step s set job_id = gen_random_uuid()
      where s.run_id = ${run}::uuid and s.outcome is null and s.job_id is null
        and (s.approved_at is not null or not s.needs_approval)
        and not exists (
          select from console.step d
          where d.run_id = s.run_id and d.ref = any(s.depends_on) and d.outcome is distinct from 'completed'
        )
      returning s.id, s.run_id, s.job_id as job, s.task, s.queue, s.position
    ), ${announced('(select distinct run_id from ready) r')}
    select ready.id, job, ready.task, queue, r.priority from ready join console.run r on r.id = run_id order by position
  `,
  );
}

/** Ends the steps of a locked run that wait for one that did not complete, and those that wait for them. */
export async function skipBlocked(trx: Transaction<DB>, run: string): Promise<void> {
  await sql`
    with recursive blocked as (
      select ref from console.step where run_id = ${run} and outcome <> 'completed'
      union
      select s.ref from console.step s join blocked b on b.ref = any(s.depends_on) where s.run_id = ${run}
    )
    update console.step s set outcome = 'skipped', finished_at = now()
    from blocked where s.run_id = ${run} and s.ref = blocked.ref and s.outcome is null and s.job_id is null
  `.execute(trx);
}

/** A run that has just ended. */
export type EndedRun = { task: string; params: unknown; outcome: Outcome };

/** Ends a locked run whose steps have all ended. Returns undefined if it goes on, or had ended before. */
export async function endRun(trx: Transaction<DB>, run: string): Promise<EndedRun | undefined> {
  const [ended] = await runPrepared(
    trx,
    sql<EndedRun>`
    update console.run r set finished_at = now(), outcome = (
      select s.outcome from console.step s where s.run_id = r.id and s.outcome <> 'skipped'
      order by array_position(array['cancelled', 'failed', 'timeout', 'completed'], s.outcome) limit 1
    )
    where r.id = ${run}::uuid and r.finished_at is null
      and not exists (select from console.step s where s.run_id = r.id and s.outcome is null)
    returning r.task, r.params, r.outcome
  `,
  );
  return ended;
}

/**
 * Ends a step and the attempt in progress with its job, and the run if it is its only step: of several, the run has to advance.
 * Returns undefined if the step has ended before, or the own attempt does not hold it any more.
 */
export async function endStep(
  db: Kysely<DB>,
  step: string,
  outcome: Outcome,
  {
    attempt = outcome as AttemptOutcome,
    own,
    output,
    error,
    progress,
  }: {
    attempt?: AttemptOutcome;
    own?: OwnEnd;
    output?: unknown;
    error?: unknown;
    progress?: Progress | undefined;
  } = {},
): Promise<{ run: string; isPart: boolean; task: string; params: unknown } | undefined> {
  const rows = await runPrepared(
    db,
    sql<{ run: string; isPart: boolean; task: string; params: unknown }>`
    with ${completed(own)} ended as (
      update console.step set outcome = ${outcome}, started_at = coalesce(started_at, ${own?.at ?? null}::timestamptz), output = coalesce(${jsonOrNull(output)}, output), error = ${jsonOrNull(error)},
        progress = coalesce(${jsonOrNull(progress)}, progress), finished_at = now()
      where id = ${step}::uuid and outcome is null ${ifHeld(own)}
      returning id, run_id, job_id, ref, task, params
    ), ${endedAttempt('ended', own, attempt, jsonOrNull(error))} ${announced('ended')}, run as (
      update console.run r set outcome = ${outcome}, finished_at = now()
      from ended where r.id = ended.run_id and ended.ref is null
    )
    select run_id as run, ref is not null as "isPart", task, params from ended
  `,
  );
  return rows[0];
}

/** Gives an unfinished step another job, which has to be sent too, and ends the attempt in progress with its job. */
export async function replaceJob(
  trx: Transaction<DB>,
  step: string,
  job: string,
  {
    attempt,
    own,
    error,
    isFailure = false,
  }: { attempt: AttemptOutcome; own?: OwnEnd; error?: unknown; isFailure?: boolean },
): Promise<{ run: string; task: string; queue: string; priority: number } | undefined> {
  const [sent] = await runPrepared(
    trx,
    sql<{ run: string; task: string; queue: string; priority: number }>`
    with ${completed(own)} former as (
      select id, job_id, run_id, error from console.step where id = ${step}::uuid and outcome is null ${ifHeld(own)}
    ), news as (
      -- Nothing is announced of a step that still waits for the same reason: an obstacle is checked every half minute.
      select run_id from former where ${attempt !== 'returned' || error === undefined}::boolean or error is distinct from ${jsonOrNull(error)}
    ), ${endedAttempt('former', own, attempt, jsonOrNull(error))} ${announced('news')}
    update console.step s
    set job_id = ${job}::uuid, started_at = coalesce(s.started_at, ${own?.at ?? null}::timestamptz), failures = s.failures + ${isFailure ? 1 : 0}::smallint, error = coalesce(${jsonOrNull(error)}, s.error)
    from former, console.run r
    where s.id = former.id and r.id = s.run_id
    returning s.run_id as run, s.task, s.queue, r.priority
  `,
  );
  return sent;
}

/** Writes that a worker has begun with a step. Returns false if its claim does not hold, or is not of the step's present job. */
export async function beginAttempt(db: Kysely<DB>, step: string, { claim, worker, at }: Own): Promise<boolean> {
  const { jobId, retryCount } = claim;
  const rows = await runPrepared(
    db,
    sql`
    with held as (
      select from console.job where ${isHeld(claim)} for update
    ), begun as (
      update console.step set started_at = coalesce(started_at, ${at}::timestamptz)
      where id = ${step}::uuid and job_id = ${jobId}::uuid and outcome is null and exists (select from held)
      returning run_id
    ), lost as (
      update console.step_attempt set outcome = 'lost', finished_at = now()
      where job_id = ${jobId}::uuid and retry_count < ${retryCount}::integer and finished_at is null and exists (select from held)
    ), attempt as (
      insert into console.step_attempt (job_id, retry_count, step_id, worker_id, started_at)
      select ${jobId}::uuid, ${retryCount}::integer, ${step}::uuid, ${worker}::uuid, ${at}::timestamptz from begun
    ), ${announced('begun')}
    select from begun
  `,
  );
  return rows.length > 0;
}

/** Stores the progress of an attempt, unless another one has followed it. */
export async function saveProgress(db: Kysely<DB>, { jobId, retryCount }: Claim, progress: object): Promise<void> {
  await sql`
    update console.step s set progress = ${json(progress)}
    from console.step_attempt a
    where a.job_id = ${jobId} and a.retry_count = ${retryCount} and a.finished_at is null
      and s.id = a.step_id and s.job_id = a.job_id and s.outcome is null
  `.execute(db);
}

/** Keeps a value for the next attempt at a step. */
export async function keepOutput(trx: Transaction<DB>, step: string, value: Json): Promise<void> {
  await sql`update console.step set output = ${json(value)} where id = ${step} and outcome is null`.execute(trx);
}

/** Those of the runs whose end was requested. */
export async function findCancelled(db: Kysely<DB>, runs: string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from console.run where id = any(${runs}::uuid[]) and cancel_requested_at is not null
  `.execute(db);
  return rows.map(({ id }) => id);
}

export type LostStep = { id: string; isCancelled: boolean; isGivenUp: boolean };

/** Locks unfinished steps that were sent and have no job which would be done: the queue gave it up, or it is not there. */
export async function lockLostSteps(trx: Transaction<DB>, limit: number): Promise<LostStep[]> {
  const { rows } = await sql<LostStep>`
    select s.id, r.cancel_requested_at is not null as "isCancelled", coalesce(j.state = 'failed', false) as "isGivenUp"
    from console.step s
    join console.run r on r.id = s.run_id
    left join console.job j on j.name = s.queue and j.id = s.job_id
    where s.finished_at is null and s.job_id is not null and (j.state is null or j.state > 'active')
    order by s.created_at limit ${limit}
    for update of s skip locked
  `.execute(trx);
  return rows;
}

export type WorkerRow = { id: string; host: string; pid: number; version: string; tasks: string[]; queues: string[] };

/** Says that a worker lives. */
export async function keepWorker(db: Kysely<DB>, worker: WorkerRow): Promise<void> {
  await sql`
    insert into console.worker (id, host, pid, version, tasks, queues)
    values (${worker.id}, ${worker.host}, ${worker.pid}, ${worker.version}, ${worker.tasks}, ${worker.queues})
    on conflict (id) do update set seen_at = now()
  `.execute(db);
}

/** Whether a worker of another version lives that does a task. */
export async function hasOtherVersion(db: Kysely<DB>, { version }: WorkerRow, task: string): Promise<boolean> {
  const { rows } = await sql`
    select from console.worker
    where version <> ${version} and ${task} = any(tasks) and stopped_at is null and seen_at > now() - interval '30 seconds' limit 1
  `.execute(db);
  return rows.length > 0;
}

export async function endWorker(db: Kysely<DB>, id: string): Promise<void> {
  await sql`update console.worker set seen_at = now(), stopped_at = now() where id = ${id}`.execute(db);
}

export type LogLine = {
  job_id: string;
  retry_count: number;
  seq: number;
  at: string;
  level: string;
  message: string;
  fields: object | null;
};

/** A statement that writes lines, for each row of `source`, and says so once. Lines that are there already stay as they are. */
const writtenLines = (lines: LogLine[], source?: string) => sql`
      insert into console.run_log (job_id, retry_count, seq, at, level, message, fields)
      select line.* from ${source === undefined ? sql`` : sql`${sql.raw(source)},`} jsonb_to_recordset(${json(lines)})
        as line (job_id uuid, retry_count integer, seq integer, at timestamptz, level text, message text, fields jsonb)
      on conflict do nothing
      returning pg_notify('console_run_log', '')`;

export async function insertLines(db: Kysely<DB>, lines: LogLine[]): Promise<void> {
  await runPrepared(db, sql`with written as (${writtenLines(lines)}) select from written limit 1`);
}

/** Partitions of the log for the next days, and no lines older than fourteen days. */
export async function keepRunLog(db: Kysely<DB>): Promise<void> {
  await sql`select console.keep_run_log()`.execute(db);
}

/** Deletes up to so many runs that ended more than 90 days ago, with their steps and attempts. Returns how many it were. */
export async function deleteOldRuns(db: Kysely<DB>, atMost: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from console.run where id = any(array(
      select id from console.run
      where created_at < now() - interval '90 days' and finished_at < now() - interval '90 days'
      order by created_at limit ${atMost}
      for update skip locked
    ))
  `.execute(db);
  return Number(numAffectedRows);
}

/** Deletes up to so many workers that were last seen more than a week ago. Returns how many it were. */
export async function deleteOldWorkers(db: Kysely<DB>, atMost: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from console.worker where id = any(array(
      select id from console.worker where seen_at < now() - interval '7 days' limit ${atMost} for update skip locked
    ))
  `.execute(db);
  return Number(numAffectedRows);
}
