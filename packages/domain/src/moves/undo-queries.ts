import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { type MovedStatus, restored } from './queries.ts';

// What can be undone, and where it is.

/** A done move whose file can go back. */
export type DoneMove = {
  id: number;
  /** What it brought to its place: the file, or its copy. */
  file: number | null;
  action: 'move' | 'copy' | 'quarantine';
  companions: string;
  /** The latest of its companions: others can have been planned between them. */
  last: number;
  /** The lowest id of the page. */
  page_end: number;
  directory: number;
  name: Buffer;
  /** Where it brought the file. */
  to_directory: number;
  to_name: Buffer;
  to_root: number;
  /** Whether the file is still where the move brought it, with the content that it had. */
  is_there: boolean;
  /** The original of a copy that is as it was, as far as its row says. */
  original: { id: number; path: string; size: number; mtime_ns: string } | null;
  /** What the file was; null: what it is. */
  status: MovedStatus | null;
  batch: number | null;
};

export type UndoOf = { run: string } | { move: number };

/** Of a move `m`. The copy that an undo has removed is not brought back. */
export const isUndoable = sql`m.state = 'done' and not (m.action = 'quarantine' and m.undoes is not null)`;

const isOf = (of: UndoOf) =>
  'run' in of
    ? sql`m.state = 'done' and m.run_id = ${of.run}::uuid`
    : sql`m.state = 'done' and m.companions = (select companions from console.move where id = ${of.move})`;

/** At most `limit` done moves of a run, or of one move, with ids below `before`, and all of their companions; the latest first. */
export async function findDoneMoves(db: Kysely<DB>, of: UndoOf, before: number, limit: number): Promise<DoneMove[]> {
  const isAsMoved = (
    file: string,
  ) => sql`${sql.raw(file)}.size = m.size and abs(${sql.raw(file)}.mtime_ns - m.mtime_ns) <= 1000
    and (${sql.raw(file)}.sha256 is null or m.sha256 is null or ${sql.raw(file)}.sha256 = m.sha256)`;
  const { rows } = await sql<DoneMove>`
    with recursive page as materialized (
      select m.id, m.companions from console.move m where ${isOf(of)} and m.id < ${before} order by m.id desc limit ${limit}
    ), found as materialized (
      select m.* from console.move m where m.state = 'done' and m.companions in (select companions from page)
    ), original as materialized (
      select f.id, f.directory_id, f.name, f.size, f.mtime_ns from found m join console.file f on f.id = m.file_id
      where m.action = 'copy' and f.status <> 'MISSING' and ${isAsMoved('f')}
    ), up as (
      select o.id, d.parent_id, d.root_id, o.name as path, d.name from original o join console.file_directory d on d.id = o.directory_id
      union all
      select up.id, d.parent_id, d.root_id, up.name || '\x2f'::bytea || up.path, d.name
      from up join console.file_directory d on d.id = up.parent_id
    )
    select m.id, f.id as file, m.action, m.companions, max(m.id) over (partition by m.companions) as last,
      (select min(id) from page) as page_end, m.from_directory_id as directory, m.from_name as name, m.to_directory_id as to_directory,
      m.to_name, t.root_id as to_root,
      coalesce((f.directory_id, f.name) = (m.to_directory_id, m.to_name) and (f.status <> 'MISSING' or m.action = 'quarantine')
        and ${isUndoable} and ${isAsMoved('f')}, false) as is_there,
      case when o.id is not null then jsonb_build_object('id', o.id, 'path', encode(r.path || '\x2f'::bytea || up.path, 'hex'), 'size', o.size,
        'mtime_ns', o.mtime_ns::text) end as original,
      case when b.batch_id is not null then case when b.confirmed_at is null then 'BATCHED' else 'SYNCED' end
        when m.new_status is not null and f.status in ('BATCHED', 'SYNCED', 'SORTED', 'ARCHIVED') then ${restored(sql`m.old_status`)}
        end as status,
      m.old_batch_id as batch
    from found m
    join console.file_directory t on t.id = m.to_directory_id
    left join console.file f on f.id = case when m.action = 'copy' then m.copy_id else m.file_id end
    -- A file that the batch sends out again is what it was in the batch, also if it had no date, or was a duplicate.
    left join (
      console.batch_file b join console.batch owner on owner.id = b.batch_id and owner.undone_at is null
      join console.file_directory its on its.id = owner.directory_id join console.file_directory here on here.root_id = its.root_id
    ) on m.action = 'move' and b.batch_id = m.old_batch_id and b.file_id = m.file_id and b.state <> 'LEFT' and here.id = m.from_directory_id
    left join original o on o.id = m.file_id and m.action = 'copy'
    left join up on up.id = o.id and up.parent_id is null
    left join console.file_root r on r.id = up.root_id
    order by last desc, m.companions, m.id desc
  `.execute(db);
  return rows;
}

