import { type Activity, type ActivityQuery, type ActivityType, activityTypes } from '@at/contracts/activity';
import type { FlagValues } from '@at/contracts/labels';
import type { MediaState } from '@at/contracts/media';
import type { DB } from '@at/db/schema';
import { takenBackBy } from '@at/domain/bulk/queries';
import { latestEvent } from '@at/domain/latest-event';
import { stateOf } from '@at/domain/media/writes';
import { undoOf } from '@at/domain/pipeline/queries';
import { flagsOf } from '@at/domain/titles/writes';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { foreignCursor, type Position } from '#lists/keyset.ts';
import { runFilled } from '#lists/list-statements.ts';
import { holdsWords } from '#lists/title-search.ts';
import { mediaConditions, mediaFilterShape } from '#media-items/filters.ts';
import { titleConditions, titleShape } from '#titles/filters.ts';
import { withChanges } from './rules.ts';

type Stored = Omit<Activity, 'label' | 'media'> & {
  kind: 'event' | 'label';
  number: string;
  label: StoredEvent<'label', FlagValues> | null;
  media: StoredEvent<'media', MediaState> | null;
};

/** An event with the values that it found and left, in place of the changes between them. */
type StoredEvent<Name extends 'label' | 'media', State> = Omit<NonNullable<Activity[Name]>, 'changes'> & {
  before: State;
  after: State;
};

/** A row, and the text that finds it again among those of the same time. */
export type ActivityEntry = { id: string; row: Activity };

/** Greater than every number that a row can have. */
const beyond = '9223372036854775807';

/** Reads where a page begins. Throws 422 for a cursor that no page gave out. */
function readStart(behind: Position | undefined) {
  if (!behind) return { at: 'infinity', events: beyond, labels: beyond };
  const [, kind, number = ''] = /^(event|label):(\d{1,18})$/.exec(behind.id) ?? [];
  if (!kind || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(behind.value ?? '')) {
    throw foreignCursor();
  }
  // Of events with the same time, label events come first.
  return kind === 'label'
    ? { at: behind.value, events: beyond, labels: number }
    : { at: behind.value, events: number, labels: '0' };
}

/** The most titles, and media items, whose changes are looked up by their ids. */
export const mostFound = 1_000;

/** What a search finds: the ids that an event must name one of; many: what each event names is compared with the words. */
export type Found = { titles: string[] | 'many'; items: string[] | 'many' };

const titleMatches = (query: { q: string }) => sql`(${sql.join(titleConditions(titleShape(query)), sql` and `)})`;
const itemMatches = (query: { q: string }, deleted: 'include' | 'exclude') =>
  sql`(${sql.join(mediaConditions(mediaFilterShape({ ...query, deleted })), sql` and `)})`;

/** The titles and media items that a search finds in their lists, and the items that were deleted lately. */
export const searchStatements = (query: { q: string }) => ({
  titles: sql<{ id: string }>`select t.imdb_id::text as id from atp.training t
    where ${titleMatches(query)} limit ${sql.lit(mostFound + 1)}`,
  items: sql<{ id: string }>`select m.hash::text as id from atp.media m
    where ${itemMatches(query, 'exclude')} limit ${sql.lit(mostFound + 1)}`,
  // No index has deleted items. Their changes are kept for 90 days.
  deleted: sql<{ id: string }>`select m.hash::text as id
    from console.media_deletion d join atp.media m on m.hash = d.hash and m.deleted_at = d.deleted_at
    where d.deleted_at >= now() - interval '90 days' and ${itemMatches(query, 'include')} limit ${sql.lit(mostFound + 1)}`,
});

export async function searchActivity(db: Kysely<DB>, query: { q: string }): Promise<Found> {
  const { titles, items, deleted } = searchStatements(query);
  const [ofTitles = [], ...ofItems] = await Promise.all(
    [titles, items, deleted].map(async (statement) => (await runFilled(db, statement, query)).map(({ id }) => id)),
  );
  const few = (ids: string[]) => (ids.length > mostFound ? 'many' : ids);
  return { titles: few(ofTitles), items: few(ofItems.flat()) };
}

/**
 * Activity, newest first. Reads a page's worth of rows from each of the two tables, each by its own index; the page is the
 * newest of both.
 */
export async function findActivity(
  db: Kysely<DB>,
  query: Filter,
  limit: number,
  behind: Position | undefined,
): Promise<ActivityEntry[]> {
  const { q } = query;
  const found = q?.trim() ? await searchActivity(db, { q }) : undefined;
  const rows = await runFilled(db, activityStatement(query, limit, behind, found), query);
  return rows.map(({ kind, number, label, media, ...row }) => ({
    id: `${kind}:${number}`,
    row: { ...row, label: withChanges(label), media: withChanges(media) },
  }));
}

type Filter = Pick<ActivityQuery, 'type' | 'actor' | 'at_min' | 'at_max' | 'imdb_id' | 'q'>;

/** The time of the oldest change that is kept. */
export async function findRecordedSince(db: Kysely<DB>): Promise<string | null> {
  const { rows } = await sql<{ at: string | null }>`select least(
    (select at from console.event order by at limit 1), (select at from console.label_event order by at limit 1)
  ) as at`.execute(db);
  return rows[0]?.at ?? null;
}

