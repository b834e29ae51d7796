import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { deleteCompleted } from '../writes.ts';

const Parameters = Type.Object({ older_than_days: Type.Integer({ minimum: 0 }) });

/** Rows that one transaction deletes. */
const batch = 500;

/** Removes the rows of completed items by their age; files stay. */
export const cleanUpItems = defineTask<unknown, typeof Parameters>({
  name: 'queue.cleanup',
  title: 'Remove completed items from the queue',
  queue: 'short',
  params: Parameters,
  role: () => 'admin',
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
    await finish({ deleted });
  },
});
