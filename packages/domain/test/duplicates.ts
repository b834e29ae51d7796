import { randomUUID } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { moveDuplicates } from '../src/duplicates/move.ts';
import { findReadableRoots } from '../src/files/read.ts';

/** Moves the duplicates of a root as a scan does, without its other parts. `passed` is called behind each step of a move. */
export async function moveAlone(
  db: Kysely<DB>,
  { root, to }: { root: number; to: number },
  passed: (step: string) => void = () => {},
) {
  const context = {
    db,
    run: randomUUID(),
    signal: new AbortController().signal,
    checkpoint: <T>(work: Parameters<typeof transact<T>>[1]) => transact(db, work),
    progress: () => {},
  };
  const readable = await findReadableRoots(db);
  return moveDuplicates(context, { root, to, threads: 1, readable, boundary: passed });
}
const transact = <T>(
  db: Kysely<DB>,
  work: (trx: Parameters<Parameters<ReturnType<typeof db.transaction>['execute']>[0]>[0]) => Promise<T>,
) => db.transaction().execute(work);

/** The files below a directory, with their contents, by their paths. */
export function filesBelow(directory: string): Record<string, string> {
  if (!existsSync(directory)) return {};
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry: Dirent) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !path.endsWith('.at-root'))
      .map((path) => [path.slice(directory.length + 1), readFileSync(path, 'utf8')]),
  );
}
