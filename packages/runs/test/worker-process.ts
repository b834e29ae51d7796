import { Worker } from '../src/worker.ts';
import { tasks } from './tasks.ts';

/** A worker as a process of its own, which can be killed. */

const log = { info: () => {}, warn: console.error, error: console.error };
const database = { connection: process.env.DATABASE_URL as string, statementTimeout: 11_000, connectTimeout: 3_000 };
const worker = new Worker({ database, tasks, schedules: [], adapters: {}, log, version: '0' });
worker.start();
process.once('SIGTERM', () => worker.stop().then(() => process.exit(0)));
// It ends with the test, even if the test fails.
process.once('disconnect', () => process.exit());
