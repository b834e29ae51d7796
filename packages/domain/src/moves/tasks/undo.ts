import { defineTask, StepFailure } from '@at/runs/task';
import { Type } from 'typebox';
import { reopenReturned } from '../../batches/rules.ts';
import { whileUsable } from '../../files/usable.ts';
import { undoMoves } from '../undo.ts';
import { countDone, findTargets } from '../undo-queries.ts';

const Parameters = Type.Object({ run: Type.String(), move: Type.Optional(Type.Integer()) });

/** Files that the output names. */
const mostNamed = 200;

/** Brings files back to where a run, or one of its moves, took them from. A repeated run does the rest. */
export const undo = defineTask<unknown, typeof Parameters>({
  name: 'files.undo',
  title: 'Move files back',
  queue: 'long',
  params: Parameters,
  timeout: 20 * 3_600,
  exclusive: 'join',
  run: ({ run: of, move }, context) =>
    whileUsable(context, async () => {
      const { db, signal, run, progress, finish, log } = context;
      const passed = (done: number) => progress({ done, unit: 'files', message: 'Moving files back' });
      const { kept, open } = await undoMoves({ db, signal, passed }, move === undefined ? { run: of } : { move }, run);
      const [waiting] = open;
      if (waiting) throw new StepFailure('incomplete', `A file is not back yet. ${waiting.reason}`);
      const named = kept.slice(0, mostNamed);
      const targets = await findTargets(
        db,
        named.map((one) => one.move),
      );
      const kept_files = named.map(({ move: id, reason }) => ({ move: id, file: targets.get(id) ?? '', reason }));
      for (const { file, reason } of kept_files) log.warn({ file }, `${file} stays. ${reason}`);
      await finish(async (trx) => ({ undone: await countDone(trx, run), kept: kept.length, kept_files }));
    }),
  // Also one that is cancelled has brought files back.
  ended: async (trx) => void (await reopenReturned(trx)),
});
