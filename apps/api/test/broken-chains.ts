import { sql } from 'kysely';
import type { Deps } from '#deps.ts';

/**
 * Finds breaks in the label events of titles and the media events of items: an event whose `before` is not the `after` of the
 * previous one, or a row that differs from the `after` of its last event. Skips rows without events.
 */
export async function findBrokenChains(db: Deps['db']): Promise<string[]> {
  const { rows } = await sql<{ fault: string }>`
    with events as (
      select imdb_id, event_id, before, after,
        lag(after) over by_title as left_by_previous, lead(event_id) over by_title is null as is_last
      from console.label_event
      window by_title as (partition by imdb_id order by event_id)
    ), media_events as (
      select hash, event_id, before, after,
        lag(after) over by_item as left_by_previous, lead(event_id) over by_item is null as is_last
      from console.media_event
      window by_item as (partition by hash order by event_id)
    )
    select format('event %s of %s begins with %s, where the one before ended with %s', event_id, imdb_id, before, left_by_previous) as fault
    from events where before <> left_by_previous
    union all
    select format('%s is %s, where its last event ended with %s', t.imdb_id, flags, after)
    from events e join atp.training t on t.imdb_id = e.imdb_id
    cross join lateral (
      select jsonb_build_object('label', t.label, 'human_labeled', t.human_labeled, 'anomalous', t.anomalous, 'reviewed', t.reviewed)
    ) as present(flags)
    where is_last and flags <> after
    union all
    select format('media event %s of %s begins with %s, where the one before ended with %s', event_id, hash, before, left_by_previous)
    from media_events where before <> left_by_previous
    union all
    select format('%s is %s, where its last event ended with %s', m.hash, m.pipeline_status, after)
    from media_events e join atp.media m on m.hash = e.hash
    where is_last and (m.pipeline_status::text, m.error_status::text, m.rejection_status::text, m.rejection_reason)
      is distinct from (after ->> 'pipeline_status', after ->> 'error_status', after ->> 'rejection_status', after ->> 'rejection_reason')
  `.execute(db);
  return rows.map(({ fault }) => fault);
}
