import { randomUUID } from 'node:crypto';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

/**
 * Inserts a run of a task that no worker knows, with one step: one that waits, for an approval if it is `held`, or one that has
 * ended. Returns its id.
 */
export async function insertRun(
  db: Kysely<DB>,
  {
    outcome = null,
    held = false,
    requested_by = 'ann',
    task = 'test.sample',
    ref = 'asked',
  }: {
    outcome?: 'completed' | 'failed' | null;
    held?: boolean;
    requested_by?: string;
    task?: string;
    ref?: string;
  } = {},
): Promise<string> {
  const [id, step, job] = [randomUUID(), randomUUID(), randomUUID()];
  const finished = outcome && sql`now()`;
  await sql`
    with run as (
      insert into console.run (id, task, params, trigger, requested_by, outcome, finished_at)
      values (${id}, ${task}, '{}', 'manual', ${requested_by}, ${outcome}, ${finished})
    ), job as (
      insert into console.job (id, name, data)
      select ${job}::uuid, 'short', ${JSON.stringify({ run: id, step, task: 'test.sample' })}::jsonb
      where ${outcome}::text is null and not ${held}
    )
    insert into console.step (id, run_id, task, params, queue, job_id, outcome, finished_at, ref, needs_approval)
    values (${step}, ${id}, 'test.sample', '{}', 'short', ${held ? null : job}, ${outcome}, ${finished}, ${held ? ref : null}, ${held})
  `.execute(db);
  return id;
}
