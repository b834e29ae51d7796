import type { MediaState } from '@at/contracts/media';
import type { MediaAction, PipelineStatus, RejectionStatus, WordOf } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { timestampText } from '@at/db/timestamp';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Actor } from '../actor.ts';
import { andIsFirst, endWith, type WriteId } from '../idempotency.ts';
import type { Intent } from '../intents/queries.ts';
import { isCurrent, type VersionedKeys } from '../versioned-keys.ts';
import { withdrawTorrentRemovals } from './queries.ts';

// Writes one or many media items. Each write is one statement that locks the items in the order of their hashes, changes
// the ones in the expected version, and inserts rows into `console.media_event`.

/** An item before and after a write; unknown items have none. */
export type MediaWrite = {
  hash: string;
  original_link: string | null;
  /** false: the row has no accepted version. */
  current: boolean;
  /** Whether it was written: it was current, active or deleted as required, and different if `skipSame`. */
  written: boolean;
  before: MediaState;
  /** Equals before if it was not written. */
  after: MediaState;
  /** After the write. */
  updated_at: string;
  /** The media event; null: nothing changed. */
  event_id: number | null;
  /** The removal of its torrent, which is still to be done; null: there is none. */
  removal: Intent<'remove_torrent'> | null;
};

type Write = {
  target: VersionedKeys;
  actor: Actor;
  action: MediaAction;
  /** The bulk operation of the write. */
  operation?: string;
  /** Its torrent is to be removed from Transmission, by the process `owner`. */
  removal?: TorrentRemoval | undefined;
  /** The torrent that was added to Transmission for it; for a single item. */
  added?: string | undefined;
  /** For a single item. */
  id?: WriteId;
};
export type TorrentRemoval = { with_data: boolean; owner: number };

const columns = ['pipeline_status', 'error_status', 'error_condition', 'rejection_status', 'rejection_reason'];
// Raw SQL from constants, so that statements have few parts: each costs time per write.
const stateColumns = (alias: string) =>
  sql.raw([...columns, 'deleted_at'].map((name) => `${alias}.${name}`).join(', '));

/** An item's state in the format of media events. */
export function stateOf(alias: string): RawBuilder<MediaState> {
  const members = columns.map((name) => `'${name}', ${alias}.${name}`);
  return sql.raw(`jsonb_build_object(${members.join(', ')}, 'deleted_at', ${timestampText(`${alias}.deleted_at`)})`);
}

/** `old`: the locked rows, none if the write has happened already; `fit`: the ones to write. */
function locked(
  { target, id }: Pick<Write, 'target' | 'id'>,
  state: 'active' | 'deleted',
  differs: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  const wanted = sql.raw(state === 'active' ? 'is null' : 'is not null');
  return sql`old as (
      select m.hash, m.original_link, m.updated_at, ${stateColumns('m')}, ${isCurrent(target, 'm.hash', 'm.updated_at')} as current
      from atp.media m where m.hash = any(${target.keys}::bpchar[])${andIsFirst(id)}
      order by m.hash for update
    ), fit as (select * from old where current and deleted_at ${wanted} and ${differs})`;
}

const returned = sql`m.hash, m.updated_at, ${stateColumns('m')}`;

/** When an item last changed: `updated_at`, or if that was an undo, the time from before the undone change. */
const lastChange = sql`coalesce((
        select e.since from console.media_event u join console.media_event e on e.event_id = u.undoes
        where u.hash = fit.hash and u.at = fit.updated_at limit 1
      ), fit.updated_at)`;

/** Inserts the events of changed items, and the removals of their torrents. */
function event({ actor, action, operation, removal, added }: Write): RawBuilder<unknown> {
  const intended = removal
    ? sql`insert into console.intent (action, hash, operation_id, owner, plan)
      select 'remove_torrent', fit.hash, ${operation ?? null}::uuid, ${removal.owner}::integer,
        jsonb_build_object('link', fit.original_link, 'with_data', ${removal.with_data}::boolean, 'media_event', event.event_id)
      from fit join changed on changed.hash = fit.hash left join event on event.hash = fit.hash order by fit.hash
      returning intent_id, action, imdb_id, hash, event_id, plan, 0 as age`
    : sql.raw('select null::bpchar as hash where false');
  return sql`event as (
      insert into console.media_event (hash, actor, actor_verified, action, before, after, operation_id, since, added)
      select fit.hash, ${actor.name}, ${actor.verified}::boolean, ${action}, ${stateOf('fit')}, ${stateOf('changed')},
        ${operation ?? null}::uuid, ${lastChange}, ${added ?? null}
      from fit join changed on changed.hash = fit.hash
      where (${stateColumns('fit')}) is distinct from (${stateColumns('changed')})
      returning hash, event_id, after
    ), intended as (${intended})`;
}

