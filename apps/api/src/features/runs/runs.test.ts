import type { LogLine } from '@at/contracts/logs';
import type { Problem } from '@at/contracts/problem';
import { mostRuns, type Run, type RunDetails, type RunFailure, type RunsChanged } from '@at/contracts/runs';
import type { Role } from '@at/contracts/vocabulary';
import { emptyTables } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import { Runs } from '@at/runs/runs';
import { defineTask, type PlannedStep, type Task } from '@at/runs/task';
import { Worker } from '@at/runs/worker';
import { sql } from 'kysely';
import { type Static, Type } from 'typebox';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
let queue: JobQueue;
let runs: Runs<unknown>;
beforeAll(async () => {
  app = await startTestApp();
  const connection = app.config.database ?? '';
  queue = new JobQueue({ connection }, { supervises: false, onError: console.error });
  runs = new Runs(queue, {});
});
afterAll(async () => {
  await queue.stop();
  await app.close();
});
beforeEach(async () => {
  await emptyTables(app.db, 'console.run', 'console.job', 'console.run_log');
});

const Text = Type.Object({ word: Type.String() });
const task = (name: string, run: Task<unknown, typeof Text>['run']) =>
  defineTask<unknown, typeof Text>({ name, title: name, queue: 'short', params: Text, retries: [], timeout: 60, run });

