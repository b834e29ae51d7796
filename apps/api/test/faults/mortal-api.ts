import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import pg from 'pg';

// The API as a process that kills itself in the middle of a write, or of what it finishes at its start (DIE_ARMED): before
// the step that DIE_AT numbers, or before the first step that matches DIE_BEFORE. A step is a call of the file system or
// of Transmission, or a statement; statements that look for work or read events do not count.

const { DIE_AT, DIE_BEFORE, DIE_ARMED } = process.env;
const dieBefore = DIE_BEFORE === undefined ? undefined : new RegExp(DIE_BEFORE);
let isArmed = DIE_ARMED !== undefined;
let steps = 0;

function step(name: string): void {
  if (!isArmed) return;
  steps += 1;
  if (dieBefore ? dieBefore.test(name) : steps === Number(DIE_AT)) process.kill(process.pid, 'SIGKILL');
}

/** Makes a method a step; `nameOf` returns its name, or undefined for calls that are none. */
function observe(object: object, method: string, nameOf: (...args: never[]) => string | undefined): void {
  const methods = object as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[method] as (...args: unknown[]) => unknown;
  methods[method] = function (this: unknown, ...args: unknown[]) {
    const name = nameOf(...(args as never[]));
    if (name !== undefined) step(name);
    return original.apply(this, args);
  };
}

for (const name of ['mkdir', 'rename', 'link', 'unlink', 'rm', 'rmdir']) observe(fs, name, () => name);
syncBuiltinESMExports();
observe(globalThis, 'fetch', (_url: string, { body }: { body: string }) => body);
const tables = /^(begin|commit)|console\.(intent|media_removal|label_event|operation)|atp\.(training|media)/;
observe(pg.Client.prototype, 'query', (query: string | { text?: string }, values: unknown) => {
  const text = (typeof query === 'string' ? query : (query.text ?? '')).trim();
  return tables.test(text) && !text.includes('pg_locks') ? `${text} ${values}` : undefined;
});

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
  isArmed = true;
});
await app.listen({ host: '127.0.0.1', port: 0 });
// For writes that a worker does.
if (process.env.WORKS) startWorker(config);
const { port } = app.server.address() as { port: number };
// It ends with the test, even if the test fails.
process.once('disconnect', () => process.exit());
process.send?.(port);
