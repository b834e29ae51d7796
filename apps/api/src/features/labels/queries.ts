import type { FlagValues, Shown, TrainingSession } from '@at/contracts/labels';
import type { LabelAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
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

/**
 * Labelling sessions, newest first: an actor's events of the last 90 days with less than 30 minutes between them. An
 * undo counts as work, not as a decision; so does the event it reverts.
 */
export async function findSessions(db: Kysely<DB>, limit: number): Promise<TrainingSession[]> {
  const { rows } = await sql<TrainingSession>`
    with marked as (
      select e.actor, e.at, e.decision_ms, e.action = 'undo' as is_undo,
        exists (select from console.label_event u where u.undoes = e.event_id) as is_undone,
        coalesce(e.at - lag(e.at) over by_actor >= interval '30 minutes', true) as begins
      from console.label_event e
      -- Bulk operations say nothing about a person's speed.
      where e.at > now() - interval '90 days' and e.operation_id is null
      window by_actor as (partition by e.actor order by e.at, e.event_id)
    ), numbered as (
      select *, count(*) filter (where begins) over (partition by actor order by at rows unbounded preceding) as session
      from marked
    )
    select actor, min(at) as started_at, max(at) as ended_at,
      (count(*) filter (where not is_undo and not is_undone))::integer as decisions,
      (count(*) filter (where is_undone))::integer as undone,
      round((nullif(greatest(count(*) filter (where not is_undo and not is_undone), 1), 1) - 1) * 3600
        / nullif(extract(epoch from max(at) - min(at)), 0)::numeric, 1) as labels_per_hour,
      percentile_cont(0.5) within group (order by decision_ms) filter (where not is_undo) as median_decision_ms
    from numbered
    group by actor, session
    order by started_at desc, actor
    limit ${limit}
  `.execute(db);
  return rows;
}
