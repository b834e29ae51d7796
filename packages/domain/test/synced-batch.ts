import { createHash } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { signed } from '../src/moves/queries.ts';

/** A batch as it is once its directory has its place: files, rows and manifest. `root`: its root, which is at `at`. */
export async function insertBatch(
  db: Kysely<DB>,
  { root, at, name, files }: { root: number; at: string; name: string; files: Record<string, string | Buffer> },
): Promise<number> {
  const found = await Promise.all(
    Object.entries(files).map(async ([path, content], position) => {
      const file = join(at, name, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      const { size, mtimeNs, ctimeNs, ino } = await stat(file, { bigint: true });
      return {
        position,
        path,
        size: String(size),
        mtime_ns: String(mtimeNs),
        ctime_ns: String(ctimeNs),
        inode: signed(ino),
        sha256: createHash('sha256').update(content).digest('hex'),
      };
    }),
  );
  const { rows } = await sql<{ id: number }>`
    with directory as (
      insert into console.file_directory (root_id, parent_id, name)
      select root_id, id, convert_to(${name}, 'UTF8') from console.file_directory where root_id = ${root} and parent_id is null
      returning id
    ), found as (
      select * from jsonb_to_recordset(${JSON.stringify(found)}::jsonb)
        as f (position int, path text, size bigint, mtime_ns bigint, ctime_ns bigint, inode bigint, sha256 text)
    ), batch as (
      insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id, ready_at)
      select ${name}, ${found.length}, (select coalesce(sum(size), 0) from found), '{"files": []}', '{}', id, now()
      from directory returning id, directory_id
    ), file as (
      insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, batch_id, sha256)
      select b.directory_id, convert_to(f.path, 'UTF8'), f.size, f.mtime_ns, f.ctime_ns, f.inode, 'photo', 'BATCHED', b.id,
        decode(f.sha256, 'hex')
      from found f, batch b returning id, name
    )
    insert into console.batch_file (batch_id, position, file_id, companions, source, path, size, mtime_ns, sha256, state)
    select b.id, f.position, file.id, f.position, file.name, f.path, f.size, f.mtime_ns, decode(f.sha256, 'hex'), 'BATCHED'
    from found f join file on file.name = convert_to(f.path, 'UTF8'), batch b
    returning batch_id as id
  `.execute(db);
  return rows[0]?.id as number;
}
