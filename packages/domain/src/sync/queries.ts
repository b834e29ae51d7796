import type { BatchStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import type { Actor } from '../actor.ts';
import type { BatchFile } from './confirm.ts';

export type SyncedBatch = {
  id: number;
  name: string;
  status: BatchStatus;
  reason: string | null;
  /** Of its root, as this process finds it. */
  root: Buffer;
};

export async function findSyncedBatch(db: Kysely<DB>, id: number): Promise<SyncedBatch | undefined> {
  const { rows } = await sql<SyncedBatch>`
    select b.id, b.name, b.status, b.reason, r.path as root
    from console.batch b join console.file_directory d on d.id = b.directory_id join console.file_root r on r.id = d.root_id
    where b.id = ${id}
  `.execute(db);
  return rows[0];
}

/** A file of a batch. Its path begins with the name of the batch. */
export type SyncedFile = BatchFile & { position: number; is_confirmed: boolean };

/** Of `console.batch_file`: the files that a batch still consists of. Others stayed behind, or have their place. */
export const isInBatch = sql`state not in ('LEFT', 'SORTED', 'DUPLICATE')`;

/** The files that a batch consists of. */
export async function findSyncedFiles(db: Kysely<DB>, batch: number): Promise<SyncedFile[]> {
  const { rows } = await sql<SyncedFile>`
    select m.position, b.name || '/' || m.path as path, m.size, m.mtime_ns::text as mtime_ns, encode(m.sha256, 'hex') as sha256,
      case when not f.is_unverified then f.ctime_ns::text end as ctime_ns, m.confirmed_at is not null as is_confirmed
    from console.batch_file m join console.batch b on b.id = m.batch_id left join console.file f on f.id = m.file_id
    where m.batch_id = ${batch} and m.${isInBatch} order by m.position
  `.execute(db);
  return rows;
}

/** The runs of syncs that go on, with their batches. */
export async function findUnfinishedSyncs(db: Kysely<DB>): Promise<{ run: string; batch: number }[]> {
  const { rows } = await sql<{ run: string; batch: number }>`
    select r.id as run, r.subject_id::bigint as batch from console.run r
    where r.task = 'files.sync' and r.subject_type = 'batch' and r.outcome is null order by r.created_at
  `.execute(db);
  return rows;
}

/** Who has started a run. */
export async function findStarter(db: Kysely<DB>, run: string): Promise<Actor> {
  const { rows } = await sql<Actor>`
    select coalesce(requested_by, schedule, '') as name, requested_by_verified as verified from console.run where id = ${run}::uuid
  `.execute(db);
  return rows[0] ?? { name: '', verified: false };
}
