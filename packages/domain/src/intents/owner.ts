import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DB } from '@at/db/schema';
import { every } from '@at/runs/every';
import type { Kysely } from 'kysely';
import type { Log } from '../log.ts';
import { lockOwner, unlockOwner } from './queries.ts';

/** A number that names this process in intents. */
export const newOwner = () => randomInt(1, 2 ** 31 - 1);

/**
 * Holds, on a connection of its own, the lock that says that this process lives, so that no worker takes over what a request is
 * doing. `interval`: milliseconds until a lost connection is noticed and replaced. Returns what ends it.
 */
export function holdOwner(db: Kysely<DB>, owner: number, log: Log, interval: number): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const hold = () =>
    db.connection().execute(async (session) => {
      while (!signal.aborted) {
        // Again and again: a broken connection has lost its lock, and says so only when it is used.
        await lockOwner(session, owner);
        await sleep(interval, undefined, { ref: false, signal }).catch(() => {});
      }
      await unlockOwner(session);
    });
  const held = every(interval, signal, hold, (error) =>
    log.warn({ err: error }, 'Marking the intents of this process as its own failed and will be retried'),
  );
  return async () => {
    stopping.abort();
    await held;
  };
}
