import { arm } from './mortal.ts';

// APIs and workers in a process that kills itself in the middle of what they do; see mortal.ts. Each request gets an API of its own,
// because one has too few connections to be in the middle of several.

const { buildApp } = await import('#app.ts');
const { readConfig } = await import('#config.ts');
const { createDeps } = await import('#deps.ts');
const { startWorker } = await import('#test/worker.ts');

const { APIS = 0, WORKERS = 0, DIE_AT } = process.env;
const config = readConfig(process.env);
const database = config.database as NonNullable<typeof config.database>;
const ports: number[] = [];
for (let n = 0; n < Number(APIS); n += 1) {
  const deps = createDeps({ ...config, database }, { embedded: false });
  // A busy machine does not make it refuse the request.
  const app = await buildApp({ ...deps, lag: { ...deps.lag, maximum: 60_000 } });
  app.addHook('onRequest', async () => {
    arm();
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  ports.push((app.server.address() as { port: number }).port);
}
// Only steps of the request are numbered, if there is one.
if (ports.length === 0 || DIE_AT === undefined) arm();
// They look once for what is left undone.
for (let n = 0; n < Number(WORKERS); n += 1) startWorker(config, { pause: 600_000 });
// It ends with the test, even if the test fails.
process.once('disconnect', () => process.exit());
process.send?.(ports);
