import { createDb, createPool } from '@at/db/client';
import { makeBatch } from '../src/batches/make.ts';
import { takeBack } from '../src/batches/undo.ts';
import { contextOf } from './batches.ts';

// A process that makes or undoes a batch and gets a signal behind a step:
// `node batch-worker.ts <database> <run> <parameters, or id of the batch> <step> <n>`.

const [database = '', run = '', stored = '', step = '', times = '1'] = process.argv.slice(2);
const db = createDb(createPool({ connection: database }));
let left = Number(times);
const boundary = (done: string) => {
  if (done === step && --left === 0) process.kill(process.pid, 'SIGKILL');
};
const { context } = contextOf(db, run, { boundary });
const subject = JSON.parse(stored) as number | Parameters<typeof makeBatch>[0];
if (typeof subject === 'number') await takeBack(context, subject, 'Undone by ann.');
else await makeBatch(subject, context);
await db.destroy();
