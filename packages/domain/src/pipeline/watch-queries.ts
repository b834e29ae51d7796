import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { pipelineRun } from './queries.ts';

/** Tasks that bring files back to the inbox. */
const returning = [
  'files.undo',
  'files.undo_batch',
  'files.settle_batches',
  'files.restore_duplicate',
  'files.undo_run',
];

/** When the last scan of a root began that has completed, or the last run ended that brought files back; in milliseconds, 0: never. */
export async function findLastSeen(db: Kysely<DB>, root: number): Promise<number> {
  const { rows } = await sql<{ at: number | null }>`
    select (extract(epoch from greatest(
      (select max(created_at) from console.run
        where task = 'files.scan' and outcome = 'completed' and subject_type = 'file_root' and subject_id = ${String(root)}),
      (select max(finished_at) from console.run where task = any(${returning}::text[]))
    )) * 1000)::double precision as at
  `.execute(db);
  return rows[0]?.at ?? 0;
}

/** Whether a run brings files back, or did so within the last milliseconds. */
export async function isReturning(db: Kysely<DB>, within: number): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from console.run where task = any(${returning}::text[])
        and (finished_at is null or finished_at > now() - make_interval(secs => ${within / 1_000}))
    ) as found
  `.execute(db);
  return rows[0]?.found ?? false;
}

/** Whether a run of the pipeline began within the last milliseconds. */
export async function hasStarted(db: Kysely<DB>, within: number): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from console.run where task = ${pipelineRun} and created_at > now() - make_interval(secs => ${within / 1_000})
    ) as found
  `.execute(db);
  return rows[0]?.found ?? false;
}

/**
 * Says how the watch of a root goes; `due`: milliseconds until a run starts, null: nothing has changed. Of several workers, one that can
 * watch counts for as long as it says so.
 */
export async function noteWatch(
  db: Kysely<DB>,
  root: number,
  { due, problem }: { due: number | null; problem: string | null },
): Promise<void> {
  await sql`
    insert into console.file_watch as w (root_id, due_at, problem)
    values (${root}, now() + make_interval(secs => ${due === null ? null : due / 1_000}::double precision), ${problem})
    on conflict (root_id) do update set seen_at = now(), due_at = excluded.due_at, problem = excluded.problem
    where excluded.problem is null or w.problem is not null or w.seen_at < now() - interval '1 minute'
  `.execute(db);
}
