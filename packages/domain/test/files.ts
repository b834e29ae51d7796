import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, emptyTables } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import { findRun } from '@at/runs/reports';
import { Runs } from '@at/runs/runs';
import { Worker } from '@at/runs/worker';
import { type Kysely, sql } from 'kysely';
import { batch } from '../src/batches/tasks/make.ts';
import { restoreDuplicate } from '../src/duplicates/tasks/restore.ts';
import { makeRoot } from '../src/files/roots.ts';
import { scan } from '../src/files/tasks/scan.ts';
import { sort } from '../src/sorting/tasks/sort.ts';

/** Roots with files, and a database of their own. */

const silent = { info: () => {}, warn: () => {}, error: () => {} };

export const newWorker = (connection: string) =>
  new Worker({
    database: { connection },
    tasks: [scan, restoreDuplicate, batch, sort] as never[],
    schedules: [],
    adapters: {},
    log: silent,
    version: '0',
  });

export async function openFiles() {
  const base = mkdtempSync(join(tmpdir(), 'at-files-'));
  const database = await createTestDatabase('plain');
  const db: Kysely<DB> = createDb(createPool({ connection: database.connectionString, max: 10 }));
  const queue = new JobQueue({ connection: database.connectionString }, { supervises: false, onError: console.error });
  const runs = new Runs(queue, {});
  let worker: ReturnType<typeof newWorker> | undefined;
  let count = 0;

  const start = (root: number, options: object = {}) =>
    db.transaction().execute((trx) =>
      runs.start(
        trx,
        scan,
        { root, threads: 2, ...options },
        {
          starter: { trigger: 'manual', actor: { name: 'ann', verified: true } },
          subject: { type: 'file_root', id: String(root) },
        },
      ),
    );
  const product = {
    base,
    db,
    database,
    runs,
    /** A new root. */
    async root(parent = base) {
      count += 1;
      const name = `root ${count}`;
      const path = join(parent, name);
      mkdirSync(path, { recursive: true });
      return { ...(await makeRoot(db, Buffer.from(path), name)), at: path };
    },
    /** Writes a file, which counts as old. */
    put(path: string | Buffer, content: string | Buffer): void {
      mkdirSync(dirname(path.toString()), { recursive: true });
      writeFileSync(path, content);
      utimesSync(path, 1_700_000_000, 1_700_000_000);
    },
    start,
    work: () => {
      worker ??= newWorker(database.connectionString);
      worker.start();
      return worker;
    },
    stop: async () => {
      await worker?.stop();
      worker = undefined;
    },
    /** The row of a batch without files, with its directory at the top of a root. */
    async batch(
      root: number,
      name: string,
      columns: { status?: string; ready_at?: string | null } = {},
    ): Promise<number> {
      const { rows } = await sql<{ id: number }>`
        with directory as (
          insert into console.file_directory (root_id, parent_id, name)
          select root_id, id, convert_to(${name}, 'utf8') from console.file_directory where root_id = ${root} and parent_id is null
          returning id
        )
        insert into console.batch (name, status, file_count, size_bytes, manifest, settings, directory_id, ready_at)
        select ${name}, ${columns.status ?? 'PENDING'}, 0, 0, '{"files": []}', '{}', id,
          ${columns.ready_at === undefined ? new Date().toISOString() : columns.ready_at}::timestamptz
        from directory returning id
      `.execute(db);
      return rows[0]?.id as number;
    },
    /** A connection of its own, which keeps its transaction however long it waits. */
    session() {
      const pool = createPool({ connection: database.connectionString, max: 1, config: { idleTimeoutMillis: 0 } });
      const session = createDb(pool);
      return {
        end: () => session.destroy(),
        query: async (text: string) => ({ rows: (await sql<{ n: number }>`${sql.raw(text)}`.execute(session)).rows }),
      };
    },
    report: (id: string) => findRun(db, id),
    /** Scans a root. Returns the output, or the message of the failure. */
    async scan(root: number, options: object = {}): Promise<Record<string, unknown> | string> {
      product.work();
      const { id } = await start(root, options);
      for (;;) {
        const run = await findRun(db, id);
        const [step] = run?.steps ?? [];
        const error = step?.error as { message: string } | null | undefined;
        if (run?.state === 'completed') return step?.output as Record<string, unknown>;
        if (error) return error.message;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    /** Statuses by paths, each with the path of its keeper. Paths are Latin-1 and begin with the name of the root. */
    async states(): Promise<Record<string, string>> {
      const { rows } = await sql<{ path: Buffer; status: string; keeper: Buffer | null }>`
        with recursive up as (
          select id, root_id, parent_id, name as path from console.file_directory
          union all
          select u.id, u.root_id, d.parent_id, case when d.parent_id is null then u.path else d.name || '/'::bytea || u.path end
          from up u join console.file_directory d on d.id = u.parent_id
        ), place as (
          select f.id, f.status, f.duplicate_of, convert_to(r.name, 'utf8') || '/'::bytea
            || case when u.path = '' then u.path else u.path || '/'::bytea end || f.name as path
          from console.file f join up u on u.id = f.directory_id and u.parent_id is null
          join console.file_root r on r.id = u.root_id
        )
        select p.path, p.status, k.path as keeper from place p left join place k on k.id = p.duplicate_of order by p.path
      `.execute(db);
      const text = (bytes: Buffer) => bytes.toString('latin1');
      return Object.fromEntries(
        rows.map(({ path, status, keeper }) => [text(path), keeper ? `${status} of ${text(keeper)}` : status]),
      );
    },
    /** Forgets all runs. A worker that has nothing to do stays for the next ones. */
    async forget(): Promise<void> {
      const { rows: open } = await sql`select from console.job where state <= 'active' limit 1`.execute(db);
      if (open.length > 0) await product.stop();
      await emptyTables(db, 'console.run', 'console.job', 'console.run_log');
    },
    async reset(): Promise<void> {
      await product.forget();
      await emptyTables(
        db,
        'console.batch',
        'console.move',
        'console.file',
        'console.file_directory',
        'console.file_root',
        'console.duplicate_set',
      );
    },
    async close(): Promise<void> {
      await product.stop();
      await queue.stop();
      await db.destroy();
      await database.drop();
      rmSync(base, { recursive: true, force: true });
    },
  };
  return product;
}

export type FilesProduct = Awaited<ReturnType<typeof openFiles>>;
