import type { SortStarted, SortStatus } from '@at/contracts/sorting';
import type { DB } from '@at/db/schema';
import { countSorted } from '@at/domain/sorting/queries';
import { type Kysely, sql } from 'kysely';

type Sorted = Omit<SortStarted, 'started' | 'run_id'> & Pick<SortStatus, 'run_id'>;

/** How far a batch is sorted. */
export async function findSorted(db: Kysely<DB>, batch: number): Promise<Sorted | undefined> {
  const { rows } = await sql<Pick<SortStatus, 'batch' | 'batch_id' | 'status' | 'reason' | 'run_id'>>`
    select b.name as batch, b.id as batch_id, b.status, b.reason, (
      select r.id from console.run r where r.subject_type = 'batch' and r.subject_id = b.id::text and r.task = 'files.sort'
      order by r.created_at desc limit 1
    ) as run_id
    from console.batch b where b.id = ${batch}
  `.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { total, sorted, duplicates, errors } = await countSorted(db, batch);
  const isOver = row.status === 'SORTED' || row.status === 'CLEANED' || row.status === 'ERROR';
  return {
    ...row,
    total_files: total,
    sorted_files: sorted,
    // Those of a batch on its way may still be sorted.
    skipped_files: duplicates + (isOver ? errors : 0),
  };
}
