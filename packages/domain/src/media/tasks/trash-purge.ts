import { type FileSettings, purgeTrash } from '@at/adapters/file-trash';
import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { purgeableIn } from '../../titles/releases.ts';

const NoParameters = Type.Object({});

export const trashPurge = defineTask<{ files: FileSettings }, typeof NoParameters>({
  name: 'media.trash_purge',
  title: 'Delete files from the trash that are older than seven days',
  queue: 'disk',
  params: NoParameters,
  retries: [60, 300, 900],
  timeout: 3_600,
  exclusive: 'join',
  needs: ({ files }) => (files.enabled ? [] : ['REAR_DIFF_FILE_DELETION_ENABLED']),
  async run(_parameters, { adapters, db, log, finish }) {
    const purged = await purgeTrash(adapters.files, purgeableIn(db), (message) => log.warn(message));
    await finish(async () => ({ purged }));
  },
});
