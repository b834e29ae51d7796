import { arm } from './mortal.ts';

// The API as a process that kills itself in the middle of a request; see mortal.ts.

const { buildApp } = await import('#app.ts');
const { readConfig } = await import('#config.ts');
const { createDeps } = await import('#deps.ts');
const { startWorker } = await import('#test/worker.ts');

const config = readConfig(process.env);
const database = config.database as NonNullable<typeof config.database>;
const deps = createDeps({ ...config, database }, { embedded: false });
// It looks for work only once, and a busy machine does not make it refuse the request.
const app = await buildApp({ ...deps, sweepInterval: 600_000, lag: { ...deps.lag, maximum: 60_000 } });
app.addHook('onRequest', async () => {
  arm();
});
await app.listen({ host: '127.0.0.1', port: 0 });
// For writes that a worker does.
if (process.env.WORKS) startWorker(config, { pause: 600_000 });
const { port } = app.server.address() as { port: number };
// It ends with the test, even if the test fails.
process.once('disconnect', () => process.exit());
process.send?.(port);
