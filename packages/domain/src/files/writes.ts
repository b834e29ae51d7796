import type { BigIntStats } from 'node:fs';
import { below } from '@at/adapters/file-names';
import { clamp } from '@at/adapters/file-thread-work';
import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { findPaths, findRoot, lockKey, type Root, type RootLock } from './queries.ts';
import { kindOfName, nameRefusal } from './rules.ts';

/** Takes a lock of a root, which ends with the session; false: another session has it. */
export async function lockRoot(session: Kysely<DB>, root: number, lock: RootLock): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${lockKey(root, lock)}) as taken`.execute(
    session,
  );
  return rows[0]?.taken ?? false;
}

export async function unlockRoot(session: Kysely<DB>, root: number, lock: RootLock): Promise<void> {
  await sql`select pg_advisory_unlock(${lockKey(root, lock)})`.execute(session);
}

export async function insertRoot(
  db: Kysely<DB>,
  { name, path, marker, held }: { name: string; path: Buffer; marker: string; held: string },
): Promise<Root> {
  const { rows } = await sql<{ id: number }>`
    with root as (
      insert into console.file_root (name, path, marker, marker_inode, held)
      values (${name}, ${path}, ${marker}::uuid, 0, ${held}) returning id
    ), top as (insert into console.file_directory (root_id, name) select id, '' from root)
    select id from root
  `.execute(db);
  return (await findRoot(db, rows[0]?.id as number)) as Root;
}

/** Writes which marker a root has. It is not held any more. */
export async function nameRootMarker(db: Kysely<DB>, root: number, inode: string, counter: number): Promise<void> {
  await sql`
    update console.file_root set marker_inode = ${inode}::bigint, counter = ${counter}, held = null where id = ${root}
  `.execute(db);
}

export async function setRootPath(db: Kysely<DB>, root: number, path: Buffer): Promise<void> {
  await sql`update console.file_root set path = ${path} where id = ${root} and path <> ${path}`.execute(db);
}

/** Writes what a process found that has the move lock of a root. */
export async function takeInRow(
  session: Kysely<DB>,
  root: number,
  { counter, device }: { counter: number; device: string },
): Promise<void> {
  await sql`update console.file_root set counter = ${counter}, device = ${device} where id = ${root}`.execute(session);
}

export async function holdRoot(db: Kysely<DB>, root: number, reason: string): Promise<void> {
  await sql`update console.file_root set held = ${reason} where id = ${root}`.execute(db);
}

/** Takes numbers for directories that are inserted later. */
export async function takeDirectoryIds(db: Kysely<DB>, count: number): Promise<number[]> {
  if (count === 0) return [];
  const { rows } = await sql<{ id: number }>`
    select nextval(pg_get_serial_sequence('console.file_directory', 'id')) as id from generate_series(1, ${count})
  `.execute(db);
  return rows.map(({ id }) => id);
}

export async function insertDirectories(
  trx: Transaction<DB>,
  root: number,
  directories: { id: number; parent_id: number; name: Buffer }[],
): Promise<void> {
  if (directories.length === 0) return;
  await sql`
    insert into console.file_directory (id, root_id, parent_id, name) overriding system value
    select id, ${root}, parent_id, name from unnest(
      ${directories.map(({ id }) => id)}::bigint[], ${directories.map(({ parent_id }) => parent_id)}::bigint[],
      ${directories.map(({ name }) => name)}::bytea[]
    ) as d (id, parent_id, name)
  `.execute(trx);
}

export async function setDigests(
  trx: Transaction<DB>,
  directories: { id: number; digest: Uint8Array | null }[],
): Promise<void> {
  if (directories.length === 0) return;
  await sql`
    update console.file_directory d set digest = n.digest
    from unnest(${directories.map(({ id }) => id)}::bigint[], ${directories.map(({ digest }) => digest && Buffer.from(digest))}::bytea[])
      as n (id, digest)
    where d.id = n.id and d.digest is distinct from n.digest
  `.execute(trx);
}

/** Files as a walk found them, in columns. */
export type FoundFiles = {
  directories: number[];
  names: Buffer[];
  sizes: BigInt64Array;
  mtimes: BigInt64Array;
  ctimes: BigInt64Array;
  inodes: BigInt64Array;
  links: Uint32Array;
  kinds: string[];
};

/** One file, as a walk would find it. */
export function foundFile(directory: number, name: Buffer, stats: BigIntStats): FoundFiles {
  const { size, mtimeNs, ctimeNs, ino, nlink } = stats;
  return {
    directories: [directory],
    names: [name],
    sizes: BigInt64Array.of(size),
    mtimes: BigInt64Array.of(clamp(mtimeNs)),
    ctimes: BigInt64Array.of(clamp(ctimeNs)),
    inodes: BigInt64Array.of(BigInt.asIntN(64, ino)),
    links: Uint32Array.of(Number(nlink)),
    kinds: [kindOfName(name.toString('latin1'))],
  };
}

const list = (values: BigInt64Array | Uint32Array) => `{${values.join(',')}}`;
const bytesList = (values: Buffer[]) => `{${values.map((value) => `"\\\\x${value.toString('hex')}"`).join(',')}}`;

/**
 * Writes files that were found: those of new places are NEW. Of a known place, another size or time makes it NEW too; another
 * inode or ctime alone does not, and its content is to be verified. What was missing or wrong begins again, but a file that was on
 * its way is where it was. What an interrupted move has put in its place is left to the end of the move. Returns how many are new,
 * and how many changed.
 */
export async function writeFound(trx: Transaction<DB>, found: FoundFiles): Promise<{ fresh: number; changed: number }> {
  await decideAlone(trx);
  const { rows } = await sql<{ id: number; is_fresh: boolean; is_new: boolean }>`
    insert into console.file as f (directory_id, name, size, mtime_ns, ctime_ns, inode, links, kind)
    select * from unnest(
      ${list(BigInt64Array.from(found.directories, BigInt))}::bigint[], ${bytesList(found.names)}::bytea[],
      ${list(found.sizes)}::bigint[], ${list(found.mtimes)}::bigint[], ${list(found.ctimes)}::bigint[],
      ${list(found.inodes)}::bigint[], ${list(found.links)}::int[], ${found.kinds}::text[]
    ) as n (directory_id, name, size, mtime_ns, ctime_ns, inode, links, kind)
    where not exists (
      select from console.move m where (m.to_directory_id, m.to_name) = (n.directory_id, n.name) and m.state = 'planned'
    )
    on conflict (directory_id, name) do update set
      size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode = excluded.inode,
      links = excluded.links,
      status = case
        when f.size <> excluded.size or f.mtime_ns <> excluded.mtime_ns then 'NEW'
        when f.status = 'MISSING' and f.status_before in ('BATCHED', 'SYNCED', 'SORTED', 'ARCHIVED') then f.status_before
        when f.status in ('MISSING', 'ERROR') then 'NEW'
        else f.status
      end,
      status_before = null, error = null,
      duplicate_of = case when f.size = excluded.size and f.mtime_ns = excluded.mtime_ns then f.duplicate_of end,
      head = case when f.size = excluded.size and f.mtime_ns = excluded.mtime_ns then f.head end,
      sha256 = case when f.size = excluded.size and f.mtime_ns = excluded.mtime_ns then f.sha256 end,
      is_unverified = f.size = excluded.size and f.mtime_ns = excluded.mtime_ns and f.sha256 is not null
        and (f.is_unverified or f.ctime_ns <> excluded.ctime_ns or f.inode <> excluded.inode),
      captured_at = case when f.size = excluded.size and f.mtime_ns = excluded.mtime_ns then f.captured_at end,
      captured_from = case when f.size = excluded.size and f.mtime_ns = excluded.mtime_ns then f.captured_from end,
      examined_at = case when f.size = excluded.size and f.mtime_ns = excluded.mtime_ns then f.examined_at end
    where (f.size, f.mtime_ns, f.ctime_ns, f.inode) <> (excluded.size, excluded.mtime_ns, excluded.ctime_ns, excluded.inode)
      or f.links <> excluded.links or f.status in ('MISSING', 'ERROR')
    returning f.id, (f.xmax = 0) as is_fresh, f.status = 'NEW' as is_new
  `.execute(trx);
  const changed = rows.filter(({ is_fresh }) => !is_fresh);
  await releaseDuplicates(
    trx,
    changed.filter(({ is_new }) => is_new).map(({ id }) => id),
  );
  return { fresh: rows.length - changed.length, changed: changed.length };
}

/**
 * Makes the duplicates of files that are no longer keepers NEW, because those are gone or have other content. Call it in the transaction
 * that ends the keepers, after `decideAlone`.
 */
export async function releaseDuplicates(trx: Transaction<DB>, keepers: number[]): Promise<void> {
  if (keepers.length === 0) return;
  await sql`
    update console.file set status = 'NEW', duplicate_of = null where duplicate_of = any(${keepers}::bigint[])
  `.execute(trx);
}

/** Joins NEW files to the groups of their companions. */
export async function joinGroups(
  trx: Transaction<DB>,
  groups: { directory_id: number; names: Buffer[] }[],
): Promise<void> {
  if (groups.length === 0) return;
  const members = groups.flatMap(({ directory_id, names }, number) =>
    names.map((name) => ({ directory_id, name, number })),
  );
  await sql`
    with member as (
      select f.id, f.status, f.group_id, m.number from unnest(
        ${members.map(({ directory_id }) => directory_id)}::bigint[], ${members.map(({ name }) => name)}::bytea[],
        ${members.map(({ number }) => number)}::int[]
      ) as m (directory_id, name, number) join console.file f using (directory_id, name)
    ), head as (
      select number, coalesce(min(group_id), min(id)) as id from member group by number
    )
    update console.file f set group_id = head.id from member m join head using (number)
    where f.id = m.id and m.id <> head.id and m.group_id is null and m.status = 'NEW'
  `.execute(trx);
}

/**
 * Writes that files are gone, but for those that an interrupted move may have taken along. Their duplicates begin again, and their
 * directories are compared at the next scan. Returns how many are gone.
 */
export async function writeMissing(trx: Transaction<DB>, ids: number[]): Promise<number> {
  await decideAlone(trx);
  const { rows } = await sql<{ id: number; directory_id: number }>`
    update console.file set status_before = status, status = 'MISSING', duplicate_of = null, error = null, is_unverified = false
    where id = any(${ids}::bigint[]) and status <> 'MISSING'
      and not exists (select from console.move m where m.file_id = file.id and m.state = 'planned')
    returning id, directory_id
  `.execute(trx);
  await releaseDuplicates(
    trx,
    rows.map(({ id }) => id),
  );
  await sql`
    update console.file_directory set digest = null
    where id = any(${[...new Set(rows.map(({ directory_id }) => directory_id))]}::bigint[]) and digest is not null
  `.execute(trx);
  return rows.length;
}

export type Hashed = {
  ids: number[];
  size: number;
  mtime_ns: string;
  ctime_ns: string;
  inode: string;
  head: Uint8Array | undefined;
  sha256: Uint8Array | undefined;
};

/**
 * Writes hashes of files that have not changed since they were looked at. A file whose content is another one than before is NEW.
 */
export async function writeHashes(trx: Transaction<DB>, hashed: Hashed[]): Promise<void> {
  await decideAlone(trx);
  const rows = hashed.flatMap(({ ids, ...rest }) => ids.map((id) => ({ id, ...rest })));
  const bytes = (value: Uint8Array | undefined) => (value ? Buffer.from(value) : null);
  const { rows: written } = await sql<{ id: number; is_other: boolean }>`
    with result as (
      select * from unnest(
        ${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ size }) => size)}::bigint[],
        ${rows.map(({ mtime_ns }) => mtime_ns)}::bigint[], ${rows.map(({ ctime_ns }) => ctime_ns)}::bigint[],
        ${rows.map(({ inode }) => inode)}::bigint[], ${rows.map(({ head }) => bytes(head))}::bytea[],
        ${rows.map(({ sha256 }) => bytes(sha256))}::bytea[]
      ) as r (id, size, mtime_ns, ctime_ns, inode, head, sha256)
    ), before as (select id, sha256 from console.file where id in (select id from result))
    update console.file f set
      head = coalesce(r.head, case when r.sha256 is null or f.sha256 = r.sha256 or f.sha256 is null then f.head end),
      sha256 = coalesce(r.sha256, f.sha256),
      is_unverified = f.is_unverified and r.sha256 is null,
      status = case when r.sha256 <> f.sha256 then 'NEW' else f.status end,
      duplicate_of = case when r.sha256 <> f.sha256 then null else f.duplicate_of end,
      examined_at = case when r.sha256 <> f.sha256 then null else f.examined_at end
    from result r join before b using (id)
    where f.id = r.id and f.status <> 'MISSING'
      and (f.size, f.mtime_ns, f.ctime_ns, f.inode) = (r.size, r.mtime_ns, r.ctime_ns, r.inode)
    returning f.id, coalesce(r.sha256 <> b.sha256, false) as is_other
  `.execute(trx);
  await releaseDuplicates(
    trx,
    written.filter(({ is_other }) => is_other).map(({ id }) => id),
  );
}

/**
 * Keeps other transactions from writing states of files until this one ends: a keeper that was read is still one when its duplicates are
 * written. Call it before rows are locked.
 */
export const decideAlone = (trx: Transaction<DB>) =>
  sql`select pg_advisory_xact_lock(hashtextextended('console.file states', 0))`.execute(trx);

/** Makes NEW files duplicates of others, and their own duplicates too: a duplicate is never a keeper. */
export async function writeDuplicates(
  trx: Transaction<DB>,
  duplicates: readonly { id: number; keeper: number }[],
): Promise<void> {
  if (duplicates.length === 0) return;
  const decided = sql`unnest(
    ${duplicates.map(({ id }) => id)}::bigint[], ${duplicates.map(({ keeper }) => keeper)}::bigint[]
  ) as d (id, keeper)`;
  await sql`
    update console.file f set status = 'DUPLICATE', duplicate_of = d.keeper from ${decided}
    where f.id = d.id and f.status = 'NEW'
  `.execute(trx);
  await sql`
    update console.file f set duplicate_of = d.keeper from ${decided} where f.duplicate_of = d.id
  `.execute(trx);
}

/**
 * Makes the next `count` NEW files of a root UNIQUE, but for those that could not be read, and their companions. Returns the last one
 * that it looked at; null if there was none left.
 */
export async function writeUnique(
  trx: Transaction<DB>,
  { root, after, unread, count }: { root: number; after: number; unread: number[]; count: number },
): Promise<{ last: number | null; unique: number }> {
  await decideAlone(trx);
  const { rows } = await sql<{ last: number | null; unique: number[] }>`
    with slice as materialized (
      select f.id, coalesce(f.group_id, f.id) as head from console.file f
      join console.file_directory d on d.id = f.directory_id
      where f.status = 'NEW' and d.root_id = ${root} and f.id > ${after}
      order by f.id limit ${count}
    ), waiting as (
      select coalesce(group_id, id) as head from console.file where id = any(${unread}::bigint[])
    ), written as (
      update console.file f set status = 'UNIQUE' from slice s
      where f.id = s.id and s.head not in (select head from waiting) returning f.id
    )
    select (select max(id) from slice) as last, array(select id from written) as unique
  `.execute(trx);
  const { last = null, unique = [] } = rows[0] ?? {};
  await noteRefusals(trx, unique);
  return { last, unique: unique.length };
}

/** Writes which of some UNIQUE files can be in no batch, by their paths. */
export async function noteRefusals(trx: Transaction<DB>, ids: readonly number[]): Promise<void> {
  const { rows } = await sql<{ id: number; directory_id: number; name: Buffer }>`
    select id, directory_id, name from console.file where id = any(${ids}::bigint[]) and directory_id is not null
  `.execute(trx);
  const places = await findPaths(trx, [...new Set(rows.map(({ directory_id }) => directory_id))]);
  const paths = new Map(places.map(({ id, path }) => [id, path]));
  const refused = rows.flatMap(({ id, directory_id, name }) => {
    const directory = paths.get(directory_id) ?? Buffer.alloc(0);
    const reason = nameRefusal(directory.length === 0 ? name : below(directory, name));
    return reason ? { id, reason } : [];
  });
  if (refused.length === 0) return;
  await sql`
    update console.file f set batch_refusal = n.reason
    from unnest(${refused.map(({ id }) => id)}::bigint[], ${refused.map(({ reason }) => reason)}::text[]) as n (id, reason)
    where f.id = n.id
  `.execute(trx);
}

export async function setScanned(trx: Transaction<DB>, root: number): Promise<void> {
  await sql`update console.file_root set scanned_at = now() where id = ${root}`.execute(trx);
}
