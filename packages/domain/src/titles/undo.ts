import type { FlagValues } from '@at/contracts/labels';
import type { AtpTraining, DB } from '@at/db/schema';
import type { Kysely, Updateable } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Decision } from './writes.ts';

type UndoableEvent = { event_id: number; before: FlagValues; after: FlagValues };

export type LockedTitle = {
  /** The current flags; the row is locked until the transaction ends. */
  flags: FlagValues;
  updated_at: string;
  current: boolean;
  /** The latest event that is neither an undo nor undone. */
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

/** Restores the flags from before the event `undoes`, and writes the undo event. The title must be locked. */
export async function restoreFlags(
  trx: Kysely<DB>,
  imdbId: string,
  undoes: UndoableEvent,
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
