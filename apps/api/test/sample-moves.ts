import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DB } from '@at/db/schema';
import { makeRoot } from '@at/domain/files/roots';
import { moveGroups } from '@at/domain/moves/journal';
import { signed, type WantedMove } from '@at/domain/moves/queries';
import { type Kysely, sql } from 'kysely';

/** Two roots in directories of their own. */
export async function openFolders(db: Kysely<DB>) {
  const open = async () => {
    const path = realpathSync(mkdtempSync(join(tmpdir(), 'at-moves-')));
    const { id } = await makeRoot(db, Buffer.from(path), path);
    const { rows } = await sql<{ id: number }>`select id from console.file_directory where root_id = ${id}`.execute(db);
    return { path, root: id, directory: rows[0]?.id as number };
  };
  const [inbox, archive] = [await open(), await open()];
  /** Moves new files with these names, each its own content, from the inbox to the archive. Returns the moves. */
  const move = async (run: string, names: string[], more: Partial<WantedMove> = {}): Promise<number[]> => {
    const groups: WantedMove[][] = [];
    for (const name of names) {
      const path = join(inbox.path, name);
      writeFileSync(path, name);
      const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
      const { rows } = await sql<{ id: number }>`
        insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status)
        values (${inbox.directory}, ${Buffer.from(name)}, ${size}, ${mtimeNs}, ${ctimeNs}, ${signed(ino)}, 'photo', 'UNIQUE')
        returning id
      `.execute(db);
      const file = rows[0]?.id as number;
      groups.push([{ file, directory: archive.directory, name: Buffer.from(name), ...more }]);
    }
    const { done } = await moveGroups({ db }, [inbox.root, archive.root], async () => groups, run);
    return done.map((one) => one.move);
  };
  const close = () => {
    for (const { path } of [inbox, archive]) rmSync(path, { recursive: true, force: true });
  };
  return { inbox, archive, move, close };
}
