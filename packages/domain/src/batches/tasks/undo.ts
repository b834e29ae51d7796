import { defineTask, FinalFailure, type TaskContext } from '@at/runs/task';
import { Type } from 'typebox';
import { whileUsable } from '../../files/usable.ts';
import { findBatch } from '../queries.ts';
import { BatchRefused } from '../rules.ts';
import { takeBack } from '../undo.ts';
import { beginUndo } from '../writes.ts';

const Parameters = Type.Object({ batch: Type.Integer(), actor: Type.String() });

/** Brings the files of a batch back to where they came from. */
export const undoBatch = defineTask<unknown, typeof Parameters>({
  name: 'files.undo_batch',
  title: 'Undo a batch',
  queue: 'long',
  params: Parameters,
  timeout: 20 * 3_600,
  exclusive: 'join',
  run: ({ batch: id, actor }, context) =>
    whileUsable(context, async () => {
      const found = await findBatch(context.db, id);
      if (found?.is_ready && found.status !== 'CLEANED') await begin(id, context);
      const output = await takeBack(context, id, `Undone by ${actor}.`);
      await context.finish(output);
    }),
});

async function begin(id: number, { checkpoint, run }: TaskContext<unknown>): Promise<void> {
  try {
    await checkpoint((trx) => beginUndo(trx, id, run));
  } catch (error) {
    if (error instanceof BatchRefused) throw new FinalFailure('file_busy', error.message);
    throw error;
  }
}
