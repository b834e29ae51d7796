import { openQueueSystems, type QueueSettings, type QueueSystems } from '@at/adapters/queue-systems';
import type { Task } from '@at/runs/task';
import { Worker } from '@at/runs/worker';
import { itemTasks } from '../src/queue/starts.ts';

// Workers as a process, which ends by SIGKILL behind steps of moves: `node queue-worker.ts <settings> <database> <steps>`.
// Of several steps, separated by commas, each holds up one move, and the last one ends the process.

const [settings = '', database = '', steps = ''] = process.argv.slice(2);
const expected = new Set(steps.split(','));
/** What is held up must not be collected, which would close its files. */
const held: (() => void)[] = [];
const movesAtATime = 2;
const count = Math.ceil(expected.size / movesAtATime);
const systems: QueueSystems = {
  ...openQueueSystems(JSON.parse(settings) as QueueSettings),
  boundary: (done) => {
    if (!expected.delete(done)) return;
    if (expected.size === 0) process.kill(process.pid, 'SIGKILL');
    return new Promise<void>((go) => void held.push(go));
  },
};
for (let n = 0; n < count; n += 1) {
  new Worker<{ queue: QueueSystems }>({
    database: { connection: database },
    tasks: Object.values(itemTasks) as unknown as Task<{ queue: QueueSystems }>[],
    schedules: [],
    adapters: { queue: systems },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    version: '0',
  }).start();
}
