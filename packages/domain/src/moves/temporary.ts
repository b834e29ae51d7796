import { disk } from '@at/adapters/disk';
import { codeOf } from '@at/adapters/file-identity';
import { below } from '@at/adapters/file-names';
import type { DB } from '@at/db/schema';
import type { TaskContext } from '@at/runs/task';
import { type Kysely, sql } from 'kysely';
import { leaveUnusable } from '../files/usable.ts';
import type { Left } from './quarantine.ts';

// Temporary files of moves that lie where they should not: a disk that did not respond kept a mover from removing them. Only unfinished
// copies are removed; a file that can be the last name of another is reported.

const ownName = /^\.at-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(part|gone|back\.gone|purged)$/;
const day = 86_400_000;

/** Directories of one lock. */
const slice = 500;

/** Removes unfinished copies of ended moves after so many days; 0: none. Roots that are in use or not usable are left to a later call. */
export async function removeTemporaryFiles(
  { db, signal, log }: Pick<TaskContext<unknown>, 'db' | 'signal' | 'log'>,
  { days, dry_run }: { days: number; dry_run: boolean },
): Promise<{ removed: number; left: Left[] }> {
  const report = { removed: 0, left: [] as Left[] };
  for (const [root, directories] of await findTouched(db)) {
    for (let i = 0; i < directories.length; i += slice) {
      signal.throwIfAborted();
      let isDone = false;
      const refused = await leaveUnusable({ db, log }, root, async ({ session, check }) => {
        const found = new Map<string, { path: Buffer; kind: string }[]>();
        for (const directory of directories.slice(i, i + slice))
          for (const name of await namesIn(directory)) {
            const [, key, kind] = ownName.exec(name) ?? [];
            if (key && kind)
              found.set(key, [
                ...(found.get(key) ?? []),
                { path: below(directory, Buffer.from(name, 'latin1')), kind },
              ]);
          }
        const states = await findStates(session, [...found.keys()]);
        await check();
        for (const [key, files] of found)
          for (const { path, kind } of files) {
            const why = await reasonToKeep(path, { kind, state: states.get(key), days });
            if (why === 'not yet') continue;
            if (why !== undefined) report.left.push({ path: `${path}`, reason: why });
            else {
              if (!dry_run) await disk.unlink(path);
              log.info({ file: `${path}` }, `${path}, an unfinished copy, ${dry_run ? 'would be' : 'was'} removed.`);
              report.removed += 1;
            }
          }
        isDone = true;
      });
      report.left.push(...refused);
      if (!isDone) break;
    }
  }
  return report;
}

/** undefined: it can be removed. */
async function reasonToKeep(
  path: Buffer,
  { kind, state, days }: { kind: string; state: string | undefined; days: number },
): Promise<string | 'not yet' | undefined> {
  if (state === undefined) return 'No move that is known has made it.';
  // The end of the move, or the purge, removes it.
  if (state === 'planned' || kind === 'purged') return 'not yet';
  if (kind !== 'part') return 'It may be the last name of a file. Look at it, and rename it.';
  if (state === 'missing') return 'It may be the last copy of a file that is missing.';
  const { ctimeMs } = await disk.lstat(path, { bigint: true });
  return days === 0 || Date.now() - Number(ctimeMs) < days * day ? 'not yet' : undefined;
}

async function namesIn(directory: Buffer): Promise<string[]> {
  try {
    const entries = await disk.readdir(directory, { withFileTypes: true, encoding: 'buffer' });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name.toString('latin1'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return [];
    throw error;
  }
}

/** Directories from or to which files were moved, by their roots. */
async function findTouched(db: Kysely<DB>): Promise<Map<number, Buffer[]>> {
  const { rows } = await sql<{ root: number; path: Buffer }>`
    with recursive touched as materialized (
      select from_directory_id as id from console.move union select to_directory_id from console.move
    ), up as (
      select d.id, d.parent_id, d.root_id, d.name, ''::bytea as path from touched join console.file_directory d using (id)
      union all
      select up.id, d.parent_id, d.root_id, d.name, '\\x2f'::bytea || up.name || up.path
      from up join console.file_directory d on d.id = up.parent_id
    )
    select up.root_id as root, r.path || up.path as path from up join console.file_root r on r.id = up.root_id
    where up.parent_id is null order by root, path
  `.execute(db);
  const touched = new Map<number, Buffer[]>();
  for (const [root, found] of Map.groupBy(rows, (row) => row.root))
    touched.set(
      root,
      found.map(({ path }) => path),
    );
  return touched;
}

async function findStates(db: Kysely<DB>, keys: string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<{ key: string; state: string }>`
    select key, state from console.move where key = any(${keys}::uuid[])
  `.execute(db);
  return new Map(rows.map(({ key, state }) => [key, state]));
}
