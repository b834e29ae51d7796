import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { expect } from 'vitest';
import type { TestApp } from './test-app.ts';

/** Folders of batches and of the archive that the configuration names, with batches that can be sorted. */
export async function openArchive({ call, db }: Pick<TestApp, 'call' | 'db'>) {
  const base = mkdtempSync(join(tmpdir(), 'at-sorting-'));
  const [batch_dir, sorted_dir] = [join(base, 'send/batches'), join(base, 'archive')];
  for (const path of [batch_dir, sorted_dir]) mkdirSync(path, { recursive: true });
  const headers = { 'x-actor': 'Nobody' };
  const paths = { batch_dir, sorted_dir };
  const saved = await call('PUT', '//api/config', { body: { paths }, headers });
  expect(saved.status).toBe(200);
  const made = await call('POST', '//api/config/roots', { body: { places: ['batch', 'sorted'] }, headers });
  expect(made.status).toBe(200);
  return {
    base,
    batch_dir,
    sorted_dir,
    add: (name: string, files: Record<string, Buffer>) => addBatch(db, batch_dir, name, files),
  };
}

/** A batch with files on the disk, PENDING and ready. Returns its id. */
async function addBatch(db: Kysely<DB>, root: string, name: string, files: Record<string, Buffer>): Promise<number> {
  mkdirSync(join(root, name));
  const { rows } = await sql<{ id: number; directory: number }>`
    with top as (
      select d.id, d.root_id from console.file_directory d join console.file_root r on r.id = d.root_id
      where d.parent_id is null and r.path = ${Buffer.from(root)}
    ), directory as (
      insert into console.file_directory (root_id, parent_id, name) select root_id, id, ${Buffer.from(name)} from top returning id
    )
    insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id, ready_at)
    select ${name}, ${Object.keys(files).length}, 0, '{"files": []}', '{}', id, now() from directory
    returning id, directory_id as directory
  `.execute(db);
  const { id, directory } = rows[0] as { id: number; directory: number };
  for (const [position, [path, content]] of Object.entries(files).entries()) {
    writeFileSync(join(root, name, path), content);
    const { size, mtimeNs, ctimeNs, ino } = statSync(join(root, name, path), { bigint: true });
    await sql`
      with file as (
        insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, batch_id)
        values (${directory}, ${Buffer.from(path)}, ${String(size)}::bigint, ${String(mtimeNs)}::bigint, ${String(ctimeNs)}::bigint,
          ${String(BigInt.asIntN(64, ino))}::bigint, 'photo', 'BATCHED', ${id}) returning id, size, mtime_ns
      )
      insert into console.batch_file (batch_id, position, file_id, companions, source, path, size, mtime_ns, state)
      select ${id}, ${position}, id, ${position}, ${Buffer.from(path)}, ${path}, size, mtime_ns, 'BATCHED' from file
    `.execute(db);
  }
  return id;
}