const speak = task('test.speak', async ({ word }, { log, progress, finish }) => {
  log.info({ word }, 'It begins');
  log.warn('It <b>goes</b> on');
  log.error('It ends');
  progress({ done: 2, total: 2, unit: 'words', message: word });
  await finish({ spoken: word });
});
const fail = task('test.fail', async ({ word }) => {
  throw new RangeError(`There is no ${word}.`);
});
const wait = task(
  'test.wait',
  (_params, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
);

type Options = Parameters<Runs<unknown>['start']>[3];
const manual: Options = { starter: { trigger: 'manual', actor: { name: 'ann', verified: true } } };

async function start(
  one: Task<unknown, typeof Text>,
  params: Static<typeof Text> = { word: 'sail' },
  options = manual,
) {
  return (await app.db.transaction().execute((trx) => runs.start(trx, one, params, options))).id;
}

function work(): void {
  const worker = new Worker({
    database: { connection: app.config.database ?? '' },
    tasks: [speak, fail, wait] as Task<unknown>[],
    schedules: [],
    adapters: {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
    version: '0',
  });
  worker.start();
  onTestFinished(() => worker.stop());
}

const get = async (id: string) => (await app.call<RunDetails>('GET', `/api/runs/${id}`)).body;
const becomes = (id: string, state: Run['state']) =>
  expect.poll(async () => (await get(id)).state, { interval: 20 }).toBe(state);
type Page = { data: Run[]; pagination: { next: string | null } };
const list = async (query = '') => (await app.call<Page>('GET', `/api/runs${query}`)).body;
const idsOf = async (query: string) => (await list(query)).data.map(({ id }) => id);

/** Another API on the same database, with a key for each role. */
async function startWithKeys() {
  const keys = ['viewer', 'operator', 'admin'].map((role) => `${role}:${role}:the-secret-of-${role}`);
  const database = app.config.database as string;
  const own = await startTestApp({ database, config: { API_KEYS: keys.join(',') } });
  onTestFinished(() => own.close());
  const as = (role: Role, path: string, body: object = {}) => {
    const headers = { authorization: `Bearer the-secret-of-${role}` };
    return own.call<RunsChanged>('POST', `/api/runs/${path}`, { body, headers });
  };
  return { as };
}

test('a run is shown from its start to its end, with steps, attempts, progress and output', async () => {
  const id = await start(speak, { word: 'sail' }, { ...manual, subject: { type: 'title', id: 'tt0000001' } });
  expect(await get(id)).toMatchObject({
    id,
    task: 'test.speak',
    state: 'queued',
    subject_type: 'title',
    subject_id: 'tt0000001',
    trigger: 'manual',
    requested_by: 'ann',
    requested_by_verified: true,
    params: { word: 'sail' },
    started_at: null,
    steps: [{ task: 'test.speak', state: 'queued', attempts: [] }],
  });
  work();
  await becomes(id, 'completed');
  const run = await get(id);
  expect(run).toMatchObject({ error: null, finished_at: expect.any(String), started_at: run.steps[0]?.started_at });
  expect(run.steps).toMatchObject([
    {
      output: { spoken: 'sail' },
      attempts: [{ number: 1, worker: expect.stringMatching(/\S+ \d+$/), outcome: 'completed', error: null }],
    },
  ]);
});

test('a failure has its kind and its sentence in the list, and its stack in the run', async () => {
  work();
  const id = await start(fail);
  await becomes(id, 'failed');
  expect((await list()).data[0]?.error).toEqual({
    code: 'unexpected',
    type: 'RangeError',
    message: 'There is no sail.',
  });
  expect([await idsOf('?error_code=unexpected,timeout'), await idsOf('?error_code=timeout')]).toEqual([[id], []]);
  expect((await get(id)).steps[0]?.error).toMatchObject({ stack: expect.stringContaining('runs.test.ts') });
});

test('how long a run takes is the work of its attempts, without what it waited between them', async () => {
  const id = await start(speak);
  await sql`
    insert into console.step_attempt (job_id, retry_count, step_id, worker_id, started_at, outcome, finished_at)
    select gen_random_uuid(), 0, s.id, gen_random_uuid(), a.began, 'failed', a.began + make_interval(secs => a.seconds)
    from console.step s, (values (now() - interval '15 minutes', 0.078), (now(), 0.206)) as a (began, seconds)
  `.execute(app.db);
  const run = await get(id);
  expect([run.worked_ms, run.steps[0]?.worked_ms]).toEqual([284, 284]);
  expect((await list()).data[0]?.worked_ms).toBe(284);
});

describe('the list', () => {
  test('has the newest first, in pages that follow each other without a gap', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift(await start(speak));
    // One time for all: then the id decides.
    await sql`update console.run set created_at = '2025-01-01' where id = any(${ids.slice(1)}::uuid[])`.execute(app.db);
    const expected = [ids[0], ...ids.slice(1).toSorted().reverse()];
    const seen: string[] = [];
    for (let path: string | null = '/api/runs?limit=2'; path; ) {
      const page: Page = (await app.call<Page>('GET', path)).body;
      seen.push(...page.data.map(({ id }) => id));
      path = page.pagination.next;
    }
    expect(seen).toEqual(expected);
  });

  test('is filtered by state, task, trigger, subject, actor, work and time', async () => {
    const waiting = await start(speak, { word: 'a' }, { ...manual, subject: { type: 'title', id: 'tt0000001' } });
    const slot = '2025-01-01T00:00:00.000Z';
    const planned = await start(wait, { word: 'a' }, { starter: { trigger: 'cron', schedule: 'nightly', slot } });
    const other = { trigger: 'webhook', actor: { name: 'bob', verified: false } } as const;
    const done = await start(speak, { word: 'a' }, { starter: other });
    await app.call('POST', `/api/runs/${done}/cancel`);
    await sql`update console.run set created_at = '2025-01-01 12:00:00+00' where id = ${planned}::uuid`.execute(app.db);
    expect(await idsOf('?state=queued')).toEqual([waiting, planned]);
    expect(await idsOf('?state=cancelled,failed')).toEqual([done]);
    expect(await idsOf('?task=test.wait')).toEqual([planned]);
    expect(await idsOf('?trigger=cron,webhook')).toEqual([done, planned]);
    expect(await idsOf('?subject_type=title&subject_id=tt0000001')).toEqual([waiting]);
    expect(await idsOf('?requested_by=bob')).toEqual([done]);
    expect(await idsOf(`?id=${waiting},${done}`)).toHaveLength(2);
    for (const [words, found] of [
      ['TEST.W', planned],
      ['tt000', waiting],
      ['bOb', done],
    ])
      expect(await idsOf(`?search=${words}`)).toEqual([found]);
    await sql`update console.step set error = '{"type": "Error", "message": "100% of Ångström"}' where run_id = ${planned}::uuid`.execute(
      app.db,
    );
    expect(await idsOf(`?search=${encodeURIComponent('100% of ångs')}`)).toEqual([planned]);
    expect(await idsOf('?search=_')).toEqual([]);
    await sql`insert into console.step_attempt (job_id, retry_count, step_id, worker_id, started_at, outcome, finished_at)
      select gen_random_uuid(), 0, id, gen_random_uuid(), now() - interval '90 s', 'failed', now()
      from console.step where run_id = ${planned}::uuid`.execute(app.db);
    expect(await idsOf('?worked_ms_min=90000')).toEqual([planned]);
    expect(await idsOf('?worked_ms_max=89999')).toEqual([done, waiting]);
    expect(await idsOf('?at_max=2025-01-02T00:00:00Z')).toEqual([planned]);
    expect(await idsOf('?at_min=2025-01-02T00:00:00Z&requested_by=ann')).toEqual([waiting]);
  });

  test('finds what is stuck: without its worker, after two failures, or without a worker for ten minutes', async () => {
    const [fresh, waiting, failing, lost, done] = [
      await start(wait),
      await start(wait),
      await start(wait),
      await start(wait),
      await start(wait),
    ];
    await sql`update console.run set created_at = now() - interval '11 minutes' where id = any(${[waiting, done]}::uuid[])`.execute(
      app.db,
    );
    await sql`update console.step set failures = 2 where run_id = ${failing}::uuid`.execute(app.db);
    await sql`update console.step set job_id = gen_random_uuid() where run_id = ${lost}::uuid`.execute(app.db);
    await app.call('POST', `/api/runs/${done}/cancel`);
    expect((await idsOf('?stuck=true')).toSorted()).toEqual([waiting, failing, lost].toSorted());
    expect((await idsOf('?stuck=false')).toSorted()).toEqual([fresh, done].toSorted());
  });

  test('is sorted by the time of the start or of the end, both ways, in pages and in a file', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const id = await start(speak);
      await sql`update console.run set created_at = ${`2025-01-0${n + 1}`}::timestamptz where id = ${id}::uuid`.execute(
        app.db,
      );
      ids.push(id);
    }
    // They end in another order; one goes on.
    const [a, b, c, d] = ids as [string, string, string, string];
    for (const id of [c, a, d, b]) await app.call('POST', `/api/runs/${id}/cancel`);
    const orders: [string, string[]][] = [
      ['sort_by=created_at&sort_order=desc', ids.toReversed()],
      ['sort_by=created_at&sort_order=asc', ids],
      ['sort_by=finished_at', [b, d, a, c]],
      ['sort_by=finished_at&sort_order=asc', [c, a, d, b]],
    ];
    for (const [query, expected] of orders) {
      const seen: string[] = [];
      for (let path: string | null = `/api/runs?limit=2&${query}`; path; ) {
        const page: Page = (await app.call<Page>('GET', path)).body;
        seen.push(...page.data.map(({ id }) => id));
        path = page.pagination.next;
      }
      expect([query, seen]).toEqual([query, expected]);
      const { text, headers } = await app.call('GET', `/api/runs?format=csv&${query}`);
      expect(headers['content-disposition']).toMatch(/^attachment; filename="runs-/);
      const [head, ...lines] = text.trim().split('\r\n');
      expect(head).toMatch(/^id,task,state,subject_type/);
      expect(lines.map((line) => line.slice(0, 36))).toEqual(expected);
    }
    const page = await app.call<Page & { pagination: { next_cursor: string } }>('GET', '/api/runs?limit=2');
    const foreign = `cursor=${page.body.pagination.next_cursor}&sort_by=finished_at`;
    expect((await app.call('GET', `/api/runs?${foreign}`)).status).toBe(422);
  });

  test('as a file has the error and the progress of a run as JSON in a cell, and the filters of the list', async () => {
    work();
    const id = await start(fail, { word: 'sail, and "oars"' });
    await becomes(id, 'failed');
    await start(wait);
    const { text } = await app.call('GET', '/api/runs?format=csv&state=failed');
    const cell = JSON.stringify({
      code: 'unexpected',
      type: 'RangeError',
      message: 'There is no sail, and "oars".',
    }).replaceAll('"', '""');
    expect(text.split('\r\n')).toHaveLength(3);
    expect(text.replaceAll('": ', '":').replaceAll(', ""', ',""')).toContain(`"${cell}"`);
    const { body } = await app.call<Run[]>('GET', '/api/runs?format=json&state=failed');
    expect(body).toEqual((await list('?state=failed')).data);
  });

  test('of failures by their cause has those of a week that no other run has followed', async () => {
    work();
    const of = (id: string) => ({ ...manual, subject: { type: 'title', id } });
    const ids: string[] = [];
    for (const n of [1, 2, 3]) ids.push(await start(fail, { word: `sail ${n}` }, of(`${n}`)));
    const other = await start({ ...fail, name: 'test.wait' }, { word: 'x' }, of('4'));
    await app.call('POST', `/api/runs/${other}/cancel`);
    for (const id of ids) await becomes(id, 'failed');
    // Another run has followed one of them, and one is old.
    await start(fail, { word: 'oar' }, of('1')).then((id) => becomes(id, 'failed'));
    await sql`update console.run set created_at = now() - interval '8 days' where id = ${ids[1]}::uuid`.execute(app.db);
    type Failures = { failures: RunFailure[]; total: number };
    const failures = async () => (await app.call<Failures>('GET', '/api/runs/failures')).body;
    await expect.poll(async () => (await failures()).total).toBe(2);
    const { failures: groups } = await failures();
    expect(groups.map(({ count, task, message }) => [count, task, message])).toEqual([
      [1, 'test.fail', 'There is no oar.'],
      [1, 'test.fail', 'There is no sail 3.'],
    ]);
    for (const { fingerprint, example_ids } of groups)
      expect(await idsOf(`?fingerprint=${fingerprint}`)).toEqual(example_ids);
  });

  test('of queues says what waits for workers, and until when at the pace of the last ten minutes', async () => {
    await start(speak);
    await start(speak);
    await start({ ...speak, queue: 'disk' });
    type Queues = {
      queues: { queue: string; waiting: number; running: number; ended: number; seconds_left: number | null }[];
    };
    const queues = async () => (await app.call<Queues>('GET', '/api/runs/queues')).body.queues;
    const none = { waiting: 0, running: 0, ended: 0, seconds_left: 0 };
    await expect.poll(queues).toEqual([
      { queue: 'short', waiting: 2, running: 0, ended: 0, seconds_left: null },
      { queue: 'network', ...none },
      { queue: 'disk', waiting: 1, running: 0, ended: 0, seconds_left: null },
      { queue: 'long', ...none },
    ]);
    await sql`
      insert into console.job (name, state, completed_on)
      select 'short', 'completed', now() - n * interval '1 minute' from generate_series(0, 20) n
    `.execute(app.db);
    await expect.poll(async () => (await queues())[0]).toMatchObject({ waiting: 2, ended: 10, seconds_left: 120 });
  });

  test.each([
    ['state=away', 'state'],
    ['task=a%20b', 'task'],
    ['cursor=abc', 'cursor'],
  ])('refuses %s', async (query, pointer) => {
    const { status, body } = await app.call<Problem>('GET', `/api/runs?${query}`);
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, expect.stringContaining(pointer)]);
  });
});

