import { identify } from '@at/adapters/file-identity';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { defineTask, FinalFailure } from '@at/runs/task';
import { Type } from 'typebox';
import { diskObstacle, placeOf, relocate, rootOf, withFile } from '../moves.ts';
import { findRestored } from '../removals.ts';
import { missingSettings } from '../rules.ts';
import { setPlace } from '../writes.ts';

const Parameters = Type.Object({ item: Type.Integer() });

/** Moves the file of an item that was removed from the trash to its place, or beside a file that has that place by now. */
export const restoreFile = defineTask<{ queue: QueueSystems }, typeof Parameters>({
  name: 'item.restore_file',
  title: 'Move a file back from the trash',
  queue: 'disk',
  params: Parameters,
  needs: ({ queue }) => missingSettings.restore_file(queue),
  obstacle: diskObstacle,
  async run({ item: id }, context) {
    await withFile(context, id, async (item, roots) => {
      const removal = await findRestored(context.db, id);
      if (!removal) throw new FinalFailure('file_gone', 'Nothing says any more where the file was before its removal.');
      const { trash, path, purpose } = removal;
      // An earlier attempt, or another step, may have moved it.
      if (placeOf(item) !== trash) return context.finish({ path: placeOf(item) });
      const place = await relocate(context, item, { purpose, path, root: rootOf(path, roots) }, roots);
      const file = await identify(Buffer.from(place), context.adapters.queue.disk);
      await context.finish(async (trx) => {
        await setPlace(trx, id, purpose, place, file);
        return { path: place };
      });
    });
  },
});
