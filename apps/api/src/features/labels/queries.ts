import type { FlagValues, LabelDay, Shown, TrainingSession } from '@at/contracts/labels';
import type { LabelAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { isDecision, isUndone } from '#titles/decisions.ts';
import type { StoredEvent } from './rules.ts';

/** A title's present flags and its events, oldest first; undefined when there is no such title. */
export async function findEvents(
  db: Kysely<DB>,
  imdbId: string,
): Promise<{ present: FlagValues; events: StoredEvent[] } | undefined> {
  const present = await db
    .selectFrom('atp.training')
    .select(['label', 'human_labeled', 'anomalous', 'reviewed'])
    .where('imdb_id', '=', imdbId)
    .executeTakeFirst();
  if (!present) return undefined;
  const events = await db
    .selectFrom('console.label_event')
    .select([
      'event_id',
      'at',
      'actor',
      'actor_verified',
      'action',
      'before',
      'after',
      'decision_ms',
      'shown',
      'undoes',
    ])
    .where('imdb_id', '=', imdbId)
    .orderBy('event_id')
    .$narrowType<{ action: LabelAction; before: FlagValues; after: FlagValues; shown: Shown | null }>()
    .execute();
  return { present, events };
}

/** A decision that took longer, or more time between two events, is a pause: it says nothing about a person's speed. */
const pauseMs = 5 * 60_000;

/**
 * Labelling sessions, newest first: an actor's events of the last 90 days with less than 30 minutes between them. An
 * undo counts as work, not as a decision; so does the event it reverts. Decisions are counted by their titles, which is
 * what the list of them shows. The speed is that of the median decision; if no event has the time of its decision, that of
 * the median time between two events.
 */
export async function findSessions(db: Kysely<DB>, limit: number): Promise<TrainingSession[]> {
  const { rows } = await sql<TrainingSession>`
    with marked as (
      select e.actor, e.at, e.imdb_id, e.decision_ms, e.action = 'undo' as is_undo, ${isUndone} as is_undone,
        ${isDecision} and exists (select from atp.training as t where t.imdb_id = e.imdb_id) as is_decision,
        extract(epoch from e.at - lag(e.at) over by_actor) * 1000 as after_ms
      from console.label_event e
      -- Bulk operations say nothing about a person's speed.
      where e.at > now() - interval '90 days' and e.operation_id is null
      window by_actor as (partition by e.actor order by e.at, e.event_id)
    ), numbered as (
      select *, count(*) filter (where after_ms is null or after_ms >= 30 * 60000)
        over (partition by actor order by at rows unbounded preceding) as session
      from marked
    ), sessions as (
      select actor, min(at) as started_at, max(at) as ended_at,
        (count(distinct imdb_id) filter (where is_decision and not is_undone))::integer as decisions,
        (count(distinct imdb_id) filter (where is_decision and is_undone))::integer as undone,
        percentile_cont(0.5) within group (order by decision_ms)
          filter (where not is_undo and decision_ms <= ${pauseMs}) as median_decision_ms,
        percentile_cont(0.5) within group (order by after_ms)
          filter (where not is_undo and after_ms <= ${pauseMs}) as median_after_ms
      from numbered
      group by actor, session
    )
    select actor, started_at, ended_at, decisions, undone,
      case when decisions > 1
        then round((3600000 / nullif(coalesce(median_decision_ms, median_after_ms), 0))::numeric, 1) end as labels_per_hour,
      median_decision_ms
    from sessions
    order by started_at desc, actor
    limit ${limit}
  `.execute(db);
  return rows;
}

/**
 * Titles labelled on each day, and those that had no review at its end. The backlog is today's, less the titles that came later,
 * with those back whose first event after that day found them without a review. Reads the events of these days and the
 * titles without a review; each event adds to the day at which its difference begins and takes away where it ends, so that
 * the sum up to a day is that of the day. The time zone must be one that PostgreSQL knows by its name.
 */
export async function findLabelDays(
  db: Kysely<DB>,
  { days, time_zone, media_type }: { days: number; time_zone: string; media_type: string | undefined },
): Promise<LabelDay[]> {
  const ofType = media_type === undefined ? sql`true` : sql`t.media_type::text = ${media_type}`;
  const { rows } = await sql<LabelDay>`
    with span as materialized (
      select today - (${days}::integer - 1) as first,
        -- A day early, which the days of the events correct: where clocks go back at midnight, a day has two beginnings.
        (today - ${days}::integer)::timestamp at time zone ${time_zone} as start
      from (select (now() at time zone ${time_zone})::date as today) as local
    ), waiting as (
      -- What is odd, such as a time in the future, counts from the beginning: the last day is the backlog that lists show.
      select greatest(case when t.created_at between start and now()
        then (t.created_at at time zone ${time_zone})::date - first else 0 end, 0) as n, count(*) as titles
      from atp.training as t, span
      where t.reviewed is not true and ${ofType}
      group by 1
    ), events as materialized (
      select e.event_id, e.imdb_id, (e.at at time zone ${time_zone})::date - first as n, ${isDecision} as is_decision,
        e.operation_id,
        greatest(coalesce(lag((e.at at time zone ${time_zone})::date - first) over (partition by e.imdb_id order by e.event_id), 0),
          case when t.created_at between start and now() then (t.created_at at time zone ${time_zone})::date - first
            else 0 end, 0) as after_n,
        ((e.before ->> 'reviewed')::boolean is not true)::integer - (t.reviewed is not true)::integer as difference
      from span
      join console.label_event as e on e.at >= start
      join atp.training as t on t.imdb_id = e.imdb_id and ${ofType}
    ), steps as materialized (
      select after_n as n, sum(difference) as titles from events where difference <> 0 and after_n < n group by after_n
      union all
      select n, -sum(difference) from events where difference <> 0 and after_n < n group by n
      union all
      select n, titles from waiting
    ), decided as (
      select n, count(distinct imdb_id) as labels,
        count(distinct imdb_id) filter (where operation_id is not null) as in_bulk
      from events as e
      where is_decision and not ${isUndone}
      group by n
    )
    select to_char(first + day.n, 'YYYY-MM-DD') as day, coalesce(labels, 0)::integer as labels,
      coalesce(in_bulk, 0)::integer as in_bulk,
      coalesce((select sum(titles) from steps where steps.n <= day.n), 0)::integer as backlog
    from span, generate_series(0, ${days}::integer - 1) as day (n)
    left join decided on decided.n = day.n
    order by day.n
  `.execute(db);
  return rows;
}
