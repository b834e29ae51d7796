import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Log } from '../log.ts';
import { withCircuitBreaker } from '../media/circuit-breaker.ts';
import { removeTorrent, revertApproval } from '../media/torrents.ts';
import { type Adapters, removeRelease, restoreRelease } from '../titles/releases.ts';
import { type Intent, lockOwner, takeOver, unlockOwner } from './queries.ts';

/** Intents per sweep. */
const batchSize = 100;

/** A number that names this process in intents. */
export const newOwner = () => randomInt(1, 2 ** 31 - 1);

/**
 * Does the intents that ended processes left and those whose time has come: at the start, and with every sweep. One
 * connection holds the lock that says that this process lives.
 */
export class IntentReplayer {
  readonly #db: Kysely<DB>;
  readonly #adapters: Adapters;
  readonly #owner: number;
  readonly #log: Log;
  readonly #interval: number;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isWarned = false;

  constructor(db: Kysely<DB>, adapters: Adapters, owner: number, log: Log, interval: number) {
    this.#db = db;
    this.#adapters = { ...adapters, transmission: withCircuitBreaker(adapters.transmission) };
    this.#owner = owner;
    this.#log = log;
    this.#interval = interval;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Stops after the intent in progress. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#db.connection().execute(async (session) => {
          await lockOwner(session, this.#owner);
          while (!this.#stopping.signal.aborted) {
            await this.#sweep(session);
            this.#isWarned = false;
            await this.#pause();
          }
          await unlockOwner(session, this.#owner);
        });
      } catch (error) {
        // Once until a sweep succeeds: during an outage the same error comes every time.
        if (!this.#isWarned)
          this.#log.warn({ err: error }, 'Looking for unfinished changes of files and torrents failed');
        this.#isWarned = true;
        await this.#pause();
      }
    }
  }

  /** Ends early when the process stops. */
  async #pause(): Promise<void> {
    await setTimeout(this.#interval, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => {});
  }

  async #sweep(session: Kysely<DB>): Promise<void> {
    for (const intent of await takeOver(session, this.#owner, batchSize)) {
      if (this.#stopping.signal.aborted) return;
      const problem = await this.#settle(intent);
      if (problem === undefined) this.#log.info(`Finished the intent ${intent.action} of ${intent.hash}`);
      else this.#log.warn(`The intent ${intent.action} of ${intent.hash}: ${problem}`);
    }
  }

  /** Returns what is left to do, or could not be done. */
  async #settle(intent: Intent): Promise<string | undefined> {
    switch (intent.action) {
      case 'remove_torrent':
        return (await removeTorrent(this.#db, this.#adapters.transmission, intent, this.#log)).warning;
      case 'remove_files': {
        const { imdb_id, hash } = intent;
        return (await removeRelease(this.#db, this.#adapters, imdb_id ?? hash, [intent], this.#log))
          .file_deletion_warning;
      }
      case 'restore_files':
      case 'add_torrent': {
        const { not_restored } = await restoreRelease(this.#db, this.#adapters, [intent], this.#log);
        return not_restored.length > 0 ? not_restored.join(' ') : undefined;
      }
      case 'approve':
        return revertApproval(this.#db, this.#adapters.transmission, intent, this.#log);
    }
  }
}
