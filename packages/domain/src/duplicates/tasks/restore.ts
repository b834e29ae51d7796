import { StringEnum } from '@at/contracts/paging';
import { defineTask, FinalFailure, StepFailure, type TaskContext } from '@at/runs/task';
import { Type } from 'typebox';
import { whileUsable } from '../../files/usable.ts';
import { undoMoves } from '../../moves/undo.ts';
import { NotFound } from '../../refused.ts';
import { type Choice, choices, choose, DuplicateRefused } from '../duplicates.ts';

const Parameters = Type.Object({ file: Type.Integer(), choice: StringEnum(choices) });

/** Seconds until the step begins again where another process has a root, or moves have not ended: a request waits for it. */
const pause = 2;

/** Moves a duplicate and its companions back to their places, then carries out what a person has chosen for it. */
export const restoreDuplicate = defineTask<unknown, typeof Parameters>({
  name: 'files.restore_duplicate',
  title: 'Move a duplicate back',
  queue: 'disk',
  params: Parameters,
  exclusive: 'refuse',
  run: ({ file, choice }, context) => whileUsable(context, () => restore(file, choice, context), pause),
});

async function restore(file: number, choice: Choice, context: TaskContext<unknown>): Promise<void> {
  const { db, signal, checkpoint, finish, again, run } = context;
  try {
    const before = await checkpoint((trx) => choose(trx, file, choice, { writes: false }));
    for (const move of before.moves) {
      const { kept, open } = await undoMoves({ db, signal }, { move }, run);
      const [stayed] = kept;
      if (stayed) throw new FinalFailure('file_changed', `A file was not moved back. ${stayed.reason}`);
      if (open.length > 0) return await again(pause);
    }
    await finish(async (trx) => {
      const chosen = await choose(trx, file, choice);
      if (chosen.moves.length > 0) throw new StepFailure('file_busy', 'A file was moved again. The step is repeated.');
      return { files: chosen.files };
    });
  } catch (error) {
    if (error instanceof DuplicateRefused || error instanceof NotFound)
      throw new FinalFailure('file_changed', error.message);
    throw error;
  }
}
