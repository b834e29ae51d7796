import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { noteRefusals } from '../files/writes.ts';

/** A file of a group of companions, with what decides whether it can be kept. */
export type GroupFile = {
  id: number;
  /** The file that names its group. */
  head: number;
  status: string;
  duplicate_of: number | null;
  /** In hexadecimal digits; null: it is not known, or the file may have changed since. */
  sha256: string | null;
  size: number;
  path: string;
  /** The move that brought a duplicate where it is; null: it is in its place. */
  moved_by: number | null;
  is_moving: boolean;
};

/** SQL: the id of the move that brought a duplicate `f` where it is. */
export const movedBy = sql`(
  select m.id from console.move m
  where m.file_id = f.id and m.state = 'done' and m.undoes is null and f.status = 'DUPLICATE'
    and (m.to_directory_id, m.to_name) = (f.directory_id, f.name)
  order by m.id desc limit 1
)`;

/** The files of the groups that some files belong to, those that are missing left out. */
export async function findGroupFiles(db: Kysely<DB>, ids: readonly number[]): Promise<GroupFile[]> {
  const { rows } = await sql<GroupFile>`
    with head as materialized (select distinct coalesce(group_id, id) as id from console.file where id = any(${ids}::bigint[])),
    member as (
      select f.id from console.file f join head on head.id = f.id
      union all
      select f.id from console.file f join head on head.id = f.group_id
    )
    select f.id, coalesce(f.group_id, f.id) as head, f.status, f.duplicate_of,
      case when not f.is_unverified then encode(f.sha256, 'hex') end as sha256, f.size,
      console.file_path(f.directory_id, f.name) as path, ${movedBy} as moved_by,
      exists (select from console.move m where m.file_id = f.id and m.state = 'planned') as is_moving
    from console.file f join member using (id) where f.status <> 'MISSING' order by f.id
  `.execute(db);
  return rows;
}

/** Makes duplicates files of their own. */
export async function writeOwn(trx: Transaction<DB>, ids: readonly number[]): Promise<void> {
  await sql`
    update console.file set status = 'UNIQUE', duplicate_of = null where id = any(${ids}::bigint[]) and status = 'DUPLICATE'
  `.execute(trx);
  await noteRefusals(trx, ids);
}

/** Makes files NEW that are about to become duplicates. Returns how many of them have not gone on. */
export async function writeUndecided(trx: Transaction<DB>, ids: readonly number[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update console.file set status = 'NEW' where id = any(${ids}::bigint[]) and status in ('NEW', 'UNIQUE')
  `.execute(trx);
  return Number(numAffectedRows);
}

/** A file of a group with duplicates, and the file that is kept instead of it. */
export type Movable = {
  id: number;
  head: number;
  status: string;
  is_in_root: boolean;
  /** A person has undone a move of it to the folder of duplicates. */
  is_undone: boolean;
  directory_id: number;
  name: Buffer;
  size: number;
  mtime_ns: string;
  ctime_ns: string;
  inode: string;
  sha256: string | null;
  duplicate_of: number | null;
  /** The highest id of the page. */
  page_end: number;
};

const movableColumns = sql`f.id, coalesce(f.group_id, f.id) as head, f.status, f.directory_id, f.name, f.size,
  f.mtime_ns::text as mtime_ns, f.ctime_ns::text as ctime_ns, f.inode::text as inode, encode(f.sha256, 'hex') as sha256, f.duplicate_of`;

/** The next duplicates of a root, with all of their companions that are there. */
export async function findMovable(
  db: Kysely<DB>,
  { root, to, after, count }: { root: number; to: number; after: number; count: number },
): Promise<Movable[]> {
  const { rows } = await sql<Movable>`
    with page as materialized (
      select f.id, coalesce(f.group_id, f.id) as head from console.file f join console.file_directory d on d.id = f.directory_id
      where f.status = 'DUPLICATE' and d.root_id = ${root} and f.id > ${after} order by f.id limit ${count}
    ), head as materialized (select distinct head as id from page),
    member as (
      select f.id from console.file f join head on head.id = f.id
      union all
      select f.id from console.file f join head on head.id = f.group_id
    )
    select ${movableColumns}, d.root_id = ${root} as is_in_root, (select max(id) from page) as page_end,
      exists (
        select from console.move m join console.file_directory t on t.id = m.to_directory_id
        where m.file_id = f.id and m.state = 'undone' and t.root_id = ${to} and not exists (
          select from console.move u join console.run r on r.id = u.run_id where u.undoes = m.id and r.task = 'files.scan'
        )
      ) as is_undone
    from member join console.file f using (id) join console.file_directory d on d.id = f.directory_id
    where f.status <> 'MISSING' order by head, f.id
  `.execute(db);
  return rows;
}

/** Moves that have brought duplicates of a root, or of a batch, elsewhere which are no duplicates any more; one of each group. */
export async function findStranded(db: Kysely<DB>, root: number): Promise<number[]> {
  const { rows } = await sql<{ move: number }>`
    select min(m.id) as move
    from console.file f join console.move m on m.file_id = f.id and (m.to_directory_id, m.to_name) = (f.directory_id, f.name)
    join console.file_directory d on d.id = f.directory_id join console.file_directory o on o.id = m.from_directory_id
    where f.status = 'NEW' and d.root_id <> o.root_id and (o.root_id = ${root} or m.old_batch_id is not null)
      and m.state = 'done' and m.action = 'move' and m.old_status = 'DUPLICATE' and m.undoes is null
    group by m.companions order by move
  `.execute(db);
  return rows.map(({ move }) => move);
}

export type Kept = Omit<Movable, 'head' | 'is_in_root' | 'is_undone' | 'page_end'>;

/** Files by their ids. */
export async function findFiles(db: Kysely<DB>, ids: readonly number[]): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    select ${movableColumns} from console.file f where f.id = any(${ids}::bigint[]) and f.directory_id is not null
  `.execute(db);
  return rows;
}

/** The duplicates of a root, and their bytes. */
export async function countMovable(db: Kysely<DB>, root: number): Promise<{ files: number; bytes: number }> {
  const { rows } = await sql<{ files: number; bytes: number }>`
    select count(*) as files, coalesce(sum(f.size), 0)::bigint as bytes
    from console.file f join console.file_directory d on d.id = f.directory_id
    where f.status = 'DUPLICATE' and d.root_id = ${root}
  `.execute(db);
  return rows[0] as { files: number; bytes: number };
}

/** What a run has moved to a root and not undone, by all of its attempts. */
export async function countMoved(db: Kysely<DB>, run: string, to: number): Promise<{ files: number; bytes: number }> {
  const { rows } = await sql<{ files: number; bytes: number }>`
    select count(*) as files, coalesce(sum(m.size), 0)::bigint as bytes
    from console.move m join console.file_directory t on t.id = m.to_directory_id
    where m.run_id = ${run}::uuid and m.state = 'done' and m.undoes is null and t.root_id = ${to}
  `.execute(db);
  return rows[0] as { files: number; bytes: number };
}
