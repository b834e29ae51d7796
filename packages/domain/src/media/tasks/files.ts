import { type FileSettings, FileTrashError, resolveRoots } from '@at/adapters/file-trash';
import { defineTask } from '@at/runs/task';
import { OfIntent, roleOfIntent, settle } from '../../intents/settle.ts';
import { removeFiles, restoreFiles } from '../../titles/releases.ts';
import { hasTorrentRemoval } from '../queries.ts';

/** Why no file can be moved here at the moment, such as a disk that is not mounted. */
async function rootsObstacle({ files }: { files: FileSettings }): Promise<Error | undefined> {
  try {
    await resolveRoots(files);
    return undefined;
  } catch (error) {
    if (error instanceof FileTrashError) return error;
    throw error;
  }
}

/** Seconds in which the torrent of the same files goes first: Transmission could write them again. */
const head = 5;

/** Does on the disk what a would_not_watch or its undo has left to do. */
export const files = defineTask<{ files: FileSettings }, typeof OfIntent>({
  name: 'media.files',
  title: 'Move the files of a media item to the trash, or back',
  queue: 'disk',
  params: OfIntent,
  role: roleOfIntent,
  retries: [60, 300, 900, 3_600],
  // Files come back also where none are removed any more.
  needs: ({ files: { roots } }) => (Object.keys(roots).length > 0 ? [] : ['REAR_DIFF_FILE_DELETION_ENABLED']),
  obstacle: rootsObstacle,
  async run(params, context) {
    const { db, adapters, kept, keep, again } = context;
    if (kept === null && (await hasTorrentRemoval(db, params.intent)))
      return again(head, (trx) => keep(trx, { torrent: 'first' }));
    await settle(params, context, async (intent) => {
      switch (intent.action) {
        case 'remove_files':
          return (await removeFiles(db, adapters.files, intent)).warnings.join('; ') || undefined;
        case 'restore_files':
          return (await restoreFiles(db, adapters.files, intent)).problems.join(' ') || undefined;
        default:
          throw new Error(`The intent ${intent.action} does not concern files.`);
      }
    });
  },
});
