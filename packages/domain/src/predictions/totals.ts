import type { DB } from '@at/db/schema';
import type { Kysely, Transaction } from 'kysely';
import { readTotalsState, type TotalsState } from './queries.ts';
import { everything } from './rules.ts';
import { addChanges, countNext, forgetSome, lockTitles, lockTotals, noteLostChanges } from './writes.ts';

/** Milliseconds between two additions of changes that no reader requested. */
const interval = 60_000;

/** Milliseconds that a reader waits until totals are exact; from then on every title is read instead. */
const patience = 2_000;

/** Times that a reader looks whether totals are exact; new changes may come each time. */
const looks = 3;

/** Rows of changes that a reader waits for. */
const few = 200;

/** The totals of the evaluation: counted and kept up to date in the background, and read in the snapshot of a reader. */
export class EvaluationTotals {
  readonly #db: Kysely<DB>;
  readonly #warn: (message: string) => void;
  readonly #wait: number;
  #work: Promise<void> | undefined;
  #hasFailed = false;
  #hasWarned = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  /** `warn` is called once until totals have been read again. `wait`: milliseconds until exact totals come too late. */
  constructor(db: Kysely<DB>, warn: (message: string) => void, wait = patience) {
    this.#db = db;
    this.#warn = warn;
    this.#wait = wait;
  }

  start(): void {
    const work = () => {
      this.#hasFailed = false;
      void this.catchUp();
    };
    this.#timer = setInterval(work, interval).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#work;
  }

  /**
   * What `use` reads in its transaction, in whose snapshot the totals are exact. Null if they are not exact within two
   * seconds, or after any error, also one of `use`; then read every title.
   */
  async read<T>(use: (trx: Transaction<DB>) => Promise<T>): Promise<T | null> {
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), this.#wait);
    /** Called when `use` begins: from then on every title would take longer. Returns false if it is too late. */
    let isLate = false;
    void late.promise.then(() => {
      isLate = true;
    });
    const begin = () => {
      clearTimeout(timer);
      return !isLate && !this.#isStopped;
    };
    const reading = this.#read(use, begin).catch((error: Error) => {
      this.#report(error);
      return null;
    });
    const value = await Promise.race([reading, late.promise]);
    clearTimeout(timer);
    return value;
  }

  /** Works until totals are exact, or cannot become exact for now. Never rejects. */
  catchUp(): Promise<void> {
    this.#work ??= this.#catchUp().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  async #read<T>(use: (trx: Transaction<DB>) => Promise<T>, begin: () => boolean): Promise<T | null> {
    for (let look = 1; look <= looks && !this.#isStopped; look += 1) {
      const { state, value } = await this.#look(use, begin);
      if (progressOf(state) === 'exact') {
        this.#hasWarned = false;
        return value;
      }
      if (this.#hasFailed) return null;
      const done = this.catchUp();
      if (progressOf(state) === 'counting' || state.waiting > few) return null;
      await done;
    }
    // Others write all the time: read in the transaction that adds their changes.
    return await this.#inTransaction(async (trx) =>
      (await advance(trx)) === 'exact' && begin() ? await use(trx) : null,
    );
  }

  /** Writes nothing, so that no event waits for this transaction. */
  #look<T>(use: (trx: Transaction<DB>) => Promise<T>, begin: () => boolean) {
    return this.#inTransaction(async (trx) => {
      await lockTitles(trx);
      const state = await readTotalsState(trx);
      return { state, value: progressOf(state) === 'exact' && begin() ? await use(trx) : null };
    });
  }

  async #catchUp(): Promise<void> {
    try {
      // Between two of these transactions the events that waited for the first are sent.
      while (!this.#isStopped && (await this.#inTransaction(advance)) === 'more');
    } catch (error) {
      // Another process does the work, or the table is being altered.
      this.#hasFailed = (error as { code?: string }).code !== lockNotAvailable;
      this.#report(error as Error);
    }
  }

  #inTransaction<T>(run: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
    return this.#db.transaction().setIsolationLevel('repeatable read').execute(run);
  }

  #report(error: Error & { code?: string }): void {
    if (error.code === lockNotAvailable || this.#hasWarned || this.#isStopped) return;
    this.#hasWarned = true;
    this.#warn(`Totals of the evaluation cannot be used, so every title is read instead: ${error.message}`);
  }
}

/** SQLSTATE of a lock that another session holds for longer than the limit. */
const lockNotAvailable = '55P03';

/** `exact`: in the snapshot of the state; `changed`: all but the changes that wait; `counting`: not yet, or not possible. */
function progressOf(state: TotalsState): 'exact' | 'changed' | 'counting' {
  if (!isFollowed(state) || state.counted_to < everything) return 'counting';
  return state.waiting === 0 ? 'exact' : 'changed';
}

/** Whether the totals and the changes that wait are what was counted. */
const isFollowed = ({ current, fingerprint, lost, accounted, is_unsure, is_overrun }: TotalsState): boolean =>
  current !== null && fingerprint === current && lost === accounted && !is_unsure && !is_overrun;

/** One step of a transaction's length. `none`: nothing to do for now, although totals are not exact. */
async function advance(trx: Transaction<DB>): Promise<'exact' | 'more' | 'none'> {
  await lockTotals(trx);
  const state = await readTotalsState(trx);
  if (state.lost !== state.accounted) {
    await noteLostChanges(trx, state.lost);
    return 'more';
  }
  let isUseless = !isFollowed(state);
  if (!isUseless && state.waiting > 0) {
    const added = await addChanges(trx, state.counted_to);
    if (added.has_more && !added.is_inconsistent) return 'more';
    isUseless = added.is_inconsistent;
  }
  if (isUseless) {
    // Also where totals cannot be used: the triggers that are left continue to write.
    if (await forgetSome(trx, state.is_unsure ? null : state.current)) return 'more';
    return state.current === null || state.is_unsure ? 'none' : 'more';
  }
  return state.counted_to === everything || (await countNext(trx, state.counted_to)) === everything ? 'exact' : 'more';
}
