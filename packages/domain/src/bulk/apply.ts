import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '@at/contracts/bulk';
import { databaseFault } from '@at/db/database-fault';
import type { DB } from '@at/db/schema';
import { isLockTimeout } from '@at/db/writes';
import { RunCancelled } from '@at/runs/states';
import type { Kysely } from 'kysely';
import {
  findLocked,
  findOwed,
  findStart,
  lockItems,
  lockRunning,
  type Outcome,
  type Outside,
  type RunItem,
  recordOutcomes,
  settleOwed,
} from './queries.ts';
import { skipped } from './rules.ts';
import type { BulkSteps, Close } from './steps.ts';

/** Items per transaction; events still name every row of a batch of this size. */
const batchSize = 100;
/** Milliseconds. */
const lockRetry = 250;

const lockedProblem =
  'Another session of the database has locked it, so it was not changed. Run the change again for it.';

/** The operation is being cancelled, or gives its place to others: the next batch is not written now. */
class Interrupted extends Error {
  override name = 'Interrupted';
}

/** The item has changed since the preview: its outcome is recorded, and its new torrent is removed. */
class NotWritten extends Error {
  override name = 'NotWritten';
}

/** What one attempt at an operation works with. `session` holds the lock of the operation. */
export type Application = {
  session: Kysely<DB>;
  operation: Pick<Operation, 'operation_id' | 'subject' | 'total' | 'state'>;
  steps: BulkSteps;
  signal: AbortSignal;
  /** Called with the number of items whose outcomes have been recorded. */
  onRecorded: (items: number) => void;
  /** When to give its place to others, as `performance.now()`. */
  until: number;
  /** Milliseconds to wait at the end for rows that another session has locked. */
  lockPatience: number;
};

/** `sparesLocked`: whether to leave out rows that another session has locked; from the first one on. */
type Work = Application & { sparesLocked: boolean };

/** Whether an item is as its change wants it, now or already before. */
const isAccepted = ({ result }: Outcome) => result === 'done' || result === 'unchanged';

/** What became of the next items, and whether some were left out because another session has locked their rows. */
type Written = { outcomes: Outcome[]; isLeft: boolean };

/** Applies an operation to its pending items. Returns whether nothing is left to do; else another attempt goes on. */
export async function applyToItems(application: Application): Promise<boolean> {
  const work = { ...application, sparesLocked: false };
  try {
    await settle(work);
    if (work.operation.state !== 'running') return true;
    const isLeft = await writePending(work, Number.POSITIVE_INFINITY);
    // Rows that another session has locked are tried again at the end; then they fail alone.
    if (isLeft) await writePending(work, performance.now() + work.lockPatience);
    return true;
  } catch (error) {
    if (error instanceof Interrupted) return false;
    throw error;
  }
}

/**
 * Writes the pending items. Returns whether locked rows were left. With a time `until` it waits for them; what is
 * still locked then fails.
 */
async function writePending(work: Work, until: number): Promise<boolean> {
  const { session, operation, steps, signal } = work;
  const isLast = Number.isFinite(until);
  let wasLeft = false;
  /** Remaining items of a refused batch, which are written one by one. */
  let single = 0;
  for (let offset = await findStart(session, operation.operation_id); offset < operation.total; ) {
    // Between batches, let other work use this process and these rows.
    await setImmediate();
    signal.throwIfAborted();
    if (!isLast && performance.now() > work.until) throw new Interrupted();
    const size = steps.addTorrent || single > 0 ? 1 : batchSize;
    single -= 1;
    try {
      const { outcomes, isLeft } = await writeFree(work, offset, size);
      if (outcomes.some(({ owed }) => owed)) await settle(work);
      if (isLeft && isLast && performance.now() < until) {
        await sleep(lockRetry, undefined, { signal });
        continue;
      }
      if (isLeft && isLast) await fail(work, offset, size, lockedProblem);
      wasLeft ||= isLeft;
      offset += size;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (size > 1) {
        single = size;
        continue;
      }
      await fail(work, offset, size, `The database refused the change (${(error as { code: string }).code}).`);
      offset += size;
    }
  }
  return wasLeft;
}

