import type { FileIdentity } from '@at/adapters/file-identity';
import type { ProviderFacts } from '@at/adapters/metadata-provider';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

/** Plan and progress of a move in the row of its item; paths in hexadecimal, because they are bytes. */
export type StoredMove = {
  purpose: 'library' | 'unprocessed' | 'trash';
  id: string;
  from: string;
  fromRoot: string;
  to: string;
  toRoot: string;
  source: FileIdentity;
  name?: string;
  copied?: { inode: string; sha256: string };
};

/** The facts of an item: what its steps have found and done so far. */
export type ItemFacts = {
  id: number;
  file_path: string;
  /** The file that the watcher found, or that lies among the unprocessed ones. */
  file: FileIdentity;
  movie_code: string | null;
  code_given_by: string | null;
  actress: string | null;
  subtitle: string | null;
  metadata_json: ProviderFacts | null;
  new_path: string | null;
  move: StoredMove | null;
  emby_item_id: string | null;
  looks: number;
  published_at: string | null;
  /** Milliseconds since the row was changed, such as by the arrival of its file in the library. */
  age: number;
  is_active: boolean;
  failed_run_id: string | null;
  failed_step: string | null;
  status: string;
};

/** An item with its status, or undefined. */
export async function findItem(db: Kysely<DB>, id: number): Promise<ItemFacts | undefined> {
  const { rows } = await sql<ItemFacts>`
    select i.id, i.file_path, i.file, i.movie_code, i.code_given_by, i.actress, i.subtitle, i.metadata_json, i.new_path,
      i.move, i.emby_item_id, i.looks, i.published_at,
      extract(epoch from clock_timestamp() - i.updated_at)::float8 * 1000 as age, i.is_active, i.failed_run_id, s.failed_step, s.status
    from console.queue_item i join console.queue_item_state s using (id)
    where i.id = ${id}
  `.execute(db);
  return rows[0];
}

const isAbandoned = sql`move is not null and move ->> 'purpose' <> 'trash' and not is_active`;

/** Items with a move that no run goes on with, the oldest first. One to the trash waits for a person. */
export async function findAbandonedMoves(db: Kysely<DB>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from console.queue_item where ${isAbandoned} order by updated_at limit 1000
  `.execute(db);
  return rows.map(({ id }) => id);
}

export async function hasAbandonedMoves(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql`select from console.queue_item where ${isAbandoned} limit 1`.execute(db);
  return rows.length > 0;
}

/** Whether the row of another item names a path as the place of its file. */
export async function isTakenPath(db: Kysely<DB>, id: number, path: string): Promise<boolean> {
  const { rows } = await sql`
    select from console.queue_item where (file_path = ${path} or new_path = ${path}) and id <> ${id} limit 1
  `.execute(db);
  return rows.length > 0;
}

/** What the queue knows of paths in the watch folder. */
export type KnownFile = {
  id: number | null;
  file_path: string;
  file: FileIdentity;
  new_path: string | null;
  is_active: boolean;
  has_move: boolean;
};

/** Items and ignored files with these paths. `id`: null for an ignored one. */
export async function findKnownFiles(db: Kysely<DB>, paths: string[]): Promise<KnownFile[]> {
  const { rows } = await sql<KnownFile>`
    select id, file_path, file, new_path, is_active, move is not null as has_move
    from console.queue_item where file_path = any(${paths})
    union all
    select null, file_path, file, null, false, false from console.queue_ignored where file_path = any(${paths})
  `.execute(db);
  return rows;
}

/** Those entries of the trash that removals of items name. */
export async function findTrashed(db: Kysely<DB>, entries: string[]): Promise<string[]> {
  const { rows } = await sql<{ entry: string }>`
    select output ->> 'entry' as entry from console.step
    where task = 'item.remove_file' and outcome = 'completed' and output ->> 'entry' = any(${entries})
  `.execute(db);
  return rows.map(({ entry }) => entry);
}
