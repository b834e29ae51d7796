import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { type Kysely, sql } from 'kysely';
import { makeRoot } from '../src/files/roots.ts';
import { signed } from '../src/moves/queries.ts';

/** Two roots with files and rows in a database of their own; `below`: the parent of the second root, as on another file system. */
export async function openRoots(below = tmpdir()) {
  const database: TestDatabase = await createTestDatabase('plain');
  const db: Kysely<DB> = createDb(createPool({ connection: database.connectionString }));
  const directories: string[] = [];
  const addRoot = async (parent: string) => {
    const path = realpathSync(mkdtempSync(join(parent, 'at-root-')));
    directories.push(path);
    const { id: root } = await makeRoot(db, Buffer.from(path), path);
    const { rows } = await sql<{ id: number }>`
      update console.file_directory set digest = decode(repeat('00', 32), 'hex') where root_id = ${root} returning id
    `.execute(db);
    return { path, directory: rows[0]?.id as number, root };
  };
  const inbox = await addRoot(tmpdir());
  const archive = await addRoot(below);
  /** Adds files with their names as content, and their rows. */
  const add = async (names: string[]): Promise<number[]> => {
    const found = names.map((name) => {
      const path = join(inbox.path, name);
      writeFileSync(path, name);
      const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
      return { name, size: String(size), mtime_ns: String(mtimeNs), ctime_ns: String(ctimeNs), inode: signed(ino) };
    });
    const { rows } = await sql<{ id: number }>`
      insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, sha256)
      select ${inbox.directory}, convert_to(f.name, 'UTF8'), f.size, f.mtime_ns, f.ctime_ns, f.inode, 'photo', 'UNIQUE',
        sha256(convert_to(f.name, 'UTF8'))
      from jsonb_to_recordset(${JSON.stringify(found)}::jsonb)
        as f (name text, size bigint, mtime_ns bigint, ctime_ns bigint, inode bigint)
      returning id
    `.execute(db);
    return rows.map(({ id }) => id);
  };
  /** What the rows say: the path of each file below its root, with the status of one that is not unique. */
  const rows = async (): Promise<Record<number, string>> => {
    const { rows } = await sql<{ id: number; place: string }>`
      with recursive path as (
        select id, case root_id when ${inbox.root} then 'inbox' else 'archive' end collate "C" as path
        from console.file_directory where parent_id is null
        union all
        select d.id, p.path || '/' || convert_from(d.name, 'UTF8') from console.file_directory d join path p on p.id = d.parent_id
      )
      select f.id, concat(p.path || '/' || convert_from(f.name, 'UTF8'), ' ' || nullif(f.status, 'UNIQUE')) as place
      from console.file f left join path p on p.id = f.directory_id order by f.id
    `.execute(db);
    return Object.fromEntries(rows.map(({ id, place }) => [id, place]));
  };
  /** What the disks have: each path with its content. */
  const files = (): Record<string, string> => {
    const of = (name: string, top: string) =>
      readdirSync(top, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== '.at-root')
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [name + path.slice(top.length), readFileSync(path, 'utf8')]);
    return Object.fromEntries([...of('inbox', inbox.path), ...of('archive', archive.path)]);
  };
  const states = async () => {
    const { rows } = await sql<{ state: string; count: number }>`
      select state, count(*)::integer as count from console.move group by state
    `.execute(db);
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  };
  return {
    database,
    db,
    inbox,
    archive,
    addRoot,
    add,
    rows,
    files,
    states,
    occupy: (name: string) => {
      mkdirSync(join(archive.path, 'day'), { recursive: true });
      writeFileSync(join(archive.path, 'day', name), 'another file');
    },
    close: async () => {
      await db.destroy();
      await database.drop();
      for (const path of directories) rmSync(path, { recursive: true, force: true });
    },
  };
}
