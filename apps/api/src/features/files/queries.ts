import type { FileDashboard } from '@at/contracts/files';
import type { BatchStatus, FailureCode, RunState } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Json, Progress } from '@at/runs/task';
import { type Kysely, sql } from 'kysely';

export type LatestScan = {
  run_id: string;
  state: RunState;
  progress: Progress | null;
  output: Json;
  error: { message: string; code?: FailureCode } | null;
  started_at: string | null;
  finished_at: string | null;
};

/** The latest scan of any root. */
export async function findLatestScan(db: Kysely<DB>): Promise<LatestScan | undefined> {
  const { rows } = await sql<LatestScan>`
    select r.id as run_id, rs.state, s.progress, s.output, s.error - 'stack' as error, s.started_at, r.finished_at
    from console.file_root root
    cross join lateral (
      select id, finished_at, created_at from console.run
      where subject_type = 'file_root' and subject_id = root.id::text and task = 'files.scan'
      order by created_at desc limit 1
    ) r
    join console.run_state rs on rs.id = r.id
    join console.step s on s.run_id = r.id
    order by r.created_at desc limit 1
  `.execute(db);
  return rows[0];
}

export async function countBatches(db: Kysely<DB>): Promise<{ status: BatchStatus; batches: number }[]> {
  const { rows } = await sql<{ status: BatchStatus; batches: number }>`
    select status, count(*)::integer as batches from console.batch group by status
  `.execute(db);
  return rows;
}

/** The newest batches. */
export async function findRecentBatches(db: Kysely<DB>): Promise<FileDashboard['recent_batches']> {
  const { rows } = await sql<FileDashboard['recent_batches'][0]>`
    select id, name, status, reason, file_count, size_bytes, created_at from console.batch
    order by created_at desc, id desc limit 10
  `.execute(db);
  return rows;
}
