import { newWorker } from './files.ts';

// A worker for scans as a process: `node files-worker.ts <database>`.

newWorker(process.argv[2] as string).start();
