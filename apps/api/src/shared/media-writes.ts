import type { MediaState } from '@at/contracts/operation';
import type { MediaAction, PipelineStatus, RejectionStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Actor } from './actor.ts';
import type { Asked } from './asked.ts';

/**
 * Writing media items, one or many: each write is one statement, which locks the items in the order of their hashes,
 * changes those that stand as the caller thinks, and says in `console.media_event` who did what.
 */

/** What a write found and left of one item; an item that is not there is left out. */
export type MediaWrite = {
  hash: string;
  original_link: string | null;
  /** false: the row has none of the versions asked for. */
  current: boolean;
  /** Whether it was written: it was current, active or deleted as the write wants it, and different where that counts. */
  written: boolean;
  before: MediaState;
  /** The same as before where it was not written. */
  after: MediaState;
  /** After the write. */
  updated_at: string;
};

type Write = { asked: Asked[]; actor: Actor; action: MediaAction };

const wire = (time: string) => sql`to_char(${sql.ref(time)}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const columns = ['pipeline_status', 'error_status', 'error_condition', 'rejection_status', 'rejection_reason'] as const;
const stateColumns = (alias: string) => sql.join([...columns, 'deleted_at'].map((name) => sql.ref(`${alias}.${name}`)));

/** What a media event keeps of an item. */
function stateOf(alias: string): RawBuilder<MediaState> {
  const members = columns.flatMap((name) => [sql.lit(name), sql.ref(`${alias}.${name}`)]);
  return sql`jsonb_build_object(${sql.join([...members, sql.lit('deleted_at'), wire(`${alias}.deleted_at`)])})`;
}

/** `old`, the rows locked as the previous writer left them, and `fit`, those of them that may be written. */
function locked(
  asked: Asked[],
  state: 'active' | 'deleted' | 'any',
  differs: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  const wanted = { active: sql`deleted_at is null`, deleted: sql`deleted_at is not null`, any: sql`true` }[state];
  return sql`asked as (
      select hash, version from unnest(${asked.map(({ key }) => key)}::text[], ${asked.map(({ version }) => version)}::text[])
        as asked(hash, version)
    ), found as (
      select m.hash, m.original_link, m.updated_at, ${stateColumns('m')}
      from atp.media m where m.hash = any(${[...new Set(asked.map(({ key }) => key))]}::bpchar[])
      order by m.hash for update
    ), old as (
      select found.*,
        -- As text: a tag that names no time of any calendar is another version, not an error.
        exists (
          select from asked a where a.hash = found.hash and (a.version is null or a.version = ${wire('found.updated_at')})
        ) as current
      from found
    ), fit as (select * from old where current and ${wanted} and ${differs})`;
}

const returned = sql`m.hash, m.updated_at, ${stateColumns('m')}`;

/** The event of every item in which something has changed, and what is answered of all. */
function told({ actor, action }: Omit<Write, 'asked'>): RawBuilder<unknown> {
  return sql`event as (
      insert into console.media_event (hash, actor, actor_verified, action, before, after)
      select fit.hash, ${actor.name}, ${actor.verified}::boolean, ${action}, ${stateOf('fit')}, ${stateOf('changed')}
      from fit join changed on changed.hash = fit.hash
      where (${stateColumns('fit')}) is distinct from (${stateColumns('changed')})
    ) select old.hash, old.original_link, old.current, changed.hash is not null as written, ${stateOf('old')} as before,
      case when changed.hash is null then ${stateOf('old')} else ${stateOf('changed')} end as after,
      coalesce(changed.updated_at, old.updated_at) as updated_at`;
}
const ofAll = sql`from old left join changed on changed.hash = old.hash`;

export type MediaChange = {
  pipeline_status?: PipelineStatus;
  error_status?: boolean;
  rejection_status?: RejectionStatus;
};
/** What the actions set that have a name. */
export const namedChanges = {
  reingest: { pipeline_status: 'ingested', error_status: false, rejection_status: 'unfiltered' },
  approve: { pipeline_status: 'media_accepted', error_status: false, rejection_status: 'accepted' },
  finish: { pipeline_status: 'complete' },
} as const satisfies Partial<Record<MediaAction, MediaChange>>;
type Nullable<T> = { [K in keyof T]: T[K] | null };

/** Changes active items; with `skipSame` those alone that are not so already. */
export async function changeMedia(
  db: Kysely<DB>,
  write: Write & { change: MediaChange; skipSame?: boolean },
): Promise<MediaWrite[]> {
  const { pipeline_status = null, error_status = null, rejection_status = null }: Nullable<MediaChange> = write.change;
  const wanted = (alias: string) => sql`
    coalesce(${pipeline_status}::atp.pipeline_status, ${sql.ref(`${alias}.pipeline_status`)}),
    coalesce(${error_status}::boolean, ${sql.ref(`${alias}.error_status`)}),
    coalesce(${rejection_status}::atp.rejection_status, ${sql.ref(`${alias}.rejection_status`)})`;
  const differs = write.skipSame
    ? sql`(old.pipeline_status, old.error_status, old.rejection_status) is distinct from (${wanted('old')})`
    : undefined;
  const { rows } = await sql<MediaWrite>`
    with ${locked(write.asked, 'active', differs)}, changed as (
      update atp.media m set (pipeline_status, error_status, rejection_status) = row (${wanted('m')})
      from fit where m.hash = fit.hash
      returning ${returned}
    ), ${told(write)} ${ofAll}
  `.execute(db);
  return rows;
}

/** Deletes active items softly and remembers their rejection, which the deletion overwrites. */
export async function softDelete(db: Kysely<DB>, write: Omit<Write, 'action'>): Promise<MediaWrite[]> {
  const { name, verified } = write.actor;
  const { rows } = await sql<MediaWrite>`
    with ${locked(write.asked, 'active')}, changed as (
      update atp.media m set deleted_at = now() from fit where m.hash = fit.hash
      returning ${returned}
    ), remembered as (
      insert into console.media_deletion (hash, deleted_at, rejection_status, rejection_reason, actor, actor_verified)
      select fit.hash, changed.deleted_at, fit.rejection_status, fit.rejection_reason, ${name}, ${verified}::boolean
      from fit join changed on changed.hash = fit.hash
    ), ${told({ ...write, action: 'delete' })} ${ofAll}
  `.execute(db);
  return rows;
}

export type MediaRestored = MediaWrite & {
  /** Whether the rejection from before the deletion was known. */
  remembered: boolean;
};

/** Takes soft deletes back. */
export async function restore(db: Kysely<DB>, write: Omit<Write, 'action'>): Promise<MediaRestored[]> {
  const { rows } = await sql<MediaRestored>`
    with ${locked(write.asked, 'deleted')}, memory as (
      select d.hash, d.rejection_status::atp.rejection_status as rejection_status, d.rejection_reason
      from console.media_deletion d join fit on d.hash = fit.hash and d.deleted_at = fit.deleted_at
    ), changed as (
      update atp.media m
      set deleted_at = null,
        rejection_status = coalesce(memory.rejection_status, m.rejection_status),
        rejection_reason = case when memory.hash is null then m.rejection_reason else memory.rejection_reason end
      from fit left join memory on memory.hash = fit.hash
      where m.hash = fit.hash
      returning ${returned}
    ), ${told({ ...write, action: 'restore' })}, memory.hash is not null as remembered
    ${ofAll} left join memory on memory.hash = old.hash
  `.execute(db);
  return rows;
}
