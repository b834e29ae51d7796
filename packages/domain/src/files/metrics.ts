import { fileStatuses } from '@at/contracts/vocabulary';
import { sql } from 'kysely';
import type { MetricGroup } from '../metric.ts';

/** What the file pipeline knows now. */
export const filesByStatus: MetricGroup = {
  metrics: [{ name: 'atp_files', help: 'Files of the file pipeline', labels: ['status'] }],
  async collect(db) {
    const { rows } = await sql<{ status: string; files: number }>`
      select status, count(*) as files from console.file group by status
    `.execute(db);
    return fileStatuses.map((status) => ({
      metric: 'atp_files',
      labels: { status },
      value: rows.find((row) => row.status === status)?.files ?? 0,
    }));
  },
};

/** What batches have carried, and how fast a device gets them now. */
export const batchBytes: MetricGroup = {
  metrics: [
    { name: 'atp_batch_bytes', help: 'Bytes of the batches that got so far', labels: ['stage'] },
    { name: 'atp_sync_bytes_per_second', help: 'What devices got in the last ten minutes', labels: [] },
  ],
  async collect(db) {
    type Row = Record<'batched' | 'synced' | 'sorted' | 'rate', number>;
    const { rows } = await sql<Row>`
      select coalesce(sum(b.size_bytes), 0)::float8 as batched,
        coalesce(sum(b.size_bytes) filter (where b.synced_at is not null), 0)::float8 as synced,
        coalesce(sum(b.size_bytes) filter (where b.sorted_at is not null), 0)::float8 as sorted,
        coalesce(sum(b.size_bytes * s.part / 600) filter (where b.status = 'SYNCING'), 0)::float8 as rate
      from console.batch b left join lateral (
        select (max(percent) - min(percent)) / 100 as part from console.sync_snapshot
        where b.status = 'SYNCING' and batch_id = b.id and at > now() - interval '10 minutes'
      ) s on true
      where b.undone_at is null
    `.execute(db);
    const { rate, ...stages } = rows[0] as Row;
    return [
      ...Object.entries(stages).map(([stage, value]) => ({ metric: 'atp_batch_bytes', labels: { stage }, value })),
      { metric: 'atp_sync_bytes_per_second', labels: {}, value: rate },
    ];
  },
};
