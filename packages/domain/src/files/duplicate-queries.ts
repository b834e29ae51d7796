import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';

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
}

/** Makes files NEW that are about to become duplicates. Returns how many of them have not gone on. */
export async function writeUndecided(trx: Transaction<DB>, ids: readonly number[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update console.file set status = 'NEW' where id = any(${ids}::bigint[]) and status in ('NEW', 'UNIQUE')
  `.execute(trx);
  return Number(numAffectedRows);
}
