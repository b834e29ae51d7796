import { join, relative } from 'node:path';
import { identify } from '@at/adapters/file-identity';
import { entryName, isInside, trashName } from '@at/adapters/file-trash';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { carryOut, diskObstacle, placeOf, relocate, rootOf, withFile } from '../moves.ts';
import { keepRemoved } from '../removals.ts';
import { missingSettings } from '../rules.ts';
import { deleteItem } from '../writes.ts';

const Parameters = Type.Object({ item: Type.Integer() });

/** Moves the file of an item to the trash of its folder, and removes its row. A file that is gone is removed. */
export const removeFile = defineTask<{ queue: QueueSystems }, typeof Parameters>({
  name: 'item.remove_file',
  title: 'Move a file to the trash and remove its item',
  queue: 'disk',
  params: Parameters,
  role: () => 'admin',
  needs: ({ queue }) => missingSettings.remove_file(queue),
  obstacle: diskObstacle,
  async run({ item: id }, context) {
    await withFile(
      context,
      id,
      async (item, roots) => {
        const place = placeOf(item);
        const root = rootOf(place, roots);
        let path: string | undefined;
        if (item.move) path = await carryOut(context, item, item.move);
        else if (await identify(Buffer.from(place), context.adapters.queue.disk)) {
          const trash = join(root, trashName);
          // One that did not come back from the trash gets another entry: its seven days begin again.
          const below = isInside(place, trash)
            ? relative(trash, place).split('/').slice(1).join('/')
            : relative(root, place);
          const target = join(trash, entryName(new Date()), below);
          path = await relocate(context, item, { purpose: 'trash', path: target, root }, roots);
        }
        await context.finish(async (trx) => {
          const entry = path === undefined ? null : (relative(join(root, trashName), path).split('/')[0] ?? null);
          await keepRemoved(trx, id, { run: context.run, trash: path ?? null, entry });
          await deleteItem(trx, id);
          return { path: place, trash: path ?? null, entry };
        });
      },
      { removes: true },
    );
  },
});
