import type { FileSettings } from '@at/adapters/file-trash';
import type { MetadataSources } from '@at/adapters/metadata-sources';
import type { QueueSystems } from '@at/adapters/queue-systems';
import type { Schedule } from '@at/runs/schedules';
import type { Task } from '@at/runs/task';
import { cleanup } from './maintenance/tasks/cleanup.ts';
import { trashPurge } from './media/tasks/trash-purge.ts';
import { extract } from './queue/tasks/extract.ts';
import { metadata } from './queue/tasks/metadata.ts';
import { move } from './queue/tasks/move.ts';
import { publish } from './queue/tasks/publish.ts';
import { removeFile } from './queue/tasks/remove-file.ts';
import { rerunMetadata } from './titles/tasks/rerun-metadata.ts';

/** What workers do: every task, and those that run by themselves. */

/** The foreign systems that tasks reach. */
export type TaskAdapters = { files: FileSettings; metadata: MetadataSources; queue: QueueSystems };

export const tasks: Task<TaskAdapters>[] = [
  cleanup,
  trashPurge,
  rerunMetadata as Task<TaskAdapters>,
  ...([extract, metadata, move, publish, removeFile] as unknown as Task<TaskAdapters>[]),
];

export const schedules: Schedule[] = [
  { name: 'maintenance.cleanup', task: cleanup.name, params: {}, cron: '10 4 * * *', timeZone: 'UTC' },
  { name: 'media.trash_purge', task: trashPurge.name, params: {}, cron: '30 4 * * *', timeZone: 'UTC' },
];
