import type { FlagValues } from '@at/contracts/labels';
import type { AtpTraining, DB } from '@at/db/schema';
import { type Kysely, sql, type Updateable } from 'kysely';
import type { Actor } from '../actor.ts';
import { latestEvent } from '../latest-event.ts';
import { type Decision, flagsOf } from './writes.ts';

type UndoableEvent = {
  event_id: number;
  before: FlagValues;
  after: FlagValues;
  /** Whether the title still has the flags that the event left. */
  unchanged: boolean;
};

/** A title, locked until the transaction ends, with its event that can be undone. */
export type LockedTitle = {
  updated_at: string;
  current: boolean;
  latest: UndoableEvent | undefined;
};

/**
 * Locks a title and reads the event that can be undone; needs a transaction. Two statements, because the second must see
 * commits that happened while the first waited for the lock.
 */
export async function lockTitle(
  trx: Kysely<DB>,
  imdbId: string,
  versions: string[] | undefined,
): Promise<LockedTitle | undefined> {
  const title = await trx
    .selectFrom('atp.training')
    .select('updated_at')
    .where('imdb_id', '=', imdbId)
    .forUpdate()
    .executeTakeFirst();
  if (!title) return undefined;
  const { rows } = await sql<UndoableEvent>`
    select e.event_id, e.before, e.after, e.after = ${flagsOf('t')} as unchanged
    from console.label_event e join atp.training t on t.imdb_id = e.imdb_id
    where e.event_id = ${latestEvent('title', sql`${imdbId}`)}
  `.execute(trx);
  const { updated_at } = title;
  const current = versions === undefined || versions.includes(updated_at);
  return { updated_at, current, latest: rows[0] };
}

/** Restores the flags from before the event `undoes`, and writes the undo event. The title must be locked. */
export async function restoreFlags(
  trx: Kysely<DB>,
  imdbId: string,
  undoes: Omit<UndoableEvent, 'unchanged'>,
  actor: Actor,
  decision: Decision,
): Promise<{ event_id: number; updated_at: string }> {
  const { updated_at } = await trx
    .updateTable('atp.training')
    .set(undoes.before as Updateable<AtpTraining>)
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