/** The page; `found`: only changes that name one of these. */
export function activityStatement(
  { type = [...activityTypes], actor, at_min = '-infinity', at_max = 'infinity', imdb_id, q = '' }: Filter,
  limit: number,
  behind: Position | undefined,
  found: Found | undefined,
) {
  const start = readStart(behind);
  const titles = imdb_id?.map((id) => id.toLowerCase());
  const labelled: ActivityType = 'label.written';
  // As subqueries, each evaluated for the events that are read.
  const isTitle: IsFound = (id) =>
    found?.titles === 'many'
      ? sql`(select ${titleMatches({ q })} from atp.training t where t.imdb_id = ${id})`
      : sql`${id} = any(${found?.titles}::text[])`;
  const isItem: IsFound = (hash) =>
    found?.items === 'many'
      ? sql`(select ${itemMatches({ q }, 'include')} from atp.media m where m.hash = ${hash}::bpchar)`
      : sql`${hash} = any(${found?.items}::text[])`;
  return sql<Stored>`
    select * from ((
      select 'event' as kind, seq::text as number, type, e.at, coalesce(m.actor, e.actor) as actor,
        coalesce(m.actor_verified, (payload ->> 'verified')::boolean, true) as actor_verified,
        payload ->> 'operation' as operation, imdb_ids, hashes, m.action as media_action, m.operation_id,
        ${takenBackBy(sql`m.operation_id`)} as taken_back_by, null::json as label,
        case when payload ? 'action' then json_build_object('action', payload -> 'action', 'item_id', payload -> 'item_id',
          'name', payload -> 'name', 'run_id', payload -> 'run_id', 'task', payload -> 'task', 'count', payload -> 'count',
          'error', payload -> 'error', 'undo', case when payload ->> 'action' in ('moved', 'copied', 'removed', 'start-pipeline')
            then ${undoOf(sql`(payload ->> 'run_id')::uuid`)}
          when payload ->> 'action' in ('delete', 'delete-file') then (
            select case when r.restored_at is null then 'possible' else 'done' end
            from console.queue_removal r
            where r.item_id = (payload ->> 'item_id')::bigint
              and (r.run_id = (payload ->> 'run_id')::uuid or r.run_id is null and r.txid = e.origin)
          ) end) end as file,
        case when cardinality(hashes) = 1 and m.event_id is not null then
          json_build_object('event_id', m.event_id, 'before', m.before, 'after', m.after, 'undoes', m.undoes,
            'undone_by', (select u.event_id from console.media_event u where u.undoes = m.event_id),
            'undoable', coalesce(m.event_id = ${latestEvent('item', sql`m.hash`)}, false) and coalesce((
              select ${stateOf('i')} = m.after from atp.media as i where i.hash = m.hash
            ), false)) end as media
      from console.event e
      left join lateral (
        select event_id, hash, actor, actor_verified, action, operation_id, before, after, undoes from console.media_event
        where txid = e.origin and e.type = 'media.changed' and hash = any(e.hashes)
        order by event_id limit 1
      ) m on true
      where (e.at, seq) < (${start.at}::timestamptz, ${start.events}::bigint)
        and e.at >= ${at_min}::timestamptz and e.at < ${at_max}::timestamptz
        and type = any(${type}::text[]) ${actor === undefined ? sql`` : sql`and coalesce(m.actor, e.actor) = ${actor}`}
        ${titles ? sql`and (imdb_ids is null or imdb_ids && ${titles}::text[])` : sql``}
        ${found ? sql`and (${namesOne('imdb_ids', isTitle)} or ${namesOne('hashes', isItem)} or ${isFile(q)})` : sql``}
        -- The others say that a row has changed, and not who did what.
        and (e.type <> 'queue.changed' or payload ? 'action')
        -- A restored state can take two updates of an item.
        and not (m.event_id is not null and exists (
          select from console.event f
          where f.at = e.at and f.seq < e.seq and f.origin = e.origin and f.type = e.type and f.hashes @> e.hashes
        ))
        -- The label event itself says more.
        and not exists (
          select from console.label_event l
          where l.txid = e.origin and e.type = 'title.changed' and l.imdb_id = any(e.imdb_ids)
        )
      order by e.at desc, e.seq desc limit ${limit}
    ) union all (
      select 'label', event_id::text, ${labelled}::text, at, actor, actor_verified,
        null, array[imdb_id::text], array[]::text[], null, l.operation_id, ${takenBackBy(sql`l.operation_id`)},
        json_build_object('event_id', event_id, 'action', action, 'before', before, 'after', after, 'undoes', undoes,
          'undone_by', (select u.event_id from console.label_event u where u.undoes = l.event_id),
          'undoable', coalesce(event_id = ${latestEvent('title', sql`l.imdb_id`)}, false) and coalesce((
            select ${flagsOf('t')} = l.after from atp.training as t where t.imdb_id = l.imdb_id
          ), false)), null::json, null::json
      from console.label_event l
      where (at, event_id) < (${start.at}::timestamptz, ${start.labels}::bigint)
        and at >= ${at_min}::timestamptz and at < ${at_max}::timestamptz
        and ${labelled}::text = any(${type}::text[]) ${actor === undefined ? sql`` : sql`and actor = ${actor}`}
        ${titles ? sql`and imdb_id = any(${titles}::text[])` : sql``}
        ${found ? sql`and ${isTitle(sql`l.imdb_id`)}` : sql``}
      order by l.at desc, l.event_id desc limit ${limit}
    )) as both_tables
    order by at desc, kind desc, number::bigint desc
    limit ${limit}
  `;
}

type IsFound = (id: RawBuilder<unknown>) => RawBuilder<unknown>;

/** Whether an event is of a file with these words in its code or name. */
const isFile = (q: string) => sql`(
  e.type = 'queue.changed'
  and (${holdsWords(sql`(payload ->> 'name')`, sql`${q}::text`)} or ${holdsWords(sql`(payload ->> 'file')`, sql`${q}::text`)})
)`;

/** Whether an event names one that was found: each of its ids is looked up, which costs the same for any number found. */
const namesOne = (column: 'imdb_ids' | 'hashes', isFound: IsFound) =>
  sql`exists (select from unnest(e.${sql.ref(column)}) as one where ${isFound(sql`one`)})`;