describe('the log', () => {
  type Logs = { logs: LogLine[]; pagination: { next: string | null }; cursor: string | null };
  const logs = async (id: string, query = '') => (await app.call<Logs>('GET', `/api/runs/${id}/logs${query}`)).body;
  const messages = async (...of: Parameters<typeof logs>) => (await logs(...of)).logs.map(({ message }) => message);

  test('has the lines in their order, narrowed by level and words, in pages, and behind the last one what follows', async () => {
    work();
    const id = await start(speak);
    await becomes(id, 'completed');
    const all = await logs(id);
    expect(all.logs).toMatchObject([
      { level: 'info', message: 'It begins', attempt: 1, line: 0, fields: { word: 'sail' } },
      { level: 'warn', message: 'It <b>goes</b> on', attempt: 1, line: 1, fields: null },
      { level: 'error', message: 'It ends', attempt: 1, line: 2 },
    ]);
    expect(await messages(id, '?level=warn,error')).toEqual(['It <b>goes</b> on', 'It ends']);
    expect(await messages(id, '?search=%3CB%3E')).toEqual(['It <b>goes</b> on']);
    const first = await logs(id, '?limit=2');
    const second = await app.call<Logs>('GET', first.pagination.next as string);
    expect(second.body.logs.map(({ message }) => message)).toEqual(['It ends']);
    expect(second.body.cursor).toBe(all.cursor);
    expect(await logs(id, `?cursor=${all.cursor}`)).toMatchObject({ logs: [], cursor: all.cursor });
    await app.call('POST', `/api/runs/${await start(speak)}/cancel`);
    expect(await logs(await start(wait))).toMatchObject({ logs: [], cursor: null });
  });
});

