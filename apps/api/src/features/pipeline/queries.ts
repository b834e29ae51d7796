import type { PipelineStep } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { pipelineRun } from '@at/domain/pipeline/starts';
import { findRun, type RunReport } from '@at/runs/reports';
import { type Kysely, sql } from 'kysely';

/** The run in progress, or the last one. */
export async function findLatestPipeline(db: Kysely<DB>): Promise<RunReport | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from console.run where task = ${pipelineRun} order by created_at desc, id desc limit 1
  `.execute(db);
  return rows[0] && findRun(db, rows[0].id);
}

/** The step of the unfinished run that waits for a person. */
export async function findHeldStep(db: Kysely<DB>): Promise<{ run: string; step: PipelineStep } | undefined> {
  const { rows } = await sql<{ run: string; step: PipelineStep }>`
    select r.id as run, s.ref as step
    from console.run r join console.step s on s.run_id = r.id join console.step_state ss on ss.id = s.id
    where r.task = ${pipelineRun} and r.finished_at is null and ss.state = 'held'
  `.execute(db);
  return rows[0];
}
