import type { SyncStatus } from '@at/contracts/sync';
import type { DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { type Kysely, sql } from 'kysely';

export type SyncRow = Omit<SyncStatus, 'remaining_seconds'>;

/** The sync of batches, by the last of its snapshots. The rate is that of the last ten minutes of them. */
export async function findSyncs(db: Kysely<DB>, ids: readonly number[]): Promise<SyncRow[]> {
  const { rows } = await sql<SyncRow>`
    select b.name as batch, b.id as batch_id, b.status,
      case when b.status in ('SYNCED', 'SORTING', 'SORTED', 'CLEANED') or b.failed_in = 'SORTING' then 100
        else coalesce(s.percent, 0) end as progress,
      ${sql.raw(timestampText('b.synced_at'))} as synced_at, b.reason as detail, s.state,
      ${sql.raw(timestampText('s.at'))} as changed_at, b.size_bytes,
      coalesce(s.needed_bytes, b.size_bytes) as needed_bytes, coalesce(s.needed_items, b.file_count) as needed_items,
      case when b.status = 'SYNCING' then
        (select round(nullif((max(l.percent) - min(l.percent))::numeric / 100 * b.size_bytes
            / nullif(extract(epoch from now() - min(l.at)), 0), 0), 1)::float8
         from console.sync_snapshot l where l.batch_id = b.id and l.at > now() - interval '10 minutes')
      end as bytes_per_second,
      b.ready_at is not null and (b.status = 'PENDING' or b.status = 'ERROR' and b.failed_in = 'SYNCING') as can_start, r.id as run_id
    from console.batch b
    left join lateral (select * from console.sync_snapshot s where s.batch_id = b.id order by s.id desc limit 1) s on true
    left join console.run r on r.subject_type = 'batch' and r.subject_id = b.id::text and r.task = 'files.sync' and r.outcome is null
    where b.id = any(${ids}::bigint[]) order by b.id
  `.execute(db);
  return rows;
}
