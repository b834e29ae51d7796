import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { DB } from './schema.ts';

/** The SQLSTATE of a lock that did not become free in time. */
const lockNotAvailable = '55P03';

export function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === lockNotAvailable;
}

/** Another session has locked what a write needs, and kept it. */
export class RowLocked extends Error {
  override name = 'RowLocked';
  readonly code = lockNotAvailable;
  constructor(what: string, cause: unknown) {
    super(`Another session of the database has locked ${what}. Nothing was changed; try again.`, { cause });
  }
}

/** Milliseconds: a write that waits longer for a lock frees its connection and tries again. */
export const lockTimeout = 20;
/** Milliseconds between two tries, growing. */
const pauses = { first: 10, longest: 100 };

/**
 * Runs writes on connections of their own. A write whose row another session has locked does not keep a connection while
 * it waits, so that locked rows do not delay writes to others.
 */
export class Writes {
  readonly db: Kysely<DB>;
  readonly patience: number;
  readonly #maximum: number;
  /** Writes that try again; more than half of the connections would delay writes to rows that are free. */
  #retrying = 0;

  /** `db` has `connections` connections with the lock timeout of this module; `patience`: milliseconds that a write may wait for locks. */
  constructor(db: Kysely<DB>, connections: number, patience: number) {
    this.db = db;
    this.#maximum = Math.max(1, Math.floor(connections / 2));
    this.patience = patience;
  }

  /** Runs one statement, again while its rows are locked; throws RowLocked, which names `what`. */
  async run<T>(what: string, write: (db: Kysely<DB>) => Promise<T>): Promise<T> {
    try {
      return await write(this.db);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      return this.#retry(what, write, error);
    }
  }

  async transaction<T>(what: string, write: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
    return this.run(what, (db) => db.transaction().execute(write));
  }

  async #retry<T>(what: string, write: (db: Kysely<DB>) => Promise<T>, cause: unknown): Promise<T> {
    const until = performance.now() + this.patience;
    for (let pause = pauses.first; ; pause = Math.min(2 * pause, pauses.longest)) {
      const left = until - performance.now();
      if (left <= 0) throw new RowLocked(what, cause);
      await sleep(Math.min(pause, left));
      if (this.#retrying >= this.#maximum) continue;
      this.#retrying += 1;
      try {
        return await write(this.db);
      } catch (error) {
        if (!isLockTimeout(error)) throw error;
      } finally {
        this.#retrying -= 1;
      }
    }
  }
}
