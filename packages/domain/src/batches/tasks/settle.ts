import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { findAbandoned, hasAbandoned } from '../queries.ts';
import { hasReturned, reopenReturned } from '../rules.ts';
import { takeBack } from '../undo.ts';

/**
 * Undoes batches that no run goes on with, such as one whose run was cancelled after its worker had ended, and has those sorted again of
 * which files came back into their directory.
 */
export const settleBatches = defineTask({
  name: 'files.settle_batches',
  title: 'Undo unfinished batches',
  queue: 'disk',
  params: Type.Object({}),
  exclusive: 'join',
  isDue: async (db) => (await hasAbandoned(db)) || (await hasReturned(db)),
  async run(_parameters, context) {
    const { db, log, signal, checkpoint, finish } = context;
    let done = await checkpoint(reopenReturned);
    for (const id of await findAbandoned(db)) {
      signal.throwIfAborted();
      try {
        await takeBack(context, id, 'Its run has ended before all files were there.');
        done += 1;
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error, batch: id }, `The batch ${id} was not undone. ${(error as Error).message}`);
      }
    }
    await finish({ done });
  },
});