/** What can be undone of a run, or of one of its moves with its companions; `batch`: what the run made, and is still in use. */
export async function countUndoable(
  db: Kysely<DB>,
  { run, move }: { run: string; move?: number | undefined },
): Promise<{ all: number; files: number; goes_on: boolean; batch: { id: number; name: string } | null }> {
  const { rows } = await sql<{
    all: number;
    files: number;
    goes_on: boolean;
    batch: { id: number; name: string } | null;
  }>`
    select count(*) as all, count(*) filter (where ${isUndoable}) as files,
      exists (select from console.run r where r.id = ${run}::uuid and r.outcome is null) as goes_on,
      (select json_build_object('id', b.id, 'name', b.name) from console.batch b where b.made_by = ${run}::uuid and b.status <> 'CLEANED' limit 1) as batch
    from console.move m where m.run_id = ${run}::uuid
      ${move === undefined ? sql`` : sql`and m.companions = (select companions from console.move where id = ${move} and run_id = ${run}::uuid)`}
  `.execute(db);
  return rows[0] as (typeof rows)[0];
}

/** How many files a run has moved. */
export async function countDone(db: Kysely<DB>, run: string): Promise<number> {
  const { rows } = await sql<{ done: number }>`
    select count(*) as done from console.move where run_id = ${run}::uuid and state = 'done'
  `.execute(db);
  return rows[0]?.done ?? 0;
}

/** Where moves have brought their files, as text. */
export async function findTargets(db: Kysely<DB>, moves: number[]): Promise<Map<number, string>> {
  const { rows } = await sql<{ id: number; path: Buffer }>`
    with recursive up as (
      select m.id, d.parent_id, d.root_id, m.to_name as path, d.name
      from console.move m join console.file_directory d on d.id = m.to_directory_id where m.id = any(${moves}::bigint[])
      union all
      select up.id, d.parent_id, d.root_id, up.name || '\\x2f'::bytea || up.path, d.name
      from up join console.file_directory d on d.id = up.parent_id
    )
    select up.id, r.path || '\\x2f'::bytea || up.path as path from up join console.file_root r on r.id = up.root_id where up.parent_id is null
  `.execute(db);
  return new Map(rows.map(({ id, path }) => [id, path.toString()]));
}

/** The ids of the roots between which done moves have brought files; `copied`: those that have copies. */
export async function findRootsOf(db: Kysely<DB>, of: UndoOf): Promise<{ roots: number[]; copied: number[] }> {
  const { rows } = await sql<{ id: number; has_copies: boolean }>`
    with moves as materialized (select from_directory_id, to_directory_id, action from console.move m where ${isOf(of)})
    select d.root_id as id, bool_or(d.id in (select to_directory_id from moves where action = 'copy')) as has_copies
    from console.file_directory d
    where d.id in (select from_directory_id from moves union select to_directory_id from moves)
    group by d.root_id
  `.execute(db);
  return { roots: rows.map(({ id }) => id), copied: rows.flatMap(({ id, has_copies }) => (has_copies ? id : [])) };
}