const outcome = sql`select old.hash, old.original_link, old.current, changed.hash is not null as written,
      ${stateOf('old')} as before, coalesce(event.after, ${stateOf('old')}) as after,
      coalesce(changed.updated_at, old.updated_at) as updated_at, event.event_id, to_jsonb(intended) as removal`;
const ofAll = sql`from old left join changed on changed.hash = old.hash left join event on event.hash = old.hash
  left join intended on intended.hash = old.hash`;

/** What a repeated write of one item returns; `remembered` is an SQL expression. */
const kept = (remembered = 'null') => ({
  done: sql`written`,
  stored: sql.raw(`json_build_object('hash', hash, 'original_link', original_link, 'current', true, 'written', true,
        'before', before, 'after', after, 'updated_at', updated_at::text, 'event_id', event_id, 'removal', removal,
        'remembered', ${remembered})`),
});

export type MediaChange = {
  pipeline_status?: WordOf<PipelineStatus>;
  error_status?: boolean;
  rejection_status?: WordOf<RejectionStatus>;
};
/** The changes of named actions. */
export const namedChanges = {
  reingest: { pipeline_status: 'ingested', error_status: false, rejection_status: 'unfiltered' },
  approve: { pipeline_status: 'media_accepted', error_status: false, rejection_status: 'accepted' },
  finish: { pipeline_status: 'complete' },
} as const satisfies Partial<Record<MediaAction, MediaChange>>;
/** The action that sets statuses: all three of a re-ingest are one, by whichever endpoint. */
export const statusAction = (change: MediaChange): 'reingest' | 'pipeline' =>
  (['pipeline_status', 'error_status', 'rejection_status'] as const).every(
    (name) => change[name] === namedChanges.reingest[name],
  )
    ? 'reingest'
    : 'pipeline';
type Nullable<T> = { [K in keyof T]: T[K] | null };

/**
 * Changes active items; `skipSame` skips items that already have the values. With `keepSame` such an item counts as written,
 * and its torrent is removed, but its row stays as it is.
 */
export async function changeMedia(
  db: Kysely<DB>,
  write: Write & { change: MediaChange; skipSame?: boolean; keepSame?: boolean },
): Promise<MediaWrite[]> {
  const { pipeline_status = null, error_status = null, rejection_status = null }: Nullable<MediaChange> = write.change;
  const wanted = (alias: string) => sql`
    coalesce(${pipeline_status}, ${sql.ref(`${alias}.pipeline_status`)}),
    coalesce(${error_status}::boolean, ${sql.ref(`${alias}.error_status`)}),
    coalesce(${rejection_status}, ${sql.ref(`${alias}.rejection_status`)})`;
  const differs = (alias: string) => sql`(${sql.ref(`${alias}.pipeline_status`)}, ${sql.ref(`${alias}.error_status`)},
    ${sql.ref(`${alias}.rejection_status`)}) is distinct from (${wanted(alias)})`;
  const same = write.keepSame
    ? sql`union all select fit.hash, fit.updated_at, ${stateColumns('fit')} from fit where not ${differs('fit')}`
    : sql``;
  const { rows } = await sql<MediaWrite>`
    with ${locked(write, 'active', write.skipSame ? differs('old') : undefined)}, updated as (
      update atp.media m set (pipeline_status, error_status, rejection_status) = row (${wanted('m')})
      from fit where m.hash = fit.hash and ${write.keepSame ? differs('fit') : sql`true`}
      returning ${returned}
    ), changed as (select * from updated ${same}), ${event(write)} ${endWith(write.id, sql`${outcome} ${ofAll}`, kept())}
  `.execute(db);
  return rows;
}

/** Soft-deletes active items and stores their rejection, which the deletion overwrites. */
export async function softDelete(db: Kysely<DB>, write: Omit<Write, 'action'>): Promise<MediaWrite[]> {
  const { name, verified } = write.actor;
  const { rows } = await sql<MediaWrite>`
    with ${locked(write, 'active')}, changed as (
      update atp.media m set deleted_at = now() from fit where m.hash = fit.hash
      returning ${returned}
    ), remembered as (
      insert into console.media_deletion (hash, deleted_at, rejection_status, rejection_reason, actor, actor_verified)
      select fit.hash, changed.deleted_at, fit.rejection_status, fit.rejection_reason, ${name}, ${verified}::boolean
      from fit join changed on changed.hash = fit.hash
    ), ${event({ ...write, action: 'delete' })} ${endWith(write.id, sql`${outcome} ${ofAll}`, kept())}
  `.execute(db);
  return rows;
}

