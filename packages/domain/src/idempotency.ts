import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFault, mayBeCommitted } from '@at/db/database-fault';
import type { DB } from '@at/db/schema';
import { timestampFromText } from '@at/db/timestamp';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

// Each write happens once, however often its request is repeated. The row of `console.write` commits with the write, so that
// it exists exactly if the write has happened. If the connection breaks before the reply, the write is simply repeated: it
// finds its row, or happens now.

/** What makes a write this one. */
export type WriteId = {
  actor: string;
  key: string;
  /** The id of the request if the caller chose the key, so that the write may have happened; null: it is the key. */
  requestId: string | null;
  /** Of the request; a request with another one may not use the key. */
  digest: string;
};

/** `repeated`: an earlier request has made the write, and the outcome is the one from then. */
export type Once<T> = { outcome: T; repeated: boolean };

/** The actor has used the key for another request. */
export class KeyReused extends Error {
  override name = 'KeyReused';
}

/** The connection broke before the reply, and the database has been unreachable since: the write may have happened or not. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
}

const always = sql``;

/**
 * Ends the condition for the rows of a write: none if it has happened. The primary key holds for new keys too; this spares a
 * repeated write its locks and its error.
 */
export const andIsFirst = (id: WriteId | undefined): RawBuilder<unknown> =>
  id && id.requestId !== null
    ? sql` and not exists (select from console.write where actor = ${id.actor} and key = ${id.key})`
    : always;

/**
 * Ends the statement of a write: selects from `outcome`, and with an id stores `stored`, a JSON expression over the same
 * row, if `done`.
 */
export function endWith(
  id: WriteId | undefined,
  outcome: RawBuilder<unknown>,
  { done, stored }: { done: RawBuilder<unknown>; stored: RawBuilder<unknown> },
): RawBuilder<unknown> {
  if (!id) return outcome;
  return sql`, outcome as (${outcome}), stored as (
      insert into console.write (actor, key, request_id, digest, outcome)
      select ${id.actor}, ${id.key}, ${id.requestId}, ${id.digest}, ${stored} from outcome where ${done}
    ) select * from outcome`;
}

const isTaken = (error: unknown) => (error as { constraint?: unknown }).constraint === 'write_pkey';

/** Runs a write on a connection. */
type Run = <T>(write: (db: Kysely<DB>) => Promise<T>) => Promise<T>;
/** Runs writes in a transaction. */
type Transact = <T>(write: (trx: Transaction<DB>) => Promise<T>) => Promise<T>;

/**
 * Runs a write of one statement, made with `andIsFirst` and `endWith`. Returns its row, or what was stored if it had happened
 * before; undefined: there is no such row. Throws KeyReused and OutcomeUnknown.
 */
export function writeOnce<T extends object>(
  run: Run,
  id: WriteId,
  write: (db: Kysely<DB>) => Promise<T[]>,
  isDone: (row: T) => boolean,
): Promise<Once<T | undefined>> {
  const attempt = async (db: Kysely<DB>) => {
    const [outcome] = await write(db).catch((error: unknown) => {
      // The same request at the same time was faster.
      if (isTaken(error)) return [];
      throw error;
    });
    if (outcome && isDone(outcome)) return { outcome, repeated: false };
    // Refused, perhaps because it has happened already.
    return (await findOutcome<T>(db, id)) ?? { outcome, repeated: false };
  };
  return untilKnown(() => run(attempt));
}

/**
 * Runs a write of several statements. Its outcome must be JSON; a refusal is thrown and leaves the key free.
 * Throws KeyReused and OutcomeUnknown.
 */
export function transactOnce<T extends object>(
  transact: Transact,
  id: WriteId,
  write: (trx: Transaction<DB>) => Promise<T>,
): Promise<Once<T>> {
  const { actor, key, requestId, digest } = id;
  const attempt = async (trx: Transaction<DB>) => {
    // Waits for the same request if it is in progress.
    const { numAffectedRows } = await sql`
      insert into console.write (actor, key, request_id, digest, outcome)
      values (${actor}, ${key}, ${requestId}, ${digest}, 'null')
      on conflict do nothing
    `.execute(trx);
    const known = numAffectedRows === 0n ? await findOutcome<T>(trx, id) : undefined;
    if (known) return known;
    const outcome = await write(trx);
    await sql`
      update console.write set outcome = ${JSON.stringify(outcome)}::json where actor = ${actor} and key = ${key}
    `.execute(trx);
    return { outcome, repeated: false };
  };
  return untilKnown(() => transact(attempt));
}

/**
 * The outcome of a write that an earlier request has made: for a write that begins outside of the database. Throws KeyReused
 * and OutcomeUnknown.
 */
export async function findEarlier<T extends object>(db: Kysely<DB>, id: WriteId): Promise<Once<T> | undefined> {
  return id.requestId === null ? undefined : untilKnown(() => findOutcome<T>(db, id));
}

async function findOutcome<T extends object>(
  db: Kysely<DB>,
  { actor, key, requestId, digest }: WriteId,
): Promise<Once<T> | undefined> {
  type Found = { outcome: T & { updated_at?: string }; request_id: string | null; digest: string };
  const { rows } = await sql<Found>`
    select outcome, request_id, digest from console.write where actor = ${actor} and key = ${key}
  `.execute(db);
  const [found] = rows;
  if (!found) return undefined;
  if (found.digest !== digest) throw new KeyReused();
  const { outcome } = found;
  // A statement stores the text of PostgreSQL.
  if (outcome.updated_at !== undefined) outcome.updated_at = timestampFromText(outcome.updated_at);
  return { outcome, repeated: found.request_id !== requestId };
}

/** Stores what a write did outside of the database; JSON. */
export async function saveEffects(db: Kysely<DB>, { actor, key }: WriteId, effects: object): Promise<void> {
  await sql`
    update console.write set effects = ${JSON.stringify(effects)}::json where actor = ${actor} and key = ${key}
  `.execute(db);
}

/** What a write did outside of the database; waits a while for a request in progress. undefined: it was interrupted. */
export async function findEffects<E>(db: Kysely<DB>, { actor, key }: WriteId): Promise<E | undefined> {
  for (const end = performance.now() + times.patience; ; ) {
    const { rows } = await sql<{ effects: E | null }>`
      select effects from console.write where actor = ${actor} and key = ${key}
    `.execute(db);
    const effects = rows[0]?.effects;
    if (effects) return effects;
    if (performance.now() >= end) return undefined;
    await sleep(times.pause);
  }
}

/** Milliseconds: how long a write is repeated after a break, or its effects are waited for, and the time between two attempts. */
const times = { patience: 5_000, pause: 100 };

/** Repeats an attempt after a broken connection. */
async function untilKnown<T>(attempt: () => Promise<T>): Promise<T> {
  let end: number | undefined;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (end === undefined) {
        if (!mayBeCommitted(error as Error)) throw error;
        end = performance.now() + times.patience;
        continue;
      }
      if (!databaseFault(error as Error)) throw error;
      if (performance.now() >= end) throw new OutcomeUnknown('The database has not answered since', { cause: error });
      await sleep(times.pause);
    }
  }
}
