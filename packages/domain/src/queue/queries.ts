import type { FileIdentity } from '@at/adapters/file-identity';
import type { ProviderFacts } from '@at/adapters/metadata-provider';
import { runPrepared } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { isInTrash } from './removals.ts';

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
  next_retry_at: string | null;
  run_id: string | null;
  failed_run_id: string | null;
  failed_step: string | null;
  status: string;
};

/** An item with its status, or undefined. */
export async function findItem(db: Kysely<DB>, id: number): Promise<ItemFacts | undefined> {
  const [item] = await runPrepared(
    db,
    sql<ItemFacts>`
    select i.id, i.file_path, i.file, i.movie_code, i.code_given_by, i.actress, i.subtitle, i.metadata_json, i.new_path,
      i.move, i.emby_item_id, i.looks, i.published_at,
      extract(epoch from clock_timestamp() - i.updated_at)::float8 * 1000 as age, i.is_active, s.next_retry_at, i.run_id,
      i.failed_run_id, s.failed_step, s.status
    from console.queue_item i join console.queue_item_state s using (id)
    where i.id = ${id}::bigint
  `,
  );
  return item;
}

const isAbandoned = sql`move is not null and move ->> 'purpose' <> 'trash' and not is_active`;

/** Items with a move that no run goes on with, the oldest first. One to the trash waits for a person. */
export async function findAbandonedMoves(db: Kysely<DB>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from console.queue_item where ${isAbandoned} order by updated_at limit 1000
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** Whether `findAbandonedMoves` would find any. */
export async function hasAbandonedMoves(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql`select from console.queue_item where ${isAbandoned} limit 1`.execute(db);
  return rows.length > 0;
}

/** The names of the steps of a run that have not completed, in their order. */
export async function findUnfinishedSteps(db: Kysely<DB>, run: string): Promise<string[]> {
  const { rows } = await sql<{ ref: string }>`
    select ref from console.step where run_id = ${run} and outcome <> 'completed' order by position
  `.execute(db);
  return rows.map(({ ref }) => ref);
}

/** Runs of items that have ended, or of which an attempt has failed; `error`: why, unless it has completed. */
export type EndedRun = { item: number; run: string; error: string | null };

/** Those of the named runs that are over for their item, in any order; a run that no longer exists is one of them. */
export async function findEndedRuns(db: Kysely<DB>, open: { item: number; run: string }[]): Promise<EndedRun[]> {
  const { rows } = await sql<EndedRun>`
    select o.item, o.run, case when r.outcome = 'completed' then null else coalesce(i.error_message, 'The run ended.') end as error
    from jsonb_to_recordset(${JSON.stringify(open)}::jsonb) as o (item bigint, run uuid)
    left join console.run r on r.id = o.run
    left join console.queue_item_state i on i.id = o.item
    where r.id is null or r.outcome is not null or (i.run_id = o.run and i.status = 'error')
  `.execute(db);
  return rows;
}

/** The code of an item; null if it has none, or is not there. */
export async function findCode(db: Kysely<DB>, id: number): Promise<string | null> {
  const { rows } = await sql<{ movie_code: string | null }>`
    select movie_code from console.queue_item where id = ${id}
  `.execute(db);
  return rows[0]?.movie_code ?? null;
}

/** Items that have rested as completed for so many days; 0: all of them. */
export const hasRested = (days: number) => sql<boolean>`published_at <= now() - make_interval(days => ${days})
  and failed_step is null and not is_active and move is null and not ${isInTrash('queue_item')}`;

/** How many items `hasRested` finds. */
export async function countCompleted(db: Kysely<DB>, days: number): Promise<number> {
  const { rows } = await sql<{ items: number }>`
    select count(*)::integer as items from console.queue_item where ${hasRested(days)}
  `.execute(db);
  return rows[0]?.items ?? 0;
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
  /** Whether its file moves, or waits in the trash to come back. */
  is_away: boolean;
};

/** Failed items outside of the library with this file; an inode changes with a mount, so size and time of change tell it from others. */
export async function findFailedWith(db: Kysely<DB>, file: FileIdentity): Promise<{ id: number; file_path: string }[]> {
  const { rows } = await sql<{ id: number; file_path: string }>`
    select id, file_path from console.queue_item
    where failed_step is not null and new_path is null and not is_active and move is null
      and file - 'inode' = ${JSON.stringify(file)}::jsonb - 'inode'
    order by id limit 10
  `.execute(db);
  return rows;
}

/** Items and ignored files with these paths. `id`: null for an ignored one. */
export async function findKnownFiles(db: Kysely<DB>, paths: string[]): Promise<KnownFile[]> {
  const { rows } = await sql<KnownFile>`
    select id, file_path, file, new_path, is_active, move is not null or ${isInTrash('queue_item')} as is_away
    from console.queue_item where file_path = any(${paths})
    union all
    select null, file_path, file, null, false, false from console.queue_ignored where file_path = any(${paths})
  `.execute(db);
  return rows;
}
