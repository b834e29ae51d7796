import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FileIdentity, identify } from '@at/adapters/file-identity';
import { markerName } from '@at/adapters/file-trash';
import { openMediaServer } from '@at/adapters/media-server';
import { openQueueSystems, type QueueFolders, type QueueSystems } from '@at/adapters/queue-systems';
import { type FakeMediaServer, startMediaServer } from '@at/adapters/test/fake-media-server';
import { type FakeProvider, startProvider } from '@at/adapters/test/fake-provider';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, emptyTables, type TestDatabase } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import type { Starter } from '@at/runs/queries';
import { Runs } from '@at/runs/runs';
import type { Task } from '@at/runs/task';
import { Worker } from '@at/runs/worker';
import { type Kysely, sql } from 'kysely';
import { allSteps } from '../src/queue/rules.ts';
import { addItem, itemTasks } from '../src/queue/starts.ts';

/** A processing queue with folders, a provider, a media server and a database of its own. */

type Systems = { queue: QueueSystems };

export const starter = { trigger: 'manual', actor: { name: 'ann', verified: true } } as const satisfies Starter;

function makeFolders(root: string, elsewhere = root): QueueFolders {
  const folders = {
    watch: join(root, 'watch'),
    library: join(elsewhere, 'library'),
    unprocessed: join(root, 'unprocessed'),
  };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, markerName), '');
  }
  return folders;
}

/** The files below a directory, but for markers. */
export const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== markerName)
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();

type Database = Pick<TestDatabase, 'connectionString' | 'drop'>;

/** `library`: where its directory is made, such as on another file system. `database`: instead of one of its own. */
export async function openQueue({ library, database: given }: { library?: string; database?: Database } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'at-queue-'));
  const elsewhere = library === undefined ? undefined : mkdtempSync(join(library, 'at-queue-'));
  const folders = makeFolders(root, elsewhere);
  const database: Database = given ?? (await createTestDatabase('plain'));
  const db: Kysely<DB> = createDb(createPool({ connection: database.connectionString }));
  const provider: FakeProvider = await startProvider();
  const server: FakeMediaServer = await startMediaServer(folders.library);
  const settings = { folders, provider: provider.settings, server: server.settings };
  const systems = openQueueSystems(settings);
  const queue = new JobQueue({ connection: database.connectionString }, { supervises: false, onError: console.error });
  const runs = new Runs<Systems>(queue, { queue: systems });
  const workers = new Set<Worker<Systems>>();

  const transaction = <T>(work: Parameters<ReturnType<typeof db.transaction>['execute']>[0]) =>
    db.transaction().execute(work) as Promise<T>;
  const lookAt = (id: number) =>
    db.selectFrom('console.queue_item_state').selectAll().where('id', '=', id).executeTakeFirst();
  const product = {
    root,
    folders,
    database,
    db,
    provider,
    server,
    settings,
    systems,
    runs,
    /** As an API with other settings. */
    runsWith: (other: QueueSystems) => new Runs<Systems>(queue, { queue: other }),
    transaction,
    /** A worker in this process, until `reset`. */
    work(options: Partial<QueueSystems> = {}): Worker<Systems> {
      const worker = new Worker<Systems>({
        database: { connection: database.connectionString },
        tasks: Object.values(itemTasks) as unknown as Task<Systems>[],
        schedules: [],
        adapters: { queue: { ...systems, ...options } },
        log: { info: () => {}, warn: () => {}, error: () => {} },
        version: '0',
      });
      worker.start();
      workers.add(worker);
      return worker;
    },
    /** Writes a file into the watch folder; its content is its name unless given. */
    drop(name: string, content = name): string {
      const path = join(folders.watch, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      utimesSync(path, 1_700_000_000, 1_700_000_000);
      return path;
    },
    /** Adds an item for a file, as the watcher does. */
    async add(path: string, has: QueueSystems = systems): Promise<number> {
      const file = (await identify(Buffer.from(path))) as FileIdentity;
      const steps = allSteps(has);
      const added = await db.transaction().execute((trx) => addItem(trx, runs, { path, file, steps }, starter));
      if (!added) throw new Error(`${path} has an item.`);
      return added.id;
    },
    look: lookAt,
    /** The states of the steps of an item's latest run, and their errors. */
    async steps(id: number) {
      const { rows } = await sql<{ ref: string; state: string; error: string | null }>`
        select s.ref, st.state, s.error ->> 'message' as error
        from console.queue_item i join console.step s using (run_id) join console.step_state st on st.id = s.id
        where i.id = ${id} order by s.position
      `.execute(db);
      return rows;
    },
    /** Lets attempts begin that wait for their time. */
    async passTime(): Promise<void> {
      await sql`update console.job set start_after = now() where state < 'active'`.execute(db);
    },
    content: (path: string | null | undefined) => (path && existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    async reset(): Promise<void> {
      for (const worker of workers) await worker.stop();
      workers.clear();
      delete systems.boundary;
      // With a clock that runs fast, no scan of one test has another wait.
      systems.server = openMediaServer(server.settings, () => performance.now() * 1_000);
      await emptyTables(
        db,
        'console.run',
        'console.job',
        'console.queue_item',
        'console.queue_ignored',
        'console.queue_removal',
        'console.run_log',
      );
      for (const one of [root, elsewhere]) if (one) rmSync(one, { recursive: true, force: true });
      makeFolders(root, elsewhere);
      Object.assign(provider, { answer: undefined, requests: [], life: 86_400 });
      provider.facts.clear();
      Object.assign(server, { answer: undefined, requests: [], slowness: 0, images: [], store: (item: never) => item });
      server.items.clear();
    },
    async close(): Promise<void> {
      for (const worker of workers) await worker.stop();
      await queue.stop();
      await db.destroy();
      await database.drop();
      await Promise.all([provider.close(), server.close()]);
      for (const one of [root, elsewhere]) if (one) rmSync(one, { recursive: true, force: true });
    },
  };
  return product;
}

export type QueueProduct = Awaited<ReturnType<typeof openQueue>>;
