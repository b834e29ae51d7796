import type { FileDashboard } from '@at/contracts/files';
import type { BatchFileState, BatchOrder, BatchStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { blockingStates } from './rules.ts';
import type { Candidate } from './selection.ts';

// What the tables say about batches.

const orders: Record<BatchOrder, RawBuilder<unknown>> = {
  path: sql``,
  captured: sql`captured nulls last,`,
  largest: sql`total desc,`,
};

type CandidateRow = Candidate & { smallest: number };

/** Rows of one read. */
const slice = 2_000;

/**
 * Calls `take` for each group of companions that are UNIQUE and below a root, in an order, until it returns false. `smallest`: bytes of
 * the smallest group. What it reads is of one moment.
 */
export async function eachCandidate(
  db: Kysely<DB>,
  { root, order }: { root: number; order: BatchOrder },
  take: (group: Candidate[], smallest: number) => boolean,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`
      declare batch_candidates cursor for
      with recursive place as (
        select id, ''::bytea as path from console.file_directory where root_id = ${root} and parent_id is null
        union all
        select d.id, case when p.path = '' then d.name else p.path || '\\x2f'::bytea || d.name end
        from place p join console.file_directory d on d.parent_id = p.id
      ), held as materialized (
        select distinct coalesce(group_id, id) as head from console.file
        where status in ('NEW', 'ERROR') or (is_unverified and status = 'UNIQUE')
      ), member as (
        select f.id, coalesce(f.group_id, f.id) as head, p.path as directory, f.name,
          case when p.path = '' then f.name else p.path || '\\x2f'::bytea || f.name end as path, f.size, f.mtime_ns,
          encode(f.sha256, 'hex') as sha256, f.captured_at
        from console.file f join place p on p.id = f.directory_id
        where f.status = 'UNIQUE' and not exists (select from console.move m where m.file_id = f.id and m.state = 'planned')
      ), grouped as (
        select *, sum(size) over whole as total, min(captured_at) over whole as captured,
          first_value(path) over whole as first_path
        from member
        window whole as (
          partition by head order by path rows between unbounded preceding and unbounded following
        )
      )
      select g.id, g.head, g.directory, g.name, g.size, g.mtime_ns::text as mtime_ns, g.sha256, h.head is not null as is_held,
        (min(g.total) over ())::bigint as smallest
      from grouped g left join held h on h.head = g.head
      order by ${orders[order]} first_path, g.head, g.path
    `.execute(trx);
    let group: Candidate[] = [];
    for (;;) {
      const { rows } = await sql<CandidateRow>`fetch ${sql.raw(String(slice))} from batch_candidates`.execute(trx);
      for (const { smallest, ...row } of rows) {
        if (group[0] && group[0].head !== row.head) {
          if (!take(group, smallest)) return;
          group = [];
        }
        group.push(row);
      }
      if (rows.length < slice) break;
    }
    if (group.length > 0) take(group, 0);
  });
}

export type Blocker = { id: number; name: string; status: BatchStatus; reason: string | null };

/** The oldest batch that holds up the next one. */
export async function findBlocker(db: Kysely<DB>): Promise<Blocker | undefined> {
  const { rows } = await sql<Blocker>`
    select id, name, status, reason from console.batch where status = any(${[...blockingStates]}) order by id limit 1
  `.execute(db);
  return rows[0];
}

/** Whether a batch has a name, or had it, or a directory at the top of their root that is known. */
export async function isTakenName(db: Kysely<DB>, root: number, name: string): Promise<boolean> {
  const { rows } = await sql<{ is_taken: boolean }>`
    select exists (select from console.batch where name = ${name}) or exists (
      select from console.file_directory d join console.file_directory top on top.id = d.parent_id and top.parent_id is null
      where top.root_id = ${root} and d.name = convert_to(${name}, 'UTF8')
    ) as is_taken
  `.execute(db);
  return rows[0]?.is_taken ?? false;
}

/** How many batches there have been. */
export async function countBatches(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql<{ batches: number }>`select count(*) as batches from console.batch`.execute(db);
  return rows[0]?.batches ?? 0;
}

/** A batch with its directory. */
export type BatchRow = {
  id: number;
  name: string;
  status: BatchStatus;
  reason: string | null;
  manifest: Manifest;
  directory_id: number;
  root_id: number;
  /** Whether the row of its directory is in the staging directory. */
  is_staged: boolean;
  is_ready: boolean;
  made_by: string | null;
  undone_by: string | null;
};

