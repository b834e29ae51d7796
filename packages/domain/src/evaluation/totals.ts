import type { DB } from '@at/db/schema';
import type { Kysely, Transaction } from 'kysely';
import {
  addChanges,
  clearTotals,
  countLostChanges,
  countNext,
  everything,
  lockTotals,
  noteLostChanges,
  readTotalsState,
} from './writes.ts';

/** `ready`: the totals are those of the transaction's snapshot. `behind`: another transaction brings them closer. */
type Progress = 'ready' | 'behind' | 'unavailable';

/** Milliseconds between two additions of changes that no reader has asked for. */
const interval = 60_000;

/** The totals of the evaluation: brought up to date by each reader, one at a time in a process. */
export class EvaluationTotals {
  readonly #db: Kysely<DB>;
  readonly #warn: (message: string) => void;
  #queue: Promise<unknown> = Promise.resolve();
  #catchingUp: Promise<void> | undefined;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Kysely<DB>, warn: (message: string) => void) {
    this.#db = db;
    this.#warn = warn;
  }

  start(): void {
    this.#timer = setInterval(() => void this.read(async () => null), interval).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await Promise.all([this.#queue, this.#catchingUp]);
  }

  /**
   * What `use` reads from totals that are exact for the transaction that it gets; null: there are none, or too much has
   * changed to wait for them.
   */
  async read<T>(use: (trx: Transaction<DB>) => Promise<T>): Promise<T | null> {
    const reading = this.#queue.then(async () => {
      if (this.#catchingUp || this.#isStopped) return null;
      const { progress, value } = await this.#advance(use);
      if (progress === 'behind') this.#catchingUp = this.#catchUp();
      return value;
    });
    this.#queue = reading.catch(() => {});
    return await reading.catch((error: Error) => {
      this.#warn(`Totals of the evaluation cannot be used, so every title is read instead: ${error.message}`);
      return null;
    });
  }

  async #catchUp(): Promise<void> {
    try {
      while (!this.#isStopped && (await this.#advance(async () => null)).progress === 'behind');
    } catch (error) {
      this.#warn(`Totals of the evaluation will be counted at the next request: ${(error as Error).message}`);
    } finally {
      this.#catchingUp = undefined;
    }
  }

  async #advance<T>(use: (trx: Transaction<DB>) => Promise<T>): Promise<{ progress: Progress; value: T | null }> {
    const lost = await countLostChanges(this.#db);
    return await this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        const progress = await advance(trx, lost);
        return { progress, value: progress === 'ready' ? await use(trx) : null };
      });
  }
}

/** One step of a transaction's length. `lost`: of `countLostChanges`, from before the transaction. */
async function advance(trx: Transaction<DB>, lost: number): Promise<Progress> {
  await lockTotals(trx);
  const { current, fingerprint, ...state } = await readTotalsState(trx);
  if (current === null) return 'unavailable';
  if (state.lost !== lost) {
    await noteLostChanges(trx, lost);
    return 'unavailable';
  }
  if (state.is_unsure) return 'unavailable';

  let hasMore = false;
  let isUseless = fingerprint !== current || state.is_overrun;
  if (!isUseless) {
    const added = await addChanges(trx, state.counted_to);
    hasMore = added.has_more;
    isUseless = added.is_inconsistent;
  }
  if (isUseless) {
    await clearTotals(trx, current);
    hasMore = false;
  }
  let countedTo = isUseless ? -1 : state.counted_to;
  if (countedTo < everything) countedTo = await countNext(trx, countedTo);
  return countedTo === everything && !hasMore ? 'ready' : 'behind';
}
