import type { DB } from '@at/db/schema';
import { isLockTimeout } from '@at/db/writes';
import { type Kysely, sql } from 'kysely';
import { findLocked, lockItems, type Outcome } from './queries.ts';
import { skipped } from './rules.ts';
import { type Context, stepsOf } from './steps.ts';

/**
 * What an operation would make of its first items now: changes them, with all rules of the database, and undoes that.
 * Without the items of which that cannot be known, because another program has locked them. Needs a transaction.
 */
export async function rehearse(trx: Kysely<DB>, context: Context, size: number): Promise<Outcome[]> {
  await sql`savepoint rehearsal`.execute(trx);
  try {
    await sql`set local lock_timeout = '250ms'`.execute(trx);
    const items = await lockItems(trx, context.operation.operation_id, 0, size);
    const locked = await findLocked(trx, context.operation.subject, items);
    const free = items.filter(({ key }) => !locked.has(key));
    if (free.length === 0) return [];
    const { write, refusal } = stepsOf(context);
    const outcomes: Outcome[] = [];
    for (const [index, outcome] of (await write(trx, free)).entries()) {
      const { key } = free[index] as (typeof free)[number];
      const problem = outcome.result === 'done' ? ((await refusal?.(trx, key)) ?? null) : null;
      outcomes.push(problem === null ? outcome : skipped(outcome, 'failed', problem));
    }
    return outcomes;
  } catch (error) {
    const message = 'The preview of a bulk operation does not say what becomes of its items';
    if (isLockTimeout(error)) context.log.warn(`${message}: another session has locked them`);
    else context.log.warn({ err: error }, message);
    return [];
  } finally {
    await sql`rollback to savepoint rehearsal`.execute(trx);
  }
}
