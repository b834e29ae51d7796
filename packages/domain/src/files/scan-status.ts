import type { DedupStatus } from '@at/contracts/files';
import type { PipelineConfig } from '@at/contracts/pipeline-config';
import type { FailureCode, RunState } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { isFinished } from '@at/runs/states';
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

const noScan = {
  running: false,
  total_files: 0,
  processed_files: 0,
  duplicate_files: 0,
  error: null,
  error_code: null,
  last_processed: null,
  run_id: null,
  state: null,
  message: null,
  total_bytes: null,
  processed_bytes: 0,
  bytes_per_second: null,
  remaining_seconds: null,
  started_at: null,
  finished_at: null,
} satisfies Omit<DedupStatus, 'moves_duplicates'>;

/** What a scan keeps in its progress and its output; earlier versions kept less. */
type Facts = {
  files?: number;
  total_files?: number;
  bytes_per_second?: number;
  last?: string | null;
  duplicates?: number;
};

/** What a scan does, or has done, and the next one will do. */
export function dedupStatus(
  scan: LatestScan | undefined,
  { move_duplicates }: Pick<PipelineConfig['dedup'], 'move_duplicates'>,
): DedupStatus {
  const next = { ...noScan, moves_duplicates: move_duplicates };
  if (!scan) return next;
  const { run_id, state, progress, output, error, started_at, finished_at } = scan;
  const running = !isFinished(state);
  const failure = { error: error?.message ?? null, error_code: error?.code ?? null };
  const known = { ...next, ...failure, run_id, state, running, started_at, finished_at };
  const facts = (progress?.facts ?? {}) as Facts;
  const last_processed = facts.last ?? null;
  if (state === 'completed') {
    const { files = 0, duplicates = 0, last = null } = (output ?? {}) as Facts;
    const whole = { total_files: files, processed_files: files, duplicate_files: duplicates };
    return { ...known, ...whole, last_processed: last };
  }
  const message = running ? (progress?.message ?? null) : null;
  const duplicate_files = facts.duplicates ?? 0;
  if (progress?.unit !== 'bytes') {
    const found = facts.duplicates === undefined ? (progress?.done ?? 0) : 0;
    const total_files = progress?.total ?? found;
    return { ...known, message, duplicate_files, last_processed, total_files, processed_files: found };
  }
  const { done, total = null } = progress;
  const rate = facts.bytes_per_second ?? null;
  return {
    ...known,
    message,
    duplicate_files,
    last_processed,
    total_files: facts.total_files ?? 0,
    processed_files: facts.files ?? 0,
    total_bytes: total,
    processed_bytes: done,
    bytes_per_second: rate,
    remaining_seconds: running && rate && total !== null ? Math.ceil((total - done) / rate) : null,
  };
}
