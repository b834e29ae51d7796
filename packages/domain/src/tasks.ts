import type { FileSettings } from '@at/adapters/file-trash';
import type { MetadataSources } from '@at/adapters/metadata-sources';
import type { QueueSystems } from '@at/adapters/queue-systems';
import type { Transmission } from '@at/adapters/transmission';
import type { Schedule } from '@at/runs/schedules';
import { type Task, tableOf } from '@at/runs/task';
import { batch } from './batches/tasks/make.ts';
import { settleBatches } from './batches/tasks/settle.ts';
import { undoBatch } from './batches/tasks/undo.ts';
import { apply } from './bulk/tasks/apply.ts';
import { restoreDuplicate } from './duplicates/tasks/restore.ts';
import { cleanUpFiles } from './files/tasks/cleanup.ts';
import { scan } from './files/tasks/scan.ts';
import { cleanup } from './maintenance/tasks/cleanup.ts';
import { downloadWatch } from './media/tasks/download-watch.ts';
import { files } from './media/tasks/files.ts';
import { torrent } from './media/tasks/torrent.ts';
import { trashPurge } from './media/tasks/trash-purge.ts';
import { undo } from './moves/tasks/undo.ts';
import { pipelineStep } from './pipeline/tasks/step.ts';
import { undoPipeline } from './pipeline/tasks/undo.ts';
import { refreshItems, retryItems } from './queue/tasks/bulk.ts';
import { cleanUpItems } from './queue/tasks/cleanup.ts';
import { extract } from './queue/tasks/extract.ts';
import { metadata } from './queue/tasks/metadata.ts';
import { move } from './queue/tasks/move.ts';
import { publish } from './queue/tasks/publish.ts';
import { removeFile } from './queue/tasks/remove-file.ts';
import { restoreFile } from './queue/tasks/restore-file.ts';
import { takeBackMoves } from './queue/tasks/take-back-moves.ts';
import { sort } from './sorting/tasks/sort.ts';
import { sync } from './sync/tasks/sync.ts';
import { rerunMetadata } from './titles/tasks/rerun-metadata.ts';

/** What workers do: every task, and those that run by themselves. */

/** The foreign systems that tasks reach. */
export type TaskAdapters = {
  files: FileSettings;
  metadata: MetadataSources;
  queue: QueueSystems;
  transmission: Transmission;
};

export const tasks: Task<TaskAdapters>[] = [
  cleanup,
  trashPurge,
  downloadWatch,
  rerunMetadata,
  apply,
  torrent,
  files,
  extract,
  metadata,
  move,
  publish,
  removeFile,
  restoreFile,
  retryItems,
  refreshItems,
  cleanUpItems,
  takeBackMoves,
  scan,
  restoreDuplicate,
  sync,
  undo,
  cleanUpFiles,
  batch,
  undoBatch,
  settleBatches,
  sort,
  pipelineStep,
  undoPipeline,
];

const table = tableOf(tasks);

/** The lowest role that may continue a run with these steps: the highest that one of their tasks needs. */
export function roleOf(steps: readonly { task: string; params: unknown }[]): 'operator' | 'admin' {
  const needed = steps.map(({ task, params }) => table.get(task)?.role?.(params) ?? 'operator');
  return needed.includes('admin') ? 'admin' : 'operator';
}

export const schedules: Schedule[] = [
  // Only while something downloads.
  { name: 'media.download_watch', task: downloadWatch.name, params: {}, cron: '* * * * *', timeZone: 'UTC' },
  { name: 'maintenance.cleanup', task: cleanup.name, params: {}, cron: '10 4 * * *', timeZone: 'UTC' },
  { name: 'queue.take_back_moves', task: takeBackMoves.name, params: {}, cron: '*/10 * * * *', timeZone: 'UTC' },
  { name: 'files.cleanup', task: cleanUpFiles.name, params: {}, cron: '50 3 * * *', timeZone: 'UTC' },
  { name: 'files.settle_batches', task: settleBatches.name, params: {}, cron: '*/10 * * * *', timeZone: 'UTC' },
  { name: 'media.trash_purge', task: trashPurge.name, params: {}, cron: '30 4 * * *', timeZone: 'UTC' },
];
