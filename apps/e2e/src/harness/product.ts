import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@at/adapters/test/transmission-daemon';
import { buildApp } from '@at/api/app';
import { readConfig } from '@at/api/config';
import { createDeps } from '@at/api/deps';
import { insertQueueItem, type SampleItem } from '@at/api/sample-queue';
import { startWorker, workOnDemand } from '@at/api/worker';
import { insertOddRows } from '@at/db/odd-rows';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { demoRuns } from '@at/infra/demo/load';
import { demoDatabase } from '@at/infra/demo/testing';
import pg from 'pg';

/** A whole product for one journey: a database of its own, the API, the built console, and a browser page on it. */

const consoleDirectory = fileURLToPath(new URL('../../../console/dist', import.meta.url));

/** The path of the code that the console loads for a file of `apps/console/src`. */
export function codeOf(source: string): string {
  const manifest = JSON.parse(readFileSync(join(consoleDirectory, '.vite/manifest.json'), 'utf8'));
  return manifest[`src/${source}`].file;
}

export type Product = {
  url: string;
  /** A direct connection to the database, to check what a journey wrote. */
  db: pg.Client;
  /** Stops the API; the database stays. */
  stopApi: () => Promise<void>;
  /** Starts it again on the same port. */
  startApi: () => Promise<void>;
  /** Forgets the counts that the API shares for a second, as it does after an event. */
  dropCounts: () => void;
  /** Inserts an item of the queue as its runs would have left it. */
  insertQueueItem: (item?: SampleItem) => ReturnType<typeof insertQueueItem>;
  close: () => Promise<void>;
};

/** Journeys hold rows until they have seen what they wait for: the product may not lose its patience before. */
const patient = { lockPatience: 60_000 };

export type ProductOptions = {
  /** With the demo catalogue (the default), or without any title. */
  demo?: boolean;
  /** With the odd values that other writers can leave, in place of the demo catalogue. */
  odd?: boolean;
  /** On a clone of this database instead. */
  from?: TestDatabase;
  /** Whether a worker does the bulk changes; by default it does. */
  works?: boolean;
  /** What the API is configured with beside its database. */
  environment?: Record<string, string>;
  timing?: Parameters<typeof createDeps>[2];
};

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const { odd = false, demo = !odd, works = true, from, environment = {}, timing = {} } = options;
  const database = await createTestDatabase(from ?? (demo ? await demoDatabase() : 'full'));
  const db = new pg.Client(database.connectionString);
  // A failed journey stops the server early: report the failure, not the errors that this causes.
  db.on('error', () => {});
  await db.connect();
  if (odd) await insertOddRows(db, 'enum', 'together');

  const config = readConfig({ ...environment, DATABASE_URL: database.connectionString });
  // Of its own, so that no other program gets it while the API is stopped.
  const port = await freePort();
  let running: (() => Promise<void>) | undefined;
  let dropCounts = () => {};
  let insertItem: Product['insertQueueItem'];
  const startApi = async () => {
    const deps = createDeps(
      { ...config, database: database.connectionString },
      { embedded: true },
      { ...patient, ...timing },
    );
    dropCounts = () => deps.counts.drop();
    insertItem = (item) => insertQueueItem(deps.db, item);
    // It refuses no request because the machine is busy.
    deps.lag.maximum = 60_000;
    // No worker runs here that a request could wait for, but for bulk changes.
    deps.runPatience = 0;
    const app = await buildApp({ ...deps, demoRuns }, { consoleDirectory });
    await app.listen({ host: '127.0.0.1', port });
    const work = () => startWorker(config, { timing: { ...patient, ...timing } });
    const stopWorker = works ? workOnDemand(app.server, work) : undefined;
    running = async () => {
      await stopWorker?.();
      app.server.closeAllConnections();
      await app.close();
      await deps.close();
    };
  };
  const stopApi = async () => {
    await running?.();
    running = undefined;
  };
  await startApi();
  return {
    url: `http://127.0.0.1:${port}`,
    db,
    stopApi,
    startApi,
    dropCounts: () => dropCounts(),
    insertQueueItem: (item) => insertItem(item),
    close: async () => {
      await stopApi();
      await db.end();
      await database.drop();
    },
  };
}
