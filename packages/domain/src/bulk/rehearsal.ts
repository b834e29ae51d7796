import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { lockItems, type Outcome } from './queries.ts';
import { type Context, stepsOf } from './steps.ts';

/**
 * What an operation would make of its first items now: changes them, with all rules of the database, and takes that back.
 * Empty if that cannot be known, such as while another program has locked one of them. Needs a transaction.
 */
export async function rehearse(trx: Kysely<DB>, context: Context, size: number): Promise<Outcome[]> {
  await sql`savepoint rehearsal`.execute(trx);
  try {
    await sql`set local lock_timeout = '250ms'`.execute(trx);
    const items = await lockItems(trx, context.operation.operation_id, 0, size);
    return items.length > 0 ? await stepsOf(context).write(trx, items) : [];
  } catch (error) {
    context.log.warn({ err: error }, 'The preview of a bulk operation does not say what becomes of its items');
    return [];
  } finally {
    await sql`rollback to savepoint rehearsal`.execute(trx);
  }
}