/** What `manifest.json` has. Numbers of 64 bits are text. */
export type Manifest = {
  batch: string;
  id: number;
  created_at: string;
  files: { path: string; source: string; size: number; mtime_ns: string; sha256: string | null }[];
};

const batchColumns = sql`b.id, b.name, b.status, b.reason, b.manifest, b.directory_id, d.root_id,
  parent.parent_id is not null as is_staged, b.ready_at is not null as is_ready, b.made_by, b.undone_by
  from console.batch b join console.file_directory d on d.id = b.directory_id
  join console.file_directory parent on parent.id = d.parent_id`;

export async function findBatch(db: Kysely<DB>, id: number): Promise<BatchRow | undefined> {
  return (await sql<BatchRow>`select ${batchColumns} where b.id = ${id}`.execute(db)).rows[0];
}

/** Whether `b` is the batch with an id or a name. A name is never digits alone. */
export const isBatch = (idOrName: string): RawBuilder<SqlBool> =>
  /^[1-9]\d{0,14}$/.test(idOrName) ? sql`b.id = ${Number(idOrName)}` : sql`b.name = ${idOrName}`;

/** The id of a batch by its id or name. */
export async function findBatchId(db: Kysely<DB>, idOrName: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`select b.id from console.batch b where ${isBatch(idOrName)}`.execute(db);
  return rows[0]?.id;
}

/** The batch that a run makes, unless a run undoes it. */
export async function findBatchOf(db: Kysely<DB>, run: string): Promise<BatchRow | undefined> {
  const { rows } = await sql<BatchRow>`
    select ${batchColumns} where b.made_by = ${run}::uuid and b.undone_by is null and b.status <> 'CLEANED' order by b.id desc limit 1
  `.execute(db);
  return rows[0];
}

/** Batches of a root whose files are being moved. */
export async function findUnready(db: Kysely<DB>, root: number): Promise<BatchRow[]> {
  const { rows } = await sql<BatchRow>`
    select ${batchColumns} where b.ready_at is null and b.status <> 'CLEANED' and d.root_id = ${root} order by b.id
  `.execute(db);
  return rows;
}

/** Whether the directory of a batch `b` in a directory `d` still has files of it: the archive got copies, or has had them already. */
export const hasFiles: RawBuilder<boolean> = sql`exists (
  select from console.file f join console.file_directory here on here.id = f.directory_id
  where f.batch_id = b.id and here.root_id = d.root_id and f.status in ('ARCHIVED', 'DUPLICATE')
)`;

type SortedBatch = BatchRow & { has_files: boolean; device_cleaned_at: string | null };

/** Batches of which each file has its place. */
export async function findSorted(db: Kysely<DB>): Promise<SortedBatch[]> {
  const { rows } = await sql<SortedBatch>`
    select ${hasFiles} as has_files, b.device_cleaned_at, ${batchColumns} where b.status = 'SORTED' and b.ready_at is not null and not exists (
      select from console.batch_file f where f.batch_id = b.id and f.state not in ('SORTED', 'DUPLICATE', 'LEFT')
    ) order by b.id
  `.execute(db);
  return rows;
}

