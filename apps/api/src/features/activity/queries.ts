import { type Activity, type ActivityQuery, type ActivityType, activityTypes } from '@at/contracts/activity';
import type { FlagValues } from '@at/contracts/labels';
import type { MediaState } from '@at/contracts/media';
import type { DB } from '@at/db/schema';
import { takenBackBy } from '@at/domain/bulk/queries';
import { expressionBuilder, type Kysely, sql } from 'kysely';
import { foreignCursor, type Position } from '#lists/keyset.ts';
import { runFilled } from '#lists/list-statements.ts';
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

/** The most titles, and media items, that a search looks for in the activity. */
export const mostFound = 1_000;

type Found = { titles: string[]; items: string[] };

const eb = expressionBuilder<DB, never>();

/** The titles, and the media items, that a search finds in their lists, the last changed first. */
export const searchStatements = (query: { q: string }) => ({
  titles: sql<{ id: string }>`select t.imdb_id::text as id from atp.training t
    where ${eb.and(titleConditions(titleShape(query)) as never)} order by t.updated_at desc limit ${sql.lit(mostFound)}`,
  items: sql<{ id: string }>`select m.hash::text as id from atp.media m
    where ${eb.and(mediaConditions(mediaFilterShape({ ...query, deleted: 'include' })))}
    order by m.updated_at desc limit ${sql.lit(mostFound)}`,
});

/** The ids that an event must name one of. */
export async function searchActivity(db: Kysely<DB>, query: { q: string }): Promise<Found> {
  const { titles, items } = searchStatements(query);
  const [ofTitles, ofItems] = await Promise.all([runFilled(db, titles, query), runFilled(db, items, query)]);
  return { titles: ofTitles.map(({ id }) => id), items: ofItems.map(({ id }) => id) };
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
  if (found && found.titles.length + found.items.length === 0) return [];
  const { rows } = await activityStatement(query, limit, behind, found).execute(db);
  return rows.map(({ kind, number, label, media, ...row }) => ({
    id: `${kind}:${number}`,
    row: { ...row, label: withChanges(label), media: withChanges(media) },
  }));
}

type Filter = Pick<ActivityQuery, 'type' | 'actor' | 'imdb_id' | 'q'>;

/** The page; `found`: only changes that name one of these. */
export function activityStatement(
  { type = [...activityTypes], actor, imdb_id }: Filter,
  limit: number,
  behind: Position | undefined,
  found: Found | undefined,
) {
  const start = readStart(behind);
  const titles = imdb_id?.map((id) => id.toLowerCase());
  const labelled: ActivityType = 'label.written';
  return sql<Stored>`
    select * from ((
      select 'event' as kind, seq::text as number, type, e.at, coalesce(m.actor, e.actor) as actor,
        coalesce(m.actor_verified, true) as actor_verified,
        payload ->> 'operation' as operation, imdb_ids, hashes, m.action as media_action, m.operation_id,
        ${takenBackBy(sql`m.operation_id`)} as taken_back_by, null::json as label,
        case when cardinality(hashes) = 1 and m.event_id is not null then
          json_build_object('event_id', m.event_id, 'before', m.before, 'after', m.after, 'undoes', m.undoes,
            'undone_by', (select u.event_id from console.media_event u where u.undoes = m.event_id),
            'undoable', m.action <> 'undo' and coalesce(m.event_id = (
              select o.event_id from console.media_event o
              where o.hash = m.hash and o.action <> 'undo'
                and not exists (select from console.media_event u where u.undoes = o.event_id)
              order by o.event_id desc limit 1
            ), false) and exists (
              select from atp.media as i
              where i.hash = m.hash and i.pipeline_status::text = m.after ->> 'pipeline_status'
                and i.error_status::text = m.after ->> 'error_status'
                and i.rejection_status::text = m.after ->> 'rejection_status'
                and i.error_condition is not distinct from m.after ->> 'error_condition'
                and i.rejection_reason is not distinct from m.after ->> 'rejection_reason'
                and i.deleted_at is not distinct from (m.after ->> 'deleted_at')::timestamptz
            )) end as media
      from console.event e
      left join lateral (
        select event_id, hash, actor, actor_verified, action, operation_id, before, after, undoes from console.media_event
        where txid = e.origin and e.type = 'media.changed' and hash = any(e.hashes)
        order by event_id limit 1
      ) m on true
      where (e.at, seq) < (${start.at}::timestamptz, ${start.events}::bigint)
        and type = any(${type}::text[]) ${actor === undefined ? sql`` : sql`and coalesce(m.actor, e.actor) = ${actor}`}
        ${titles ? sql`and (imdb_ids is null or imdb_ids && ${titles}::text[])` : sql``}
        ${found ? sql`and (${namesOne('imdb_ids', found.titles)} or ${namesOne('hashes', found.items)})` : sql``}
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
          'undoable', action <> 'undo' and coalesce(event_id = (
            select o.event_id from console.label_event o
            where o.imdb_id = l.imdb_id and o.action <> 'undo'
              and not exists (select from console.label_event u where u.undoes = o.event_id)
            order by o.event_id desc limit 1
          ), false) and exists (
            select from atp.training as t
            where t.imdb_id = l.imdb_id and t.label::text is not distinct from after ->> 'label'
              and t.human_labeled is not distinct from (after ->> 'human_labeled')::boolean
              and t.anomalous is not distinct from (after ->> 'anomalous')::boolean
              and t.reviewed is not distinct from (after ->> 'reviewed')::boolean
          )), null::json
      from console.label_event l
      where (at, event_id) < (${start.at}::timestamptz, ${start.labels}::bigint)
        and ${labelled}::text = any(${type}::text[]) ${actor === undefined ? sql`` : sql`and actor = ${actor}`}
        ${titles ? sql`and imdb_id = any(${titles}::text[])` : sql``}
        ${found ? sql`and imdb_id = any(${found.titles}::text[])` : sql``}
      order by l.at desc, l.event_id desc limit ${limit}
    )) as both_tables
    order by at desc, kind desc, number::bigint desc
    limit ${limit}
  `;
}

/** Whether an event names one of these ids: each of its own is looked up, which costs the same for any number of them. */
const namesOne = (column: 'imdb_ids' | 'hashes', ids: string[]) =>
  sql`exists (select from unnest(e.${sql.ref(column)}) as one where one = any(${ids}::text[]))`;
