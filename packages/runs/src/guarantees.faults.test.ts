import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { sized } from '@at/db/test-size';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { Type } from 'typebox';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { add, effectTable, fail, tasks, wait } from '../test/tasks.ts';
import { JobQueue } from './job-queue.ts';
import { findRun } from './reports.ts';
import { Runs, type StartOptions } from './runs.ts';
import { fireSchedules, type Schedule, saveSchedules } from './schedules.ts';
import { NotConfigured, RunNotFound, RunRefused, type State, StepNotFound } from './states.ts';
import { defineTask, type PlannedStep, StepFailure, type Task, tableOf } from './task.ts';
import { Worker } from './worker.ts';

/** What every user of runs may rely on, whichever library keeps the queue. */

let database: TestDatabase;
let db: Kysely<DB>;
let queue: JobQueue;
let runs: Runs<unknown>;

const onError = (error: Error) => console.error(error);

beforeAll(async () => {
  database = await createTestDatabase('plain');
  db = createDb(createPool({ connection: database.connectionString, max: 8 }));
  await sql.raw(effectTable).execute(db);
  queue = new JobQueue({ connection: database.connectionString }, { supervises: false, onError });
  await queue.start();
  runs = new Runs(queue, {});
  return async () => {
    await queue.stop();
    await db.destroy();
    await database.drop();
  };
});
beforeEach(async () => {
  await sql`truncate console.run cascade`.execute(db);
  await sql`truncate console.job, console.run_log, console.run_schedule, public.effect`.execute(db);
});

const starter: StartOptions['starter'] = { trigger: 'manual', actor: { name: 'ann', verified: true } };

async function start(task: Task<unknown, ReturnType<typeof Type.Object>>, params: object = { n: 1 }): Promise<string> {
  return (await db.transaction().execute((trx) => runs.start(trx, task as Task<unknown>, params, { starter }))).id;
}

const cancel = (id: string) => db.transaction().execute((trx) => runs.cancel(trx, id, 'ann'));
const retry = (id: string) => db.transaction().execute((trx) => runs.retry(trx, id));

/** A worker in this process. */
function work(more: Task<unknown>[] = [], usual = tasks): Worker<unknown> {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const connection = database.connectionString;
  const worker = new Worker({
    database: { connection },
    tasks: [...usual, ...more],
    schedules: [],
    adapters: {},
    log,
    version: '0',
  });
  worker.start();
  onTestFinished(() => worker.stop());
  return worker;
}

const script = fileURLToPath(new URL('../test/worker-process.ts', import.meta.url));

