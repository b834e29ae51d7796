import { type FileSettings, purgeTrash, type SelectPurgeable } from '@at/adapters/file-trash';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { forgetTrashed, lockTrashed } from '../../queue/removals.ts';
import { purgeableIn } from '../../titles/releases.ts';

const NoParameters = Type.Object({});

export const trashPurge = defineTask<{ files: FileSettings; queue: QueueSystems }, typeof NoParameters>({
  name: 'media.trash_purge',
  title: 'Delete files from the trash that are older than seven days',
  queue: 'disk',
  params: NoParameters,
  exclusive: 'join',
  // What is purged is gone for good: only an admin asks for that, or the schedule.
  role: () => 'admin',
  needs: ({ files, queue }) => (files.enabled || queue.folders ? [] : ['REAR_DIFF_FILE_DELETION_ENABLED']),
  async run(_parameters, { adapters, db, log, finish }) {
    const { files, queue } = adapters;
    const roots = { ...(files.enabled && files.roots), ...queue.folders };
    const ofMedia = purgeableIn(db);
    const select: SelectPurgeable = (entries, claim) =>
      ofMedia(entries, (purgeable) =>
        db.transaction().execute(async (trx) => {
          const claimed = await claim([...purgeable, ...(await lockTrashed(trx, entries))]);
          await forgetTrashed(trx, claimed);
          return claimed;
        }),
      );
    const purged = await purgeTrash({ enabled: true, roots }, select, (message) => log.warn(message));
    await finish({ purged });
  },
});
