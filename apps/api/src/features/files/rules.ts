import type { FileDashboard } from '@at/contracts/files';
import { type BatchStatus, batchStatuses, fileStatuses } from '@at/contracts/vocabulary';
import type { Counted } from '@at/domain/files/queries';
import type { Storage } from '@at/domain/files/storage';

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
