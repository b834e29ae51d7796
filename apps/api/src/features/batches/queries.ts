import type {
  Batch,
  BatchDetails,
  BatchesQuery,
  BatchFile,
  BatchFilesQuery,
  BatchTimeline,
} from '@at/contracts/batches';
import type { DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { hasFiles } from '@at/domain/batches/queries';
import { type Kysely, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { type List, type ListInput, param } from '#lists/list-statements.ts';

// biome-ignore lint/suspicious/noExplicitAny: the types of the tables do not matter here
type Select<Row> = SelectQueryBuilder<any, any, Row>;

const batchColumns = [
  'b.id',
  'b.name',
  'b.status',
  'b.reason',
  sql<boolean>`b.ready_at is not null`.as('is_ready'),
  sql<boolean>`b.undone_at is not null`.as('is_undone'),
  'b.file_count',
  'b.size_bytes',
  sql<string>`b.made_by`.as('run_id'),
  'b.created_at',
  'b.ready_at',
  'b.synced_at',
  'b.sorted_at',
  'b.cleaned_at',
] as const;

/** Batches, newest first; `isFiltered`: of some statuses. */
export function batchList(db: Kysely<DB>, { isFiltered }: { isFiltered: boolean }): List<Batch> {
  let counted = db.selectFrom('console.batch as b') as unknown as Select<object>;
  const status = param(({ query }: ListInput<BatchesQuery>) => query.status);
  if (isFiltered) counted = counted.where(sql<SqlBool>`b.status = any(${status}::text[])`);
  const key = {
    expression: sql.ref('b.created_at'),
    fromCursor: (value: unknown) => sql`${value}::timestamptz`,
    column: 'created_at',
    nullable: false,
    direction: 'desc',
    ties: 'desc',
    indexed: true,
  } as const;
  const query = counted.select([...batchColumns]) as unknown as Select<Batch>;
  return { segments: [{ query, key, id: sql.ref('b.id') }], idColumn: 'id', counted, isServed: !isFiltered };
}

export type BatchFilesInput = BatchFilesQuery & { batch: number };

/** The files of a batch in their order; `isFiltered`: of some states. */
export function batchFileList(db: Kysely<DB>, { isFiltered }: { isFiltered: boolean }): List<BatchFile> {
  const read = <Value>(of: (query: BatchFilesInput) => Value) =>
    param(({ query }: ListInput<BatchFilesInput>) => of(query));
  let counted = db.selectFrom('console.batch_file as f') as unknown as Select<object>;
  counted = counted.where(sql<SqlBool>`f.batch_id = ${read(({ batch }) => batch)}::bigint`);
  if (isFiltered) counted = counted.where(sql<SqlBool>`f.state = any(${read(({ state }) => state)}::text[])`);
  const key = {
    expression: sql.ref('f.position'),
    fromCursor: (value: unknown) => sql`${value}::integer`,
    column: 'position',
    nullable: false,
    direction: 'asc',
    ties: 'asc',
    indexed: true,
  } as const;
  const query = counted.select([
    'f.position',
    'f.file_id',
    sql<BatchFile['kind']>`(select kind from console.file where id = f.file_id)`.as('kind'),
    'f.path',
    sql<string>`convert_from(f.source, 'UTF8')`.as('source'),
    'f.size',
    sql<string>`encode(f.sha256, 'hex')`.as('sha256'),
    'f.state',
    'f.confirmed_at',
    'f.error',
  ]) as unknown as Select<BatchFile>;
  return {
    segments: [{ query, key, id: sql.ref('f.position') }],
    idColumn: 'position',
    counted,
    isServed: true,
  };
}

export type Found = Omit<
  BatchDetails,
  'path' | 'manifest_path' | 'allowed' | 'undo_refusal' | 'device_cleaned_refusal'
> & {
  has_files: boolean;
  failed_in: BatchDetails['status'] | null;
  root: Buffer;
  is_staged: boolean;
};

/** A batch with the root of its directory. */
export async function findDetails(db: Kysely<DB>, id: number): Promise<Found | undefined> {
  const { rows } = await sql<Found>`
    select ${sql.join([...batchColumns].map((column) => (typeof column === 'string' ? sql.ref(column) : column)))},
      b.failed_in, b.device_cleaned_at, b.device_cleaned_by, ${hasFiles} as has_files, r.path as root, parent.parent_id is not null as is_staged,
      (select coalesce(jsonb_object_agg(state, files), '{}') from (
        select state, count(*) as files from console.batch_file where batch_id = b.id group by state
      ) s) as files_by_state,
      (select u.id from console.run u
        where u.outcome is null and (u.subject_type = 'batch' and u.subject_id = b.id::text or u.id = b.made_by) limit 1) as unfinished_run_id
    from console.batch b join console.file_directory d on d.id = b.directory_id
    join console.file_directory parent on parent.id = d.parent_id join console.file_root r on r.id = d.root_id
    where b.id = ${id}
  `.execute(db);
  return rows[0];
}

/** The paths of the files of a batch in its directory. */
export async function findPathsIn(db: Kysely<DB>, id: number): Promise<string[]> {
  const { rows } = await sql<{ path: string }>`
    select path from console.batch_file where batch_id = ${id} and state <> 'LEFT' order by position
  `.execute(db);
  return rows.map(({ path }) => path);
}

/** What happened to a batch, oldest first. */
export async function findTimeline(db: Kysely<DB>, id: number): Promise<BatchTimeline['events']> {
  const { rows } = await sql<BatchTimeline['events'][0]>`
    select ${sql.raw(timestampText('e.at'))} as at, type, status, message, percent, run_id, task from (
      select at, 'status' as type, status,
        case when is_ready or status = 'CLEANED' then reason else coalesce(reason, 'Its files are being moved.') end as message,
        null::real as percent, null::uuid as run_id, null as task, id as tie
      from console.batch_change where batch_id = ${id}
      union all
      select at, 'sync', state, null, percent, null, null, id from console.sync_snapshot where batch_id = ${id}
      union all
      select device_cleaned_at, 'status', status, device_cleaned_by || ' said that the device was cleaned.', null, null, null, 0
      from console.batch where id = ${id} and device_cleaned_at is not null
      union all
      select r.created_at, 'run', s.state, r.requested_by, null, r.id, r.task, 0
      from console.run r join console.run_state s on s.id = r.id
      where r.subject_type = 'batch' and r.subject_id = ${String(id)}
        or r.id in (select made_by from console.batch where id = ${id})
      order by 1 desc, tie desc limit 500
    ) e order by e.at, tie
  `.execute(db);
  return rows;
}
