import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jpeg, tag } from '@at/adapters/test/captures';
import { sized } from '@at/db/test-size';
import type { Task } from '@at/runs/task';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { settings } from '../../test/batches.ts';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { sortSettings } from '../../test/sorting.ts';
import { moveBatch } from '../batches/rules.ts';
import { batch } from '../batches/tasks/make.ts';
import { sort } from '../sorting/tasks/sort.ts';
import { scan } from './tasks/scan.ts';

/** Files go all the way from the inbox into the archive while the process that works on them is killed again and again. */

const count = sized(200, 100_000);
const files = sized(70, 20_000);
/** Milliseconds of work until a kill, on average, and how many kills there are at most. */
const kills = sized({ pause: 200, most: 8 }, { pause: 5_000, most: Number.POSITIVE_INFINITY });

let product: FilesProduct;
beforeAll(async () => {
  product = await openFiles();
  return () => product.close();
});

const countOf = async (what: string) =>
  (await sql<{ n: number }>`select count(*)::int as n from ${sql.raw(what)}`.execute(product.db)).rows[0]?.n ?? 0;

/** Starts a worker again each time it was killed, until `isOver`. Returns the number of kills. */
async function keepKilling(isOver: () => boolean): Promise<number> {
  const script = fileURLToPath(new URL('../../test/files-worker.ts', import.meta.url));
  for (let n = 0; ; n += 1) {
    const worker: ChildProcess = fork(script, [product.database.connectionString]);
    const exit = once(worker, 'exit');
    const isLast = n >= kills.most;
    for (let left = kills.pause * 2 * Math.random(); !isOver() && (isLast || left > 0); left -= 20) {
      // Only work counts.
      if ((await countOf(`console.job where state = 'active'`)) === 0) left += 20;
      await sleep(20);
    }
    worker.kill('SIGKILL');
    await exit;
    if (isOver()) return n;
    // Without a wait for a heartbeat or another attempt.
    await sql`update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`.execute(
      product.db,
    );
    await sql`update console.job set start_after = now() where state < 'active'`.execute(product.db);
  }
}

/** Runs a task until a run of it has ended well: one that has lost too many workers is given up, and is started again. */
async function complete(task: unknown, params: object): Promise<Record<string, unknown>> {
  for (;;) {
    const { id } = await product.db.transaction().execute((trx) =>
      product.runs.start(trx, task as Task<object>, params, {
        starter: { trigger: 'manual', actor: { name: 'ann', verified: true } },
      }),
    );
    for (let state = ''; state !== 'failed'; await sleep(50)) {
      const run = await product.report(id);
      state = run?.state ?? '';
      if (state === 'completed') return run?.steps[0]?.output as Record<string, unknown>;
    }
    const [step] = (await product.report(id))?.steps ?? [];
    expect(step?.error).toMatchObject({ code: 'workers_lost' });
  }
}

type OnDisk = Map<string, string>;
/** Hashes by path, without markers and manifests. */
const diskOf = (...roots: { at: string; name: string }[]): OnDisk =>
  new Map(
    roots.flatMap(({ at, name }) =>
      readdirSync(at, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== '.at-root' && entry.name !== 'manifest.json')
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path): [string, string] => [
          name + path.slice(at.length),
          createHash('sha256').update(readFileSync(path)).digest('hex'),
        ]),
    ),
  );
const contentsOf = (disk: OnDisk) => [...disk.values()].toSorted();

test(
  'a scan, batches and sorts whose process is killed again and again lose no content and leave nothing behind',
  async ({ annotate }) => {
    const [inbox, batches, archive, duplicates] = [
      await product.root(),
      await product.root(),
      await product.root(),
      await product.root(),
    ];
    for (let i = 0; i < count; i += 1) {
      const n = i % 5 === 4 ? i - 4 : i;
      const day = `2019:${String(1 + (n % 12)).padStart(2, '0')}:${String(1 + (n % 28)).padStart(2, '0')}`;
      const photo = jpeg({ exif: { [tag.original]: `${day} 10:00:00` } });
      // Names that are the same in several directories meet in the archive.
      product.put(
        join(inbox.at, `${i % 50}/IMG_${i % 1_000}_${i % 7}.jpg`),
        Buffer.concat([photo, Buffer.from(`${n}`)]),
      );
    }
    const before = diskOf(inbox);
    expect(before.size).toBe(count);
    let isOver = false;
    const killing = keepKilling(() => isOver);
    try {
      await complete(scan, { root: inbox.id, threads: 2, timezone: 'UTC', duplicates_root: duplicates.id });
      for (;;) {
        const parameters = { source: inbox.id, batch: batches.id, settings: { ...settings, max_files: files } };
        const made = await complete(batch, parameters);
        if (made.created !== true) break;
        const id = made.batch_id as number;
        await product.db.transaction().execute((trx) => moveBatch(trx, id, 'SORTING', { hasDevice: false }));
        await complete(sort, { ...sortSettings, batch: id, sorted: archive.id, duplicates: duplicates.id });
      }
    } finally {
      isOver = true;
    }
    const killed = await killing;
    expect(killed).toBeGreaterThan(0);

    const after = diskOf(inbox, batches, archive, duplicates);
    expect(contentsOf(after)).toEqual(contentsOf(before));
    const states = await product.states();
    expect(Object.keys(states).toSorted()).toEqual([...after.keys()].toSorted());
    expect(new Set(Object.values(states).map((state) => state.split(' ', 1)[0]))).toEqual(
      new Set(['SORTED', 'DUPLICATE']),
    );
    expect(await countOf(`console.move where state = 'planned'`)).toBe(0);
    expect(await countOf(`console.batch where status <> 'SORTED' and status <> 'CLEANED'`)).toBe(0);
    await annotate(`${count} files, ${killed} kills; 0 contents lost, 0 moves left open`, 'figure');
  },
  sized(180_000, 3 * 3_600_000),
);
