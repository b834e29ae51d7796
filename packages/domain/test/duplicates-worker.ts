import { createDb, createPool } from '@at/db/client';
import { moveAlone } from './duplicates.ts';

// A process that moves duplicates and is killed behind a step: `node duplicates-worker.ts <database> <root> <to> <step> <n>`.

const [database = '', root = '', to = '', step = '', times = '1'] = process.argv.slice(2);
let left = Number(times);
await moveAlone(createDb(createPool({ connection: database })), { root: Number(root), to: Number(to) }, (done) => {
  if (done === step && --left === 0) process.kill(process.pid, 'SIGKILL');
});
process.exit(3);
