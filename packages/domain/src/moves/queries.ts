import type { MoveProgress } from '@at/adapters/file-move';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { decideAlone, releaseDuplicates } from '../files/writes.ts';

// The rows of the journal of moves. Bytes are in hexadecimal and numbers of 64 bits in text, because JSON carries them.

/** States that a move can give to a file. */
export type MovedStatus = 'NEW' | 'UNIQUE' | 'BATCHED' | 'SYNCED' | 'SORTED' | 'ARCHIVED';

/**
 * Where a file is to go. States are written by the transaction that ends the move, also if another process ends it after a crash, and
 * undone with it.
 */
export type WantedMove = {
  file: number;
  /** The id of a row. */
  directory: number;
  name: Buffer;
  /** Bytes of the name before the number that it gets if it is taken. */
  stem?: number;
  /**
   * `move`, unless it is given. `copy`: the original stays in its place. Once the copy is there it has a row of its own, `copy_id` of the
   * move, with the hashes and the capture date of the original; copies of companions are a group. An undo brings the copy to the
   * quarantine if it is unchanged and its original is still there. `quarantine`: the file counts as MISSING until an undo brings it back.
   */
  action?: 'move' | 'copy' | 'quarantine';
  /** What the file is at its new place, or its copy. Without it that is what the file was. BATCHED and SYNCED need a batch. */
  status?: MovedStatus;
  /** With `status`: the batch of the file, or of its copy; null: none. Without it that is the batch of the file. */
  batch?: number | null;
  /** What the original of a copy becomes. Without it that is what it was. */
  original_status?: 'ARCHIVED';
  /** The move that it undoes. */
  undoes?: number;
};

/** An open plan with its paths. */
export type OpenMove = {
  id: number;
  key: string;
  companions: string;
  action: 'move' | 'copy' | 'quarantine';
  /** Whether its run has ended, or no longer exists. */
  is_left: boolean;
  from_root: number;
  to_root: number;
  from_directory: string;
  from_name: string;
  to_directory: string;
  /** The planned name, or that which was taken instead. */
  to_name: string;
  stem: number | null;
  size: number;
  mtime_ns: string;
  inode: string;
  sha256: string | null;
  copied_inode: string | null;
  copied_sha256: string | null;
};

/** What has become of a planned move. `file`: as it is at its new place. `is_changed`: the file is not the planned one any more. */
export type EndedMove = {
  id: number;
  state: 'done' | 'given_up' | 'missing';
  reason: string | null;
  is_changed: boolean;
  file: { size: string; mtime_ns: string; ctime_ns: string; inode: string; links: number } | null;
};

