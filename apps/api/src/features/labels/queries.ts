import type { FlagValues, Shown, TrainingSession } from '@at/contracts/label';
import type { LabelAction } from '@at/contracts/vocabulary';
import type { AtpMedia, DB } from '@at/db/schema';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Actor } from '#shared/actor.ts';
import type { Trashed } from '#shared/files.ts';
import type { FlagChange, StoredEvent } from './rules.ts';

/** What the person did and saw. */
export type Decision = { decision_ms?: number; shown?: Shown };

type Write = {
  imdbId: string;
  action: LabelAction;
  actor: Actor;
  change: FlagChange;
  decision: Decision;
  /** Write only if the row has one of these versions; undefined: whatever it has. */
  versions: string[] | undefined;
};

export type WriteResult = {
  /** false: the row has none of the versions asked for, and nothing was changed. */
  current: boolean;
  /** null: nothing was different. */
  event_id: number | null;
  updated_at: string;
};

const flagsOf = (alias: string) =>
  sql`jsonb_build_object('label', ${sql.ref(`${alias}.label`)}, 'human_labeled', ${sql.ref(`${alias}.human_labeled`)}, 'anomalous', ${sql.ref(`${alias}.anomalous`)}, 'reviewed', ${sql.ref(`${alias}.reviewed`)})`;

/**
 * Sets flags of a title and writes the event, in one statement: the row is locked first, so that `before` is what the
 * previous writer left. Undefined when there is no such title.
 */
export async function writeFlags(db: Kysely<DB>, write: Write): Promise<WriteResult | undefined> {
  const { label = null, human_labeled = null, anomalous = null, reviewed = null } = write.change;
  const { decision_ms = null, shown = null } = write.decision;
  const { rows } = await sql<WriteResult>`
    with old as (
      select imdb_id, label, human_labeled, anomalous, reviewed, updated_at
      from atp.training where imdb_id = ${write.imdbId} for update
    ), wanted as (
      select imdb_id,
        coalesce(${label}::atp.label_type, label) as label,
        coalesce(${human_labeled}::boolean, human_labeled) as human_labeled,
        coalesce(${anomalous}::boolean, anomalous) as anomalous,
        coalesce(${reviewed}::boolean, reviewed) as reviewed
      from old
      -- As text: a tag that names no time of any calendar is another version, not an error.
      where ${write.versions ?? null}::text[] is null
        or to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') = any(${write.versions ?? null}::text[])
    ), changed as (
      update atp.training t
      set label = w.label, human_labeled = w.human_labeled, anomalous = w.anomalous, reviewed = w.reviewed
      from wanted w, old o
      where t.imdb_id = w.imdb_id and o.imdb_id = w.imdb_id
        and (o.label, o.human_labeled, o.anomalous, o.reviewed) is distinct from (w.label, w.human_labeled, w.anomalous, w.reviewed)
      returning t.updated_at
    ), event as (
      insert into console.label_event (imdb_id, actor, actor_verified, action, before, after, decision_ms, shown)
      select o.imdb_id, ${write.actor.name}, ${write.actor.verified}::boolean, ${write.action}, ${flagsOf('o')}, ${flagsOf('w')},
        ${decision_ms}::integer, ${shown === null ? null : JSON.stringify(shown)}::jsonb
      from old o, wanted w, changed
      returning event_id
    )
    select exists (select from wanted) as current, event.event_id, coalesce(changed.updated_at, old.updated_at) as updated_at
    from old left join changed on true left join event on true
  `.execute(db);
  return rows[0];
}

export type Standing = {
  /** The flags as they are now; the row is locked until the transaction ends. */
  flags: FlagValues;
  updated_at: string;
  current: boolean;
  /** The latest event that is neither an undo nor undone. */
  latest: Pick<StoredEvent, 'event_id' | 'before' | 'after'> | undefined;
};

/**
 * Locks a title and reads what can be undone. Two statements, because the second must see what a writer committed
 * while the first waited for the lock; so it needs a transaction.
 */
