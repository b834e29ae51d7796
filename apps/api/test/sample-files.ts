import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

/** Rows of files, without a disk. */

export async function insertFileRoot(db: Kysely<DB>, name: string, device = 'disk'): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with root as (
      insert into console.file_root (name, path, marker, marker_inode, device)
      values (${name}, convert_to('/' || ${name}, 'UTF8'), gen_random_uuid(), 1, ${device}) returning id
    ), top as (insert into console.file_directory (root_id, name) select id, '' from root)
    select id from root
  `.execute(db);
  return (rows[0] as { id: number }).id;
}

/** The directory of a path below a root. */
async function directoryOf(db: Kysely<DB>, root: number, path: string[]): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select id from console.file_directory where root_id = ${root} and parent_id is null
  `.execute(db);
  let id = (rows[0] as { id: number }).id;
  for (const name of path) {
    const { rows: below } = await sql<{ id: number }>`
      insert into console.file_directory (root_id, parent_id, name) values (${root}, ${id}, convert_to(${name}, 'UTF8'))
      on conflict (parent_id, name) do update set name = excluded.name returning id
    `.execute(db);
    id = (below[0] as { id: number }).id;
  }
  return id;
}

type SampleFile = {
  path: string;
  content?: string;
  size?: number;
  inode?: number;
  mtime?: number;
  status?: string;
  kind?: string;
  duplicate_of?: number;
  group_id?: number;
};

let inodes = 1_000;

/** Adds files, each UNIQUE unless it has a status or is a duplicate. Returns their ids. */
export async function insertFiles(db: Kysely<DB>, root: number, files: SampleFile[]): Promise<number[]> {
  const ids: number[] = [];
  for (const file of files) {
    const { path, content = path, size = 100, inode = ++inodes, mtime = 1_700_000_000, kind = 'photo' } = file;
    const { duplicate_of = null, group_id = null } = file;
    const parts = path.split('/');
    const directory = await directoryOf(db, root, parts.slice(0, -1));
    const status = file.status ?? (duplicate_of === null ? 'UNIQUE' : 'DUPLICATE');
    const { rows } = await sql<{ id: number }>`
      insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, sha256, status, duplicate_of, group_id)
      values (${directory}, convert_to(${parts.at(-1)}, 'UTF8'), ${size}, ${mtime}::bigint * 1000000000, 1, ${inode}, ${kind},
        sha256(convert_to(${content}, 'UTF8')), ${status}, ${duplicate_of}, ${group_id})
      returning id
    `.execute(db);
    ids.push((rows[0] as { id: number }).id);
  }
  return ids;
}

/** A batch without files, in a root of its own. */
export async function insertBatch(db: Kysely<DB>, name: string): Promise<number> {
  const root = await insertFileRoot(db, `root of ${name}`);
  const directory = await directoryOf(db, root, [name]);
  const { rows } = await sql<{ id: number }>`
    insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id, ready_at)
    values (${name}, 0, 0, ${JSON.stringify({ batch: name, id: 1, created_at: '2025-06-01T20:10:00Z', files: [] })}::jsonb, '{}', ${directory}, now())
    returning id
  `.execute(db);
  return (rows[0] as { id: number }).id;
}
