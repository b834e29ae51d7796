import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';

/** Items that were removed, and how they come back. */

/** Whether the present place of the file of `item`, a row, is the trash: it was brought back, and its file did not follow. */
export const isInTrash = (item: 'i' | 'queue_item') => sql<boolean>`exists (
  select from console.queue_removal r
  where r.item_id = ${sql.ref(`${item}.id`)} and r.trash = coalesce(${sql.ref(`${item}.new_path`)}, ${sql.ref(`${item}.file_path`)})
)`;

/** A failure of the removal itself is over with it. */
const withoutFailure = sql`case when i.failed_step in ('remove_file', 'restore_file') then '{"failed_run_id": null, "failed_step": null,
  "error_message": null, "error_fingerprint": null, "retry_count": 0}'::jsonb else '{}' end`;

/** Keeps the row of an item that is about to be deleted. `run`: the one that moved its file to `trash`, if there was a file. */
export async function keepRemoved(
  trx: Transaction<DB>,
  id: number,
  {
    run = null,
    trash = null,
    entry = null,
  }: { run?: string | null; trash?: string | null; entry?: string | null } = {},
): Promise<void> {
  // An item that never left the trash, because its restore ended early, comes back as it was before its first removal.
  await sql`
    insert into console.queue_removal (item_id, run_id, item, trash, entry)
    select i.id, ${run}::uuid, coalesce(before.item, to_jsonb(i) || ${withoutFailure}), coalesce(${trash}::text, before.trash),
      coalesce(${entry}::text, before.entry)
    from console.queue_item i
    left join lateral (
      select r.item, r.trash, r.entry from console.queue_removal r
      where r.item_id = i.id and r.trash = coalesce(i.new_path, i.file_path)
      order by r.removal_id desc limit 1
    ) before on true
    where i.id = ${id}
  `.execute(trx);
}

/** A removal that can be undone. */
export type Removal = {
  removal_id: number;
  name: string;
  removed_at: string;
  has_file: boolean;
  was_published: boolean;
};

const latest = (id: number) => sql`
  select removal_id, coalesce(item ->> 'movie_code', regexp_replace(item ->> 'file_path', '^.*/', '')) as name, removed_at,
    trash is not null as has_file, item ->> 'published_at' is not null as was_published
  from console.queue_removal
  where item_id = ${id} and restored_at is null order by removal_id desc limit 1`;

/** The removal of an item that is not in the queue; undefined: it can no longer be undone, or never was. */
export async function findRemoval(db: Kysely<DB>, id: number): Promise<Removal | undefined> {
  return (await sql<Removal>`${latest(id)}`.execute(db)).rows[0];
}

/** The same, which nobody purges or restores until the transaction ends. */
export async function lockRemoval(trx: Transaction<DB>, id: number): Promise<Removal | undefined> {
  return (await sql<Removal>`${latest(id)} for update`.execute(trx)).rows[0];
}

/**
 * Brings the row of a removed item back. One whose file is in the trash has its place there until the file is moved, and the media
 * server may have forgotten it. Returns false if another item has its paths.
 */
export async function reinsertItem(trx: Transaction<DB>, removal_id: number): Promise<boolean> {
  const { rows } = await sql`
    insert into console.queue_item overriding system value
    select (jsonb_populate_record(null::console.queue_item,
      r.item || jsonb_build_object('move', null, 'is_active', false, 'updated_at', now())
      || case when r.trash is null then '{}' else jsonb_build_object('published_at', null, 'looks', 0,
        case when r.item ->> 'new_path' is null then 'file_path' else 'new_path' end, r.trash) end)).*
    from console.queue_removal r where r.removal_id = ${removal_id}
    on conflict do nothing returning id
  `.execute(trx);
  if (rows.length === 0) return false;
  await sql`update console.queue_removal set restored_at = now() where removal_id = ${removal_id}`.execute(trx);
  await sql`
    delete from console.queue_ignored i using console.queue_removal r
    where r.removal_id = ${removal_id} and i.file_path = r.item ->> 'file_path'
  `.execute(trx);
  return true;
}

/** Where the file of an item lies that came back, and where it belongs. */
export async function findRestored(
  db: Kysely<DB>,
  id: number,
): Promise<{ trash: string; path: string; purpose: 'library' | 'unprocessed' } | undefined> {
  const { rows } = await sql<{ trash: string; path: string; purpose: 'library' | 'unprocessed' }>`
    select trash, coalesce(item ->> 'new_path', item ->> 'file_path') as path,
      case when item ->> 'new_path' is null then 'unprocessed' else 'library' end as purpose
    from console.queue_removal
    where item_id = ${id} and restored_at is not null and trash is not null order by removal_id desc limit 1
  `.execute(db);
  return rows[0];
}

/** Whether a file is one that comes back from the trash at this moment. An inode alone says less than size and time of change. */
export async function isComingBack(db: Kysely<DB>, file: object): Promise<boolean> {
  const { rows } = await sql`
    select from console.queue_removal r join console.queue_item i on i.id = r.item_id
    where r.restored_at is not null and i.move is not null and i.file - 'inode' = ${JSON.stringify(file)}::jsonb - 'inode'
    limit 1
  `.execute(db);
  return rows.length > 0;
}

/**
 * Those entries of the trash that removals of items name, none of them in the last seven days, and whose file no item has. Nobody
 * begins to bring them back until the transaction ends.
 */
export async function lockTrashed(trx: Transaction<DB>, entries: string[]): Promise<string[]> {
  await sql`select from console.queue_removal where entry = any(${entries}) order by removal_id for update`.execute(
    trx,
  );
  const { rows } = await sql<{ entry: string }>`
    select named.entry from (
      select output ->> 'entry' as entry from console.step
      where task = 'item.remove_file' and outcome = 'completed' and output ->> 'entry' = any(${entries})
      union select entry from console.queue_removal where entry = any(${entries})
    ) named
    where not exists (
      select from console.queue_removal r join console.queue_item i on i.id = r.item_id
      where r.entry = named.entry and coalesce(i.new_path, i.file_path) = r.trash
    ) and not exists (
      select from console.queue_removal r where r.entry = named.entry and r.removed_at > now() - interval '7 days'
    )
  `.execute(trx);
  return rows.map(({ entry }) => entry);
}

/** Forgets the removals whose entries are purged: they can no longer be undone. */
export async function forgetTrashed(trx: Transaction<DB>, entries: string[]): Promise<void> {
  await sql`delete from console.queue_removal where entry = any(${entries})`.execute(trx);
}

/** Deletes removals that are a week old: those with a file in the trash end with the purge. Returns how many it deleted. */
export async function deleteOldRemovals(db: Kysely<DB>, atMost: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from console.queue_removal where removal_id = any(array(
      select r.removal_id from console.queue_removal r
      where r.removed_at < now() - interval '7 days' and (r.trash is null or r.restored_at is not null) and not exists (
        select from console.queue_item i where i.id = r.item_id and coalesce(i.new_path, i.file_path) = r.trash
      )
      limit ${atMost} for update skip locked
    ))
  `.execute(db);
  return Number(numAffectedRows);
}
