import type { FileKind, FileStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';

export type Root = {
  id: number;
  name: string;
  path: Buffer;
  marker: string;
  /** As signed 64 bits. */
  marker_inode: string;
  counter: number;
  held: string | null;
  /** When a scan saw all of it last. */
  scanned_at: string | null;
};

const rootColumns = sql`id, name, path, marker, marker_inode::text as marker_inode, counter, held, scanned_at`;

export async function findRoots(db: Kysely<DB>): Promise<Root[]> {
  return (await sql<Root>`select ${rootColumns} from console.file_root order by id`.execute(db)).rows;
}

export async function findRoot(db: Kysely<DB>, id: number): Promise<Root | undefined> {
  return (await sql<Root>`select ${rootColumns} from console.file_root where id = ${id}`.execute(db)).rows[0];
}

/** `move`: files are moved, or compared with their rows; `scan`: one scan at a time. */
export type RootLock = 'move' | 'scan';

/** The key of an advisory lock of a root. */
export const lockKey = (root: number, lock: RootLock): RawBuilder<number> =>
  sql<number>`hashtextextended(${lock === 'move' ? 'console.file_root' : 'console.file_root scan'}, ${root})`;

/** The process that has a lock of a root, in words; undefined if no process has it. */
export async function findLockHolder(db: Kysely<DB>, root: number, lock: RootLock): Promise<string | undefined> {
  const { rows } = await sql<{ holder: string }>`
    select format('%s (connection %s from %s)', coalesce(nullif(a.application_name, ''), 'a program'), a.pid,
      coalesce(host(a.client_addr), 'this machine')) as holder
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1
      and l.database = (select oid from pg_database where datname = current_database())
      and ((l.classid::bigint << 32) | l.objid::bigint) = ${lockKey(root, lock)}
  `.execute(db);
  return rows[0]?.holder;
}

export type KnownDirectory = { id: number; parent_id: number | null; name: Buffer; digest: Buffer | null };

/** The directories of a root, in no order. */
export async function findDirectories(db: Kysely<DB>, root: number): Promise<KnownDirectory[]> {
  const { rows } = await sql<KnownDirectory>`
    select id, parent_id, name, digest from console.file_directory where root_id = ${root}
  `.execute(db);
  return rows;
}

/** The highest number of a file. Later files have higher ones. */
export async function findLatestFile(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql<{ id: number }>`select coalesce(max(id), 0) as id from console.file`.execute(db);
  return rows[0]?.id ?? 0;
}

/** Files of directories that are not among those that were found there. */
export async function findAbsent(
  db: Kysely<DB>,
  directories: number[],
  found: { directories: number[]; names: Buffer[] },
): Promise<{ id: number; directory_id: number; name: Buffer }[]> {
  const { rows } = await sql<{ id: number; directory_id: number; name: Buffer }>`
    -- However many there are, and even with old statistics, no name is compared with each other one.
    with absent as materialized (
      select directory_id, name from console.file
      where directory_id = any(${directories}::bigint[]) and status <> 'MISSING'
      except select * from unnest(${found.directories}::bigint[], ${found.names}::bytea[])
    )
    select f.id, f.directory_id, f.name from absent join console.file f using (directory_id, name)
  `.execute(db);
  return rows;
}

/** How many files with numbers up to `latest` should be below a root, without those of some directories. */
export async function countKnown(db: Kysely<DB>, root: number, latest: number, without: number[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from console.file f join console.file_directory d on d.id = f.directory_id
    where d.root_id = ${root} and f.id <= ${latest} and f.status <> 'MISSING' and d.id <> all(${without}::bigint[])
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** The paths of directories, each with its root. */
export async function findPaths(
  db: Kysely<DB>,
  ids: number[],
): Promise<{ id: number; root_id: number; path: Buffer }[]> {
  const { rows } = await sql<{ id: number; root_id: number; path: Buffer }>`
    with recursive up as (
      select id, root_id, parent_id, name as path from console.file_directory where id = any(${ids}::bigint[])
      union all
      select u.id, u.root_id, d.parent_id,
        case when d.parent_id is null then u.path else d.name || '\\x2f'::bytea || u.path end
      from up u join console.file_directory d on d.id = u.parent_id
    )
    select id, root_id, path from up where parent_id is null
  `.execute(db);
  return rows;
}

/** A file to read: all rows of one inode, and the place of one of them. */
export type Candidate = {
  ids: number[];
  directory_id: number;
  name: Buffer;
  size: number;
  mtime_ns: string;
  ctime_ns: string;
  inode: string;
  /** Of all candidates. */
  total_files: number;
  total_bytes: number;
};

const candidateColumns = sql`array_agg(f.id) as ids, (array_agg(f.directory_id order by f.id))[1] as directory_id,
  (array_agg(f.name order by f.id))[1] as name, f.size, f.mtime_ns::text as mtime_ns, f.ctime_ns::text as ctime_ns,
  f.inode::text as inode, count(*) over () as total_files`;

/** The disk of each root: two inodes are one file only on one disk. */
export type Devices = { roots: number[]; devices: string[] };

/** A part of a FROM: the directories of `f`, and their disks. */
const placed = ({ roots, devices }: Devices) => sql`join console.file_directory d on d.id = f.directory_id
  join unnest(${roots}::int[], ${devices}::text[]) as disk (root_id, device) on disk.root_id = d.root_id`;

/** Renews what the database knows of the tables. With old statistics its plans are slow. */
export async function renewStatistics(db: Kysely<DB>): Promise<void> {
  await sql`analyze console.file, console.file_directory`.execute(db);
}

/**
 * Files whose size is that of a NEW one of a root and of another file, and whose heads are not known. The statement opens a cursor
 * of the session, from which `nextCandidates` reads. Its parts are materialized, so that directories come last in each plan.
 */
export async function openHeads(session: Kysely<DB>, root: number, devices: Devices): Promise<void> {
  await sql`
    declare file_candidates cursor with hold for
    with fresh as materialized (
      select size, directory_id from console.file where status = 'NEW' and size > 0
    ), wanted as materialized (
      select distinct size from fresh join console.file_directory d on d.id = fresh.directory_id and d.root_id = ${root}
    ), counted as materialized (
      select f.size, min(f.inode) <> max(f.inode) as is_alike
      from wanted join console.file f on f.size = wanted.size and f.status <> 'MISSING'
      group by f.size having count(*) > 1
    ), alike as materialized (
      select size from counted
      -- One inode: it may be another file of another root.
      where is_alike or exists (
        select from console.file f join console.file_directory d on d.id = f.directory_id
        where f.size = counted.size and f.status <> 'MISSING' and d.root_id <> ${root}
      )
    ), member as materialized (
      select f.* from alike join console.file f on f.size = alike.size where f.status <> 'MISSING' and f.head is null
    )
    select ${candidateColumns}, sum(least(f.size, 131072)) over () as total_bytes
    from member f ${placed(devices)}
    group by disk.device, f.inode, f.size, f.mtime_ns, f.ctime_ns
    order by f.size desc, directory_id, name
  `.execute(session);
}

/**
 * Files that are as large as a NEW one of a root and have its head, and were not read whole; those first whose duplicates take the most
 * space. Opens the same cursor as `openHeads`.
 */
export async function openWholes(session: Kysely<DB>, root: number, devices: Devices): Promise<void> {
  await sql`
    declare file_candidates cursor with hold for
    with fresh as materialized (
      select size, head, directory_id from console.file where status = 'NEW' and size > 131072 and head is not null
    ), wanted as materialized (
      select distinct size, head
      from fresh join console.file_directory d on d.id = fresh.directory_id and d.root_id = ${root}
    ), member as materialized (
      select f.* from wanted join console.file f on f.size = wanted.size and f.head = wanted.head
      where f.status <> 'MISSING'
    ), present as materialized (
      select f.*, disk.device from member f ${placed(devices)}
    ), alike as materialized (
      select size, head, (count(distinct device || ' ' || inode) - 1) * size as saving
      from present group by size, head having count(distinct device || ' ' || inode) > 1
    )
    select ${candidateColumns}, sum(f.size) over () as total_bytes
    from alike join present f using (size, head)
    where f.sha256 is null
    group by alike.saving, f.device, f.inode, f.size, f.mtime_ns, f.ctime_ns
    order by alike.saving desc, directory_id, name
  `.execute(session);
}

/** Files of a root that may have changed since they were hashed, and those of other roots that are as large as a NEW one of it. */
export async function openUnverified(session: Kysely<DB>, root: number, devices: Devices): Promise<void> {
  await sql`
    declare file_candidates cursor with hold for
    with fresh as materialized (
      select distinct f.size from console.file f join console.file_directory d on d.id = f.directory_id and d.root_id = ${root}
      where f.status = 'NEW'
    )
    select ${candidateColumns}, sum(f.size) over () as total_bytes from console.file f ${placed(devices)}
    where f.is_unverified and (d.root_id = ${root} or f.size in (select size from fresh))
    group by disk.device, f.inode, f.size, f.mtime_ns, f.ctime_ns
    order by directory_id, name
  `.execute(session);
}

/** The next `count` of the cursor of the session; an empty list at its end. */
export async function nextCandidates(session: Kysely<DB>, count: number): Promise<Candidate[]> {
  return (await sql<Candidate>`fetch ${sql.raw(String(count))} from file_candidates`.execute(session)).rows;
}

export async function closeCandidates(session: Kysely<DB>): Promise<void> {
  await sql`close file_candidates`.execute(session);
}

/** The states of the files below a root, without what is missing. */
export async function countFiles(db: Kysely<DB>, root: number): Promise<{ status: string; files: number }[]> {
  const { rows } = await sql<{ status: string; files: number }>`
    select f.status, count(*) as files
    from console.file f join console.file_directory d on d.id = f.directory_id
    where d.root_id = ${root} group by f.status order by f.status
  `.execute(db);
  return rows;
}

export type Counted = {
  root_id: number | null;
  status: FileStatus;
  /** They can be in no batch. */
  is_refused: boolean;
  files: number;
  bytes: number;
};

/** Files by root and status; of no root: missing files whose place another one has. */
export async function countByRoot(db: Kysely<DB>): Promise<Counted[]> {
  const { rows } = await sql<Counted>`
    with counted as materialized (
      select directory_id, status, batch_refusal is not null as is_refused, count(*) as files, sum(size) as bytes
      from console.file group by 1, 2, 3
    )
    select d.root_id, c.status, c.is_refused, sum(c.files)::bigint as files, sum(c.bytes)::bigint as bytes
    from counted c left join console.file_directory d on d.id = c.directory_id group by d.root_id, c.status, c.is_refused
  `.execute(db);
  return rows;
}

/** NEW files of a root that were read, after one of them, each with the file that names its group. */
export async function findDecidable(
  db: Kysely<DB>,
  root: number,
  after: number,
  count: number,
): Promise<{ id: number; head: number }[]> {
  const { rows } = await sql<{ id: number; head: number }>`
    select f.id, coalesce(f.group_id, f.id) as head from console.file f
    join console.file_directory d on d.id = f.directory_id
    where f.status = 'NEW' and d.root_id = ${root} and f.sha256 is not null and not f.is_unverified and f.size > 0
      and f.id > ${after}
    order by f.id limit ${count}
  `.execute(db);
  return rows;
}

export type Member = {
  id: number;
  /** The file that names its group. */
  head: number;
  directory_id: number | null;
  name: Buffer | null;
  status: string;
  size: number;
  mtime_ns: string;
  inode: string;
  /** In hexadecimal digits; null: it is not known, or the file may have changed since. */
  sha256: string | null;
};

const memberColumns = sql`f.id, coalesce(f.group_id, f.id) as head, f.directory_id, f.name, f.status, f.size,
  f.mtime_ns::text as mtime_ns, f.inode::text as inode, case when not f.is_unverified then encode(f.sha256, 'hex') end as sha256`;

/** The files of groups. */
export async function findMembers(db: Kysely<DB>, heads: number[]): Promise<Member[]> {
  const { rows } = await sql<Member>`
    select ${memberColumns} from console.file f where f.id = any(${heads}::bigint[])
    union all
    select ${memberColumns} from console.file f where f.group_id = any(${heads}::bigint[])
  `.execute(db);
  return rows;
}

/** The files that can have duplicates, by their content in hexadecimal digits. */
export async function findKeepers(db: Kysely<DB>, hashes: string[]): Promise<Member[]> {
  const { rows } = await sql<Member>`
    select ${memberColumns} from console.file f
    where f.sha256 = any(${hashes.map((hash) => Buffer.from(hash, 'hex'))}::bytea[])
      and f.status not in ('MISSING', 'ERROR', 'DUPLICATE') and not f.is_unverified
  `.execute(db);
  return rows;
}

/** A file to show, as its row has it. */
export type ShownFile = {
  id: number;
  kind: FileKind;
  /** null: another file has its place. */
  directory_id: number | null;
  name: Buffer | null;
  size: number;
  mtime_ns: string;
  /** As signed 64 bits. */
  inode: string;
  /** In hexadecimal digits; null: its content is not known. */
  sha256: string | null;
};

export async function findShownFile(db: Kysely<DB>, id: number): Promise<ShownFile | undefined> {
  const { rows } = await sql<ShownFile>`
    select id, kind, directory_id, name, size, mtime_ns::text as mtime_ns, inode::text as inode,
      case when not is_unverified then encode(sha256, 'hex') end as sha256
    from console.file where id = ${id}
  `.execute(db);
  return rows[0];
}
