import type { DedupStatus, FileDashboard } from '@at/contracts/files';
import { type BatchStatus, batchStatuses, fileStatuses } from '@at/contracts/vocabulary';
import type { Counted } from '@at/domain/files/queries';
import type { Storage } from '@at/domain/files/storage';
import { isFinished } from '@at/runs/states';
import type { LatestScan } from './queries.ts';

const noScan: DedupStatus = {
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
};

/** What a scan keeps in its progress and its output; earlier versions kept less. */
type Facts = {
  files?: number;
  total_files?: number;
  bytes_per_second?: number;
  last?: string | null;
  duplicates?: number;
};

/** What a scan does, or has done. */
export function dedupStatus(scan: LatestScan | undefined): DedupStatus {
  if (!scan) return noScan;
  const { run_id, state, progress, output, error, started_at, finished_at } = scan;
  const running = !isFinished(state);
  const failure = { error: error?.message ?? null, error_code: error?.code ?? null };
  const known = { ...noScan, ...failure, run_id, state, running, started_at, finished_at };
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

const sumOf = (rows: readonly Counted[], of: 'files' | 'bytes') => rows.reduce((sum, row) => sum + row[of], 0);

/** What the reply says of files, batches and folders. */
export function dashboardOf(
  counts: readonly Counted[],
  batches: readonly { status: BatchStatus; batches: number }[],
  places: readonly Storage[],
): Pick<FileDashboard, 'files' | 'batches' | 'storage'> {
  const byStatus = (of: 'files' | 'bytes') =>
    Object.fromEntries(
      fileStatuses.map((status) => [
        status,
        sumOf(
          counts.filter((row) => row.status === status),
          of,
        ),
      ]),
    ) as FileDashboard['files']['by_status'];
  const refused = counts.filter(({ status, is_refused }) => status === 'UNIQUE' && is_refused);
  const present = counts.filter(({ status }) => status !== 'MISSING');
  return {
    files: {
      total: sumOf(present, 'files'),
      size_bytes: sumOf(present, 'bytes'),
      by_status: byStatus('files'),
      bytes_by_status: byStatus('bytes'),
      refused: { files: sumOf(refused, 'files'), size_bytes: sumOf(refused, 'bytes') },
    },
    batches: {
      total: batches.reduce((sum, one) => sum + one.batches, 0),
      by_status: Object.fromEntries(
        batchStatuses.map((status) => [status, batches.find((one) => one.status === status)?.batches ?? 0]),
      ) as FileDashboard['batches']['by_status'],
    },
    storage: places.map(({ root, ...place }) => {
      const rows = root ? present.filter(({ root_id }) => root_id === root.id) : [];
      return {
        ...place,
        root_id: root?.id ?? null,
        name: root?.name ?? null,
        scanned_at: root?.scanned_at ?? null,
        files: sumOf(rows, 'files'),
        size_bytes: sumOf(rows, 'bytes'),
      };
    }),
  };
}
