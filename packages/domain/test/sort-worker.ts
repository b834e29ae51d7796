import { createDb, createPool } from '@at/db/client';
import { sortBatch } from '../src/sorting/sort.ts';
import { sortContext } from './sorting.ts';

// A process that sorts a batch and is killed behind a step: `node sort-worker.ts <database> <settings> <run> <step> <n>`.

const [database = '', settings = '', run = '', step = '', times = '1'] = process.argv.slice(2);
const db = createDb(createPool({ connection: database }));
let left = Number(times);
const boundary = (done: string) => {
  if (done === step && --left === 0) process.kill(process.pid, 'SIGKILL');
};
const { context } = sortContext(db, run, { boundary });
await sortBatch(JSON.parse(settings), context).catch(() => {
  process.exitCode = 3;
});
await db.destroy();