/** Writes the next items whose rows no other session has locked. */
async function writeFree(work: Work, offset: number, size: number): Promise<Written> {
  const { addTorrent } = work.steps;
  const tryIt = () => (addTorrent ? addTorrentAndWrite(work, addTorrent, offset) : write(work, offset, size));
  try {
    return await tryIt();
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
  }
  work.sparesLocked = true;
  try {
    return await tryIt();
  } catch (error) {
    // More than rows are locked: the table, or the operation.
    if (!isLockTimeout(error)) throw error;
    return { outcomes: [], isLeft: true };
  }
}

/** Changes the next items and records the outcomes, in one transaction. Throws Interrupted. */
async function write(
  work: Work,
  offset: number,
  size: number,
  outside: Outside | null = null,
  close?: Close,
): Promise<Written> {
  let isLeft = false;
  const outcomes = await inTransaction(work, offset, size, async (trx, items) => {
    const locked = work.sparesLocked ? await findLocked(trx, work.operation.subject, items) : new Set();
    isLeft = locked.size > 0;
    const free = items.filter(({ key }) => !locked.has(key)).map((item) => (outside ? { ...item, outside } : item));
    const written = free.length > 0 ? await work.steps.write(trx, free) : [];
    if (written.some(isAccepted)) await close?.(trx);
    return outside?.added ? written.map((outcome) => ({ ...outcome, outside })) : written;
  });
  return { outcomes, isLeft };
}

async function fail(work: Work, offset: number, size: number, problem: string): Promise<void> {
  await inTransaction(work, offset, size, async (_, items) => items.map((item) => skipped(item, 'failed', problem)));
}

async function inTransaction(
  { session, operation: { operation_id: id }, onRecorded }: Work,
  offset: number,
  size: number,
  change: (trx: Kysely<DB>, items: RunItem[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const outcomes = await session.transaction().execute(async (trx) => {
    if (!(await lockRunning(trx, id))) throw new Interrupted();
    const items = await lockItems(trx, id, offset, size);
    if (items.length === 0) return [];
    const changed = await change(trx, items);
    await recordOutcomes(trx, id, changed);
    return changed;
  });
  onRecorded(outcomes.length);
  return outcomes;
}

/** Writes the next item once Transmission has its torrent; no transaction is open during the call. */
async function addTorrentAndWrite(
  work: Work,
  addTorrent: NonNullable<BulkSteps['addTorrent']>,
  offset: number,
): Promise<Written> {
  const { session, operation, signal } = work;
  const [item] = await lockItems(session, operation.operation_id, offset, 1);
  if (!item) return { outcomes: [], isLeft: false };
  // Before the call: the torrent would be added in vain.
  if ((await findLocked(session, operation.subject, [item])).size > 0) return { outcomes: [], isLeft: true };
  let outcomes: Outcome[] = [];
  try {
    const problem = await addTorrent(session, item, async (outside, close) => {
      signal.throwIfAborted();
      ({ outcomes } = await write(work, offset, 1, outside, close));
      if (!outcomes[0] || !isAccepted(outcomes[0])) throw new NotWritten();
    });
    if (problem !== null) await fail(work, offset, 1, problem);
  } catch (error) {
    if (!(error instanceof NotWritten)) throw error;
  }
  return { outcomes, isLeft: false };
}

/** Runs the side effects of written items, one by one. */
async function settle({ session, operation: { operation_id: id }, steps, signal }: Work): Promise<void> {
  for (;;) {
    const owed = await findOwed(session, id, batchSize);
    if (owed.length === 0) return;
    for (const item of owed) {
      // What a cancelled run has written, it finishes.
      if (!(signal.reason instanceof RunCancelled)) signal.throwIfAborted();
      await settleOwed(session, id, { position: item.position, ...(await steps.afterWrite(session, item)) });
    }
  }
}

/** Whether the database rejects this change permanently; any other error is retried. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !databaseFault(error as Error);
}
