import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { deepLimit, sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startApi } from '../../../../apps/api/test/faults/api-process.ts';
import { filesBelow, openQueue, type QueueProduct, starter } from '../../test/queue.ts';
import { restoreItem, startFileRemoval } from './starts.ts';

/** What remains true when workers end at any instruction, when there are several, and when the database is gone for a moment. */

const script = fileURLToPath(new URL('../../test/queue-worker.ts', import.meta.url));

/** A worker as a process, which ends by SIGKILL behind a step of a move. */
function apart(product: QueueProduct, step = ''): ChildProcess {
  const worker = fork(script, [JSON.stringify(product.settings), product.database.connectionString, step]);
  onTestFinished(() => void worker.kill('SIGKILL'));
  return worker;
}

async function opened(options: Parameters<typeof openQueue>[0] = {}): Promise<QueueProduct> {
  const product = await openQueue(options);
  onTestFinished(() => product.close());
  return product;
}

function know(product: QueueProduct, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const code = `ABC-${i + 1}`;
    product.provider.facts.set(code, { title: `Film ${i + 1}`, actress: [`Ada ${i % 7}`] });
    return code;
  });
}

const unfinished = async ({ db }: QueueProduct) =>
  (await db.selectFrom('console.queue_item_state').select('id').where('status', '<>', 'completed').execute()).length;

/** Every file is in the library once, with its content, and nothing else is left. */
function expectWhole(product: QueueProduct, codes: string[]): void {
  const { library, watch, unprocessed } = product.folders;
  const files = filesBelow(library);
  expect(files.map((file) => /ABC-\d+/.exec(file)?.[0]).toSorted()).toEqual(codes.toSorted());
  for (const file of files) expect(product.content(join(library, file))).toBe(`${/ABC-\d+/.exec(file)?.[0]}.mkv`);
  expect([filesBelow(watch), filesBelow(unprocessed)]).toEqual([[], []]);
}

// A directory in memory is another file system than the one of temporary files: a move to it passes more steps.
const same: [string, string | undefined] = ['the same file system', undefined];
const other: [string, string | undefined] = ['another file system', '/dev/shm'];
const disks = existsSync('/dev/shm') ? sized([other], [same, other]) : [same];

describe.each(disks)('a move to %s', (_name, library) => {
  test('of a worker that is killed behind any of its steps is finished by another, with one whole file', async ({
    annotate,
  }) => {
    const product = await opened(library === undefined ? {} : { library });
    const [probe, ...codes] = know(product, 12) as [string, ...string[]];
    const steps: string[] = [];
    product.systems.boundary = (done) => void (steps.includes(done) || steps.push(done));
    await product.add(product.drop(`${probe}.mkv`));
    const first = product.work();
    await expect.poll(() => unfinished(product), { interval: 20 }).toBe(0);
    await first.stop();
    delete product.systems.boundary;
    expect(steps).toContain('source set aside');
    expect(steps.includes('copy recorded')).toBe(library !== undefined);

    for (const code of codes) await product.add(product.drop(`${code}.mkv`));
    // One process that has a move behind each of the steps, or one for each step.
    for (const step of sized([steps.join(',')], steps)) {
      const worker = apart(product, step);
      expect([step, await once(worker, 'exit')]).toEqual([step, [null, 'SIGKILL']]);
      // In the meantime each film is whole under one name at least.
      const places = [product.folders.library, product.folders.watch];
      const present = places.flatMap((place) => filesBelow(place).map((file) => product.content(join(place, file))));
      for (const code of codes) expect([step, present]).toEqual([step, expect.arrayContaining([`${code}.mkv`])]);
      // Nobody waits for a sign of life of what is dead, and its connections are gone with it.
      await sql`update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`.execute(
        product.db,
      );
    }
    product.work();
    await expect.poll(() => unfinished(product), { interval: 50, timeout: 60_000 }).toBe(0);
    expectWhole(product, [probe, ...codes]);
    const lost = await product.db
      .selectFrom('console.step_attempt')
      .select('job_id')
      .where('outcome', '=', 'lost')
      .execute();
    expect(lost.length).toBeGreaterThanOrEqual(steps.length);
    await annotate(`${steps.length} kills; each film is whole under one name, and its row says which`, 'figure');
  });
});

