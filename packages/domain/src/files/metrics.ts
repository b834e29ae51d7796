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
