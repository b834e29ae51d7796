import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { expect, onTestFinished } from 'vitest';
import type { FilesProduct } from './files.ts';

// Scans that are interrupted while they wait for a lock: their process is killed, or they lose their connection.

const script = fileURLToPath(new URL('./files-worker.ts', import.meta.url));

/** Interrupts a scan at each of its parts, and expects that the next attempt has the result of one that was not interrupted. */
export async function expectSameResult(product: FilesProduct, kills: boolean): Promise<void> {
  const count = kills ? sized(400, 4_000) : 120;
  const root = await product.root();
  for (let i = 0; i < count; i += 1)
    product.put(join(root.at, `${i % 7}/${i % 31}/IMG_${String(i).padStart(5, '0')}.JPG`), `${(i * 7) % (count / 4)}`);
  await product.stop();
  const { id } = await product.start(root.id);
  const holder = product.session();
  onTestFinished(() => holder.end());
  // Not in the transaction of the holder, which sees the activity of its beginning.
  const countOf = async (what: string) =>
    (await sql<{ n: number }>`select count(*) as n from ${sql.raw(what)}`.execute(product.db)).rows[0]?.n ?? 0;
  const stuck = `pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and application_name = 'rear-differential worker'`;
  const waiting = () => countOf(stuck);
  const begin = (): ChildProcess => {
    const worker = fork(script, [product.database.connectionString]);
    onTestFinished(() => void worker.kill('SIGKILL'));
    return worker;
  };
  const files = `console.file f join console.file_directory d on d.id = f.directory_id where d.root_id = ${root.id}`;
  const points = {
    'before the rows': 'lock table console.file_directory in share row exclusive mode',
    'before the hashes': 'lock table console.file in share row exclusive mode',
    'before the states': `select pg_advisory_xact_lock(hashtextextended('console.file states', 0))`,
  };
  for (const [point, lock] of Object.entries(points)) {
    await holder.query('begin');
    if (point !== 'before the hashes') await holder.query(lock);
    const worker = kills ? begin() : product.work();
    if (point === 'before the hashes') {
      await expect.poll(() => countOf(files), { timeout: 20_000, interval: 1 }).toBeGreaterThan(0);
      await holder.query(lock);
    }
    await expect
      .poll(async () => [point, (await waiting()) > 0], { timeout: 20_000, interval: 5 })
      .toEqual([point, true]);
    if ('pid' in worker) {
      worker.kill('SIGKILL');
      expect([point, await once(worker, 'exit')]).toEqual([point, [null, 'SIGKILL']]);
    } else {
      await sql`select pg_terminate_backend(pid) from ${sql.raw(stuck)}`.execute(product.db);
    }
    await holder.query('rollback');
    await expect.poll(waiting, { timeout: 20_000, interval: 20 }).toBe(0);
    if (!kills) await product.stop();
    // Without a wait for a heartbeat or another attempt.
    await holder.query(`update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`);
    await holder.query(`update console.job set start_after = now() where state < 'active'`);
    expect((await product.report(id))?.state).not.toBe('completed');
  }
  product.work();
  await expect.poll(async () => (await product.report(id))?.state, { timeout: 60_000, interval: 50 }).toBe('completed');
  const states = await product.states();
  const expected = expectedOf(Object.keys(states).toSorted());
  expect(Object.keys(states)).toHaveLength(count);
  expect(states).toEqual(expected);
}

/** What the rules say about files, of which none has companions. */
function expectedOf(paths: string[]): Record<string, string> {
  const count = paths.length;
  const contentOf = (path: string) => (Number(/IMG_(\d+)/.exec(path)?.[1]) * 7) % (count / 4);
  const first = new Map<number, string>();
  for (const path of paths) if (!first.has(contentOf(path))) first.set(contentOf(path), path);
  return Object.fromEntries(
    paths.map((path) => {
      const keeper = first.get(contentOf(path)) as string;
      return [path, keeper === path ? 'UNIQUE' : `DUPLICATE of ${keeper}`];
    }),
  );
}