test('an undo of a removal by a worker that is killed behind any of its steps is finished by another, with one whole file', async ({
  annotate,
}) => {
  const product = await opened();
  const [probe, ...codes] = know(product, 12) as [string, ...string[]];
  const ids = new Map<string, number>();
  for (const code of [probe, ...codes]) ids.set(code, await product.add(product.drop(`${code}.mkv`)));
  const first = product.work();
  await expect.poll(() => unfinished(product), { interval: 20 }).toBe(0);
  const removeAll = async (some: string[]) => {
    for (const code of some) {
      const id = ids.get(code) as number;
      await product.transaction((trx) => startFileRemoval(trx, product.runs, id, { starter }));
      await expect.poll(() => product.look(id), { interval: 20 }).toBeUndefined();
    }
  };
  const restoreAll = async (some: string[]) => {
    for (const code of some)
      await product.transaction((trx) =>
        restoreItem(trx, product.runs, ids.get(code) as number, starter, product.systems),
      );
  };
  await removeAll([probe, ...codes]);
  await first.stop();
  const steps: string[] = [];
  product.systems.boundary = (done) => void (steps.includes(done) || steps.push(done));
  const second = product.work();
  await restoreAll([probe]);
  await expect
    .poll(async () => (await product.look(ids.get(probe) as number))?.status, { interval: 20 })
    .toBe('completed');
  await second.stop();
  delete product.systems.boundary;
  expect(steps).toContain('source set aside');

  await restoreAll(codes);
  for (const step of sized([steps.join(',')], steps)) {
    const worker = apart(product, step);
    expect([step, await once(worker, 'exit')]).toEqual([step, [null, 'SIGKILL']]);
    // Each film is whole under one name at least, in the trash or in its place.
    const present = filesBelow(product.folders.library).map((file) =>
      product.content(join(product.folders.library, file)),
    );
    for (const code of codes) expect([step, present]).toEqual([step, expect.arrayContaining([`${code}.mkv`])]);
    await sql`update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`.execute(
      product.db,
    );
  }
  product.work();
  await expect.poll(() => unfinished(product), { interval: 50, timeout: 60_000 }).toBe(0);
  expectWhole(product, [probe, ...codes]);
  await annotate(`${steps.length} kills; each film is whole under one name, and its row says which`, 'figure');
});

/** The 95th percentile, in milliseconds, of replies of the API with lists and details until the returned function is called. */
async function lookAround({ database }: QueueProduct, ids: number[]): Promise<() => Promise<number>> {
  const api = await startApi(database.connectionString);
  onTestFinished(() => api.kill());
  const ended = new AbortController();
  const took: number[] = [];
  const looking = (async () => {
    for (let n = 0; !ended.signal.aborted; n += 1) {
      for (const path of ['/api/queue?limit=50', `/api/queue/${ids[n % ids.length]}`, '/api/runs?limit=50']) {
        const began = performance.now();
        const response = await fetch(`http://127.0.0.1:${api.port}${path}`);
        await response.arrayBuffer();
        expect([path, response.status]).toEqual([path, 200]);
        took.push(performance.now() - began);
      }
      await sleep(50);
    }
  })();
  return async () => {
    ended.abort();
    await looking;
    return took.toSorted((a, b) => a - b)[Math.floor(0.95 * took.length)] as number;
  };
}

const patience = { timeout: 600_000 };

test(
  'two workers handle each of many items once, and the API answers lists and details fast beside them',
  patience,
  async ({ annotate }) => {
    const product = await opened();
    const codes = know(product, sized(60, 1_000));
    const ids: number[] = [];
    for (const code of codes) ids.push(await product.add(product.drop(`${code}.mkv`)));
    // Only where its time counts.
    const end = await sized(async () => async () => 0, lookAround)(product, ids);
    const began = performance.now();
    const start = sized<() => unknown>(product.work, () => apart(product));
    for (const _ of [1, 2]) start();
    await expect.poll(() => unfinished(product), { interval: sized(100, 500), ...patience }).toBe(0);
    const seconds = (performance.now() - began) / 1_000;
    const p95 = await end();
    const rate = Math.round(codes.length / seconds);
    await annotate(`${codes.length} items, two workers: ${rate} items/s, API p95 ${Math.round(p95)} ms`, 'figure');
    expect(p95).toBeLessThan(deepLimit(200));
    expectWhole(product, codes);
    const searches = product.provider.requests.filter((request) => request.startsWith('search'));
    expect(searches.toSorted()).toEqual(codes.map((code) => `search ${code}`).toSorted());
    const written = product.server.requests.filter((request) => /^POST Items\/\w+$/.test(request));
    expect([written.length, new Set(written).size]).toEqual([codes.length, codes.length]);
    const attempts = await product.db.selectFrom('console.step_attempt').select('outcome').execute();
    // Some wait for the next scan of the media server.
    const done = attempts.filter(({ outcome }) => outcome !== 'returned');
    expect(done.every(({ outcome }) => outcome === 'completed')).toBe(true);
    expect(done).toHaveLength(4 * codes.length);
    const scans = product.server.requests.filter((request) => request === 'POST Library/Refresh');
    expect(scans.length).toBeLessThan(codes.length / 5);
  },
);

test('a database that ends all connections in the middle of a move leaves one whole file and a finished item', async () => {
  const product = await opened();
  const [code] = know(product, 1) as [string];
  let isFirst = true;
  product.systems.boundary = async (done) => {
    if (done !== 'linked' || !isFirst) return;
    isFirst = false;
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
    `.execute(product.db);
  };
  await product.add(product.drop(`${code}.mkv`));
  product.work();
  await expect.poll(() => unfinished(product), { interval: 50, timeout: 60_000 }).toBe(0);
  expect(isFirst).toBe(false);
  expectWhole(product, [code]);
});
