import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { JobQueue } from '@at/runs/job-queue';
import { Runs } from '@at/runs/runs';
import { type Kysely, sql } from 'kysely';
import { openQueue } from '../../packages/domain/test/queue.ts';
import { type Bench, get, interleave, quantile, type Server } from './measure.ts';
import { short } from './short-task.ts';
import type { WorkerMessage } from './worker.ts';

// Runs in the background: short steps beside bare jobs, from start to run, and the API while a worker is busy.

const starter = { trigger: 'manual', actor: { name: 'ann', verified: true } } as const;

/** Milliseconds since 1970. */
const now = () => performance.timeOrigin + performance.now();

function startWorker(bench: Bench, ...parameters: string[]): ChildProcess {
  return fork(new URL('worker.ts', import.meta.url), parameters, {
    env: { ...process.env, NODE_COMPILE_CACHE: join(bench.directory, 'compile-cache') },
  });
}

async function stop(worker: ChildProcess): Promise<void> {
  worker.disconnect();
  await once(worker, 'exit');
}

const clear = (db: Kysely<DB>) =>
  sql`truncate console.run, console.step, console.step_attempt, console.job, console.run_log, console.queue_item cascade`.execute(
    db,
  );

/** A database and the part of the API that starts runs in it. */
async function using<T>(
  connection: string,
  adapters: object,
  work: (db: Kysely<DB>, queue: JobQueue, runs: Runs<object>) => Promise<T>,
): Promise<T> {
  const db = createDb(createPool({ connection }));
  const queue = new JobQueue({ connection }, { supervises: false, onError: console.error });
  try {
    return await work(db, queue, new Runs(queue, adapters));
  } finally {
    await queue.stop();
    await db.destroy();
  }
}

/** Waits for the end of all jobs, and returns how many ended per second between the first start and the last end. */
async function drain(db: Kysely<DB>, worker: ChildProcess, count: number): Promise<{ perSecond: number }> {
  for (;;) {
    const { rows } = await sql<{ done: number; seconds: number }>`
      select count(*)::int as done, extract(epoch from max(completed_on) - min(started_on))::float8 as seconds
      from console.job where state = 'completed'
    `.execute(db);
    const { done, seconds } = rows[0] as (typeof rows)[number];
    if (done >= count) {
      await stop(worker);
      return { perSecond: done / seconds };
    }
    await sleep(100);
  }
}

/** Short steps with their rows, logs and events, beside the jobs of pg-boss alone. `ratios`: of each round. */
export function compareSteps(bench: Bench, connection: string, count: number, rounds: number) {
  return using(connection, {}, async (db, queue, runs) => {
    const round = async (what: string, add: Parameters<ReturnType<typeof db.transaction>['execute']>[0]) => {
      await clear(db);
      await db.transaction().execute(async (trx) => {
        for (let n = 0; n < count; n += 1) await add(trx);
      });
      const before = bench.postgresCpu();
      const { perSecond } = await drain(db, startWorker(bench, what, connection), count);
      return { perSecond, postgresCpu: (1000 * (bench.postgresCpu() - before)) / count };
    };
    const ticket = { run: '', step: '', task: '' };
    const ratios: number[] = [];
    let bare = 0;
    const measured = await interleave(bench, rounds, {
      jobs: async () => {
        const one = await round('jobs', (trx) => queue.send(trx, 'short', crypto.randomUUID(), ticket));
        bare = one.perSecond;
        return one;
      },
      steps: async () => {
        const one = await round('steps', (trx) => runs.start(trx, short(), {}, { starter }));
        ratios.push(one.perSecond / bare);
        return { ...one, ofJobs: one.perSecond / bare };
      },
    });
    return { ...measured, ratios: ratios.toSorted((a, b) => a - b) };
  });
}

/** Milliseconds from the request to start a run until its code begins in a worker that has nothing to do. */
export function measureStarts(bench: Bench, connection: string, count: number): Promise<{ p50: number; p99: number }> {
  return using(connection, {}, async (db, _queue, runs) => {
    await clear(db);
    const worker = startWorker(bench, 'steps', connection);
    const took: number[] = [];
    const start = async () => {
      const began = now();
      const begun = once(worker, 'message');
      await db.transaction().execute((trx) => runs.start(trx, short(), {}, { starter }));
      const [message] = (await begun) as [WorkerMessage];
      return message.begun - began;
    };
    // Until the worker is there and its code is compiled.
    for (let n = 0; n < 10; n += 1) await start();
    // Another pause each time, so that starts meet the polls of the queue at each phase.
    for (let n = 0; n < count; n += 1) {
      await sleep(20 + ((n * 37) % 101));
      took.push(await start());
    }
    await stop(worker);
    return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
  });
}

export type Latency = { list: number; details: number };

/**
 * The p95 of a list and of the details of a row, in milliseconds, for four users who look at something new five times a second:
 * alone, and while a worker does `count` items of the processing queue with four steps each. `seconds`: how long these took.
 */
export async function measureBusy(
  bench: Bench,
  server: Server,
  connection: string,
  count: number,
): Promise<{ idle: Latency; busy: Latency; seconds: number }> {
  const database = { connectionString: connection, drop: async () => {} };
  const product = await openQueue({ database });
  try {
    await clear(product.db);
    const ids: number[] = [];
    for (let n = 0; n < count; n += 1) {
      product.provider.facts.set(`ABC-${n}`, { title: `Film ${n}`, actress: [`Ada ${n % 7}`] });
      ids.push(await product.add(product.drop(`ABC-${n}.mkv`)));
    }
    const look = async (seconds = 6): Promise<Latency> => {
      const users = (requests: string[]) => server.load(requests, 4, seconds, 200);
      const [list, details] = await Promise.all([
        users([get('/api/queue?limit=50'), get('/api/runs?limit=50')]),
        users(ids.map((id) => get(`/api/queue/${id}`))),
      ]);
      return { list: list.p95, details: details.p95 };
    };
    await look(1);
    const idle = await look();
    const began = performance.now();
    const worker = startWorker(bench, 'items', connection, JSON.stringify(product.settings));
    const looking = look();
    const left = async () => {
      const { rows } = await sql<{ left: number }>`
        select count(*)::int as left from console.run where finished_at is null
      `.execute(product.db);
      return rows[0]?.left ?? 0;
    };
    while ((await left()) > 0) await sleep(200);
    const seconds = (performance.now() - began) / 1000;
    const busy = await looking;
    await stop(worker);
    return { idle, busy, seconds };
  } finally {
    await product.close();
  }
}
