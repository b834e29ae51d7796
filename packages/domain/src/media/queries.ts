import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import type { Intent } from '../intents/queries.ts';

/** Whether the item of the intent `i` is to be downloaded. */
const wanted = sql`exists (
  select from atp.media m where m.hash = i.hash and m.deleted_at is null
    and m.pipeline_status::text in ('media_accepted', 'downloading', 'downloaded', 'transferred')
)`;
/** Whether a later approval of the item of the intent `i` is in progress. */
const contested = sql`exists (
  select from console.intent n
  where n.hash = i.hash and n.action = 'approve' and n.done_at is null and n.intent_id > i.intent_id
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

/** Withdraws removals of these items' torrents that have not happened yet. */
export async function withdrawTorrentRemovals(db: Kysely<DB>, hashes: string[]): Promise<void> {
  await sql`
    delete from console.intent i
    where i.hash = any(${hashes}::bpchar[]) and i.action = 'remove_torrent' and i.done_at is null
  `.execute(db);
}
