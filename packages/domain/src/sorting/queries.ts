import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { isBatch } from '../batches/queries.ts';
import type { BatchState } from '../batches/rules.ts';
import { decideAlone } from '../files/writes.ts';

// What the tables say about the sorting of batches.

/** A batch that is to be sorted. */
export type SortedBatch = BatchState & { root_id: number };

/** A batch by its id or its name. */
export async function findBatchToSort(db: Kysely<DB>, key: string): Promise<SortedBatch | undefined> {
  const { rows } = await sql<SortedBatch>`
    select b.id, b.name, b.status, b.failed_in, b.reason, b.ready_at is not null as is_ready, d.root_id from console.batch b join console.file_directory d on d.id = b.directory_id
    where ${isBatch(key)}
  `.execute(db);
  return rows[0];
}

/** A file of a batch that has no place in the archive yet. */
export type Sortable = {
  /** Of its row. */
  id: number;
  companions: number;
  path: string;
  status: string;
  directory_id: number;
  name: Buffer;
  kind: string;
  size: number;
  mtime_ns: string;
  sha256: string | null;
  captured_at: string | null;
  captured_from: string | null;
  camera: string | null;
  is_examined: boolean;
  is_planned: boolean;
  /** Whether it is a duplicate that stays in the batch. */
  is_duplicate: boolean;
};

/** The files of the next groups of a batch after one of them; `duplicates`: also those that were found to be duplicates. */
export async function findSortable(
  db: Kysely<DB>,
  { batch, after, files, duplicates }: { batch: SortedBatch; after: number; files: number; duplicates: boolean },
): Promise<Sortable[]> {
  const states = ['PLANNED', 'BATCHED', 'SYNCED', 'ERROR', ...(duplicates ? ['DUPLICATE'] : [])];
  const { rows } = await sql<Sortable>`
    with wanted as materialized (
      select b.companions, count(*) as files from console.batch_file b
      left join console.file f on f.id = b.file_id left join console.file_directory d on d.id = f.directory_id
      where b.batch_id = ${batch.id} and b.companions > ${after} and b.state = any(${states})
        and (b.state <> 'DUPLICATE' or d.root_id = ${batch.root_id})
      group by b.companions order by b.companions limit ${files}
    ), chosen as (
      select companions from (select companions, sum(files) over (order by companions) as total from wanted) w
      where total <= ${files} or companions = (select min(companions) from wanted)
    )
    select f.id, b.companions, b.path, f.status, f.directory_id, f.name, f.kind, f.size, f.mtime_ns::text as mtime_ns,
      encode(f.sha256, 'hex') as sha256, f.captured_at::text as captured_at, f.captured_from, f.camera,
      f.examined_at is not null as is_examined, b.state = 'DUPLICATE' as is_duplicate,
      exists (select from console.move m where m.file_id = f.id and m.state = 'planned') as is_planned
    from chosen join console.batch_file b on b.batch_id = ${batch.id} and b.companions = chosen.companions and b.state = any(${states})
    left join console.file f on f.id = b.file_id
    order by b.companions, b.position
  `.execute(db);
  return rows;
}

/** Writes which files of a batch have their place, wherever their moves have ended. */
export async function noteSorted(trx: Transaction<DB>, batch: number): Promise<void> {
  await sql`
    update console.batch_file b set state = 'SORTED', error = null from console.file f
    where b.batch_id = ${batch} and b.state not in ('SORTED', 'LEFT', 'DUPLICATE') and f.id = b.file_id
      and f.status in ('SORTED', 'ARCHIVED')
  `.execute(trx);
}

export type Unsorted = { companions: number; reason: string; needsReview: boolean };

