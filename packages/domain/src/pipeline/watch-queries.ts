import { clamp } from '@at/adapters/file-thread-work';
import type { SeenFile } from '@at/adapters/tree-watch';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { signed } from '../moves/queries.ts';
import { pipelineRun } from './queries.ts';

/** Tasks that bring files back to the inbox. */
const returning = [
  'files.undo',
  'files.undo_batch',
  'files.settle_batches',
  'files.restore_duplicate',
  'files.undo_run',
];

/** When the last scan of a root began that has completed, in milliseconds; 0: never. */
export async function findLastScan(db: Kysely<DB>, root: number): Promise<number> {
  const { rows } = await sql<{ at: number | null }>`
    select (extract(epoch from max(created_at)) * 1000)::double precision as at from console.run
    where task = 'files.scan' and outcome = 'completed' and subject_type = 'file_root' and subject_id = ${String(root)}
  `.execute(db);
  return rows[0]?.at ?? 0;
}

/** Whether a start has to wait: a run of the pipeline goes on that began before so many milliseconds, or a run that brings files back. */
export async function mustWait(db: Kysely<DB>, before: number): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from console.run where finished_at is null and (task = any(${returning}::text[])
        or task = ${pipelineRun} and created_at <= now() - make_interval(secs => ${before / 1_000}))
    ) as found
  `.execute(db);
  return rows[0]?.found ?? false;
}

/**
 * Whether one of these files of a root has arrived. The others came back by a move of the journal, which undoes one or was given up: its
 * row is in this place, or is about to be, and the file is as it was moved.
 */
export async function hasArrival(db: Kysely<DB>, root: number, files: SeenFile[]): Promise<boolean> {
  const seen = files.map(({ path, size, mtimeNs, ctimeNs, inode }) => {
    const bytes = path.toString('latin1').split('/');
    const names = bytes.map((name) => Buffer.from(name, 'latin1').toString('hex'));
    return {
      folder: names.slice(0, -1),
      name: names.at(-1),
      size: String(size),
      mtime_ns: String(clamp(mtimeNs)),
      ctime_ns: String(clamp(ctimeNs)),
      inode: signed(inode),
    };
  });
  const { rows } = await sql<{ found: boolean }>`
    with recursive seen as materialized (
      select folder, decode(name, 'hex') as name, size, mtime_ns, ctime_ns, inode
      from jsonb_to_recordset(${JSON.stringify(seen)}::jsonb) as s (folder jsonb, name text, size bigint, mtime_ns bigint, ctime_ns bigint, inode bigint)
    ), down as (
      select f.folder, d.id, 0 as depth from (select distinct folder from seen) f
      join console.file_directory d on d.root_id = ${root} and d.parent_id is null
      union all
      select down.folder, d.id, depth + 1 from down
      join console.file_directory d on d.parent_id = down.id and d.name = decode(down.folder ->> depth, 'hex')
    ), place as materialized (
      select s.*, down.id as directory from seen s
      left join down on down.folder = s.folder and down.depth = jsonb_array_length(s.folder)
    )
    select exists (
      select from place p where not exists (
        select from console.file f cross join lateral (
          select * from console.move m
          where m.file_id = f.id and m.action <> 'copy' and m.state in ('done', 'undone', 'given_up') order by m.id desc limit 1
        ) m
        where (f.directory_id, f.name) = (p.directory, p.name) and f.inode = p.inode
          and case m.state when 'given_up' then (m.from_directory_id, m.from_name) = (p.directory, p.name)
            -- Another file can have the inode of one that was removed.
            else m.undoes is not null and (m.to_directory_id, m.to_name) = (p.directory, p.name) and p.ctime_ns <= f.ctime_ns end
          and m.size = p.size and abs(m.mtime_ns - p.mtime_ns) <= 1000
      ) and not exists (
        select from console.move m
        where m.state = 'planned' and m.undoes is not null and (m.to_directory_id, m.to_name) = (p.directory, p.name)
          and p.inode in (m.inode, m.copied_inode) and m.size = p.size and abs(m.mtime_ns - p.mtime_ns) <= 1000
      )
    ) as found
  `.execute(db);
  return rows[0]?.found ?? false;
}

/** Whether a run of the pipeline began within the last milliseconds. */
export async function hasStarted(db: Kysely<DB>, within: number): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from console.run where task = ${pipelineRun} and created_at > now() - make_interval(secs => ${within / 1_000})
    ) as found
  `.execute(db);
  return rows[0]?.found ?? false;
}

/**
 * Says how the watch of a root goes; `due`: milliseconds until a run starts, null: nothing has changed. Of several workers, one that can
 * watch counts for as long as it says so.
 */
export async function noteWatch(
  db: Kysely<DB>,
  root: number,
  { due, problem }: { due: number | null; problem: string | null },
): Promise<void> {
  await sql`
    insert into console.file_watch as w (root_id, due_at, problem)
    values (${root}, now() + make_interval(secs => ${due === null ? null : due / 1_000}::double precision), ${problem})
    on conflict (root_id) do update set seen_at = now(), due_at = excluded.due_at, problem = excluded.problem
    where excluded.problem is null or w.problem is not null or w.seen_at < now() - interval '1 minute'
  `.execute(db);
}
