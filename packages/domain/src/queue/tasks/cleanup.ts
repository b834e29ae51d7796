import type { DB } from '@at/db/schema';
import { defineTask } from '@at/runs/task';
import { type Kysely, sql, type Transaction } from 'kysely';
import { Type } from 'typebox';

const Parameters = Type.Object({ older_than_days: Type.Integer({ minimum: 0 }) });

/** Rows that one transaction deletes. */
const batch = 500;

/** Items that have rested as completed for so many days; 0: all of them. */
const isOld = (days: number) => sql`published_at <= now() - make_interval(days => ${days}) and failed_step is null
  and not is_active and move is null`;

export async function countCompleted(db: Kysely<DB>, days: number): Promise<number> {
  const { rows } = await sql<{ items: number }>`
    select count(*)::integer as items from console.queue_item where ${isOld(days)}
  `.execute(db);
  return rows[0]?.items ?? 0;
}

async function deleteCompleted(trx: Transaction<DB>, days: number, atMost: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from console.queue_item where id = any(array(
      select id from console.queue_item where ${isOld(days)} order by id limit ${atMost} for update skip locked
    ))
  `.execute(trx);
  return Number(numAffectedRows);
}

/** Removes the rows of completed items by their age; files stay. */
export const cleanUpItems = defineTask<unknown, typeof Parameters>({
  name: 'queue.cleanup',
  title: 'Remove completed items from the queue',
  queue: 'short',
  params: Parameters,
  retries: [60, 300, 900],
  timeout: 3_600,
  async run({ older_than_days }, { signal, checkpoint, kept, keep, progress, finish }) {
    let { deleted } = (kept ?? { deleted: 0 }) as { deleted: number };
    for (let count = batch; count === batch; ) {
      signal.throwIfAborted();
      count = await checkpoint(async (trx) => {
        const gone = await deleteCompleted(trx, older_than_days, batch);
        await keep(trx, { deleted: deleted + gone });
        return gone;
      });
      deleted += count;
      progress({ done: deleted, unit: 'items' });
    }
    await finish(async () => ({ deleted }));
  },
});
