import { StringEnum } from '@at/contracts/paging';
import { defineTask, FinalFailure, StepFailure } from '@at/runs/task';
import { Type } from 'typebox';
import { RootUnusable } from '../../files/roots.ts';
import { undoMoves } from '../../moves/undo.ts';
import { choices, choose, DuplicateRefused, FileNotFound } from '../duplicates.ts';

const Parameters = Type.Object({ file: Type.Integer(), choice: StringEnum(choices) });

/** Seconds until the step begins again where another process has a root. */
const pause = 2;

/** Moves a duplicate and its companions back to their places, then carries out what a person has chosen for it. */
export const restoreDuplicate = defineTask<unknown, typeof Parameters>({
  name: 'files.restore_duplicate',
  title: 'Move a duplicate back',
  queue: 'disk',
  params: Parameters,
  retries: [60, 300, 900],
  timeout: 3_600,
  exclusive: 'refuse',
  async run({ file, choice }, context) {
    const { db, signal, checkpoint, finish, again, log, run } = context;
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
        if (chosen.moves.length > 0)
          throw new StepFailure('file_busy', 'A file was moved again. The step is repeated.');
        return { files: chosen.files };
      });
    } catch (error) {
      if (error instanceof DuplicateRefused || error instanceof FileNotFound)
        throw new FinalFailure('file_changed', error.message);
      if (!(error instanceof RootUnusable)) throw error;
      if (error.kind === 'held') throw new FinalFailure('disk_unavailable', error.message);
      if (error.kind === 'absent') throw new StepFailure('disk_unavailable', error.message, { cause: error });
      log.info(error.message);
      await again(pause);
    }
  },
});