describe('a request to change a run', () => {
  const ask = (id: string, what: string, headers = {}) =>
    app.call<Problem & { run_id: string }>('POST', `/api/runs/${id}/${what}`, { headers });

  test('cancels one that waits at once, and one that runs within seconds; names who did', async () => {
    const waiting = await start(wait);
    expect(await ask(waiting, 'cancel', { 'x-actor': 'cleo' })).toMatchObject({
      status: 202,
      body: { success: true, message: 'The run is being cancelled', run_id: waiting },
    });
    await becomes(waiting, 'cancelled');
    const { rows } = await sql`select cancel_requested_by from console.run`.execute(app.db);
    expect(rows).toEqual([{ cancel_requested_by: 'cleo' }]);
    work();
    const running = await start(wait);
    await becomes(running, 'running');
    await ask(running, 'cancel');
    await becomes(running, 'cancelled');
  });

  test('continues one that failed', async () => {
    work();
    const id = await start(fail);
    await becomes(id, 'failed');
    expect(await ask(id, 'retry')).toMatchObject({ status: 202, body: { run_id: id } });
    await expect.poll(async () => (await get(id)).steps[0]?.attempts.length).toBe(2);
    await becomes(id, 'failed');
  });

  test('approves a step that is held, once; names who did', async () => {
    const steps = [
      { ref: 'look', task: speak as Task<unknown>, params: { word: 'a' } },
      { ref: 'move', task: speak as Task<unknown>, params: { word: 'b' }, after: ['look'], approval: true },
    ];
    const plan = { name: 'test.plan', params: {}, steps };
    const { id } = await app.db.transaction().execute((trx) => runs.startPlan(trx, plan, manual));
    const approve = (ref: string, by = 'ann') => ask(id, `steps/${ref}/approve`, { 'x-actor': by });
    expect((await approve('move')).body).toMatchObject({
      status: 409,
      message: 'The step move is waiting (pending), so it does not wait for an approval.',
    });
    work();
    await becomes(id, 'held');
    expect(await idsOf('?state=held')).toEqual([id]);
    expect((await approve('other')).body).toMatchObject({
      status: 404,
      message: `The run ${id} has no step called other.`,
    });
    expect(await approve('move', 'cleo')).toMatchObject({
      status: 202,
      body: { run_id: id, message: 'The step begins' },
    });
    await becomes(id, 'completed');
    expect((await approve('move')).status).toBe(409);
    const none = { depends_on: [], needs_approval: false, approved_at: null, approved_by: null };
    expect((await get(id)).steps).toMatchObject([
      { ref: 'look', ...none, output: { spoken: 'a' } },
      {
        ref: 'move',
        depends_on: ['look'],
        needs_approval: true,
        approved_at: expect.any(String),
        approved_by: 'cleo',
        output: { spoken: 'b' },
      },
    ]);
  });

  test('is refused with the state where it cannot be done', async () => {
    const waiting = await start(wait);
    expect((await ask(waiting, 'retry')).body).toMatchObject({
      status: 409,
      message: 'The run is waiting (queued), so there is nothing to continue.',
    });
    await ask(waiting, 'cancel');
    expect((await ask(waiting, 'cancel')).body).toMatchObject({
      status: 409,
      message: 'The run was cancelled (cancelled), so there is nothing to cancel.',
    });
    const of = { ...manual, subject: { type: 'title', id: '1' } };
    const exclusive = { ...wait, exclusive: 'refuse' as const };
    const first = await start(exclusive, { word: 'a' }, of);
    await ask(first, 'cancel');
    await start(exclusive, { word: 'a' }, of);
    expect((await ask(first, 'retry')).body).toMatchObject({
      status: 409,
      message: 'Another run does the same at the moment. Wait until it has ended.',
    });
  });

  test('is refused where a later run has completed what failed for its subject, and no longer counts among what is not repaired', async () => {
    const of = { ...manual, subject: { type: 'title', id: 'tt0000001' } };
    const failed = await start(speak, { word: 'sail' }, of);
    const other = await start(speak, { word: 'oar' }, of);
    await sql`update console.step set outcome = 'failed', finished_at = now(), job_id = null`.execute(app.db);
    await sql`update console.run set outcome = 'failed', finished_at = now()`.execute(app.db);
    work();
    const later = await start(speak, { word: 'sail' }, of);
    await becomes(later, 'completed');
    expect([(await get(failed)).repaired_by, (await get(other)).repaired_by]).toEqual([later, null]);
    expect((await ask(failed, 'retry')).body).toMatchObject({
      status: 409,
      message: `A later run (${later}) has completed what failed, so there is nothing to continue.`,
    });
    expect(await idsOf('?state=failed&repaired=false')).toEqual([other]);
    expect(await idsOf('?repaired=true')).toEqual([failed]);
    expect((await ask(other, 'retry')).status).toBe(202);
  });

  test('is refused once a run was continued 50 times, and says what to do instead; so is a run among many', async () => {
    const id = await start(wait);
    await ask(id, 'cancel');
    await sql`update console.run set retries = 49 where id = ${id}::uuid`.execute(app.db);
    expect(await get(id)).toMatchObject({ retries: 49, retry_refusal: null });
    expect((await ask(id, 'retry')).status).toBe(202);
    expect(await get(id)).toMatchObject({ retries: 50, retry_refusal: 'state' });
    await ask(id, 'cancel');
    expect((await list()).data[0]).toMatchObject({ retries: 50, retry_refusal: 'spent' });
    const message =
      'The run was continued 50 times, which is the most. Start a new run instead; one for the torrent or files of a media ' +
      'item starts by itself.';
    expect((await ask(id, 'retry')).body).toMatchObject({ status: 409, message });
    const named = await app.call('POST', '/api/runs/bulk', { body: { action: 'retry', ids: [id] } });
    expect(named.body).toMatchObject({ done: 0, results: [{ id, done: false, error: message }] });
    const chosen = await app.call('POST', '/api/runs/bulk', { body: { action: 'retry', filter: {} } });
    expect(chosen.body).toMatchObject({ total: 0 });
  });

  test('happens once for its Idempotency-Key', async () => {
    const id = await start(wait);
    const headers = { 'idempotency-key': 'once' };
    const first = await ask(id, 'cancel', headers);
    const second = await ask(id, 'cancel', headers);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
  });

  describe('for many', () => {
    const change = (body: object, headers = {}) => app.call<RunsChanged>('POST', '/api/runs/bulk', { body, headers });

    test('cancels or continues each that it can, and says why the others were refused', async () => {
      const [waiting, ended] = [await start(wait), await start(wait)];
      await ask(ended, 'cancel');
      const missing = '00000000-0000-4000-8000-000000000000';
      const cancelled = await change({ action: 'cancel', ids: [waiting, ended, missing] }, { 'x-actor': 'cleo' });
      expect([cancelled.status, cancelled.body]).toEqual([
        200,
        {
          success: true,
          message: '1 run is being cancelled, 2 were refused',
          total: 3,
          done: 1,
          refused: 2,
          more: false,
          results: [
            { id: waiting, done: true, error: null },
            { id: ended, done: false, error: 'The run was cancelled (cancelled), so there is nothing to cancel.' },
            { id: missing, done: false, error: expect.stringContaining('No run has the id') },
          ],
        },
      ]);
      expect([(await get(waiting)).state, (await get(ended)).state]).toEqual(['cancelled', 'cancelled']);
      const retried = await change({ action: 'retry', ids: [waiting, ended] });
      expect(retried.body).toMatchObject({ message: '2 runs continue', done: 2, refused: 0 });
      expect((await get(ended)).state).toBe('queued');
    });

    test('by a filter takes those in a state for it, the newest first, and says whether more match', async () => {
      await sql`
        insert into console.run (task, params, trigger, outcome, finished_at)
        select 'test.wait', '{}', 'manual', 'failed', now() from generate_series(1, ${mostRuns})
      `.execute(app.db);
      await sql`
        insert into console.step (run_id, task, params, queue, outcome, finished_at)
        select id, task, params, 'short', 'failed', now() from console.run
      `.execute(app.db);
      await start(speak);
      const last = await start(wait);
      await ask(last, 'cancel');
      const first = await change({ action: 'retry', filter: { task: ['test.wait'] } });
      expect(first.body).toMatchObject({ total: mostRuns, done: mostRuns, more: true, results: { 0: { id: last } } });
      const second = await change({ action: 'retry', filter: { task: ['test.wait'] } });
      expect(second.body).toMatchObject({ total: 1, done: 1, more: false });
      const third = await change({ action: 'retry', filter: {} });
      expect(third.body).toMatchObject({ total: 0, message: '0 runs continue' });
    });

    test.each([
      ['neither ids nor a filter', { action: 'retry' }],
      ['both', { action: 'retry', ids: ['00000000-0000-4000-8000-000000000000'], filter: {} }],
      ['no action', { filter: {} }],
      ['a filter that the list does not have', { action: 'retry', filter: { status: 'failed' } }],
    ])('is 422 with %s', async (_what, body) => {
      expect((await change(body)).status).toBe(422);
    });
  });

  test('with null instead of a body is 422, and changes nothing', async () => {
    const id = await start(wait);
    await ask(id, 'cancel');
    for (const path of [`/api/runs/${id}/retry`, '/api/runs/bulk', '/api/bulk/retry']) {
      const { status } = await app.call('POST', path, {
        body: 'null',
        headers: { 'content-type': 'application/json' },
      });
      expect([path, status]).toEqual([path, 422]);
    }
    expect((await get(id)).state).toBe('cancelled');
  });

  test.each<[task: string, params: { word: string; role?: 'admin' }]>([
    ['item.remove_file', { word: 'a' }],
    ['queue.cleanup', { word: 'a' }],
    ['media.trash_purge', { word: 'a' }],
    ['media.torrent', { word: 'a', role: 'admin' }],
    ['media.files', { word: 'a', role: 'admin' }],
  ])('a retry needs the role that may start what the run does: only admins continue %s', async (name, params) => {
    const own = await startWithKeys();
    const id = await start({ ...wait, name }, params);
    await ask(id, 'cancel');
    const many = { action: 'retry', ids: [id] };
    for (const role of ['viewer', 'operator'] as const)
      expect([role, await own.as(role, `${id}/retry`)]).toEqual([role, expect.objectContaining({ status: 403 })]);
    expect((await own.as('viewer', 'bulk', many)).status).toBe(403);
    expect((await own.as('operator', 'bulk', many)).body).toMatchObject({
      done: 0,
      results: [{ error: 'Only a key with the role admin may continue this run.' }],
    });
    expect(await get(id)).toMatchObject({ state: 'cancelled', role: 'admin' });
    expect((await own.as('admin', 'bulk', many)).body.done).toBe(1);
    // A cancel leaves things as they are.
    expect((await own.as('operator', `${id}/cancel`)).status).toBe(202);
    expect((await own.as('admin', `${id}/retry`)).status).toBe(202);
  });

  test('operators retry what operators may start, and viewers change nothing', async () => {
    const own = await startWithKeys();
    const id = await start({ ...wait, name: 'media.torrent' });
    for (const how of ['cancel', 'retry']) {
      expect([how, (await own.as('viewer', `${id}/${how}`)).status]).toEqual([how, 403]);
      expect([how, (await own.as('operator', `${id}/${how}`)).status]).toEqual([how, 202]);
    }
    expect((await get(id)).role).toBe('operator');
  });

  test('an approval needs the role that may start what the run does', async () => {
    const own = await startWithKeys();
    const step = { ref: 'look', task: { ...wait, name: 'bulk.apply' }, params: { word: 'a' }, approval: true };
    const plan = { name: 'test.plan', params: {}, steps: [step as PlannedStep<unknown>] };
    const { id } = await app.db.transaction().execute((trx) => runs.startPlan(trx, plan, manual));
    expect((await own.as('operator', `${id}/steps/look/approve`)).status).toBe(403);
    expect(await get(id)).toMatchObject({ state: 'held', role: 'admin' });
    expect((await own.as('admin', `${id}/steps/look/approve`)).status).toBe(202);
  });

  test.each(['', '/logs', '/cancel', '/retry', '/steps/move/approve'])(
    'of a run that does not exist is 404 (%s)',
    async (path) => {
      const method = path === '' || path === '/logs' ? 'GET' : 'POST';
      const id = '00000000-0000-4000-8000-000000000000';
      expect(await app.call('GET' === method ? 'GET' : 'POST', `/api/runs/${id}${path}`)).toMatchObject({
        status: 404,
      });
      expect(await app.call(method, `/api/runs/first${path}`)).toMatchObject({ status: 422 });
    },
  );
});
