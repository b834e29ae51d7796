import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { expect } from 'vitest';
import { type BatchContext, type BatchOutput, makeBatch } from '../src/batches/make.ts';
import type { BatchSettings } from '../src/batches/tasks/make.ts';
import { takeBack, type UndoOutput } from '../src/batches/undo.ts';
import { beginUndo } from '../src/batches/writes.ts';
import { type FilesProduct, openFiles } from './files.ts';

/** An inbox and a folder of batches, and attempts at a batch that can be interrupted. */

export const settings: BatchSettings = {
  max_size_gb: 0,
  max_files: 0,
  naming_pattern: 'batch_{index:03d}',
  order: 'path',
  allow_parallel: false,
  transfer_mode: 'move',
  day: '2026-11-30',
};

/** A run that goes on. */
export async function newRun(db: Kysely<DB>, task = 'files.batch'): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into console.run (task, params, trigger) values (${task}, '{}', 'manual') returning id
  `.execute(db);
  return rows[0]?.id as string;
}

export const cancelRun = (db: Kysely<DB>, run: string) =>
  sql`update console.run set outcome = 'cancelled', finished_at = now() where id = ${run}::uuid`.execute(db);

/** What a task gets, without a worker. `output` is what the step ends with. */
export function contextOf(db: Kysely<DB>, run: string, more: Partial<BatchContext> = {}) {
  const ended: { output?: unknown } = {};
  const silent = () => {};
  const context: BatchContext = {
    db,
    run,
    signal: new AbortController().signal,
    log: { info: silent, warn: silent, error: silent },
    progress: silent,
    checkpoint: (work) => db.transaction().execute(work),
    finish: async (last) => {
      ended.output = typeof last === 'function' ? await db.transaction().execute<unknown>(last) : last;
    },
    ...more,
  };
  return { context, ended };
}

export async function openBatches(opened?: FilesProduct) {
  const product = opened ?? (await openFiles());
  const { db } = product;
  const [source, batches] = [await product.root(), await product.root()];
  const parameters = (more: Partial<BatchSettings> = {}) => ({
    source: source.id,
    batch: batches.id,
    settings: { ...settings, ...more },
  });
  const rowsOf = async <R>(text: string): Promise<R[]> => (await sql<R>`${sql.raw(text)}`.execute(db)).rows;
  return {
    ...product,
    source,
    batches,
    parameters,
    rowsOf,
    /** Writes files and scans them. Names are Latin-1 bytes, contents their paths unless they are given. */
    async fill(files: readonly string[] | Record<string, string>): Promise<void> {
      const all = Array.isArray(files) ? files.map((path) => [path, path]) : Object.entries(files);
      for (const [path, content] of all as [string, string][]) {
        mkdirSync(join(source.at, path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''), { recursive: true });
        product.put(Buffer.concat([Buffer.from(`${source.at}/`), Buffer.from(path)]), content);
      }
      await product.scan(source.id);
      await product.stop();
    },
    async make(
      more: Partial<BatchSettings> = {},
      also: Partial<BatchContext> = {},
      run?: string,
    ): Promise<BatchOutput> {
      const { context, ended } = contextOf(db, run ?? (await newRun(db)), also);
      await makeBatch(parameters(more), context);
      return ended.output as BatchOutput;
    },
    async undo(id: number, also: Partial<BatchContext> = {}, run?: string): Promise<UndoOutput> {
      const own = run ?? (await newRun(db, 'files.undo_batch'));
      const { context } = contextOf(db, own, also);
      const [row] = await rowsOf<{ ready_at: string | null; status: string }>(
        `select ready_at, status from console.batch where id = ${id}`,
      );
      if (row?.ready_at && row.status !== 'CLEANED') await db.transaction().execute((trx) => beginUndo(trx, id, own));
      return takeBack(context, id, 'Undone by ann.');
    },
    /** What is on the disk: contents by path, without markers; names as Latin-1. */
    disk(): Record<string, string> {
      const of = (name: string, top: string) => {
        const walk = (directory: Buffer): [string, string][] =>
          readdirSync(directory, { withFileTypes: true, encoding: 'buffer' }).flatMap((entry): [string, string][] => {
            const path = Buffer.concat([directory, Buffer.from('/'), entry.name]);
            if (entry.isDirectory()) return walk(path);
            const text = path.toString('latin1').slice(Buffer.from(top).toString('latin1').length);
            return text === '/.at-root' ? [] : [[name + text, readFileSync(path, 'utf8')]];
          });
        return walk(Buffer.from(top));
      };
      return Object.fromEntries([...of('inbox', source.at), ...of('batches', batches.at)].toSorted());
    },
    /** What the rows say: statuses by path. */
    async states(): Promise<Record<string, string>> {
      const found = Object.entries(await product.states());
      const named = (path: string) => path.replace(`${source.name}/`, 'inbox/').replace(`${batches.name}/`, 'batches/');
      return Object.fromEntries(found.map(([path, state]) => [named(path), named(state)]));
    },
    files: (batch: number) =>
      rowsOf<{ path: string; state: string; error: string | null }>(
        `select path, state, error from console.batch_file where batch_id = ${batch} order by position`,
      ),
    rows: () =>
      rowsOf<{ name: string; status: string; reason: string | null; file_count: number; is_ready: boolean }>(
        'select name, status, reason, file_count, ready_at is not null as is_ready from console.batch order by id',
      ),
  };
}

export type BatchesProduct = Awaited<ReturnType<typeof openBatches>>;

/** Two companions, and a file of its own. */
export const photo = ['Camera/IMG_1.HEIC', 'Camera/IMG_1.MOV', 'b.jpg'];
export const inInbox = Object.fromEntries(photo.map((path) => [`inbox/${path}`, path]));
export const inBatch = (name = 'batch_001') =>
  Object.fromEntries(photo.map((path) => [`batches/${name}/${path}`, path]));

/** What the disks have without manifests. */
export const contents = (product: BatchesProduct) =>
  Object.fromEntries(Object.entries(product.disk()).filter(([path]) => !path.endsWith('manifest.json')));

/** The photo is in a batch that is ready. */
export async function expectWhole(product: BatchesProduct, name = 'batch_001'): Promise<void> {
  expect(contents(product)).toEqual(inBatch(name));
  expect(await product.states()).toEqual(
    Object.fromEntries(photo.map((path) => [`batches/${name}/${path}`, 'BATCHED'])),
  );
  const manifest = JSON.parse(readFileSync(join(product.batches.at, name, 'manifest.json'), 'utf8'));
  expect(manifest.files.map(({ path }: { path: string }) => path)).toEqual(photo);
  expect(await product.rows()).toEqual([{ name, status: 'PENDING', reason: null, file_count: 3, is_ready: true }]);
}

/** The photo is where it was, and nothing of its batch is left. */
export async function expectBack(product: BatchesProduct): Promise<void> {
  expect(product.disk()).toEqual(inInbox);
  expect(await product.states()).toEqual(Object.fromEntries(photo.map((path) => [`inbox/${path}`, 'UNIQUE'])));
  expect(await product.rows()).toMatchObject([{ status: 'CLEANED' }]);
  expect(await product.rowsOf('select from console.file where batch_id is not null')).toEqual([]);
}
