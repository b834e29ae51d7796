import type { Trashed } from '@at/adapters/file-trash';
import type { AtpMedia, DB } from '@at/db/schema';
import { type Kysely, type Selectable, sql } from 'kysely';

export type Release = Pick<
  Selectable<AtpMedia>,
  'hash' | 'media_type' | 'original_link' | 'parent_path' | 'target_path'
>;

/** The newest active media item of a title. */
export async function findNewestRelease(db: Kysely<DB>, imdbId: string): Promise<Release | undefined> {
  return db
    .selectFrom('atp.media')
    .select(['hash', 'media_type', 'original_link', 'parent_path', 'target_path'])
    .where('imdb_id', '=', imdbId)
    .where('deleted_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('hash', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The titles with an active media item. */
export async function findReleased(db: Kysely<DB>, imdbIds: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ imdb_id: string }>`
    select distinct imdb_id from atp.media where imdb_id = any(${imdbIds}::text[]) and deleted_at is null
  `.execute(db);
  return new Set(rows.map(({ imdb_id }) => imdb_id));
}

/** The events that have a removal. */
export async function findRemoving(db: Kysely<DB>, eventIds: number[]): Promise<Set<number>> {
  const { rows } = await sql<{ event_id: number }>`
    select distinct event_id from console.media_removal where event_id = any(${eventIds}::bigint[])
  `.execute(db);
  return new Set(rows.map(({ event_id }) => event_id));
}

/** What a would_not_watch removed. */
export type Removal = { hash: string; links: string[]; trashed: Trashed[]; deleted: string[] };

/** Stores a removal with the event; without one (the label did not change), with the title's latest event that can be undone. */
export async function saveRemoval(
  db: Kysely<DB>,
  imdbId: string,
  eventId: number | null,
  { hash, links, trashed, deleted }: Removal,
): Promise<void> {
  await sql`
    insert into console.media_removal (event_id, hash, links, trashed, deleted)
    select event_id, ${hash}, ${links}::text[], ${JSON.stringify(trashed)}::jsonb, ${deleted}::text[]
    from (
      select coalesce(${eventId}::bigint, (
        select max(e.event_id) from console.label_event e
        where e.imdb_id = ${imdbId} and e.action <> 'undo'
          and not exists (select from console.label_event u where u.undoes = e.event_id)
      )) as event_id
    ) as event
    where event_id is not null
  `.execute(db);
}

/** The removals of an event, latest first; `gone`: the media item is no longer active. */
export async function findRemovals(db: Kysely<DB>, eventId: number): Promise<(Removal & { gone: boolean })[]> {
  const { rows } = await sql<Removal & { gone: boolean }>`
    select r.hash, r.links, r.trashed, r.deleted,
      not exists (select from atp.media m where m.hash = r.hash and m.deleted_at is null) as gone
    from console.media_removal r where r.event_id = ${eventId}
    order by r.removal_id desc
  `.execute(db);
  return rows;
}
