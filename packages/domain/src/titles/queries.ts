import type { MediaPlace, Removal } from '@at/adapters/file-trash';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import type { Intent, IntentAction } from '../intents/queries.ts';

/** A title, and the label event that removes its release or whose undo restores it. */
export type TitleEvent = { imdb_id: string; event_id: number | null };

type RemovalOptions = {
  actions: IntentAction[];
  /** Whether files may be deleted without a trash. */
  forGood: boolean;
  owner: number;
  operation?: string;
};

/**
 * Writes the intents to remove the newest active media item of each title: one for each action, torrents first. Without
 * an event (the label did not change), they belong to the title's latest event that can be undone. Files and torrents
 * that an unfinished undo would restore are removed with them, where they are removed at all.
 */
export async function insertRemovals(
  trx: Kysely<DB>,
  titles: TitleEvent[],
  { actions, forGood, owner, operation }: RemovalOptions,
): Promise<Intent<'remove_files' | 'remove_torrent'>[]> {
  const { rows } = await sql<Intent<'remove_files' | 'remove_torrent'>>`
    with release as (
      select t.imdb_id, coalesce(t.event_id, (
          select max(e.event_id) from console.label_event e
          where e.imdb_id = t.imdb_id and e.action <> 'undo'
            and not exists (select from console.label_event u where u.undoes = e.event_id)
        )) as event_id, newest.*
      from jsonb_to_recordset(${JSON.stringify(titles)}::jsonb) as t(imdb_id varchar, event_id bigint)
      cross join lateral (
        select m.hash, m.media_type, m.original_link, m.parent_path, m.target_path from atp.media m
        where m.imdb_id = t.imdb_id and m.deleted_at is null
        order by m.created_at desc, m.hash desc limit 1
      ) as newest
    ), withdrawn as (
      delete from console.intent i using release r
      where i.imdb_id = r.imdb_id and i.done_at is null and i.action in (
        select case a when 'remove_files' then 'restore_files' else 'add_torrent' end from unnest(${actions}::text[]) as a
      )
      returning i.imdb_id, i.plan
    )
    insert into console.intent as i (action, imdb_id, hash, event_id, operation_id, owner, plan)
    select a.action, r.imdb_id, r.hash, r.event_id, ${operation ?? null}::uuid, ${owner}::integer,
      case a.action when 'remove_torrent' then jsonb_build_object('link', r.original_link, 'with_data', false,
        'carried', (
          select coalesce(jsonb_agg(distinct link), '[]') from withdrawn w, jsonb_array_elements(w.plan -> 'links') as link
          where w.imdb_id = r.imdb_id
        ))
      else jsonb_build_object(
        'place', jsonb_build_object('media_type', r.media_type, 'parent_path', r.parent_path, 'target_path', r.target_path),
        'removals', null,
        'for_good', ${forGood}::boolean,
        'carried', (
          select coalesce(jsonb_agg(file), '[]') from withdrawn w, jsonb_array_elements(w.plan -> 'files') as file
          where w.imdb_id = r.imdb_id and file ->> 'entry' is not null
        )
      ) end
    from release r, unnest(${actions}::text[]) with ordinality as a(action, position)
    order by r.imdb_id, a.position
    returning i.intent_id, i.action, i.imdb_id, i.hash, i.event_id, i.plan, 0 as age
  `.execute(trx);
  return rows;
}

/** Where the files of a title's newest active media item are. */
export async function findNewestRelease(db: Kysely<DB>, imdbId: string): Promise<MediaPlace | undefined> {
  return db
    .selectFrom('atp.media')
    .select(['media_type', 'parent_path', 'target_path'])
    .where('imdb_id', '=', imdbId)
    .where('deleted_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('hash', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** What a would_not_watch removed. */
type Removed = { hash: string; links: string[]; trashed: Removal[]; deleted: string[] };

/** Records what was removed, for the undo and for the purge. */
export async function insertRemoved(
  db: Kysely<DB>,
  intent: Intent,
  removed: Partial<Omit<Removed, 'hash'>>,
): Promise<void> {
  const { links = [], trashed = [], deleted = [] } = removed;
  const mediaEvent = (intent.action === 'remove_torrent' && intent.plan.media_event) || null;
  await sql`
    insert into console.media_removal (event_id, media_event_id, hash, links, trashed, deleted)
    values (${intent.event_id}, ${mediaEvent}, ${intent.hash}, ${links}::text[], ${JSON.stringify(trashed)}::jsonb,
      ${deleted}::text[])
  `.execute(db);
}

/** Whether torrents were removed for the event of an intent, and the event was not undone. */
export async function isRemoved(db: Kysely<DB>, { event_id, plan }: Intent<'remove_torrent'>): Promise<boolean> {
  const mediaEvent = plan.media_event ?? null;
  const { rows } = await sql`
    select from console.media_removal r
    where r.links <> '{}' and (r.event_id = ${event_id}::bigint or r.media_event_id = ${mediaEvent}::bigint)
      and not exists (select from console.label_event u where u.undoes = ${event_id}::bigint)
      and not exists (select from console.media_event u where u.undoes = ${mediaEvent}::bigint)
    limit 1
  `.execute(db);
  return rows.length > 0;
}

/** Whether the title of an intent is labelled would_not_watch. */
export async function isUnwanted(db: Kysely<DB>, { imdb_id }: Intent): Promise<boolean> {
  const { rows } = await sql`
    select from atp.training where imdb_id = ${imdb_id} and label::text = 'would_not_watch'
  `.execute(db);
  return rows.length > 0;
}

/** Withdraws the intents of events that are being undone. Waits for the one in progress. */
export async function withdrawRemovals(
  trx: Kysely<DB>,
  eventIds: number[],
): Promise<Intent<'remove_files' | 'remove_torrent'>[]> {
  const { rows } = await sql<Intent<'remove_files' | 'remove_torrent'>>`
    delete from console.intent i
    where i.event_id = any(${eventIds}::bigint[]) and i.action in ('remove_files', 'remove_torrent') and i.done_at is null
    returning i.intent_id, i.action, i.imdb_id, i.hash, i.event_id, i.plan, 0 as age
  `.execute(trx);
  return rows;
}

/** What these events removed, latest first. */
export async function findRemoved(db: Kysely<DB>, eventIds: number[]): Promise<(Removed & { event_id: number })[]> {
  const { rows } = await sql<Removed & { event_id: number }>`
    select r.event_id, r.hash, r.links, r.trashed, r.deleted from console.media_removal r
    where r.event_id = any(${eventIds}::bigint[])
    order by r.removal_id desc
  `.execute(db);
  return rows;
}

/** Which trash entries a removal names that was not undone, and none in the last seven days: a file keeps its entry when it goes again. */
export async function findPurgeable(db: Kysely<DB>, entries: string[]): Promise<string[]> {
  const { rows } = await sql<{ entry: string }>`
    select file ->> 'entry' as entry
    from console.media_removal r, jsonb_array_elements(r.trashed) as file
    where file ->> 'entry' = any(${entries}::text[])
      and not exists (select from console.label_event u where u.undoes = r.event_id)
    group by 1 having max(r.at) <= now() - interval '7 days'
  `.execute(db);
  return rows.map(({ entry }) => entry);
}
