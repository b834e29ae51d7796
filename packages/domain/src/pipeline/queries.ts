import type { BatchStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isUndoable } from '../moves/undo-queries.ts';

/** The name of the run of all steps. */
export const pipelineRun = 'files.run';

/** The oldest batch that can be synced or sorted, but for those that a run has handled already. */
export async function findBatchFor(
  db: Kysely<DB>,
  step: 'sync' | 'sort',
  { hasDevice, handled }: { hasDevice: boolean; handled: readonly number[] },
): Promise<{ id: number; name: string } | undefined> {
  const ready =
    step === 'sync'
      ? sql`status in ('PENDING', 'SYNCING') or status = 'ERROR' and failed_in = 'SYNCING'`
      : sql`status in (${hasDevice ? 'SYNCED' : 'PENDING'}, 'SORTING') or status = 'ERROR' and failed_in = 'SORTING'`;
  const { rows } = await sql<{ id: number; name: string }>`
    select id, name from console.batch
    where ready_at is not null and (${ready}) and id <> all(${handled}::bigint[]) order by id limit 1
  `.execute(db);
  return rows[0];
}

/** How a run stands, with the message of the step that did not complete. */
export async function findState(
  db: Kysely<DB>,
  id: string,
): Promise<{ state: string; output: unknown; error: string | null; code: string | null } | undefined> {
  const { rows } = await sql<{ state: string; output: unknown; error: string | null; code: string | null }>`
    select rs.state, s.output, s.error ->> 'message' as error, s.error ->> 'code' as code
    from console.run_state rs join console.step s on s.run_id = rs.id where rs.id = ${id}::uuid
    order by s.position limit 1
  `.execute(db);
  return rows[0];
}

/** Steps of runs of the pipeline that have waited for a person for longer than their run allows. */
export async function findExpiredPauses(db: Kysely<DB>): Promise<{ run: string; step: string; seconds: number }[]> {
  const { rows } = await sql<{ run: string; step: string; seconds: number }>`
    with held as (
      select r.id as run, s.ref as step, coalesce((r.params ->> 'step_timeout_sec')::integer, 3600) as seconds,
        greatest(r.reopened_at, (select max(d.finished_at) from console.step d where d.run_id = r.id and d.ref = any(s.depends_on))) as since
      from console.run r join console.step s on s.run_id = r.id join console.step_state ss on ss.id = s.id
      where r.task = ${pipelineRun} and r.finished_at is null and ss.state = 'held'
    )
    select run, step, seconds from held where since < now() - make_interval(secs => seconds)
  `.execute(db);
  return rows;
}

/** A run that a step has started, with what it has moved. */
export type Child = {
  id: string;
  task: string;
  ended: boolean;
  /** Files that it has moved, and those of which that can be undone. */
  moved: number;
  undoable: number;
  /** The batch that it has made. */
  made: { id: number; name: string; status: BatchStatus; is_ready: boolean } | null;
  /** The batch that it is about. */
  batch: string | null;
};

/** The ids of the runs that the steps of a run of the pipeline have started, in which those are not that others had started before. */
const childrenOf = (run: RawBuilder<unknown>) => sql`
  select child::uuid from console.step s, jsonb_array_elements_text(
    coalesce(s.output -> 'started', jsonb_path_query_array(s.output, '$.runs[*].id'), '[]')
  ) child
  where s.run_id = ${run}`;

/** SQL: whether what a run has moved, or the runs that its steps have started, can be undone; null: nothing was moved, or it goes on. */
export const undoOf = (run: RawBuilder<unknown>) => sql<'possible' | 'done' | null>`(
  select case when bool_or(v.state = 'done') then 'possible' when bool_or(v.state = 'undone') then 'done' end
  from console.move v
  where v.undoes is null and v.run_id in (select ${run} union ${childrenOf(run)})
    and exists (select from console.run where id = ${run} and finished_at is not null)
)`;

export async function findUndo(db: Kysely<DB>, run: string): Promise<'possible' | 'done' | null> {
  const { rows } = await sql<{ undo: 'possible' | 'done' | null }>`select ${undoOf(sql`${run}::uuid`)} as undo`.execute(
    db,
  );
  return rows[0]?.undo ?? null;
}

/** How many runs the steps of a run that have ended have started. */
export async function countChildren(db: Kysely<DB>, run: string): Promise<number> {
  const { rows } = await sql<{ runs: number }>`
    select count(*)::integer as runs from (${childrenOf(sql`${run}::uuid`)}) children
  `.execute(db);
  return rows[0]?.runs ?? 0;
}

/** The runs that the steps of a run have started, the latest first. */
export async function findChildren(db: Kysely<DB>, run: string): Promise<Child[]> {
  const { rows } = await sql<Child>`
    select r.id, r.task, r.finished_at is not null as ended, m.moved, m.undoable,
      (select json_build_object('id', b.id, 'name', b.name, 'status', b.status, 'is_ready', b.ready_at is not null)
        from console.batch b where b.made_by = r.id limit 1) as made,
      case when r.subject_type = 'batch' then r.subject_id end as batch
    from console.run r
    cross join lateral (
      select count(*)::integer as moved, (count(*) filter (where ${isUndoable}))::integer as undoable
      from console.move m where m.run_id = r.id
    ) m
    where r.id in (${childrenOf(sql`${run}::uuid`)})
    order by r.created_at desc, r.id desc
  `.execute(db);
  return rows;
}

/** The task of a run, and whether it has ended; undefined: there is none. */
export async function findKind(db: Kysely<DB>, id: string): Promise<{ task: string; ended: boolean } | undefined> {
  const { rows } = await sql<{ task: string; ended: boolean }>`
    select task, finished_at is not null as ended from console.run where id = ${id}::uuid
  `.execute(db);
  return rows[0];
}