/** The roots that have batches. */
export async function findBatchRoots(db: Kysely<DB>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select distinct d.root_id as id from console.batch b join console.file_directory d on d.id = b.directory_id order by id
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** The batch with a name. */
export async function findNamedBatch(db: Kysely<DB>, name: string): Promise<BatchRow | undefined> {
  return (await sql<BatchRow>`select ${batchColumns} where b.name = ${name}`.execute(db)).rows[0];
}

/** No run makes a batch or undoes it. */
export const isFree = sql`not exists (
  select from console.run r where r.id = coalesce(b.undone_by, b.made_by) and r.outcome is null
)`;
const isUnready = sql`b.ready_at is null and b.status <> 'CLEANED'`;
const isAbandoned = sql`${isUnready} and ${isFree}`;

/**
 * Batches that no run goes on with: neither are they ready nor are all of their files where they were. `run`: also those that this one
 * has begun to undo.
 */
export async function findAbandoned(db: Kysely<DB>, run: string | null = null): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select b.id from console.batch b where ${isUnready} and (${isFree} or b.undone_by = ${run}::uuid) order by b.id
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** Whether a batch is still being made, and nothing undoes it: that stays so until the transaction ends. */
export async function isBeingMade(db: Kysely<DB>, batch: number): Promise<boolean> {
  const { rows } = await sql`
    select from console.batch b where b.id = ${batch} and ${isUnready} and b.undone_by is null for share
  `.execute(db);
  return rows.length > 0;
}

export async function hasAbandoned(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql`select from console.batch b where ${isAbandoned} limit 1`.execute(db);
  return rows.length > 0;
}

/** The directories of a batch, by a common table expression: `tree (id, path)`; paths end with a slash. */
export const treeOf = (directory: number | RawBuilder<unknown>): RawBuilder<unknown> => sql`tree as (
  select ${directory}::bigint as id, '' collate "C" as path
  union all
  select d.id, (t.path || convert_from(d.name, 'UTF8') || '/') collate "C" from tree t join console.file_directory d on d.parent_id = t.id
)`;

export type WaitingFile = { companions: number; file: number; path: string };

/** The next `count` files of a batch that are still in the inbox, in their order, but for those of which a companion has changed. */
export async function findWaiting(
  db: Kysely<DB>,
  { batch, root, count }: { batch: number; root: number; count: number },
): Promise<WaitingFile[]> {
  const { rows } = await sql<WaitingFile>`
    select b.companions, b.file_id as file, b.path
    from console.batch_file b join console.file f on f.id = b.file_id
    join console.file_directory d on d.id = f.directory_id
    where b.batch_id = ${batch} and b.state = 'PLANNED' and f.status = 'UNIQUE' and d.root_id = ${root}
      and not exists (select from console.move m where m.file_id = f.id and m.state = 'planned')
      and not exists (
        select from console.batch_file o left join console.file g on g.id = o.file_id
        where o.batch_id = b.batch_id and o.companions = b.companions
          and (o.state = 'LEFT' or o.state = 'PLANNED' and g.status is distinct from 'UNIQUE')
      )
    order by b.position limit ${count}
  `.execute(db);
  return rows;
}

/** Which of the files of a batch could still be moved. */
export async function findPlanned(db: Kysely<DB>, batch: number, files: number[]): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select file_id as id from console.batch_file
    where batch_id = ${batch} and state = 'PLANNED' and file_id = any(${files}::bigint[])
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** The roots of moves of a run that have not ended. */
export async function findPlannedRoots(db: Kysely<DB>, run: string): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select distinct d.root_id as id
    from console.move m join console.file_directory d on d.id in (m.from_directory_id, m.to_directory_id)
    where m.run_id = ${run}::uuid and m.state = 'planned'
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** How many files of a batch have each state. */
export async function countStates(db: Kysely<DB>, batch: number): Promise<Partial<Record<BatchFileState, number>>> {
  const { rows } = await sql<{ state: BatchFileState; files: number }>`
    select state, count(*) as files from console.batch_file where batch_id = ${batch} group by state
  `.execute(db);
  return Object.fromEntries(rows.map(({ state, files }) => [state, files]));
}

/** The files that are in the directory of a batch, for its manifest. */
export async function findManifestFiles(
  db: Kysely<DB>,
  { id, directory_id }: Pick<BatchRow, 'id' | 'directory_id'>,
): Promise<Manifest['files']> {
  const { rows } = await sql<Manifest['files'][0]>`
    with recursive ${treeOf(directory_id)}
    select b.path, convert_from(b.source, 'UTF8') as source, f.size, f.mtime_ns::text as mtime_ns, encode(f.sha256, 'hex') as sha256
    from console.batch_file b join console.file f on f.id = b.file_id join tree t on t.id = f.directory_id
    where b.batch_id = ${id} and b.state <> 'LEFT' and f.status <> 'MISSING' order by b.position
  `.execute(db);
  return rows;
}

/** A file that an undo has left in the directory of its batch. */
export type StayingFile = {
  file: number;
  name: Buffer;
  path: Buffer;
  directory: number;
  /** The move that brought it there, and where from. */
  move: number;
  companions: string;
  from_directory: number;
  from_name: Buffer;
  from_root: number;
};

/** The next files that are in the directory of a batch still, though the moves of its run were undone; companions together. */
export async function findStaying(
  db: Kysely<DB>,
  { id, directory_id, root_id, made_by }: BatchRow,
  count: number,
): Promise<StayingFile[]> {
  const { rows } = await sql<StayingFile>`
    with recursive place as (
      select d.id, r.path || '\\x2f'::bytea || case when up.parent_id is null then ''::bytea else up.name || '\\x2f'::bytea end || d.name as path
      from console.file_directory d join console.file_directory up on up.id = d.parent_id
      join console.file_root r on r.id = ${root_id} where d.id = ${directory_id}
      union all
      select d.id, p.path || '\\x2f'::bytea || d.name from place p join console.file_directory d on d.parent_id = p.id
    ), staying as (
      select f.id as file, f.name, p.path || '\\x2f'::bytea || f.name as path, f.directory_id as directory, m.id as move, m.companions,
        m.from_directory_id as from_directory, m.from_name, d.root_id as from_root,
        min(m.id) over (partition by m.companions) as first
      from console.move m join console.file f on f.id = coalesce(m.copy_id, m.file_id) join place p on p.id = f.directory_id
      join console.file_directory d on d.id = m.from_directory_id
      where m.run_id = ${made_by}::uuid and m.new_batch_id = ${id} and m.state = 'done' and f.status <> 'MISSING'
        and not exists (select from console.move o where o.file_id = f.id and o.state = 'planned')
    )
    select * from (select s.*, count(*) over (order by first) as nth from staying s) counted where nth <= ${count} order by move
  `.execute(db);
  return rows;
}

/** A batch that goes on only once a person has done something: looked at an error, chosen what it lacks, or cleaned the device. */
export type WaitingBatch = { id: number; name: string; status: BatchStatus; reason: string | null };

/** The oldest batches that wait for a person. */
export async function findWaitingBatches(db: Kysely<DB>, atMost: number): Promise<WaitingBatch[]> {
  const { rows } = await sql<WaitingBatch>`
    select b.id, b.name, b.status, b.reason from console.batch b join console.file_directory d on d.id = b.directory_id
    where b.status = 'ERROR' or (b.status = 'SYNCED' and b.reason is not null)
      or (b.status = 'SORTED' and b.device_cleaned_at is null and ${hasFiles})
    order by b.id limit ${atMost}
  `.execute(db);
  return rows;
}

export type LargeGroup = { path: string; files: number; size_bytes: number };

/** Files of a group at most, in practice: what is large has a file of that part of the limit, which an index finds. */
const companionsAtMost = 200;

/** The largest groups of a root that are larger than a batch may be. */
export async function findTooLarge(
  db: Kysely<DB>,
  root: number,
  { max_size_gb, max_files }: { max_size_gb: number; max_files: number },
  atMost: number,
): Promise<LargeGroup[]> {
  if (max_size_gb === 0 && max_files === 0) return [];
  const bytes = max_size_gb === 0 ? null : Math.floor(max_size_gb * 1024 ** 3);
  const files = max_files === 0 ? null : max_files;
  const { rows } = await sql<LargeGroup>`
    with suspect as materialized (
      select coalesce(group_id, id) as head from console.file where status = 'UNIQUE' and size > ${bytes}::bigint / ${companionsAtMost}
      union
      select group_id from console.file where ${files}::integer < ${companionsAtMost} and status = 'UNIQUE' and group_id is not null
      group by group_id having count(*) >= ${files}::integer
    )
    select console.file_path((array_agg(f.directory_id order by f.id))[1], (array_agg(f.name order by f.id))[1]) as path, count(*) as files, sum(f.size)::bigint as size_bytes
    from suspect s join console.file f on f.id = s.head or f.group_id = s.head
    join console.file_directory d on d.id = f.directory_id and d.root_id = ${root}
    where f.status = 'UNIQUE'
    group by s.head having sum(f.size) > ${bytes}::bigint or count(*) > ${files}::integer
    order by size_bytes desc limit ${atMost}
  `.execute(db);
  return rows;
}

/** The newest batches. */
export async function findRecentBatches(db: Kysely<DB>): Promise<FileDashboard['recent_batches']> {
  const { rows } = await sql<FileDashboard['recent_batches'][0]>`
    select id, name, status, reason, file_count, size_bytes, created_at from console.batch
    order by created_at desc, id desc limit 10
  `.execute(db);
  return rows;
}
