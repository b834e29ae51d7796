import type { FileSettings } from '@at/adapters/file-trash';
import type { Schedule } from '@at/runs/schedules';
import type { Task } from '@at/runs/task';
import { trashPurge } from './media/tasks/trash-purge.ts';

/** What workers do: every task, and those that run by themselves. */

/** The foreign systems that tasks reach. */
export type TaskAdapters = { files: FileSettings };

export const tasks: Task<TaskAdapters>[] = [trashPurge];

export const schedules: Schedule[] = [
  { name: 'media.trash_purge', task: trashPurge.name, params: {}, cron: '30 4 * * *', timeZone: 'UTC' },
];
