import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';

/** A file of a group of which one at least was not examined. */
export type Examinable = {
  id: number;
  /** The file that names its group. */
  head: number;
  directory_id: number;
  name: Buffer;
  kind: string;
  status: string;
  size: number;
  mtime_ns: string;
  /** As signed 64 bits. */
  inode: string;
};

/** UNIQUE files of a root, or the files of a batch. */
export type ExaminedSet = { root: number } | { batch: number };

const isOf = (of: ExaminedSet) =>
  'root' in of
    ? sql`f.status = 'UNIQUE' and f.directory_id in (select id from console.file_directory where root_id = ${of.root})`
    : sql`f.batch_id = ${of.batch} and f.status in ('BATCHED', 'SYNCED', 'ERROR')`;

/** The next groups with a file that was not examined, by the files that name them, after one of them. */
export async function findUnexamined(
  db: Kysely<DB>,
  of: ExaminedSet,
  after: number,
  groups: number,
): Promise<Examinable[]> {
  const { rows } = await sql<Examinable>`
    with head as materialized (
      select distinct coalesce(f.group_id, f.id) as id from console.file f
      where f.examined_at is null and ${isOf(of)} and coalesce(f.group_id, f.id) > ${after}
      order by 1 limit ${groups}
    ), member as (
      select f.* from head join console.file f on f.id = head.id
      union all
      select f.* from head join console.file f on f.group_id = head.id
    )
    select f.id, coalesce(f.group_id, f.id) as head, f.directory_id, f.name, f.kind, f.status, f.size, f.mtime_ns::text as mtime_ns,
      f.inode::text as inode
    from member f where f.status <> 'MISSING' order by head, f.id
  `.execute(db);
  return rows;
}

export async function countUnexamined(db: Kysely<DB>, of: ExaminedSet): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from console.file f
    where f.examined_at is null and ${isOf(of)}
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** What was read of a file, and when its group was taken. */
export type Examined = {
  id: number;
  size: number;
  mtime_ns: string;
  inode: string;
  captured_at: string | null;
  captured_offset: number | null;
  captured_from: string | null;
  captured_raw: string | null;
  camera: string | null;
  width: number | null;
  height: number | null;
  duration: number | null;
};

/** Writes what was read of files that have not changed since. */
export async function writeExamined(trx: Transaction<DB>, examined: Examined[]): Promise<void> {
  await sql`
    update console.file f set examined_at = now(), captured_at = e.captured_at, captured_offset = e.captured_offset,
      captured_from = e.captured_from, captured_raw = e.captured_raw, camera = e.camera, width = e.width, height = e.height,
      duration = e.duration
    from jsonb_to_recordset(${JSON.stringify(examined)}::jsonb) as e (
      id bigint, size bigint, mtime_ns bigint, inode bigint, captured_at timestamp, captured_offset smallint, captured_from text,
      captured_raw text, camera text, width integer, height integer, duration double precision
    )
    where f.id = e.id and (f.size, f.mtime_ns, f.inode) = (e.size, e.mtime_ns, e.inode)
  `.execute(trx);
}
