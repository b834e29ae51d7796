import { randomUUID } from 'node:crypto';
import type { RunProgress } from '@at/contracts/runs';
import type { Product } from './product.ts';

type Sample = {
  task?: string;
  /** null: it goes on. */
  outcome?: 'completed' | 'failed' | 'cancelled' | 'timeout' | null;
  subject?: [type: string, id: string] | null;
  /** null: a schedule. */
  requested_by?: string | null;
  params?: object;
  progress?: RunProgress;
  error?: { type: string; message: string; stack?: string };
  output?: unknown;
  /** Minutes ago. */
  age?: number;
};

export type SampleRun = { id: string; step: string; job: string };

/** Inserts a run with one step, which has one attempt: by a worker that holds its job, or one that has ended. */
export async function insertRun(product: Pick<Product, 'query'>, sample: Sample = {}): Promise<SampleRun> {
  const { task = 'training.rerun_metadata', outcome = null, subject = null, requested_by = 'Anna', age = 1 } = sample;
  const [id, step, job] = [randomUUID(), randomUUID(), randomUUID()];
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  await product.query(
    `WITH times AS (SELECT now() - make_interval(mins => $1) AS began, CASE WHEN $2::text IS NOT NULL THEN now() END AS ended),
    run AS (
      INSERT INTO console.run (id, task, params, trigger, requested_by, schedule, slot, subject_type, subject_id, outcome,
        created_at, finished_at)
      SELECT $3::uuid, $4, $5::jsonb, CASE WHEN $6::text IS NULL THEN 'cron' ELSE 'manual' END, $6,
        CASE WHEN $6::text IS NULL THEN 'media.trash_purge' END, CASE WHEN $6::text IS NULL THEN began END, $7, $8, $2,
        began, ended FROM times
    ), job AS (
      INSERT INTO console.job (id, name, data, state, heartbeat_on, heartbeat_seconds)
      SELECT $9::uuid, 'short', jsonb_build_object('run', $3::uuid, 'step', $10::uuid, 'task', $4::text), 'active', now(), 3600
      WHERE $2::text IS NULL
    ), step AS (
      INSERT INTO console.step (id, run_id, task, params, queue, job_id, outcome, progress, error, output, created_at,
        started_at, finished_at)
      SELECT $10::uuid, $3::uuid, $4, $5::jsonb, 'short', $9::uuid, $2, $11::jsonb, $12::jsonb, $13::jsonb, began, began,
        ended FROM times
    )
    INSERT INTO console.step_attempt (job_id, retry_count, step_id, worker_id, started_at, outcome, error, finished_at)
    SELECT $9::uuid, 0, $10::uuid, gen_random_uuid(), began, $2, $12::jsonb, ended FROM times`,
    [
      age,
      outcome,
      id,
      task,
      json(sample.params ?? {}),
      requested_by,
      subject?.[0] ?? null,
      subject?.[1] ?? null,
      job,
      step,
      json(sample.progress),
      json(sample.error),
      json(sample.output),
    ],
  );
  return { id, step, job };
}