/** A worker as a process. */
function workApart(): ChildProcess {
  const child = fork(script, [], { env: { ...process.env, DATABASE_URL: database.connectionString } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function stateOf(id: string): Promise<State> {
  const { rows } = await sql<{ state: State }>`select state from console.run_state where id = ${id}`.execute(db);
  return (rows[0] as { state: State }).state;
}
const becomes = (id: string, state: State) => expect.poll(() => stateOf(id), { interval: 20 }).toBe(state);

/** As `task step`. */
async function effects(): Promise<string[]> {
  const { rows } = await sql<{ effect: string }>`
    select task || ' ' || step as effect from public.effect where task <> 'go' order by effect
  `.execute(db);
  return rows.map(({ effect }) => effect);
}
const begun = (effect = 'wait begun') => expect.poll(effects, { interval: 20 }).toContain(effect);
const letGo = (n = 1) => sql`insert into public.effect values ('go', ${n}, '')`.execute(db);

async function attempts(id: string): Promise<(string | null)[]> {
  const { rows } = await sql<{ outcome: string | null }>`
    select a.outcome from console.step_attempt a join console.step s on s.id = a.step_id where s.run_id = ${id}
    order by a.started_at
  `.execute(db);
  return rows.map(({ outcome }) => outcome);
}

/** As if the first worker of each active job had been silent for an hour. */
const silence = () =>
  sql`
    update console.job set heartbeat_on = now() - interval '1 hour' where state = 'active' and retry_count = 0
  `.execute(db);
/** The time of the next attempts comes. */
const waitOver = () => sql`update console.job set start_after = now() where state < 'active'`.execute(db);

test('a start is part of its transaction: rolled back, nothing is left', async () => {
  await expect(
    db.transaction().execute(async (trx) => {
      await runs.start(trx, add, { n: 1 }, { starter });
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  for (const table of ['run', 'step', 'job']) {
    expect((await sql`select from console.${sql.raw(table)}`.execute(db)).rows).toEqual([]);
  }
});

test('a transaction that holds a job can send another one while the queue stops, which waits for it', async () => {
  const own = new JobQueue({ connection: database.connectionString }, { supervises: true, onError: () => {} });
  await own.start();
  await start(add, { n: 1 });
  const stopping = Promise.withResolvers<void>();
  own.work('short', 1, ({ ticket, claim: { jobId } }) =>
    db.transaction().execute(async (trx) => {
      await sql`select from console.job where id = ${jobId} for update`.execute(trx);
      const stopped = own.stop();
      const waits = sql`
        select from pg_stat_activity
        where datname = current_database() and application_name = 'rear-differential jobs' and wait_event_type = 'Lock'
      `;
      await expect.poll(async () => (await waits.execute(db)).rows.length, { interval: 20 }).toBe(1);
      await own.send(trx, 'short', randomUUID(), ticket);
      stopping.resolve(stopped);
      return false;
    }),
  );
  await stopping.promise;
  expect((await sql`select from console.job`.execute(db)).rows).toHaveLength(2);
});

test('a start refuses parameters that do not fit, and a task that is not configured', async () => {
  await expect(start(add as never, { n: 'one' })).rejects.toThrow(TypeError);
  await expect(start({ ...add, needs: () => ['SOME_KEY'] } as never)).rejects.toThrow(NotConfigured);
});

test('an exclusive task has one unfinished run per subject: a second start joins it or is refused with its state', async () => {
  const joining = { ...add, exclusive: 'join' as const };
  const startFor = (id: string, task: typeof joining | (typeof add & { exclusive: 'refuse' }) = joining) =>
    db.transaction().execute((trx) => runs.start(trx, task, { n: 1 }, { starter, subject: { type: 'item', id } }));
  const [first, other] = [await startFor('1'), await startFor('2')];
  expect([first.joined, other.joined]).toEqual([false, false]);
  expect(await startFor('1')).toEqual({ id: first.id, joined: true });
  await expect(startFor('1', { ...add, exclusive: 'refuse' })).rejects.toMatchObject({
    name: 'RunRefused',
    state: 'queued',
  });
  await cancel(first.id);
  const raced = await Promise.all([1, 2, 3, 4].map(() => startFor('1')));
  expect(new Set(raced.map(({ id }) => id)).size).toBe(1);
  expect(raced.filter(({ joined }) => !joined)).toHaveLength(1);
  await expect(retry(first.id)).rejects.toThrow(RunRefused);
});

test('two workers do each step once', async () => {
  const count = sized(100, 1_000);
  await db.transaction().execute(async (trx) => {
    for (let n = 0; n < count; n += 1) await runs.start(trx, add, { n }, { starter });
  });
  for (const _ of [1, 2]) workApart();
  const done = sql<{ n: number }>`select n from public.effect order by n`;
  await expect.poll(async () => (await done.execute(db)).rows.length).toBeGreaterThanOrEqual(count);
  expect((await done.execute(db)).rows.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
  const { rows } = await sql<{
    ended: number;
  }>`select count(*)::int as ended from console.run where outcome = 'completed'`.execute(db);
  expect(rows).toEqual([{ ended: count }]);
});

test('a killed worker is replaced: its step has its effect once, and its attempt is lost but is no failure', async () => {
  const first = workApart();
  const id = await start(wait as never);
  await begun();
  first.kill('SIGKILL');
  await once(first, 'exit');
  // Another one was killed before it had written that it began.
  const early = await start(add as never, { n: 2 });
  await sql`
    update console.job j set state = 'active', started_on = now() from console.step s where s.job_id = j.id and s.run_id = ${early}
  `.execute(db);
  await silence();
  work();
  await expect.poll(effects).toEqual(['add finished', 'wait begun', 'wait begun']);
  await letGo();
  await becomes(id, 'completed');
  expect(await effects()).toEqual(['add finished', 'wait begun', 'wait begun', 'wait finished']);
  expect(await attempts(id)).toEqual(['lost', 'completed']);
  expect([await stateOf(early), await attempts(early)]).toEqual(['completed', ['completed']]);
  expect((await sql`select distinct failures from console.step`.execute(db)).rows).toEqual([{ failures: 0 }]);
});

test('a worker that was frozen writes nothing after another one has taken over', async () => {
  const outcomes: string[] = [];
  let turn = 0;
  const freezing = defineTask<unknown, ReturnType<typeof Type.Object>>({
    ...add,
    name: 'test.freeze',
    params: Type.Object({}),
    async run(_params, { checkpoint, finish }) {
      turn += 1;
      const effect = (step: string) => async (trx: Kysely<DB>) => {
        await sql`insert into public.effect values ('freeze', 0, ${step})`.execute(trx);
      };
      if (turn > 1) return finish(effect('finished'));
      // Its heartbeat does not count until the other attempt has finished.
      await expect.poll(() => silence().then(effects), { interval: 20 }).toHaveLength(1);
      for (const write of [() => checkpoint(effect('late')), () => finish(effect('late'))])
        await write().catch((error: Error) => outcomes.push(error.name));
      throw new Error('It failed, too.');
    },
  });
  work([freezing as never]);
  const id = await start(freezing as never, {});
  await expect.poll(() => outcomes).toEqual(['ClaimLost', 'ClaimLost']);
  expect(await effects()).toEqual(['freeze finished']);
  expect(await attempts(id)).toEqual(['lost', 'completed']);
  expect(await stateOf(id)).toBe('completed');
});

test('a cancel ends a waiting run at once and reaches a running one; a finished one refuses it with its state', async () => {
  const waiting = await start(wait as never);
  await cancel(waiting);
  expect(await stateOf(waiting)).toBe('cancelled');
  expect((await sql`select from console.job`.execute(db)).rows).toEqual([]);

  work();
  const running = await start(wait as never);
  await begun();
  await cancel(running);
  expect(await stateOf(running)).toMatch(/stopping|cancelled/);
  await becomes(running, 'cancelled');
  expect([await effects(), await attempts(running)]).toEqual([['wait begun'], ['cancelled']]);

  await expect(cancel(running)).rejects.toMatchObject({ name: 'RunRefused', state: 'cancelled' });
  await expect(cancel('00000000-0000-4000-8000-000000000000')).rejects.toThrow(RunNotFound);
});

test('a failure is tried again after the delays of the task; the last one ends the run, which a retry continues', async () => {
  work();
  const id = await start(fail as never);
  const delay = async () => {
    await becomes(id, 'retrying');
    const { rows } = await sql<{ delay: number }>`
      select round(extract(epoch from next_attempt_at - now()))::int as delay from console.step_state
    `.execute(db);
    return (rows[0] as { delay: number }).delay;
  };
  for (const [i, seconds] of [60, 300].entries()) {
    await expect.poll(() => attempts(id)).toHaveLength(i + 1);
    expect(Math.abs((await delay()) - seconds)).toBeLessThan(30);
    await expect(retry(id)).rejects.toMatchObject({ name: 'RunRefused', state: 'retrying' });
    await waitOver();
  }
  await becomes(id, 'failed');
  expect([await effects(), await attempts(id)]).toEqual([[], ['failed', 'failed', 'failed']]);
  expect((await sql`select error ->> 'message' as message from console.step`.execute(db)).rows).toEqual([
    { message: 'It cannot be done yet.' },
  ]);

  await letGo();
  await retry(id);
  await becomes(id, 'completed');
  expect(await effects()).toEqual(['fail finished']);
  await expect(retry(id)).rejects.toMatchObject({ name: 'RunRefused', state: 'completed' });
});

test('a run that is cancelled while it waits for another attempt ends, also if its attempt fails at that moment', async () => {
  work();
  const id = await start(fail as never);
  await becomes(id, 'retrying');
  await cancel(id);
  expect(await stateOf(id)).toBe('cancelled');

  const raced = await Promise.all(Array.from({ length: sized(10, 200) }, () => start(fail as never)));
  await Promise.all(raced.map((one) => cancel(one).catch(() => {})));
  for (const one of raced) await becomes(one, 'cancelled');
});

test('an attempt that takes too long is asked to end and counts as a failure', async () => {
  const short = { ...wait, name: 'test.short', timeout: 0.1, retries: [] };
  work([short as never]);
  const id = await start(short as never);
  await becomes(id, 'timeout');
  expect(await attempts(id)).toEqual(['timeout']);
  expect((await findRun(db, id))?.error?.code).toBe('timeout');
});

test('a worker that stops leaves its step to another one at once, and no attempt is counted', async () => {
  const first = workApart();
  const id = await start(wait as never);
  await begun();
  first.kill('SIGTERM');
  expect(await once(first, 'exit')).toEqual([0, null]);
  expect(await stateOf(id)).toBe('queued');
  work();
  await letGo();
  await becomes(id, 'completed');
  expect(await attempts(id)).toEqual(['returned', 'completed']);
});

test('a worker gives back a step whose task it does not know, and one of another version does it', async () => {
  work();
  const newer = { ...add, name: 'test.unknown' };
  const id = await start(newer as never);
  await expect
    .poll(async () => (await sql`select next_attempt_at from console.step_state`.execute(db)).rows[0])
    .toMatchObject({ next_attempt_at: expect.stringMatching(/^\d{4}/) });
  expect([await stateOf(id), await attempts(id)]).toEqual(['queued', []]);
  work([], [newer]);
  await expect
    .poll(async () => {
      await waitOver();
      return stateOf(id);
    })
    .toBe('completed');
  expect(await attempts(id)).toEqual(['completed']);
});

test('a step whose parameters only another version understands is left for that one, and fails without it', async () => {
  const renamed = { ...add, params: Type.Object({ number: Type.Integer() }), retries: [] };
  await sql`
    insert into console.worker (id, host, pid, version, tasks, queues)
    values (gen_random_uuid(), 'newer', 1, '1', ${[add.name]}, '{short}')
  `.execute(db);
  const older = work([], [{ ...add, retries: [] }]);
  const id = await start(renamed as never, { number: 1 });
  await expect
    .poll(async () => (await sql`select next_attempt_at from console.step_state`.execute(db)).rows[0])
    .toMatchObject({ next_attempt_at: expect.stringMatching(/^\d{4}/) });
  expect([await stateOf(id), await attempts(id)]).toEqual(['queued', []]);

  await sql`delete from console.worker where host = 'newer'`.execute(db);
  await waitOver();
  await becomes(id, 'failed');
  expect((await findRun(db, id))?.error?.message).toBe('The parameters do not fit this version of the task.');
  await older.stop();

  work([], [{ ...renamed, run: (_params, { finish }) => finish() } as Task<unknown>]);
  await retry(id);
  await becomes(id, 'completed');
});

test('a step that is not ready begins again later, and that is no failure', async () => {
  const patient = defineTask<unknown, ReturnType<typeof Type.Object>>({
    ...add,
    name: 'test.patient',
    params: Type.Object({}),
    async run(_params, { db: own, again, finish }) {
      if ((await sql`select from public.effect`.execute(own)).rows.length > 0) return finish();
      await again(3_600, async (trx) => {
        await sql`insert into public.effect values ('patient', 0, 'asked')`.execute(trx);
      });
    },
  });
  const id = await start(patient as never, {});
  // Of an attempt before.
  await sql`update console.step set error = '{"type": "Error", "message": "It failed."}' where run_id = ${id}`.execute(
    db,
  );
  work([patient as never]);
  await expect.poll(() => attempts(id)).toEqual(['returned']);
  expect((await findRun(db, id))?.steps[0]?.error).toBeNull();
  expect(await stateOf(id)).toBe('queued');
  await db.transaction().execute((trx) => runs.hasten(trx, id));
  await becomes(id, 'completed');
  expect(await attempts(id)).toEqual(['returned', 'completed']);
  const refusal = db.transaction().execute((trx) => runs.hasten(trx, id));
  await expect(refusal).rejects.toMatchObject({ name: 'RunRefused', state: 'completed' });
});

test('a worker gives back what it cannot do at the moment, says why, and that is no attempt; it can be cancelled', async () => {
  let reason: string | undefined = 'The disk is not mounted.';
  const blocked = {
    ...add,
    name: 'test.blocked',
    obstacle: async () => (reason === undefined ? undefined : new StepFailure('disk_unavailable', reason)),
  };
  work([blocked as never]);
  const id = await start(blocked as never);
  const error = async () => (await findRun(db, id))?.steps[0]?.error?.message;
  await expect.poll(error).toBe('The disk is not mounted.');
  expect([await stateOf(id), await attempts(id)]).toEqual(['queued', []]);
  reason = undefined;
  await db.transaction().execute((trx) => runs.hasten(trx, id));
  await becomes(id, 'completed');
  expect([await error(), await attempts(id)]).toEqual([undefined, ['completed']]);
  reason = 'The disk is gone.';
  const other = await start(blocked as never);
  await cancel(other);
  await becomes(other, 'cancelled');
});

test('an attempt that waits for its time begins at once when a person asks for it', async () => {
  work();
  const id = await start(fail as never);
  await becomes(id, 'retrying');
  await letGo();
  await db.transaction().execute((trx) => runs.hasten(trx, id));
  await becomes(id, 'completed');
  expect(await attempts(id)).toEqual(['failed', 'completed']);
});

test('a step whose job is gone gets another one; a step that lost all its workers ends', async () => {
  const [gone, given] = [await start(add as never), await start(add as never)];
  await sql`delete from console.job j using console.step s where s.job_id = j.id and s.run_id = ${gone}`.execute(db);
  await sql`update console.job j set state = 'failed' from console.step s where s.job_id = j.id and s.run_id = ${given}`.execute(
    db,
  );
  expect([await stateOf(gone), await stateOf(given)]).toEqual(['lost', 'lost']);
  work();
  await becomes(gone, 'completed');
  await becomes(given, 'failed');
  expect(await effects()).toEqual(['add finished']);
});

test('the last word of a task is part of what ends its run: a worker, a cancel without one, a search for lost steps', async () => {
  const word = (trx: Transaction<DB>, said: string) =>
    sql`insert into public.effect values ('word', 0, ${said})`.execute(trx);
  const talking = {
    ...add,
    name: 'test.talking',
    ended: async (trx: Transaction<DB>, { n }: { n: number }, outcome: string) => {
      await word(trx, `${n} ${outcome}`);
      if (n === 4) throw new Error('It cannot end.');
    },
    reopened: async (trx: Transaction<DB>, { n }: { n: number }) => {
      await word(trx, `${n} reopened`);
      return n === 1;
    },
  } as unknown as Task<unknown>;
  const own = new Runs(queue, {}, [talking]);
  const transact = (run: (trx: Transaction<DB>) => Promise<unknown>) => db.transaction().execute(run);
  const ids = await Promise.all([1, 2, 3, 4].map((n) => start(talking as never, { n })));
  const [cancelled, other, lost, stubborn] = ids as [string, string, string, string];
  for (const id of [cancelled, other]) await transact((trx) => own.cancel(trx, id, 'ann'));
  await expect(transact((trx) => own.cancel(trx, stubborn, 'ann'))).rejects.toThrow('It cannot end.');
  expect(await stateOf(stubborn)).toBe('queued');
  const words = ['word 1 cancelled', 'word 2 cancelled'];
  expect(await effects()).toEqual(words);
  // What a task refuses to continue stays as it is.
  await expect(transact((trx) => own.retry(trx, other))).rejects.toThrow(RunRefused);
  expect([await stateOf(other), await effects()]).toEqual(['cancelled', words]);
  await transact((trx) => own.retry(trx, cancelled));
  await sql`delete from console.step where run_id = ${stubborn}`.execute(db);
  await sql`update console.job j set state = 'failed' from console.step s where s.job_id = j.id and s.run_id = ${lost}`.execute(
    db,
  );
  work([talking]);
  await becomes(cancelled, 'completed');
  await becomes(lost, 'failed');
  expect(await effects()).toEqual([
    'add finished',
    'word 1 cancelled',
    'word 1 completed',
    'word 1 reopened',
    words[1],
    'word 3 failed',
  ]);
});

test('the last word of a task that names a run of several steps follows the last of them', async () => {
  const said: string[] = [];
  const talking = {
    ...add,
    name: 'test.talking',
    ended: async (_trx: unknown, _params: unknown, outcome: string) => void said.push(outcome),
  };
  work([talking as unknown as Task<unknown>]);
  const steps = [
    { ref: 'one', task: add as unknown as Task<unknown>, params: { n: 1 } },
    { ref: 'two', task: add as unknown as Task<unknown>, params: { n: 2 }, after: ['one'] },
  ];
  const { id } = await db
    .transaction()
    .execute((trx) => runs.startPlan(trx, { name: talking.name, params: {}, steps }, { starter }));
  await becomes(id, 'completed');
  expect(said).toEqual(['completed']);
});

test('a run reports its state, and the progress, output and error of its steps', async () => {
  const counting = defineTask<unknown, ReturnType<typeof Type.Object>>({
    ...wait,
    name: 'test.count',
    params: Type.Object({}),
    async run(_params, { db: own, progress, finish }) {
      progress({ done: 1, total: 2, unit: 'files' });
      const isOpen = sql`select from public.effect where task = 'go'`;
      await expect.poll(async () => (await isOpen.execute(own)).rows.length, { interval: 20 }).toBe(1);
      await finish({ counted: 2 });
    },
  });
  work([counting as never]);
  const id = await start(counting as never, {});
  const step = async () => (await findRun(db, id))?.steps[0];
  await expect.poll(step).toMatchObject({ state: 'running', progress: { done: 1, total: 2, unit: 'files' } });
  await letGo();
  await becomes(id, 'completed');
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{6}Z$/);
  expect(await findRun(db, id)).toEqual({
    id,
    task: 'test.count',
    params: {},
    state: 'completed',
    subject_type: null,
    subject_id: null,
    trigger: 'manual',
    requested_by: 'ann',
    requested_by_verified: true,
    schedule: null,
    slot: null,
    created_at: time,
    cancel_requested_at: null,
    started_at: time,
    finished_at: time,
    next_attempt_at: null,
    progress: { done: 1, total: 2, unit: 'files' },
    error: null,
    repaired_by: null,
    retries: 0,
    retry_refusal: 'state',
    worked_ms: expect.any(Number),
    steps: [
      {
        id: expect.any(String),
        ref: null,
        depends_on: [],
        needs_approval: false,
        approved_at: null,
        approved_by: null,
        task: 'test.count',
        state: 'completed',
        progress: { done: 1, total: 2, unit: 'files' },
        output: { counted: 2 },
        error: null,
        attempts: [
          {
            number: 1,
            worker: expect.any(String),
            outcome: 'completed',
            error: null,
            started_at: time,
            finished_at: time,
          },
        ],
        next_attempt_at: null,
        started_at: time,
        finished_at: time,
        worked_ms: expect.any(Number),
      },
    ],
  });
});

test('each change of a state is an event, in the transaction of the change', async () => {
  await sql`alter table console.event disable trigger user`.execute(db);
  await sql`delete from console.event`.execute(db);
  const count = async (id: string) =>
    (await sql`select from console.event where type = 'run.changed' and payload ->> 'run_id' = ${id}`.execute(db)).rows
      .length;
  const waiting = await start(wait as never);
  expect(await count(waiting)).toBe(1);
  work();
  await begun();
  expect(await count(waiting)).toBe(2);
  await letGo();
  await becomes(waiting, 'completed');
  expect(await count(waiting)).toBe(3);

  const failing = await start(fail as never, { n: 2 });
  await becomes(failing, 'retrying');
  const before = await count(failing);
  // The beginning of a short attempt is none of its own.
  expect([2, 3]).toContain(before);
  await cancel(failing);
  expect(await count(failing)).toBe(before + 2);
  await retry(failing);
  await expect.poll(() => count(failing)).toBeGreaterThanOrEqual(before + 5);
  expect(await stateOf(failing)).toBe('retrying');
});

test('no value in the log, the output or an error keeps its row from being written', async () => {
  const odd = '\0 \ud800 \\u0000 "';
  const circle: { self?: object } = {};
  circle.self = circle;
  let isFirst = true;
  const babbling = defineTask<unknown, ReturnType<typeof Type.Object>>({
    ...add,
    name: 'test.odd',
    retries: [1],
    params: Type.Object({}),
    async run(_params, { log, finish }) {
      log.info({ odd, count: 1n, at: undefined }, odd);
      log.info({ circle }, 'circle');
      const fails = isFirst;
      isFirst = false;
      if (fails) throw new Error(odd);
      await finish({ odd });
    },
  });
  work([babbling as never]);
  const id = await start(babbling as never, {});
  await becomes(id, 'completed');
  const clean = ' \ufffd \\u0000 "';
  expect((await findRun(db, id))?.steps[0]?.output).toEqual({ odd: clean });
  expect(
    (await sql`select error ->> 'message' as message from console.step_attempt where error is not null`.execute(db))
      .rows,
  ).toEqual([{ message: clean }]);
  const lines =
    await sql`select message, fields from console.run_log where level = 'info' order by at, seq limit 2`.execute(db);
  expect(lines.rows).toEqual([
    { message: clean, fields: { odd: clean, count: '1' } },
    { message: 'circle', fields: { unreadable: 'circle' } },
  ]);
});

test('the lines of an attempt are there when it ends, also if its writes were rolled back', async () => {
  work();
  const id = await start(fail as never);
  await becomes(id, 'retrying');
  const { rows } = await sql`
    select l.seq, l.level, l.message, l.fields ->> 'n' as n, l.fields -> 'err' ->> 'message' as error
    from console.run_log l join console.step_attempt a using (job_id, retry_count) order by seq
  `.execute(db);
  expect(rows).toEqual([
    { seq: 0, level: 'info', message: 'About to fail', n: '1', error: null },
    {
      seq: 1,
      level: 'warn',
      message: 'It cannot be done yet. Another attempt follows in 60 s.',
      n: null,
      error: 'It cannot be done yet.',
    },
  ]);
});

test('an attempt that goes on is written, and then its lines, which are never without it', async () => {
  const talking = defineTask<unknown, ReturnType<typeof Type.Object>>({
    ...wait,
    name: 'test.talk',
    params: Type.Object({}),
    async run(_params, { db: own, log, finish }) {
      log.info('It begins');
      const isOpen = sql`select from public.effect where task = 'go'`;
      await expect.poll(async () => (await isOpen.execute(own)).rows.length, { interval: 20 }).toBe(1);
      log.info('It ends');
      await finish();
    },
  });
  work([talking as never]);
  const id = await start(talking as never, {});
  const lines = async () => {
    const found = sql<{ message: string; outcome: string | null }>`
      select l.message, a.outcome from console.run_log l join console.step_attempt a using (job_id, retry_count)
      order by l.seq
    `;
    return (await found.execute(db)).rows.map(({ message, outcome }) => `${message}: ${outcome}`);
  };
  await expect.poll(lines, { interval: 20 }).toHaveLength(1);
  expect([await lines(), await attempts(id)]).toEqual([['It begins: null'], [null]]);
  expect((await findRun(db, id))?.started_at).not.toBeNull();
  await letGo();
  await becomes(id, 'completed');
  expect(await lines()).toEqual(['It begins: completed', 'It ends: completed']);
});

type Part = [ref: string, task: { name: string }, n: number, more?: Pick<PlannedStep<unknown>, 'after' | 'approval'>];
const planOf = (...parts: Part[]) => ({
  name: 'test.plan',
  params: {},
  steps: parts.map(([ref, task, n, more]) => ({ ref, task: task as Task<unknown>, params: { n }, ...more })),
});
const startPlan = async (...parts: Part[]) =>
  (await db.transaction().execute((trx) => runs.startPlan(trx, planOf(...parts), { starter }))).id;

/** The states of the steps of a run by name. */
async function statesOf(run: string): Promise<Record<string, State>> {
  const { rows } = await sql<{ ref: string; state: State }>`
    select ref, state from console.step join console.step_state using (id) where step.run_id = ${run} order by position
  `.execute(db);
  return Object.fromEntries(rows.map(({ ref, state }) => [ref, state]));
}
const approve = (run: string, ref: string) => db.transaction().execute((trx) => runs.approve(trx, run, ref, 'bob'));

test('a step begins when all before it have completed, and the run ends with its last step', async () => {
  work();
  const id = await startPlan(
    ['read', add, 1],
    ['left', wait, 2, { after: ['read'] }],
    ['right', wait, 3, { after: ['read'] }],
    ['join', add, 4, { after: ['left', 'right'] }],
    ['end', add, 5, { after: ['join'] }],
  );
  await expect.poll(effects).toEqual(['add finished', 'wait begun', 'wait begun']);
  await letGo(2);
  await expect.poll(() => statesOf(id)).toMatchObject({ left: 'completed' });
  expect(await statesOf(id)).toMatchObject({ read: 'completed', right: 'running', join: 'pending', end: 'pending' });
  expect(await stateOf(id)).toBe('running');
  await letGo(3);
  await becomes(id, 'completed');
  const ordered = await sql<{ ref: string }>`select ref from console.step order by finished_at`.execute(db);
  expect(ordered.rows.map(({ ref }) => ref)).toEqual(['read', 'left', 'right', 'join', 'end']);
  expect((await findRun(db, id))?.steps.map(({ output }) => output)).toEqual([
    { n: 1 },
    null,
    null,
    { n: 4 },
    { n: 5 },
  ]);
});

test('two steps that end at once let the one begin that waits for both, each time and once', async () => {
  const count = sized(40, 400);
  for (const _ of [1, 2]) workApart();
  const started = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      startPlan(
        ['left', add, 3 * i],
        ['right', add, 3 * i + 1],
        ['join', add, 3 * i + 2, { after: ['left', 'right'] }],
      ),
    ),
  );
  for (const id of started) await becomes(id, 'completed');
  const { rows } = await sql<{ n: number }>`select n from public.effect order by n`.execute(db);
  expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 3 * count }, (_, n) => n));
});

test('a killed worker holds up no step: those that were done stay done, and the others follow', async () => {
  const first = workApart();
  const id = await startPlan(
    ['read', add, 1],
    ['work', wait, 2, { after: ['read'] }],
    ['end', add, 3, { after: ['work'] }],
  );
  await begun();
  first.kill('SIGKILL');
  await once(first, 'exit');
  await silence();
  work();
  await letGo(2);
  await becomes(id, 'completed');
  expect((await effects()).filter((one) => one !== 'wait begun')).toEqual([
    'add finished',
    'add finished',
    'wait finished',
  ]);
});

test('what waits for a step that failed is skipped, the rest is done, and a retry continues where it failed', async () => {
  const hopeless = { ...fail, name: 'test.hopeless', retries: [] };
  work([hopeless as never]);
  const id = await startPlan(
    ['read', add, 1],
    ['risky', hopeless, 2, { after: ['read'] }],
    ['then', add, 3, { after: ['risky'] }],
    ['last', add, 4, { after: ['then', 'read'] }],
    ['beside', wait, 5, { after: ['read'] }],
  );
  await expect
    .poll(() => statesOf(id))
    .toEqual({
      read: 'completed',
      risky: 'failed',
      // biome-ignore lint/suspicious/noThenProperty: the name of a step
      then: 'skipped',
      last: 'skipped',
      beside: 'running',
    });
  expect(await stateOf(id)).toBe('running');
  await expect(retry(id)).rejects.toMatchObject({ name: 'RunRefused', state: 'running' });
  await letGo(5);
  await becomes(id, 'failed');
  await letGo(2);
  await retry(id);
  await becomes(id, 'completed');
  expect(await effects()).toEqual([...Array(3).fill('add finished'), 'fail finished', 'wait begun', 'wait finished']);
});

test('a cancel ends the steps that have not begun at once, and the run with the one that has', async () => {
  work();
  const id = await startPlan(
    ['work', wait, 1],
    ['next', add, 2, { after: ['work'] }],
    ['asked', add, 3, { approval: true }],
  );
  await begun();
  await cancel(id);
  expect(await statesOf(id)).toMatchObject({ next: 'cancelled', asked: 'cancelled' });
  await becomes(id, 'cancelled');
  expect(await effects()).toEqual(['wait begun']);

  const held = await startPlan(['asked', add, 1, { approval: true }]);
  await cancel(held);
  expect(await stateOf(held)).toBe('cancelled');
  await letGo(1);
  await retry(id);
  await expect.poll(() => statesOf(id)).toEqual({ work: 'completed', next: 'completed', asked: 'held' });
});

test('a step that needs an approval waits for it when its turn has come, and one approval of several counts', async () => {
  const id = await startPlan(['read', wait, 1], ['asked', add, 2, { after: ['read'], approval: true }]);
  const refused = { name: 'RunRefused', message: 'The step asked does not wait for an approval.' };
  await expect(approve(id, 'asked')).rejects.toMatchObject({ ...refused, state: 'pending' });
  expect(await statesOf(id)).toEqual({ read: 'queued', asked: 'pending' });
  await letGo(1);
  work();
  await becomes(id, 'held');
  expect(await statesOf(id)).toEqual({ read: 'completed', asked: 'held' });
  await expect(approve(id, 'read')).rejects.toMatchObject({ name: 'RunRefused', state: 'completed' });
  await expect(approve(id, 'other')).rejects.toThrow(StepNotFound);
  await expect(
    db.transaction().execute(async (trx) => {
      await runs.approve(trx, id, 'asked', 'bob');
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  expect(await stateOf(id)).toBe('held');

  const approvals = await Promise.allSettled([1, 2, 3, 4].map(() => approve(id, 'asked')));
  expect(approvals.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  await becomes(id, 'completed');
  expect(await effects()).toEqual(['add finished', 'wait begun', 'wait finished']);
  await expect(approve(id, 'asked')).rejects.toMatchObject({ ...refused, state: 'completed' });
  expect((await sql`select approved_by from console.step where ref = 'asked'`.execute(db)).rows).toEqual([
    { approved_by: 'bob' },
  ]);
  await expect(approve('00000000-0000-4000-8000-000000000000', 'asked')).rejects.toThrow(RunNotFound);
});

test('a worker that looks for lost steps leaves those alone whose turn has not come', async () => {
  const id = await startPlan(['asked', add, 1, { approval: true }], ['next', add, 2, { after: ['asked'] }]);
  const gone = await start(add as never, { n: 3 });
  await sql`delete from console.job`.execute(db);
  work();
  await becomes(gone, 'completed');
  expect([await stateOf(id), await statesOf(id)]).toEqual(['held', { asked: 'held', next: 'pending' }]);
});

test('a start refuses steps that do not fit together', async () => {
  await expect(startPlan()).rejects.toThrow('test.plan has no step.');
  await expect(startPlan(['one', add, 1], ['one', add, 2])).rejects.toThrow('Two steps of test.plan are called one.');
  for (const other of ['two', 'three'])
    await expect(startPlan(['one', add, 1, { after: [other] }], ['two', add, 2])).rejects.toThrow(
      `No step of test.plan before one is called ${other}.`,
    );
  await expect(startPlan(['one', add, 'one' as never])).rejects.toThrow(TypeError);
  const needing = (name: string) => ({ ...add, needs: () => [name, 'BOTH'] });
  await expect(startPlan(['one', needing('ONE'), 1], ['two', needing('TWO'), 2])).rejects.toMatchObject({
    missing: ['ONE', 'BOTH', 'TWO'],
  });
  expect((await sql`select from console.run`.execute(db)).rows).toEqual([]);
});

test('each time of a schedule is one run, however many workers see it, or none without work; missed times are one', async () => {
  const yearly: Schedule = { name: 'yearly', task: 'test.add', params: { n: 1 }, cron: '0 0 1 1 *', timeZone: 'UTC' };
  await saveSchedules(db, queue, [yearly]);
  const table = tableOf(tasks);
  const fire = () => Promise.all(Array.from({ length: 8 }, () => fireSchedules(db, queue, runs, table)));
  const rowsOf = async (query: RawBuilder<unknown>) => (await query.execute(db)).rows;
  const slots = sql`select slot = date_trunc('year', now()) as latest from console.run where schedule = 'yearly'`;
  const next = sql`
    select next_fire_at = date_trunc('year', now()) + interval '1 year' as is_next from console.run_schedule
  `;
  const setBack = (years: number) =>
    sql`update console.run_schedule set next_fire_at = date_trunc('year', now()) - make_interval(years => ${years})`.execute(
      db,
    );
  await fire();
  expect(await rowsOf(slots)).toEqual([]);
  await setBack(5);
  await saveSchedules(db, queue, [yearly]);
  await fire();
  expect([await rowsOf(slots), await rowsOf(next)]).toEqual([[{ latest: true }], [{ is_next: true }]]);
  await setBack(0);
  await fire();
  expect([await rowsOf(slots), await rowsOf(next)]).toEqual([[{ latest: true }], [{ is_next: true }]]);

  await setBack(0);
  await sql`delete from console.run where schedule = 'yearly'`.execute(db);
  await fireSchedules(db, queue, runs, tableOf([{ ...add, isDue: async () => false }] as Task<unknown>[]));
  expect([await rowsOf(slots), await rowsOf(next)]).toEqual([[], [{ is_next: true }]]);

  const refusing = { ...add, name: 'test.refuse', exclusive: 'refuse' as const };
  await start(refusing as never);
  await saveSchedules(db, queue, [{ ...yearly, task: refusing.name }]);
  await setBack(0);
  await sql`delete from console.run where schedule = 'yearly'`.execute(db);
  await fireSchedules(db, queue, runs, tableOf([refusing] as Task<unknown>[]));
  expect([await rowsOf(slots), await rowsOf(next)]).toEqual([[], [{ is_next: true }]]);
});

test('a role that may read and write rows, and nothing else, does all of this', async () => {
  const role = `${database.name}_writer`;
  await sql
    .raw(`create role ${role}; grant usage on schema console to ${role}; grant insert, select on public.effect to ${role};
      grant select, insert, update, delete on all tables in schema console to ${role};
      grant usage on all sequences in schema console to ${role}`)
    .execute(db);
  onTestFinished(async () => void (await sql.raw(`drop owned by ${role}; drop role ${role}`).execute(db)));
  const complaints: unknown[] = [];
  const complain = (...line: unknown[]) => complaints.push(line);
  const log = { info: () => {}, warn: complain, error: complain };
  const url = new URL(database.connectionString);
  url.searchParams.set('options', `-c role=${role}`);
  const worker = new Worker({
    database: { connection: url.href },
    tasks,
    schedules: [],
    adapters: {},
    log,
    version: '0',
  });
  worker.start();
  onTestFinished(() => worker.stop());
  const killed = await start(wait as never);
  await begun();
  await silence();
  await expect.poll(() => attempts(killed)).toEqual(['lost', null]);
  await letGo();
  await becomes(killed, 'completed');
  const lost = await start(wait as never, { n: 2 });
  await cancel(lost);
  expect(complaints.map((line) => JSON.stringify(line)).filter((line) => !line.includes('taken over'))).toEqual([]);
});

test.runIf(sized(0, 1))(
  'with workers that are killed at random, each step has its effect once and each run ends',
  async ({ annotate }) => {
    const count = 2_000;
    await db.transaction().execute(async (trx) => {
      for (let n = 0; n < count; n += 1) await runs.start(trx, add, { n }, { starter });
    });
    let workers = [workApart(), workApart()];
    const ended = async () =>
      (await sql`select from console.run where finished_at is not null`.execute(db)).rows.length;
    let kill = 1;
    while ((await ended()) < count) {
      if ((await ended()) > (kill * count) / 12) {
        kill += 1;
        workers[kill % 2]?.kill('SIGKILL');
        workers = workers.with(kill % 2, workApart());
      }
      await sleep(50);
    }
    const { rows } = await sql<{ n: number }>`select n from public.effect order by n`.execute(db);
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
    const { rows: outcomes } = await sql`select outcome, count(*)::int from console.run group by outcome`.execute(db);
    expect(outcomes).toEqual([{ outcome: 'completed', count }]);
    await annotate(`${count} steps, ${kill - 1} kills; 0 lost, 0 done twice`, 'figure');
  },
);
