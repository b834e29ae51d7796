import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DB } from '@at/db/schema';
import { StepFailure } from '@at/runs/task';
import { type Kysely, sql } from 'kysely';
import { moveBatch } from '../src/batches/rules.ts';
import { directoryBelow, topOf } from '../src/moves/queries.ts';
import { type SortContext, sortBatch } from '../src/sorting/sort.ts';
import type { SortSettings } from '../src/sorting/tasks/sort.ts';
import { openFiles } from './files.ts';

/** Batches, an archive and a folder of duplicates, and attempts at sorting that can be interrupted. */

export const sortSettings = {
  folder_pattern: '{year}/{month:02d}/{day:02d}',
  exif_fallback: false,
  timezone: 'UTC',
  transfer_mode: 'move',
} as const satisfies Partial<SortSettings>;

export const interrupted = new Error('cut off');

/** What a task gets, without a worker. */
export function sortContext(db: Kysely<DB>, run: string, more: Partial<SortContext> = {}) {
  const ended: { output?: unknown } = {};
  const silent = () => {};
  const context: SortContext = {
    db,
    run,
    signal: new AbortController().signal,
    log: { info: silent, warn: silent, error: silent },
    progress: silent,
    keep: async (_trx, value) => {
      ended.output = value;
    },
    checkpoint: (work) => db.transaction().execute(work),
    finish: async (last) => {
      ended.output = typeof last === 'function' ? await db.transaction().execute<unknown>(last) : last;
    },
    ...more,
  };
  return { context, ended };
}

export async function newSortRun(db: Kysely<DB>): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into console.run (task, params, trigger) values ('files.sort', '{}', 'manual') returning id
  `.execute(db);
  return (rows[0] as { id: string }).id;
}

export async function openSorting(below?: string) {
  const product = await openFiles();
  const { db } = product;
  const batches = await product.root();
  const archive = await product.root(below);
  const duplicates = await product.root();
  let count = 0;

  /** A batch with files by path; files of a list are companions. The batch is PENDING and its files BATCHED. */
  async function add(groups: Record<string, string | Buffer>[]): Promise<{ id: number; name: string }> {
    count += 1;
    const name = `batch_${count}`;
    for (const [path, content] of groups.flatMap((group) => Object.entries(group)))
      product.put(join(batches.at, name, path), content);
    const directory = await directoryBelow(db, await topOf(db, batches.id), Buffer.from(name));
    const { rows } = await sql<{ id: number }>`
      insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id, ready_at)
      values (${name}, 1, 1, '{"files": []}', '{}', ${directory}, now()) returning id
    `.execute(db);
    const { id } = rows[0] as { id: number };
    let position = 0;
    for (const [companions, group] of groups.entries()) {
      let head: number | null = null;
      for (const path of Object.keys(group)) {
        const at = join(batches.at, name, path);
        const { size, mtimeNs, ctimeNs, ino } = statSync(at, { bigint: true });
        const parts = path.split('/');
        let parent = directory;
        for (const part of parts.slice(0, -1)) parent = await directoryBelow(db, parent, Buffer.from(part));
        const kind = /mov$/i.test(path) ? 'video' : /json$/.test(path) ? 'sidecar' : 'photo';
        const added = await sql<{ id: number }>`
          with file as (
            insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, batch_id, group_id, sha256)
            values (${parent}, ${Buffer.from(parts.at(-1) as string)}, ${String(size)}::bigint, ${String(mtimeNs)}::bigint,
              ${String(ctimeNs)}::bigint, ${String(BigInt.asIntN(64, ino))}::bigint, ${kind}, 'BATCHED', ${id}, ${head},
              sha256(${readFileSync(at)}))
            returning id, size, mtime_ns, sha256
          )
          insert into console.batch_file (batch_id, position, file_id, companions, source, path, size, mtime_ns, sha256, state)
          select ${id}, ${position}, f.id, ${companions}, ${Buffer.from(path)}, ${path}, f.size, f.mtime_ns, f.sha256, 'BATCHED'
          from file f returning file_id as id
        `.execute(db);
        head ??= (added.rows[0] as { id: number }).id;
        position += 1;
      }
    }
    return { id, name };
  }

  const settingsOf = (batch: number, more: Partial<SortSettings> = {}): SortSettings => ({
    ...sortSettings,
    batch,
    sorted: archive.id,
    duplicates: duplicates.id,
    ...more,
  });

  return {
    ...product,
    batches,
    archive,
    duplicates,
    add,
    settingsOf,
    /** Sorts a batch; returns the output, or what was thrown. */
    async sort(batch: number, more: Partial<SortSettings> = {}, also: Partial<SortContext> = {}, run?: string) {
      const { context, ended } = sortContext(db, run ?? (await newSortRun(db)), also);
      await db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ status: string }>`select status from console.batch where id = ${batch}`.execute(
          trx,
        );
        if (rows[0]?.status !== 'SORTING') await moveBatch(trx, batch, 'SORTING', { hasDevice: false });
      });
      const error = await sortBatch(settingsOf(batch, more), context).then(
        () => undefined,
        (thrown: unknown) => {
          if (thrown instanceof StepFailure || thrown === interrupted) return thrown;
          throw thrown;
        },
      );
      return { output: ended.output as Record<string, unknown> | undefined, error };
    },
    /** What is on the disks: contents by path, without markers. */
    disk(): Record<string, string> {
      const of = (name: string, top: string) =>
        readdirSync(top, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && entry.name !== '.at-root')
          .map((entry) => join(entry.parentPath, entry.name))
          .map((path): [string, string] => [name + path.slice(top.length), readFileSync(path, 'latin1')]);
      return Object.fromEntries(
        [...of('batches', batches.at), ...of('archive', archive.at), ...of('duplicates', duplicates.at)].toSorted(),
      );
    },
    /** What the rows say: statuses by path. */
    async places(): Promise<Record<string, string>> {
      const named = (text: string) =>
        text
          .replaceAll(`${batches.name}/`, 'batches/')
          .replaceAll(`${archive.name}/`, 'archive/')
          .replaceAll(`${duplicates.name}/`, 'duplicates/');
      return Object.fromEntries(
        Object.entries(await product.states()).map(([path, state]) => [named(path), named(state)]),
      );
    },
    async files(batch: number): Promise<Record<string, string>> {
      const { rows } = await sql<{ path: string; state: string }>`
        select path, concat_ws(': ', state, error) as state from console.batch_file where batch_id = ${batch} order by position
      `.execute(db);
      return Object.fromEntries(rows.map(({ path, state }) => [path, state]));
    },
    async batch(id: number): Promise<string> {
      const { rows } = await sql<{ text: string }>`
        select concat_ws(': ', status, reason) as text from console.batch where id = ${id}
      `.execute(db);
      return rows[0]?.text ?? '';
    },
  };
}

export type SortingProduct = Awaited<ReturnType<typeof openSorting>>;
