import { openQueueSystems, type QueueSettings, type QueueSystems } from '@at/adapters/queue-systems';
import type { Task } from '@at/runs/task';
import { Worker } from '@at/runs/worker';
import { itemTasks } from '../src/queue/starts.ts';

// A worker as a process, which ends by SIGKILL behind a step of a move: `node queue-worker.ts <settings> <database> <step>`.

const [settings = '', database = '', step] = process.argv.slice(2);
const systems: QueueSystems = {
  ...openQueueSystems(JSON.parse(settings) as QueueSettings),
  boundary: (done) => {
    if (done === step) process.kill(process.pid, 'SIGKILL');
  },
};
new Worker<{ queue: QueueSystems }>({
  database: { connection: database },
  tasks: Object.values(itemTasks) as unknown as Task<{ queue: QueueSystems }>[],
  schedules: [],
  adapters: { queue: systems },
  log: { info: () => {}, warn: () => {}, error: () => {} },
  version: '0',
}).start();
