import { setPriority } from 'node:os';
import { openQueueSystems, type QueueSettings } from '@at/adapters/queue-systems';
import { scan } from '@at/domain/files/tasks/scan';
import { itemTasks } from '@at/domain/queue/starts';
import type { Task } from '@at/runs/task';
import { processPriority, Worker } from '@at/runs/worker';
import { workBare } from '../../packages/runs/test/bare-jobs.ts';
import { short } from './short-task.ts';

// A worker to measure in its own process: of bare jobs, of short steps, of the steps of the processing queue, or of scans. Works
// until its parent disconnects.

/** When the code of a step began, in milliseconds since 1970. */
export type WorkerMessage = { begun: number };

const [what = '', connection = '', settings = '{}'] = process.argv.slice(2);
const now = () => performance.timeOrigin + performance.now();

if (what === 'jobs') {
  await workBare(connection, 'short');
} else {
  const isItems = what === 'items';
  if (isItems) setPriority(processPriority);
  const tasks: readonly unknown[] =
    what === 'scan' ? [scan] : isItems ? Object.values(itemTasks) : [short(() => process.send?.({ begun: now() }))];
  new Worker({
    database: { connection, statementTimeout: 11_000, connectTimeout: 3_000 },
    tasks: tasks as Task<object>[],
    schedules: [],
    adapters: isItems ? { queue: openQueueSystems(JSON.parse(settings) as QueueSettings) } : {},
    log: { info: () => {}, warn: console.warn, error: console.error },
    version: '0',
  }).start();
}
process.once('disconnect', () => process.exit(0));
