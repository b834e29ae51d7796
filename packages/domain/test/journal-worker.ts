import { createDb, createPool } from '@at/db/client';
import { moveGroups } from '../src/moves/journal.ts';
import type { WantedMove } from '../src/moves/queries.ts';

// A process that moves files and gets a signal behind a step: `node journal-worker.ts <database> <roots> <groups> <step> <n> <signal>`.
// Groups are files and the id of their directory, with names in hexadecimal.

const [database = '', roots = '', stored = '', step = '', times = '1', signal = 'SIGKILL'] = process.argv.slice(2);
const groups = (JSON.parse(stored) as (Omit<WantedMove, 'name'> & { name: string })[][]).map((group) =>
  group.map(({ name, ...move }) => ({ ...move, name: Buffer.from(name, 'hex') })),
);
const db = createDb(createPool({ connection: database }));
let left = Number(times);
try {
  await moveGroups(
    {
      db,
      boundary: (done) => {
        if (done === step && --left === 0) process.kill(process.pid, signal as NodeJS.Signals);
      },
    },
    JSON.parse(roots) as number[],
    async () => groups,
    null,
  );
} catch {
  process.exitCode = 3;
}
await db.destroy().catch(() => {});
