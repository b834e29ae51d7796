import { torrentHashes } from '@at/adapters/transmission';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import type { Intent } from '../intents/queries.ts';

/** Whether the item of the intent `i` is to be downloaded. */
const wanted = sql`exists (
  select from atp.media m where m.hash = i.hash and m.deleted_at is null
    and m.pipeline_status::text in ('media_accepted', 'downloading', 'downloaded', 'transferred')
)`;
/** Whether a later approval of the item of the intent `i` is in progress. One whose run has ended is not. */
const contested = sql`exists (
  select from console.intent n left join console.run r on r.id = n.run_id
  where n.hash = i.hash and n.action = 'approve' and n.done_at is null and n.intent_id > i.intent_id
    and r.finished_at is null
)`;

/** A condition of `closeIntent`: nothing needs the torrent of the item. */
export const unneeded = sql`not ${wanted} and not ${contested}`;

/**
 * Who needs the torrent of an intent's item: the item itself, or perhaps a later approval. undefined: the intent has
 * ended.
 */
export async function findNeed(
  db: Kysely<DB>,
  { intent_id }: Intent,
): Promise<'wanted' | 'contested' | 'unneeded' | undefined> {
  const { rows } = await sql<{ wanted: boolean; contested: boolean }>`
    select ${wanted} as wanted, ${contested} as contested from console.intent i
    where i.intent_id = ${intent_id} and i.done_at is null
  `.execute(db);
  const [found] = rows;
  if (!found) return undefined;
  if (found.wanted) return 'wanted';
  return found.contested ? 'contested' : 'unneeded';
}

/** Whether a media item is deleted or does not exist. */
export async function isDeleted(db: Kysely<DB>, hash: string): Promise<boolean> {
  const { rows } = await sql<{ deleted: boolean }>`
    select not exists (select from atp.media m where m.hash = ${hash} and m.deleted_at is null) as deleted
  `.execute(db);
  return rows[0]?.deleted ?? true;
}

/** Hashes that Transmission gave to the item's torrents, and that neither its row nor its link has. */
export async function findLearnedHashes(db: Kysely<DB>, hash: string): Promise<string[]> {
  const { rows } = await sql<{ torrent: string }>`
    select distinct i.plan ->> 'torrent' as torrent from console.intent i
    where i.hash = ${hash} and i.action = 'approve' and i.done_at is not null
  `.execute(db);
  return rows.map(({ torrent }) => torrent);
}

/** Whether the torrent of the item of an intent to remove its files is still to be removed. */
export async function hasTorrentRemoval(db: Kysely<DB>, intent_id: number): Promise<boolean> {
  const { rows } = await sql`
    select from console.intent i join console.intent t using (hash)
    where i.intent_id = ${intent_id} and i.action = 'remove_files' and t.action = 'remove_torrent' and t.done_at is null
  `.execute(db);
  return rows.length > 0;
}

/** Withdraws removals of these items' torrents that have not happened yet. */
export async function withdrawTorrentRemovals(db: Kysely<DB>, hashes: string[]): Promise<void> {
  await sql`
    delete from console.intent i
    where i.hash = any(${hashes}::bpchar[]) and i.action = 'remove_torrent' and i.done_at is null
  `.execute(db);
}

/** An item that is being downloaded, with its possible torrents and its version. */
export type Download = { hash: string; torrents: string[]; updated_at: string };

/** Items in pipeline status downloading whose torrent nothing else is changing at the moment. */
export async function findDownloads(db: Kysely<DB>): Promise<Download[]> {
  const { rows } = await sql<{ hash: string; original_link: string | null; learned: string[]; updated_at: string }>`
    select m.hash, m.original_link, m.updated_at::text as updated_at, array(
      select distinct i.plan ->> 'torrent' from console.intent i
      where i.hash = m.hash and i.action = 'approve' and i.done_at is not null and i.plan ->> 'torrent' is not null
    ) as learned
    from atp.media m
    where m.pipeline_status = 'downloading' and m.deleted_at is null
      and not exists (
        select from console.intent i left join console.run r on r.id = i.run_id
        where i.hash = m.hash and i.done_at is null and r.finished_at is null
      )
    order by m.hash
  `.execute(db);
  return rows.map(({ learned, ...item }) => ({
    hash: item.hash,
    updated_at: item.updated_at,
    torrents: [...new Set([...torrentHashes(item), ...learned])],
  }));
}

/** Whether any item is being downloaded. */
export async function hasDownloads(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql`
    select from atp.media where pipeline_status = 'downloading' and deleted_at is null limit 1
  `.execute(db);
  return rows.length > 0;
}

/**
 * Moves an item from downloading to downloaded, if it is as it was read; returns whether it did. It waits for no lock, and writes
 * no media event, like the platform's pipeline.
 */
export async function markDownloaded(trx: Kysely<DB>, { hash, updated_at }: Download): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    with free as (
      select m.hash from atp.media m
      where m.hash = ${hash} and m.pipeline_status = 'downloading' and m.deleted_at is null
        and m.updated_at = ${updated_at}::timestamptz
      for update skip locked
    )
    update atp.media m set pipeline_status = 'downloaded' from free where m.hash = free.hash
  `.execute(trx);
  return numAffectedRows > 0n;
}
