import { basename, join } from 'node:path';
import { identify } from '@at/adapters/file-identity';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { defineTask, FinalFailure } from '@at/runs/task';
import { Type } from 'typebox';
import { diskObstacle, itemOf, relocate, rootOf, withFile } from '../moves.ts';
import { codeOf, missingSettings, subtitleOf, videoNameOf } from '../rules.ts';
import { setCode, setPlace } from '../writes.ts';

const Parameters = Type.Object({ item: Type.Integer() });

/** Reads code and subtitles from the name of a file. A file without a code goes to the unprocessed ones. */
export const extract = defineTask<{ queue: QueueSystems }, typeof Parameters>({
  name: 'item.extract',
  title: 'Read the code of a file from its name',
  queue: 'disk',
  params: Parameters,
  timeout: 6 * 3_600,
  needs: ({ queue }) => missingSettings.extract(queue),
  obstacle: diskObstacle,
  async run({ item: id }, context) {
    const { db, finish, checkpoint } = context;
    const known = await itemOf(db, id);
    const name = basename(known.file_path);
    const stem = videoNameOf(name)?.stem ?? name;
    const code = known.code_given_by !== null && known.movie_code !== null ? known.movie_code : codeOf(stem);
    if (code !== undefined) {
      await finish(async (trx) => {
        const subtitle = subtitleOf(stem);
        await setCode(trx, id, code, { subtitle });
        return { code, subtitle };
      });
      return;
    }
    await withFile(context, id, async (item, roots) => {
      if (item.new_path === null && rootOf(item.file_path, roots) !== roots.unprocessed) {
        const target = {
          purpose: 'unprocessed',
          path: join(roots.unprocessed, name),
          root: roots.unprocessed,
        } as const;
        const path = await relocate(context, item, target, roots);
        const file = await identify(Buffer.from(path), context.adapters.queue.disk);
        // The step fails, and what it did stays.
        await checkpoint((trx) => setPlace(trx, id, 'unprocessed', path, file));
      }
    });
    throw new FinalFailure(
      'code_missing',
      'The name of the file has no code. Set the code by hand, or rename the file and drop it again.',
    );
  },
});
