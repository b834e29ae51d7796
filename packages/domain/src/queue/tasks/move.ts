import { basename, extname, join } from 'node:path';
import type { Disk } from '@at/adapters/disk';
import type { QueueFolders, QueueSystems } from '@at/adapters/queue-systems';
import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { diskObstacle, placeOf, presentFile, relocate, requireFacts, withFile } from '../moves.ts';
import type { ItemFacts } from '../queries.ts';
import { fileNameOf, folderOf, isNumbered, missingSettings } from '../rules.ts';
import { setPlace } from '../writes.ts';

const Parameters = Type.Object({ item: Type.Integer() });

/** Moves the file of an item into the library, under the name of its metadata. */
export const move = defineTask<{ queue: QueueSystems }, typeof Parameters>({
  name: 'item.move',
  title: 'Rename a file and move it into the library',
  // A copy to another disk takes its time.
  queue: 'long',
  params: Parameters,
  timeout: 20 * 3_600,
  needs: ({ queue }) => missingSettings.move(queue),
  obstacle: diskObstacle,
  async run({ item: id }, context) {
    await withFile(context, id, async (item, roots) => {
      requireFacts('move', item);
      const { disk } = context.adapters.queue;
      const wanted = await wantedPath(item, roots, disk);
      const present = placeOf(item);
      const isThere = item.new_path !== null && isNumbered(present, wanted);
      if (isThere) await presentFile(item, roots, disk);
      const target = { purpose: 'library', path: wanted, root: roots.library } as const;
      const path = isThere ? present : await relocate(context, item, target, roots);
      await context.finish(async (trx) => {
        await setPlace(trx, id, 'library', path, undefined);
        return { from: present, to: path };
      });
    });
  },
});

async function wantedPath(item: ItemFacts, { library }: QueueFolders, disk: Disk): Promise<string> {
  const { movie_code, actress, subtitle, metadata_json } = item;
  const entries = await disk.readdir(library, { withFileTypes: true });
  const existing = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const name = fileNameOf({
    movie_code: movie_code as string,
    actress,
    subtitle,
    title: metadata_json?.title ?? '',
    extension: extname(basename(placeOf(item))),
  });
  return join(library, folderOf(actress, existing), name);
}
