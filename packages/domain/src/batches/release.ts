import { identify } from '@at/adapters/file-identity';
import { below } from '@at/adapters/file-names';
import { clamp } from '@at/adapters/file-thread-work';
import { MoveError } from '@at/adapters/move-error';
import type { DB } from '@at/db/schema';
import type { TaskContext } from '@at/runs/task';
import { type Kysely, sql } from 'kysely';
import { findPaths, findRoot } from '../files/queries.ts';
import { unlessUnusable } from '../files/usable.ts';
import { mostAtOnce, moveGroups } from '../moves/journal.ts';
import { type Left, nameInQuarantine, quarantineRoots } from '../moves/quarantine.ts';
import { quarantineOf } from '../moves/quarantine-queries.ts';
import type { WantedMove } from '../moves/queries.ts';
import type { BatchRow } from './queries.ts';

// Once the device is cleaned, what the archive has got copies of goes to the quarantine: with it the folder of the batch is empty.

type Context = Pick<TaskContext<unknown>, 'db' | 'signal' | 'log' | 'run'>;

/** A file that a sorted batch still has, and the file elsewhere that has its content; null: there is none, by the rows. */
type Remaining = {
  file: number;
  companions: number;
  path: string;
  name: Buffer;
  other: { directory: number; name: string; size: number; mtime_ns: string } | null;
};

/** The next files of a batch, with all their companions. */
async function findRemaining(db: Kysely<DB>, { id, root_id }: BatchRow, after: number): Promise<Remaining[]> {
  const { rows } = await sql<Remaining>`
    with remaining as materialized (
      select f.id, f.name, f.size, f.mtime_ns, f.sha256, f.duplicate_of, b.companions, b.position, b.path,
        count(*) over (order by b.companions) as nth
      from console.batch_file b join console.file f on f.id = b.file_id join console.file_directory d on d.id = f.directory_id
      where b.batch_id = ${id} and b.companions > ${after} and d.root_id = ${root_id} and f.status in ('ARCHIVED', 'DUPLICATE')
        and not exists (select from console.move m where m.file_id = f.id and m.state = 'planned')
    )
    select r.id as file, r.companions, r.path, r.name, o.other
    from remaining r left join lateral (
      select jsonb_build_object('directory', c.directory_id, 'name', encode(c.name, 'hex'), 'size', c.size, 'mtime_ns', c.mtime_ns::text) as other
      from console.file c join console.file_directory d on d.id = c.directory_id and d.root_id <> ${root_id}
      where (c.id = r.duplicate_of or c.id in (
          select m.copy_id from console.move m
          where m.file_id = r.id and m.action = 'copy' and m.state = 'done' and m.size = r.size and abs(m.mtime_ns - r.mtime_ns) <= 1000
        ))
        and c.status in ('SORTED', 'ARCHIVED') and c.size = r.size and not c.is_unverified
        and (r.sha256 is null or c.sha256 = r.sha256)
      limit 1
    ) o on true
    where r.nth <= ${mostAtOnce} order by r.companions, r.position
  `.execute(db);
  return rows;
}

/** Whether the file that has the same content is on its disk, as its row says. */
async function isThere(db: Kysely<DB>, { other }: Remaining): Promise<boolean> {
  const [place] = other ? await findPaths(db, [other.directory]) : [];
  const root = place && (await findRoot(db, place.root_id));
  if (!other || !root) return false;
  const path = below(place.path.length > 0 ? below(root.path, place.path) : root.path, Buffer.from(other.name, 'hex'));
  const found = await identify(path).catch((error: unknown) => {
    if (!(error instanceof MoveError)) throw error;
    return undefined;
  });
  return found?.size === other.size && String(clamp(BigInt(found.mtimeNs))) === other.mtime_ns;
}

/** Moves what is left of a sorted batch to the quarantine, each file of which another place has the content. Others stay, and are returned. */
export async function releaseFiles(
  context: Context,
  batch: BatchRow,
  { dry_run }: { dry_run: boolean },
): Promise<Left[]> {
  const { db, signal, log, run } = context;
  const left: Left[] = [];
  const quarantine = (await quarantineRoots(db, [batch.root_id])).get(batch.root_id) ?? batch.root_id;
  const refused = await unlessUnusable(context, batch.root_id, async () => {
    for (let after = -1; ; ) {
      signal.throwIfAborted();
      const before = after;
      const choose = async (session: Kysely<DB>) => {
        const moves: WantedMove[][] = [];
        const directory = dry_run ? 0 : await quarantineOf(session, quarantine);
        const groups = Map.groupBy(await findRemaining(session, batch, before), ({ companions }) => companions);
        for (const [companions, group] of groups) {
          after = companions;
          const missing: Remaining[] = [];
          for (const file of group) if (!(await isThere(session, file))) missing.push(file);
          for (const { path } of missing)
            left.push({
              path: `${batch.name}/${path}`,
              reason: 'No other folder has this content as it was. It may be the last copy.',
            });
          if (missing.length > 0) continue;
          moves.push(
            group.map(({ file, name }) => ({ file, action: 'quarantine', directory, name: nameInQuarantine(name) })),
          );
        }
        return dry_run ? [] : moves;
      };
      const { kept, open } = await moveGroups({ db, signal }, [...new Set([batch.root_id, quarantine])], choose, run);
      if (after === before) return;
      for (const { reason } of [...kept, ...open]) log.warn(`A file of ${batch.name} stays. ${reason}`);
    }
  });
  return [...left, ...refused];
}
