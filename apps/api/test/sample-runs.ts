import { randomUUID } from 'node:crypto';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

/** Inserts a run of a task that no worker knows, with one step: one that waits, or one that has ended. Returns its id. */
export async function insertRun(
  db: Kysely<DB>,
  { outcome = null, requested_by = 'ann' }: { outcome?: 'completed' | 'failed' | null; requested_by?: string } = {},
): Promise<string> {
  const [id, step, job] = [randomUUID(), randomUUID(), randomUUID()];
  const finished = outcome && sql`now()`;
  await sql`
    with run as (
      insert into console.run (id, task, params, trigger, requested_by, outcome, finished_at)
      values (${id}, 'test.sample', '{}', 'manual', ${requested_by}, ${outcome}, ${finished})
    ), job as (
      insert into console.job (id, name, data)
      select ${job}::uuid, 'short', ${JSON.stringify({ run: id, step, task: 'test.sample' })}::jsonb
      where ${outcome}::text is null
    )
    insert into console.step (id, run_id, task, params, queue, job_id, outcome, finished_at)
    values (${step}, ${id}, 'test.sample', '{}', 'short', ${job}, ${outcome}, ${finished})
  `.execute(db);
  return id;
}