/** The row of a directory below another one, which is made if it is not there. */
export async function directoryBelow(db: Kysely<DB>, parent: number, name: Buffer): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with added as (
      insert into console.file_directory (root_id, parent_id, name)
      select root_id, id, ${name} from console.file_directory where id = ${parent}
      on conflict (parent_id, name) do nothing returning id
    )
    select id from added union all
    select id from console.file_directory where parent_id = ${parent} and name = ${name}
  `.execute(db);
  return (rows[0] ?? { id: await directoryBelow(db, parent, name) }).id;
}

/**
 * Writes plans, those of a list as companions. A file gets none (null) if it is missing, is there already or would leave the roots, or if
 * it or its place has an open plan, or comes earlier in the call. Then its companions get none either.
 */
export async function insertPlans(
  session: Kysely<DB>,
  { groups, run, roots }: { groups: WantedMove[][]; run: string | null; roots: number[] },
): Promise<{ file: number; move: number | null }[]> {
  const wanted = groups
    .flatMap((group, companions) => group.map((move) => ({ ...move, companions })))
    .map(({ name, ...move }, nth) => ({
      ...move,
      name: name.toString('hex'),
      keeps_batch: move.batch === undefined,
      nth,
    }));
  const { rows } = await sql<{ file: number; move: number | null }>`
    with wanted as materialized (
      select w.*, decode(w.name, 'hex') as to_name, g.key
      from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
        as w (file bigint, directory bigint, name text, stem smallint, action text, status text, batch bigint, keeps_batch boolean,
          original_status text, undoes bigint, companions integer, nth integer)
      join (select n, gen_random_uuid() as key from generate_series(0, ${groups.length - 1}::integer) n offset 0) g
        on g.n = w.companions
    ), possible as (
      select w.companions, w.nth, w.key, w.directory, w.to_name, w.stem, w.undoes, coalesce(w.action, 'move') as action,
        w.status as new_status, w.original_status, f.*,
        case when w.status is not null then case when w.keeps_batch then f.batch_id else w.batch end end as new_batch_id
      from wanted w join console.file f on f.id = w.file
      join console.file_directory here on here.id = f.directory_id and here.root_id = any(${roots})
      join console.file_directory there on there.id = w.directory and there.root_id = any(${roots})
      where (f.status <> 'MISSING' or exists (select from console.move m where m.id = w.undoes and m.action = 'quarantine'))
        and (f.directory_id, f.name) is distinct from (w.directory, w.to_name)
        and not exists (select from console.move m where m.file_id = f.id and m.state = 'planned')
        and not exists (
          select from console.move m where (m.to_directory_id, m.to_name) = (w.directory, w.to_name) and m.state = 'planned'
        )
    ), whole as (
      select p.* from possible p
      where (select count(*) from possible o where o.companions = p.companions)
        = (select count(*) from wanted w where w.companions = p.companions)
    ), ranked as materialized (
      select *, nth > least(min(nth) over (partition by id), min(nth) over (partition by directory, to_name)) as is_late from whole
    ), single as (
      select * from ranked where companions not in (select companions from ranked where is_late)
    ), planned as (
      insert into console.move (companions, run_id, file_id, from_directory_id, from_name, to_directory_id, to_name, stem, size,
        mtime_ns, inode, sha256, undoes, action, new_status, new_batch_id, original_status, old_status, old_batch_id)
      select key, ${run}::uuid, id, directory_id, name, directory, to_name, stem, size, mtime_ns, inode, sha256, undoes, action,
        new_status, new_batch_id, original_status, status, batch_id
      from single
      order by companions, id
      returning id, file_id, companions
    )
    select w.file, p.id as move from wanted w left join planned p on p.file_id = w.file and p.companions = w.key
  `.execute(session);
  return rows;
}

/** The open plans of which both ends, and those of all companions, are in these roots, in their order. */
export async function findOpenMoves(session: Kysely<DB>, roots: number[]): Promise<OpenMove[]> {
  const { rows } = await sql<OpenMove>`
    with recursive open as materialized (
      select m.*, f.root_id as from_root, t.root_id as to_root
      from console.move m
      join console.file_directory f on f.id = m.from_directory_id
      join console.file_directory t on t.id = m.to_directory_id
      where m.state = 'planned' and f.root_id = any(${roots}) and t.root_id = any(${roots})
        and not exists (
          select from console.move o
          join console.file_directory d on d.id in (o.from_directory_id, o.to_directory_id)
          where o.companions = m.companions and o.state = 'planned' and d.root_id <> all(${roots})
        )
    ), up as (
      select d.id as leaf, d.parent_id, d.root_id, d.name, 0 as depth from console.file_directory d
      where d.id in (select from_directory_id from open union select to_directory_id from open)
      union all
      select up.leaf, d.parent_id, d.root_id, d.name, up.depth + 1
      from up join console.file_directory d on d.id = up.parent_id
    ), place as (
      select up.leaf, r.path || coalesce(string_agg('\x2f'::bytea || up.name, ''::bytea order by up.depth desc)
        filter (where up.parent_id is not null), ''::bytea) as path
      from up join console.file_root r on r.id = up.root_id group by up.leaf, r.path
    )
    select o.id, o.key, o.companions, o.action, o.from_root, o.to_root,
      o.run_id is not null and not exists (
        select from console.run r where r.id = o.run_id and r.outcome is null and r.cancel_requested_at is null
      ) as is_left,
      encode(f.path, 'hex') as from_directory, encode(o.from_name, 'hex') as from_name,
      encode(t.path, 'hex') as to_directory, encode(o.to_name, 'hex') as to_name, o.stem, o.size, o.mtime_ns::text,
      o.inode::text, encode(o.sha256, 'hex') as sha256, o.copied_inode::text, encode(o.copied_sha256, 'hex') as copied_sha256
    from open o join place f on f.leaf = o.from_directory_id join place t on t.leaf = o.to_directory_id
    order by o.id
  `.execute(session);
  return rows;
}

/** The roots of each group of companions with an open plan that is older than so many minutes. */
export async function findLeftRoots(db: Kysely<DB>, minutes: number): Promise<number[][]> {
  const { rows } = await sql<{ roots: number[] }>`
    select distinct array_agg(distinct d.root_id order by d.root_id) as roots
    from console.move m join console.file_directory d on d.id in (m.from_directory_id, m.to_directory_id)
    where m.state = 'planned'
    group by m.companions having min(m.planned_at) < now() - make_interval(mins => ${minutes})
  `.execute(db);
  return rows.map(({ roots }) => roots);
}

/** Days for which a file that vanished is an alert: a person has looked for it by then. */
export const alertDays = 30;

/** How many files were at neither place of a move when it ended, and have not been found since. */
export async function countLost(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql<{ files: number }>`
    select count(distinct f.id) as files from console.move m join console.file f on f.id = m.file_id
    where m.state = 'missing' and m.ended_at > now() - make_interval(days => ${alertDays}) and f.status = 'MISSING'
  `.execute(db);
  return rows[0]?.files ?? 0;
}

/** Keeps what a crash must not lose, by the keys of plans. */
export async function saveProgress(session: Kysely<DB>, progress: Map<string, MoveProgress>): Promise<void> {
  const all = [...progress].map(([key, { name, copied }]) => ({
    key,
    name: name?.toString('hex') ?? null,
    inode: copied ? signed(copied.inode) : null,
    sha256: copied?.sha256 ?? null,
  }));
  const { numAffectedRows } = await sql`
    update console.move m
    set to_name = coalesce(decode(p.name, 'hex'), m.to_name), copied_inode = coalesce(p.inode, m.copied_inode),
      copied_sha256 = coalesce(decode(p.sha256, 'hex'), m.copied_sha256)
    from jsonb_to_recordset(${JSON.stringify(all)}::jsonb) as p (key uuid, name text, inode bigint, sha256 text)
    where m.key = p.key and m.state = 'planned'
  `.execute(session);
  if (Number(numAffectedRows) !== all.length) throw new Error('A move was ended by another process.');
}

/**
 * Ends planned moves, and writes where their files are. Another row that has the place loses it, because its file is gone; a new one
 * of the same file is merged. A file that was found missing or changed becomes MISSING or NEW, and its duplicates begin again. Returns the
 * ids of those that were planned.
 */
export const endMoves = (session: Kysely<DB>, ended: EndedMove[]): Promise<number[]> =>
  session.transaction().execute(async (trx) => {
    await decideAlone(trx);
    const { moves, former } = await writeEnds(trx, ended);
    await releaseDuplicates(trx, former);
    return moves;
  });

/** A state that a file can have again. What was a duplicate or wrong begins at NEW. */
export const restored = (status: RawBuilder<unknown>) =>
  sql`case when ${status} in ('DUPLICATE', 'ERROR', 'MISSING') then 'NEW' else ${status} end`;

/** `former`: files that are no longer keepers. */
async function writeEnds(trx: Transaction<DB>, ended: EndedMove[]): Promise<{ moves: number[]; former: number[] }> {
  const { rows } = await sql<{ moves: number[]; former: number[] }>`
    with result as materialized (
      select r.*, case when r.state = 'done' and m.action = 'copy' then nextval(pg_get_serial_sequence('console.file', 'id')) end as copy_id
      from jsonb_to_recordset(${JSON.stringify(ended.map(({ file, ...move }) => ({ ...move, ...file })))}::jsonb)
        as r (id bigint, state text, reason text, is_changed boolean, size bigint, mtime_ns bigint, ctime_ns bigint, inode bigint, links integer)
      join console.move m on m.id = r.id and m.state = 'planned'
    ), ended as (
      update console.move m set state = r.state, reason = r.reason, ended_at = now(), copy_id = r.copy_id
      from result r where m.id = r.id and m.state = 'planned'
      returning m.*, r.is_changed, r.size as new_size, r.mtime_ns as new_mtime_ns, r.ctime_ns, r.inode as new_inode, r.links
    ), done as (select * from ended where state = 'done'),
    taken as materialized (
      select f.id, f.status = 'NEW' and f.inode = d.new_inode
        and not exists (select from console.file o where o.group_id = f.id or o.duplicate_of = f.id)
        and not exists (select from console.move m where m.file_id = f.id and m.state = 'planned') as is_same
      from done d join console.file f on (f.directory_id, f.name) = (d.to_directory_id, d.to_name)
      where f.id <> d.file_id or d.action = 'copy'
    ), merged as (
      delete from console.file f using taken t where f.id = t.id and t.is_same returning f.id
    ), displaced as (
      update console.file f set directory_id = null, name = null, status = 'MISSING',
        status_before = coalesce(f.status_before, f.status), duplicate_of = null, error = null
      from taken t where f.id = t.id and not t.is_same returning f.id
    ), placed as (
      update console.file f set directory_id = d.to_directory_id, name = d.to_name, size = d.new_size, mtime_ns = d.new_mtime_ns,
        ctime_ns = d.ctime_ns, inode = d.new_inode, links = d.links,
        status = case
          when d.action = 'quarantine' then 'MISSING'
          when f.status = 'MISSING' then ${restored(sql`f.status_before`)}
          when d.new_status is not null and f.status = d.old_status then d.new_status
          else f.status
        end,
        status_before = case when d.action = 'quarantine' then coalesce(f.status_before, f.status) end,
        duplicate_of = case when d.action <> 'quarantine' and d.new_status is null then f.duplicate_of end,
        error = case when d.action <> 'quarantine' and d.new_status is null then f.error end,
        batch_id = case when d.new_status is not null and f.status = d.old_status then d.new_batch_id else f.batch_id end
      from done d
      where f.id = d.file_id and d.action <> 'copy' and (select count(*) from merged) + (select count(*) from displaced) >= 0
      returning f.id, f.status
    ), copied as materialized (
      select d.*, coalesce(f.group_id, f.id) as head, abs(d.new_mtime_ns - d.mtime_ns) <= 1000 and d.new_size = d.size as is_whole,
        d.copied_sha256 = coalesce(f.sha256, d.copied_sha256) as is_same
      from done d join console.file f on f.id = d.file_id where d.action = 'copy'
    ), added as (
      insert into console.file (id, directory_id, name, size, mtime_ns, ctime_ns, inode, links, kind, head, sha256, captured_at,
        captured_offset, captured_from, captured_raw, camera, width, height, duration, examined_at, status, group_id, batch_id)
      overriding system value
      select c.copy_id, c.to_directory_id, c.to_name, c.new_size, c.new_mtime_ns, c.ctime_ns, c.new_inode, c.links, f.kind,
        case when c.is_whole and c.is_same then f.head end, case when c.is_whole then c.copied_sha256 end, f.captured_at,
        f.captured_offset, f.captured_from, f.captured_raw, f.camera, f.width, f.height, f.duration,
        case when c.is_whole and c.is_same then f.examined_at end,
        -- What was written since, or reads otherwise than the original, is another file.
        case when c.is_whole and c.is_same then coalesce(c.new_status, ${restored(sql`f.status`)}) else 'NEW' end,
        nullif(coalesce(before.head, min(c.copy_id) over (partition by c.companions, c.head)), c.copy_id),
        case when c.new_status is null then f.batch_id else c.new_batch_id end
      from copied c join console.file f on f.id = c.file_id
      left join lateral (
        -- Companions of which an earlier call ended the copies.
        select coalesce(o.group_id, o.id) as head from console.move m join console.file o on o.id = m.copy_id
        join console.file original on original.id = m.file_id
        where m.companions = c.companions and coalesce(original.group_id, original.id) = c.head limit 1
      ) before on true
      where (select count(*) from merged) + (select count(*) from displaced) >= 0
      returning id
    ), kept as (
      update console.file f set status = d.original_status, duplicate_of = null, error = null
      from done d where d.original_status is not null and f.id = d.file_id and f.status = d.old_status
    ), lost as (
      update console.file f set status = 'MISSING', status_before = f.status, duplicate_of = null, error = null
      from ended e where f.id = e.file_id and e.state = 'missing' and f.status <> 'MISSING' returning f.id
    ), changed as (
      update console.file f set status = 'NEW', head = null, sha256 = null, duplicate_of = null, error = null, examined_at = null
      from ended e where f.id = e.file_id and e.is_changed and e.state = 'given_up' and f.status <> 'MISSING' returning f.id
    ), looked as (
      update console.file_directory d set digest = null
      where d.digest is not null and d.id in (select from_directory_id from ended union select to_directory_id from ended)
    ), undone as (
      update console.move m set state = 'undone' from done d where m.id = d.undoes and m.state = 'done' returning m.*
    ), original as (
      update console.file f set status = ${restored(sql`u.old_status`)}
      from undone u where u.original_status is not null and f.id = u.file_id and f.status = u.original_status
    )
    select array(select id from ended) as moves, array(
      select id from displaced union all select id from lost union all select id from changed
      union all select id from placed where status = 'MISSING'
    ) as former
  `.execute(trx);
  return rows[0] as (typeof rows)[0];
}

/** The directory of a root itself. */
export async function topOf(db: Kysely<DB>, root: number): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select id from console.file_directory where root_id = ${root} and parent_id is null
  `.execute(db);
  return (rows[0] as { id: number }).id;
}

/** Unsigned 64 bits as signed ones, as the rows have them. */
export const signed = (number: string | bigint) => String(BigInt.asIntN(64, BigInt(number)));
export const unsigned = (number: string) => String(BigInt.asUintN(64, BigInt(number)));
