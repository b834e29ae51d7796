import { type Activity, type ActivityQuery, type ActivityType, activityTypes } from '@at/contracts/activity';
import type { FlagValues } from '@at/contracts/labels';
import type { LabelAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { foreignCursor, type Position } from '#lists/keyset.ts';
import { changesOf } from './rules.ts';

type Stored = Omit<Activity, 'label'> & {
  kind: 'event' | 'label';
  number: string;
  label: {
    event_id: number;
    action: LabelAction;
    before: FlagValues;
    after: FlagValues;
    undoes: number | null;
    undone_by: number | null;
  } | null;
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

/**
 * Activity, newest first. Reads a page's worth of rows from each of the two tables, each by its own index; the page is the
 * newest of both.
 */
export async function findActivity(
  db: Kysely<DB>,
  { type = [...activityTypes], actor, imdb_id }: Pick<ActivityQuery, 'type' | 'actor' | 'imdb_id'>,
  limit: number,
  behind: Position | undefined,
): Promise<ActivityEntry[]> {
  const start = readStart(behind);
  const titles = imdb_id?.map((id) => id.toLowerCase());
  const labelled: ActivityType = 'label.written';
  const { rows } = await sql<Stored>`
    select * from ((
      select 'event' as kind, seq::text as number, type, e.at, coalesce(m.actor, e.actor) as actor,
        coalesce(m.actor_verified, true) as actor_verified,
        payload ->> 'operation' as operation, imdb_ids, hashes, m.action as media_action, m.operation_id, null::json as label
      from console.event e
      left join lateral (
        select actor, actor_verified, action, operation_id from console.media_event
        where txid = e.origin and e.type = 'media.changed' and hash = any(e.hashes)
        order by event_id limit 1
      ) m on true
      where (e.at, seq) < (${start.at}::timestamptz, ${start.events}::bigint)
        and type = any(${type}::text[]) ${actor === undefined ? sql`` : sql`and coalesce(m.actor, e.actor) = ${actor}`}
        ${titles ? sql`and (imdb_ids is null or imdb_ids && ${titles}::text[])` : sql``}
        -- The label event itself says more.
        and not exists (
          select from console.label_event l
          where l.txid = e.origin and e.type = 'title.changed' and l.imdb_id = any(e.imdb_ids)
        )
      order by e.at desc, e.seq desc limit ${limit}
    ) union all (
      select 'label', event_id::text, ${labelled}::text, at, actor, actor_verified,
        null, array[imdb_id::text], array[]::text[], null, l.operation_id,
        json_build_object('event_id', event_id, 'action', action, 'before', before, 'after', after, 'undoes', undoes,
          'undone_by', (select u.event_id from console.label_event u where u.undoes = l.event_id))
      from console.label_event l
      where (at, event_id) < (${start.at}::timestamptz, ${start.labels}::bigint)
        and ${labelled}::text = any(${type}::text[]) ${actor === undefined ? sql`` : sql`and actor = ${actor}`}
        ${titles ? sql`and imdb_id = any(${titles}::text[])` : sql``}
      order by l.at desc, l.event_id desc limit ${limit}
    )) as both_tables
    order by at desc, kind desc, number::bigint desc
    limit ${limit}
  `.execute(db);
  return rows.map(({ kind, number, label, ...row }) => {
    if (!label) return { id: `${kind}:${number}`, row: { ...row, label } };
    const { before, after, ...of } = label;
    return { id: `${kind}:${number}`, row: { ...row, label: { ...of, changes: changesOf(before, after) } } };
  });
}