/** Writes why groups of a batch have no place. What needs a review is an ERROR of its files too. */
export async function writeUnsorted(trx: Transaction<DB>, batch: number, unsorted: Unsorted[]): Promise<void> {
  if (unsorted.length === 0) return;
  await decideAlone(trx);
  await sql`
    with why as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(unsorted)}::jsonb) as w (companions integer, reason text, "needsReview" boolean)
    ), noted as (
      update console.batch_file b set state = 'ERROR', error = w.reason from why w
      where b.batch_id = ${batch} and b.companions = w.companions and b.state not in ('SORTED', 'LEFT')
      returning b.file_id, w.reason, w."needsReview"
    )
    update console.file f set status = 'ERROR', error = n.reason from noted n
    where f.id = n.file_id and n."needsReview" and f.status in ('BATCHED', 'SYNCED', 'ERROR')
  `.execute(trx);
}

/** Duplicates that could not be moved are tried again, or stay in the batch where duplicates are not moved any more. */
export async function retryDuplicates(trx: Transaction<DB>, batch: number): Promise<void> {
  await sql`
    update console.batch_file b set state = 'DUPLICATE', error = null from console.file f
    where b.batch_id = ${batch} and b.state = 'ERROR' and f.id = b.file_id and f.status = 'DUPLICATE'
  `.execute(trx);
}

/** Makes files of a batch duplicates of files in the archive. */
export async function writeDuplicatesOf(
  trx: Transaction<DB>,
  batch: number,
  found: { id: number; keeper: number; sha256: string }[],
): Promise<void> {
  await sql`
    with pair as materialized (
      select p.id, p.keeper, decode(p.sha256, 'hex') as sha256
      from jsonb_to_recordset(${JSON.stringify(found)}::jsonb) as p (id bigint, keeper bigint, sha256 text)
    ), noted as (
      update console.batch_file b set state = 'DUPLICATE', error = null from pair p where b.batch_id = ${batch} and b.file_id = p.id
    )
    update console.file f set status = 'DUPLICATE', duplicate_of = p.keeper, sha256 = p.sha256, error = null from pair p where f.id = p.id
  `.execute(trx);
  await sql`
    update console.file f set duplicate_of = d.duplicate_of from console.file d
    where d.id = any(${found.map(({ id }) => id)}::bigint[]) and f.duplicate_of = d.id
  `.execute(trx);
}

/** The row of a file in the archive with this content, which is SORTED from now on unless it is a duplicate itself. */
export async function keeperAt(
  trx: Transaction<DB>,
  { directory, name, sha256 }: { directory: number; name: Buffer; sha256: string },
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    update console.file set sha256 = decode(${sha256}, 'hex'), is_unverified = false,
      status = case when status in ('NEW', 'UNIQUE') then 'SORTED' else status end
    where directory_id = ${directory} and name = ${name} and status not in ('MISSING', 'ERROR')
    returning coalesce(duplicate_of, id) as id
  `.execute(trx);
  return rows[0]?.id;
}

/** Has the metadata of files without a date read once more, because the time of a file counts now. */
export async function forgetUndated(trx: Transaction<DB>, batch: number): Promise<void> {
  await sql`
    update console.file set examined_at = null
    where batch_id = ${batch} and captured_from is null and status in ('BATCHED', 'SYNCED', 'ERROR')
  `.execute(trx);
}

export type SortCounts = { total: number; sorted: number; duplicates: number; errors: number };

export async function countSorted(db: Kysely<DB>, batch: number): Promise<SortCounts> {
  const { rows } = await sql<SortCounts>`
    select count(*) filter (where state <> 'LEFT') as total, count(*) filter (where state = 'SORTED') as sorted,
      count(*) filter (where state = 'DUPLICATE') as duplicates,
      count(*) filter (where state not in ('SORTED', 'DUPLICATE', 'LEFT')) as errors
    from console.batch_file where batch_id = ${batch}
  `.execute(db);
  return rows[0] as SortCounts;
}

/** The reasons of files without a place, those of most files first. */
export async function findReasons(db: Kysely<DB>, batch: number): Promise<{ reason: string; files: number }[]> {
  const { rows } = await sql<{ reason: string; files: number }>`
    select coalesce(error, 'Not tried yet') as reason, count(*) as files from console.batch_file
    where batch_id = ${batch} and state not in ('SORTED', 'DUPLICATE', 'LEFT') group by 1 order by 2 desc, 1
  `.execute(db);
  return rows;
}
