import { arm } from './mortal.ts';

// A worker as a process that kills itself while it does what other processes have left undone; see mortal.ts.

const { readConfig } = await import('#config.ts');
const { startWorker } = await import('#test/worker.ts');

arm();
startWorker(readConfig(process.env), { pause: 600_000 });
// It ends with the test, even if the test fails.
process.once('disconnect', () => process.exit());
process.send?.('begun');
