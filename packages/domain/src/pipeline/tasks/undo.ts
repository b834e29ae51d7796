import { defineTask, FinalFailure, type Json } from '@at/runs/task';
import { Type } from 'typebox';
import { startUndo } from '../../moves/starts.ts';
import { NotFound, Refused } from '../../refused.ts';
import { type Child, findChildren } from '../queries.ts';
import { waitFor, waitTime } from '../wait-for.ts';

const Parameters = Type.Object({
  run: Type.String(),
  by: Type.Object({ name: Type.String(), verified: Type.Boolean() }),
});

type Undone = { task: string; run: string; output: Json };
type Kept = { done: string[]; open: { id: string; joined: boolean; of: string } | null; runs: Undone[] };

/** Undoes what the steps of a run of the pipeline have moved, the latest first, each by the undo that it has of its own. */
export const undoPipeline = defineTask<unknown, typeof Parameters>({
  name: 'files.undo_run',
  title: 'Undo a run of the file pipeline',
  queue: 'network',
  params: Parameters,
  retries: [60],
  timeout: waitTime + 600,
  exclusive: 'join',
  async run({ run: of, by }, context) {
    const { db, runs, signal, checkpoint, keep, again, progress, finish } = context;
    const kept = (context.kept as Kept | null) ?? { done: [], open: null, runs: [] };
    const children = await findChildren(db, of);
    const begin = (child: Child) =>
      checkpoint(async (trx) => {
        const { files, ...started } = await startUndo(trx, runs, { run: child.id }, by);
        kept.open = { ...started, of: child.id };
        await keep(trx, kept);
        return kept.open;
      }).catch((error: unknown) => {
        if (error instanceof NotFound) return null;
        throw error instanceof Refused ? new FinalFailure('refused', error.message, { cause: error }) : error;
      });
    for (const [i, child] of children.entries()) {
      signal.throwIfAborted();
      progress({ done: i, total: children.length, unit: 'runs' });
      if (kept.done.includes(child.id)) continue;
      const open = kept.open?.of === child.id ? kept.open : child.undoable > 0 ? await begin(child) : null;
      if (open) {
        const ended = await waitFor(context, open, by.name);
        if (!ended) return again(1);
        if ('message' in ended) {
          // A retry begins another one.
          await checkpoint((trx) => keep(trx, { ...kept, open: null }));
          throw new FinalFailure(ended.code, ended.message);
        }
        kept.runs.push({ task: child.task, run: open.id, output: ended.output });
      }
      kept.open = null;
      kept.done.push(child.id);
      await checkpoint((trx) => keep(trx, kept));
    }
    await finish({ runs: kept.runs });
  },
});
