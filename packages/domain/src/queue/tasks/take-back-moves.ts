import type { QueueSystems } from '@at/adapters/queue-systems';
import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { diskObstacle, takeBack } from '../moves.ts';
import { findAbandonedMoves, hasAbandonedMoves } from '../queries.ts';
import { missingSettings } from '../rules.ts';

const NoParameters = Type.Object({});

/** Undoes moves that no run goes on with, such as one whose run was cancelled after its worker had ended. */
export const takeBackMoves = defineTask<{ queue: QueueSystems }, typeof NoParameters>({
  name: 'queue.take_back_moves',
  title: 'Undo moves that were cancelled',
  queue: 'disk',
  params: NoParameters,
  exclusive: 'join',
  needs: ({ queue }) => missingSettings.move(queue),
  isDue: hasAbandonedMoves,
  obstacle: diskObstacle,
  async run(_parameters, context) {
    const { db, log, signal, finish } = context;
    let done = 0;
    for (const id of await findAbandonedMoves(db)) {
      signal.throwIfAborted();
      try {
        await takeBack(context, id);
        done += 1;
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error, item: id }, `The move of item ${id} was not undone. ${(error as Error).message}`);
      }
    }
    await finish({ done });
  },
});