export type MediaRestored = MediaWrite & {
  /** Whether the rejection before the deletion was stored. */
  remembered: boolean;
};

/** Restores soft-deleted items. Torrents that were not removed yet stay. */
export async function restore(db: Kysely<DB>, write: Omit<Write, 'action'>): Promise<MediaRestored[]> {
  const restored = sql`${outcome}, memory.hash is not null as remembered
    ${ofAll} left join memory on memory.hash = old.hash`;
  const { rows } = await sql<MediaRestored>`
    with ${locked(write, 'deleted')}, memory as (
      select d.hash, d.rejection_reason, (jsonb_populate_record(null::atp.media,
        jsonb_build_object('rejection_status', d.rejection_status))).rejection_status
      from console.media_deletion d join fit on d.hash = fit.hash and d.deleted_at = fit.deleted_at
    ), changed as (
      update atp.media m
      set deleted_at = null,
        rejection_status = coalesce(memory.rejection_status, m.rejection_status),
        rejection_reason = case when memory.hash is null then m.rejection_reason else memory.rejection_reason end
      from fit left join memory on memory.hash = fit.hash
      where m.hash = fit.hash
      returning ${returned}
    ), withdrawn as (
      delete from console.intent i using fit
      where i.hash = fit.hash and i.action = 'remove_torrent' and i.done_at is null
    ), ${event({ ...write, action: 'restore' })} ${endWith(write.id, restored, kept('remembered'))}
  `.execute(db);
  return rows;
}

/** An item's version after an event, and the state from before it. */
export type MediaUndo = { hash: string; version: string; undoes: number | null; state: MediaState };

/**
 * Restores the exact state of items that have not changed since; needs a transaction. Triggers of the table may override
 * the state (moving to ingested clears a rejection), but only when values change, so a second pass sets it again.
 */
export async function restoreState(
  trx: Kysely<DB>,
  { undos, actor, operation }: { undos: MediaUndo[]; actor: Actor; operation?: string },
): Promise<Omit<MediaWrite, 'original_link' | 'removal'>[]> {
  const target = sql`jsonb_to_recordset(${JSON.stringify(undos)}::jsonb) as u(hash bpchar, version text, undoes bigint, state jsonb)`;
  const wanted = sql`jsonb_populate_record(null::atp.media, u.state) as s`;
  const { rows: found } = await sql<{ hash: string; current: boolean; before: MediaState }>`
    with found as (
      select m.* from atp.media m where m.hash = any(${undos.map(({ hash }) => hash)}::bpchar[]) order by m.hash for update
    )
    select found.hash, ${sql.raw(timestampText('found.updated_at'))} = u.version as current, ${stateOf('found')} as before
    from found join ${target} on u.hash = found.hash
  `.execute(trx);
  const current = found.filter((row) => row.current).map(({ hash }) => hash);
  for (let pass = 0; pass < 2; pass += 1) {
    await sql`
      update atp.media m
      set (pipeline_status, error_status, error_condition, rejection_status, rejection_reason, deleted_at) =
        row (${stateColumns('s')})
      from ${target}, ${wanted}
      where m.hash = u.hash and m.hash = any(${current}::bpchar[]) and (${stateColumns('m')}) is distinct from (${stateColumns('s')})
    `.execute(trx);
  }
  await withdrawTorrentRemovals(trx, current);
  const before = JSON.stringify(found.map(({ hash, before: state }) => ({ hash, state })));
  type Restored = { hash: string; after: MediaState; updated_at: string; event_id: number | null };
  const { rows: restored } = await sql<Restored>`
    with was as (select * from jsonb_to_recordset(${before}::jsonb) as was(hash bpchar, state jsonb)), event as (
      insert into console.media_event (hash, actor, actor_verified, action, before, after, operation_id, undoes)
      select m.hash, ${actor.name}, ${actor.verified}::boolean, 'undo', was.state, ${stateOf('m')},
        ${operation ?? null}::uuid, u.undoes
      from atp.media m join was on was.hash = m.hash join ${target} on u.hash = m.hash
      where m.hash = any(${current}::bpchar[]) and was.state <> ${stateOf('m')}
      returning hash, event_id
    )
    select m.hash, ${stateOf('m')} as after, m.updated_at, event.event_id
    from atp.media m join was on was.hash = m.hash left join event on event.hash = m.hash
  `.execute(trx);
  const byHash = new Map(restored.map((row) => [row.hash, row]));
  // The rows are locked, so all found rows still exist.
  return found.map((row) => {
    const after = byHash.get(row.hash) as Restored;
    return { ...row, ...after, written: after.event_id !== null };
  });
}
