import type { FlagChange } from '@at/contracts/label-rule';
import type { FlagValues, Shown } from '@at/contracts/labels';
import { flags, type LabelAction } from '@at/contracts/vocabulary';
import { runPrepared } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import type { Actor } from '../actor.ts';
import { andIsFirst, endWith, type WriteId } from '../idempotency.ts';
import { isCurrent, type VersionedKeys, versionedKeys } from '../versioned-keys.ts';

// Writes flags of one or many titles. Each write is one statement that locks the titles in the order of their ids, changes
// the ones in the expected version, and inserts their label events.

/** Details of a person's decision. */
export type Decision = { decision_ms?: number; shown?: Shown };

/** A title before and after a write; unknown titles have none. */
export type FlagWrite = {
  imdb_id: string;
  /** false: the row has no accepted version, nothing was changed. */
  current: boolean;
  /** null: nothing changed. */
  event_id: number | null;
  updated_at: string;
  before: FlagValues;
  /** Equals before if nothing changed. */
  after: FlagValues;
};

// Constant SQL, built once: a fragment of many parts costs as much per write as reading its reply.
const columnsOf = (alias: string) => sql.raw(flags.map((flag) => `${alias}.${flag}`).join(', '));
const inOld = columnsOf('o');
const inWanted = columnsOf('w');
const inTitle = columnsOf('t');

/** The flags in the format of label events. */
export const flagsOf = (alias: string) =>
  sql.raw(`jsonb_build_object(${flags.map((flag) => `'${flag}', ${alias}.${flag}`).join(', ')})`);
const flagsFound = flagsOf('old');
const flagsBefore = flagsOf('o');
const flagsAfter = flagsOf('w');

/** A single key is compared with `=`: for an array PostgreSQL assumes ten elements and plans every time. */
const isTarget = ({ keys }: VersionedKeys) =>
  keys.length === 1 ? sql`t.imdb_id = ${keys[0]}` : sql`t.imdb_id = any(${keys}::text[])`;

/** `old`: the locked titles, and whether they are current; none if the write has happened already. */
const locked = (target: VersionedKeys, id?: WriteId) => sql`old as (
      select t.imdb_id, ${inTitle}, t.updated_at, ${isCurrent(target, 't.imdb_id', 't.updated_at')} as current
      from atp.training t where ${isTarget(target)}${andIsFirst(id)}
      order by t.imdb_id for update
    )`;

/** Sets the flags of rows that differ from `wanted`. */
const changed = sql`changed as (
      update atp.training t
      set label = w.label, human_labeled = w.human_labeled, anomalous = w.anomalous, reviewed = w.reviewed
      from wanted w join old o on o.imdb_id = w.imdb_id
      where t.imdb_id = w.imdb_id and (${inOld}) is distinct from (${inWanted})
      returning t.imdb_id, t.updated_at
    )`;

const outcome = sql`
    select old.imdb_id, old.current, event.event_id, coalesce(changed.updated_at, old.updated_at) as updated_at,
      ${flagsFound} as before, coalesce(event.after, ${flagsFound}) as after
    from old
    left join changed on changed.imdb_id = old.imdb_id
    left join event on event.imdb_id = old.imdb_id`;

/** What a repeated write of one title returns. */
export type FlagsWritten = Pick<FlagWrite, 'current' | 'event_id' | 'updated_at'>;
const kept = {
  done: sql`current`,
  stored: sql`json_build_object('current', true, 'event_id', event_id, 'updated_at', updated_at::text)`,
};

/** Sets flags of titles; `id` is for a single title. */
export async function writeFlags(
  db: Kysely<DB>,
  write: {
    target: VersionedKeys;
    action: LabelAction;
    actor: Actor;
    change: FlagChange;
    decision?: Decision;
    operation?: string;
    id?: WriteId;
  },
): Promise<FlagWrite[]> {
  const { label = null, human_labeled = null, anomalous = null, reviewed = null } = write.change;
  const { decision_ms = null, shown = null } = write.decision ?? {};
  const statement = sql<FlagWrite>`
    with ${locked(write.target, write.id)}, wanted as (
      select imdb_id,
        coalesce(${label}, label) as label,
        coalesce(${human_labeled}::boolean, human_labeled) as human_labeled,
        coalesce(${anomalous}::boolean, anomalous) as anomalous,
        coalesce(${reviewed}::boolean, reviewed) as reviewed
      from old where current
    ), ${changed}, event as (
      insert into console.label_event (imdb_id, actor, actor_verified, action, before, after, decision_ms, shown,
        operation_id)
      select o.imdb_id, ${write.actor.name}, ${write.actor.verified}::boolean, ${write.action}, ${flagsBefore}, ${flagsAfter},
        ${decision_ms}::integer, ${shown === null ? null : JSON.stringify(shown)}::jsonb,
        ${write.operation ?? null}::uuid
      from changed c join old o on o.imdb_id = c.imdb_id join wanted w on w.imdb_id = c.imdb_id
      returning event_id, imdb_id, after
    ) ${endWith(write.id, outcome, kept)}
  `;
  // Planning costs more than writing one title does. For many, the plan depends on how many.
  return write.target.keys.length === 1 ? runPrepared(db, statement) : (await statement.execute(db)).rows;
}

/** A title's version after a label event, and the flags before that event. */
export type FlagUndo = { imdb_id: string; version: string; undoes: number; flags: FlagValues };

/** Restores the flags before an event, for titles that have not changed since. */
export async function undoFlags(
  db: Kysely<DB>,
  { undos, actor, operation }: { undos: FlagUndo[]; actor: Actor; operation: string },
): Promise<FlagWrite[]> {
  const { rows } = await sql<FlagWrite>`
    with ${locked(versionedKeys(undos.map(({ imdb_id, version }) => ({ key: imdb_id, version }))))}, wanted as (
      select u.imdb_id, u.undoes, f.label, f.human_labeled, f.anomalous, f.reviewed
      from jsonb_to_recordset(${JSON.stringify(undos)}::jsonb) as u(imdb_id text, undoes bigint, flags jsonb),
        jsonb_populate_record(null::atp.training, u.flags) as f
      where u.imdb_id in (select old.imdb_id from old where current)
    ), ${changed}, event as (
      insert into console.label_event (imdb_id, actor, actor_verified, action, before, after, undoes, operation_id)
      select o.imdb_id, ${actor.name}, ${actor.verified}::boolean, 'undo', ${flagsBefore}, ${flagsAfter}, w.undoes,
        ${operation}::uuid
      from changed c join old o on o.imdb_id = c.imdb_id join wanted w on w.imdb_id = c.imdb_id
      returning event_id, imdb_id, after
    ) ${outcome}
  `.execute(db);
  return rows;
}
