import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { directoryBelow, topOf } from './queries.ts';

// The journal's part of the quarantine.

const quarantineName = Buffer.from('.at-quarantine');

/** Where files of a root go that are removed. Scans leave it out. */
export async function quarantineOf(session: Kysely<DB>, root: number): Promise<number> {
  return directoryBelow(session, await topOf(session, root), quarantineName);
}

const isExpired = (days: number) =>
  sql`m.action = 'quarantine' and m.state = 'done' and m.ended_at < now() - make_interval(days => ${days})`;

/** The roots with files that have been in the quarantine for so many days. */
export async function findExpiredRoots(db: Kysely<DB>, days: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select distinct d.root_id as id from console.move m join console.file_directory d on d.id = m.to_directory_id
    where ${isExpired(days)} order by id
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** A file in the quarantine, as it was when it came there. */
export type Expired = {
  id: number;
  key: string;
  directory: Buffer;
  name: Buffer;
  size: number;
  mtime_ns: string;
  /** As signed 64 bits. */
  inode: string;
  sha256: string | null;
};

/** The next files of a root that have been in the quarantine for so many days, and that nothing moves now. */
export async function findExpired(
  db: Kysely<DB>,
  { root, days, after, count }: { root: number; days: number; after: number; count: number },
): Promise<Expired[]> {
  const { rows } = await sql<Expired>`
    select m.id, m.key, r.path || '\\x2f'::bytea || d.name as directory, m.to_name as name, m.size, m.mtime_ns::text as mtime_ns,
      coalesce(f.inode, m.copied_inode, m.inode)::text as inode, encode(m.sha256, 'hex') as sha256
    from console.move m
    join console.file_directory d on d.id = m.to_directory_id and d.root_id = ${root} and d.name = ${quarantineName}
    join console.file_directory top on top.id = d.parent_id and top.parent_id is null
    join console.file_root r on r.id = d.root_id
    left join console.file f on f.id = m.file_id and (f.directory_id, f.name) = (m.to_directory_id, m.to_name)
    where ${isExpired(days)} and m.id > ${after}
      and not exists (select from console.move p where p.file_id = m.file_id and p.state = 'planned')
    order by m.id limit ${count}
  `.execute(db);
  return rows;
}

/** Writes that files were deleted from the quarantine. Their rows have no place any more. */
export async function setPurged(
  trx: Transaction<DB>,
  purged: { move: number; reason: string | null }[],
): Promise<void> {
  await sql`
    with gone as (
      update console.move m set state = 'purged', purged_at = now(), reason = p.reason
      from jsonb_to_recordset(${JSON.stringify(purged)}::jsonb) as p (move bigint, reason text)
      where m.id = p.move and m.state = 'done'
      returning m.file_id, m.to_directory_id, m.to_name
    )
    update console.file f set directory_id = null, name = null from gone
    where f.id = gone.file_id and f.status = 'MISSING' and (f.directory_id, f.name) = (gone.to_directory_id, gone.to_name)
  `.execute(trx);
}
