import { monitorEventLoopDelay } from 'node:perf_hooks';
import { buildApp } from '@at/api/app';
import { readConfig } from '@at/api/config';
import { createDeps } from '@at/api/deps';
import { openPlainRows } from '../../apps/api/test/plain-rows.ts';

// The API to measure in its own process: as shipped, or with the plain reader for lists. An additional path returns a
// constant with the size of a page. Sends its port to the parent, and on any message the longest delay of the event loop
// since the previous message, in milliseconds.

export type ServerMessage = { port: number } | { longestDelay: number };

const [database = '', reader = 'fast', constantSize = '0'] = process.argv.slice(2);
const config = readConfig({ DATABASE_URL: database, LOG_LEVEL: 'ERROR' });
const deps = createDeps({ ...config, database }, { embedded: true });
const app = await buildApp(reader === 'plain' ? { ...deps, rows: openPlainRows(database).read } : deps);
const constant = Buffer.alloc(Number(constantSize), ' ');
app.get('/constant', async (_request, reply) => reply.type('application/json').send(constant));
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
const port = typeof address === 'object' && address ? address.port : 0;
process.send?.({ port } satisfies ServerMessage);

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('message', () => {
  process.send?.({ longestDelay: delay.max / 1e6 } satisfies ServerMessage);
  delay.reset();
});
process.once('disconnect', () => process.exit(0));