export async function lockTitle(
  trx: Kysely<DB>,
  imdbId: string,
  versions: string[] | undefined,
): Promise<Standing | undefined> {
  const title = await trx
    .selectFrom('atp.training')
    .select(['label', 'human_labeled', 'anomalous', 'reviewed', 'updated_at'])
    .where('imdb_id', '=', imdbId)
    .forUpdate()
    .executeTakeFirst();
  if (!title) return undefined;
  const { updated_at, ...flags } = title;
  const latest = await trx
    .selectFrom('console.label_event as e')
    .select(['e.event_id', 'e.before', 'e.after'])
    .where('e.imdb_id', '=', imdbId)
    .where('e.action', '!=', 'undo')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('console.label_event as u').select('u.event_id').whereRef('u.undoes', '=', 'e.event_id'))),
    )
    .orderBy('e.event_id', 'desc')
    .limit(1)
    .$narrowType<{ before: FlagValues; after: FlagValues }>()
    .executeTakeFirst();
  const current = versions === undefined || versions.includes(updated_at);
  return { flags, updated_at, current, latest };
}

/** Puts the flags of `undoes` back and writes the event that says so. The title must be locked. */
export async function restoreFlags(
  trx: Kysely<DB>,
  imdbId: string,
  undoes: Pick<StoredEvent, 'event_id' | 'before' | 'after'>,
  actor: Actor,
  decision: Decision,
): Promise<{ event_id: number; updated_at: string }> {
  const { updated_at } = await trx
    .updateTable('atp.training')
    .set(undoes.before)
    .where('imdb_id', '=', imdbId)
    .returning('updated_at')
    .executeTakeFirstOrThrow();
  const { event_id } = await trx
    .insertInto('console.label_event')
    .values({
      imdb_id: imdbId,
      actor: actor.name,
      actor_verified: actor.verified,
      action: 'undo',
      before: JSON.stringify(undoes.after),
      after: JSON.stringify(undoes.before),
      decision_ms: decision.decision_ms ?? null,
      shown: decision.shown ? JSON.stringify(decision.shown) : null,
      undoes: undoes.event_id,
    })
    .returning('event_id')
    .executeTakeFirstOrThrow();
  return { event_id, updated_at };
}

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
 * undo counts as work, not as a decision; so does the event it takes back.
 */
export async function findSessions(db: Kysely<DB>, limit: number): Promise<TrainingSession[]> {
  const { rows } = await sql<TrainingSession>`
    with marked as (
      select e.actor, e.at, e.decision_ms, e.action = 'undo' as is_undo,
        exists (select from console.label_event u where u.undoes = e.event_id) as is_undone,
        coalesce(e.at - lag(e.at) over by_actor >= interval '30 minutes', true) as begins
      from console.label_event e
      where e.at > now() - interval '90 days'
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

/** What is known of the release of a title. */
export type Release = Pick<
  Selectable<AtpMedia>,
  'hash' | 'media_type' | 'original_link' | 'parent_path' | 'target_path'
>;

/** The newest active media item of a title; undefined when there is none. */
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

/** What went with a would_not_watch. */
export type Removal = { hash: string; links: string[]; trashed: Trashed[]; deleted: string[] };

/**
 * Remembers what went with the event; without one (the label was that already), with the title's latest that can be
 * undone, if there is any.
 */
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

/** What went with an event, latest first; `gone` is whether the media item is active no more. */
export async function findRemovals(db: Kysely<DB>, eventId: number): Promise<(Removal & { gone: boolean })[]> {
  const { rows } = await sql<Removal & { gone: boolean }>`
    select r.hash, r.links, r.trashed, r.deleted,
      not exists (select from atp.media m where m.hash = r.hash and m.deleted_at is null) as gone
    from console.media_removal r where r.event_id = ${eventId}
    order by r.removal_id desc
  `.execute(db);
  return rows;
}
