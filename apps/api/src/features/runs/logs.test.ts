import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { LogLine } from '@at/contracts/logs';
import { createDb, createPool } from '@at/db/client';
import { deepLimit, sized } from '@at/db/test-size';
import { emptyTables } from '@at/db/testing';
import { insertLines } from '@at/runs/queries';
import { RunLog } from '@at/runs/run-log';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Follower, follow, type StreamMessage } from '#test/event-follower.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { parseSnapshot } from './rules.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ deps: ({ streams }) => ({ streams: { ...streams, heartbeat: 50, unread: 2 ** 18 } }) });
});
afterAll(() => app.close());
beforeEach(async () => {
  await emptyTables(app.db, 'console.run', 'console.run_log');
});

type Written = { message: string; level?: string; at?: string; seq?: number; fields?: object };

/** Writes lines of the attempt `job`, as a worker does. */
const write = (job: string, lines: Written[], db = app.db) =>
  insertLines(
    db,
    lines.map(({ message, level = 'info', at = new Date().toISOString(), seq, fields = null as never }, i) => ({
      job_id: job,
      retry_count: 0,
      seq: seq ?? i,
      at,
      level,
      message,
      fields,
    })),
  );

/** Writes a run of `task` with an attempt, and returns the job of that. */
async function startRun(task = 'test.speak', subject: readonly [type: string, id: string] | [] = []) {
  const [id, step, job] = [randomUUID(), randomUUID(), randomUUID()];
  await sql`
    with run as (
      insert into console.run (id, task, params, trigger, subject_type, subject_id)
      values (${id}, ${task}, '{}', 'manual', ${subject[0] ?? null}, ${subject[1] ?? null})
    ), step as (
      insert into console.step (id, run_id, task, params, queue, job_id) values (${step}, ${id}, ${task}, '{}', 'short', ${job})
    )
    insert into console.step_attempt (job_id, retry_count, step_id, worker_id) values (${job}, 0, ${step}, ${randomUUID()})
  `.execute(app.db);
  return { id, job };
}

type Logs = {
  lines: string[];
  entries: LogLine[];
  count: number;
  pagination: { next: string | null };
  last_event_id: string;
};
const get = async (query = '') => (await app.call<Logs>('GET', `/api/logs${query}`)).body;
const messages = async (query: string) => (await get(query)).entries.map(({ message }) => message);

describe('the list of lines', () => {
  test('names what the run of each works on', async () => {
    const [{ job: ofTitle }, { job: ofNothing }] = [
      await startRun('test.of', ['title', 'tt0078748']),
      await startRun('test.of'),
    ];
    await write(ofTitle, [{ message: 'of a title' }]);
    await write(ofNothing, [{ message: 'of nothing' }]);
    const { entries } = await get('?source=test.of');
    expect(
      entries.map(({ message, subject_type, subject_id }) => [message, subject_type, subject_id]).toSorted(),
    ).toEqual([
      ['of a title', 'title', 'tt0078748'],
      ['of nothing', null, null],
    ]);
  });

  test('has the newest in the order of their times, each as text and in parts', async () => {
    const { id, job } = await startRun();
    const at = '2025-06-02T04:30:02.302Z';
    await write(job, [
      { message: 'second', at: '2025-06-02T04:30:02.303Z', level: 'error' },
      { message: 'first', at, fields: { word: 'sail' } },
    ]);
    expect(await get()).toMatchObject({
      count: 2,
      lines: [
        '2025-06-02T04:30:02.302000Z INFO [test.speak] first',
        '2025-06-02T04:30:02.303000Z ERROR [test.speak] second',
      ],
      entries: [
        {
          message: 'first',
          source: 'test.speak',
          run_id: id,
          ref: null,
          attempt: 1,
          line: 1,
          fields: { word: 'sail' },
        },
        { message: 'second', level: 'error', line: 0 },
      ],
    });
  });

  test.each(['text/event-stream;q=0', 'application/json, text/event-stream; q=0.0'])(
    'is no stream for a client that refuses one: %s',
    async (accept) => {
      const { status, headers } = await app.call('GET', '/api/logs', { headers: { accept } });
      expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    },
  );

  test('is narrowed by level in any case, source, run and words, and has a hundred unless more are wanted', async () => {
    const [one, other] = [await startRun(), await startRun('test.other')];
    const at = (i: number) => new Date(Date.UTC(2025, 0, 1) + i).toISOString();
    await write(one.job, [{ message: 'It <b>goes</b> on', level: 'warn', at: at(0) }]);
    await write(
      other.job,
      Array.from({ length: 150 }, (_, i) => ({ message: `line ${i}`, at: at(i + 1) })),
    );
    expect((await get()).count).toBe(100);
    expect((await get('?lines=1000')).count).toBe(151);
    expect(await messages('?level=WARN,error')).toEqual(['It <b>goes</b> on']);
    expect(await messages('?source=test.speak')).toEqual(['It <b>goes</b> on']);
    expect(await messages('?search=%3CB%3E')).toEqual(['It <b>goes</b> on']);
    expect(await messages(`?run=${other.id}&lines=2`)).toEqual(['line 148', 'line 149']);
    expect(await messages('?source=test.none')).toEqual([]);
    expect((await app.call('GET', '/api/logs?lines=1001')).status).toBe(422);
    expect((await app.call('GET', '/api/logs?level=loud')).status).toBe(422);
  });

  test('leads to older lines without a gap, also among lines of one time', async () => {
    const { job } = await startRun();
    const at = '2025-06-02T04:30:02.302Z';
    await write(
      job,
      Array.from({ length: 25 }, (_, i) => ({ message: `${i}`, at })),
    );
    const seen: string[] = [];
    for (let path: string | null = '/api/logs?lines=10'; path; ) {
      const page: Logs = (await app.call<Logs>('GET', path)).body;
      seen.unshift(...page.entries.map(({ message }) => message));
      path = page.pagination.next;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `${i}`));
  });

  test('finds words among many lines', { timeout: 120_000 }, async ({ annotate }) => {
    const { job } = await startRun();
    const count = sized(5_000, 100_000);
    await sql`
      insert into console.run_log (job_id, retry_count, seq, at, level, message)
      select ${job}::uuid, 0, i, now() - make_interval(secs => (${count}::integer - i) * 0.5), 'info',
        'Line ' || i || ' of a log that goes on: /media/films/' || md5(i::text)
      from generate_series(1, ${count}::integer) i
    `.execute(app.db);
    await sql`analyze console.run_log`.execute(app.db);
    const found = async (words: string) => {
      const began = performance.now();
      const { count: lines } = await get(`?search=${encodeURIComponent(words)}`);
      return { lines, took: performance.now() - began };
    };
    await found('warm');
    const [rare, none] = [await found('line 7 OF'), await found('nothing has these words')];
    expect([rare.lines, none.lines]).toEqual([1, 0]);
    annotate(`${Math.round(Math.max(rare.took, none.took))} ms for words among ${count} log lines`, 'figure');
    expect(Math.max(rare.took, none.took)).toBeLessThan(deepLimit(200));
  });
});

type Batch = { lines: string[]; entries: LogLine[]; count: number };
const linesIn = (follower: Follower) =>
  follower.of('lines').flatMap(({ data }) => (data as Batch).entries.map(({ message }) => message));

async function tail(query = '', headers = {}, path = '/api/logs'): Promise<Follower> {
  const follower = await follow(app.port, query, { accept: 'text/event-stream', ...headers }, path);
  onTestFinished(() => follower.close());
  await follower.until(() => follower.of('ready').length > 0);
  return follower;
}

describe('the live tail', () => {
  test('has new lines in batches, narrowed like the list, and continues after its last id', async () => {
    const { id, job } = await startRun();
    const other = await startRun('test.other');
    await write(job, [{ message: 'before' }]);
    const all = await tail();
    const [few, ofRun] = [await tail('?level=error&search=BAD'), await tail('', {}, `/api/runs/${id}/logs`)];
    await write(job, [
      { message: 'good', seq: 1 },
      { message: 'very bad', seq: 2, level: 'error' },
    ]);
    // Lines of one millisecond have no order among jobs.
    await write(other.job, [{ message: 'other', at: new Date(Date.now() + 1_000).toISOString() }]);
    await all.until(() => linesIn(all).length === 3);
    expect(linesIn(all)).toEqual(['good', 'very bad', 'other']);
    const { lines, entries } = (all.of('lines')[0] as StreamMessage).data as Batch;
    expect(lines.slice(0, 2)).toEqual([
      expect.stringContaining('INFO [test.speak] good'),
      expect.stringContaining('ERROR [test.speak] very bad'),
    ]);
    expect(entries.slice(0, 2)).toMatchObject([{ attempt: 1, line: 1, run_id: id }, { line: 2 }]);
    await few.until(() => linesIn(few).length === 1);
    expect(linesIn(few)).toEqual(['very bad']);
    await ofRun.until(() => ofRun.of('lines').length > 0);
    expect(ofRun.of('lines').map(({ data }) => data)).toMatchObject([{ logs: [{ message: 'good' }, {}] }]);

    all.close();
    await all.closed;
    await write(job, [{ message: 'missed', seq: 3 }]);
    const again = await tail('', { 'last-event-id': all.lastId() });
    await again.until(() => linesIn(again).length === 1);
    await write(job, [{ message: 'next', seq: 4 }]);
    await again.until(() => linesIn(again).length === 2);
    expect(linesIn(again)).toEqual(['missed', 'next']);
    expect(again.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  });

  test('has a line of a worker within half a second', async ({ annotate }) => {
    const { job } = await startRun();
    const follower = await tail();
    const nothing = () => {};
    const echo = { info: nothing, warn: nothing, error: nothing };
    const { log, open } = new RunLog(app.db).of({ jobId: job, retryCount: 0 } as never, echo, nothing);
    open();
    const began = performance.now();
    log.warn({ word: 'sail' }, 'It goes on');
    await follower.until(() => linesIn(follower).length === 1);
    const took = performance.now() - began;
    annotate(`${Math.round(took)} ms from a worker's log line to a stream`, 'figure');
    expect(took).toBeLessThan(deepLimit(500));
  });

  test('continues after the list without a gap, and its id moves while nothing comes', async () => {
    const { job } = await startRun();
    await write(job, [{ message: 'listed' }]);
    const { last_event_id, entries } = await get();
    await write(job, [{ message: 'after', seq: 1 }]);
    const follower = await tail(`?last_event_id=${last_event_id}`);
    await follower.until(() => linesIn(follower).length === 1);
    expect([...entries.map(({ message }) => message), ...linesIn(follower)]).toEqual(['listed', 'after']);
    const before = follower.lastId();
    await sql`create table if not exists public.moves ()`.execute(app.db);
    await sql`drop table public.moves`.execute(app.db);
    await follower.until(() => follower.comments() > 0 && follower.lastId() !== before);
  });

  test('has each line once, however late its transaction commits', async () => {
    const { job } = await startRun();
    const follower = await tail();
    const pool = createPool({ connection: app.config.database ?? '', max: 1, applicationName: 'late' });
    const late = createDb(pool);
    onTestFinished(() => late.destroy());
    const resumed = await late.transaction().execute(async (trx) => {
      await write(job, [{ message: 'late', seq: 0 }], trx);
      await write(job, [{ message: 'early', seq: 1 }]);
      await follower.until(() => linesIn(follower).length === 1);
      return follower.lastId();
    });
    await follower.until(() => linesIn(follower).length === 2);
    expect(linesIn(follower)).toEqual(['early', 'late']);
    const again = await tail('', { 'last-event-id': resumed });
    await again.until(() => linesIn(again).length > 0);
    await write(job, [{ message: 'last', seq: 2 }]);
    await again.until(() => linesIn(again).includes('last'));
    expect(linesIn(again)).toEqual(['late', 'last']);
  });

  test('says that lines are missing, where it cannot continue or too many were missed', async () => {
    for (const id of ['abc', '7.1', '999999999999:999999999999:', '0:0:']) {
      const follower = await tail('', { 'last-event-id': id });
      await follower.until(() => follower.of('reset').length === 1);
    }
    const { last_event_id } = await get();
    const { job } = await startRun();
    const live = await tail();
    await sql`
      with many as (
        insert into console.run_log (job_id, retry_count, seq, at, level, message)
        select ${job}::uuid, 0, i, now(), 'info', 'many' from generate_series(1, 5001) i
      )
      select pg_notify('console_run_log', '')
    `.execute(app.db);
    await live.until(() => live.of('reset').length === 1);
    const follower = await tail(`?last_event_id=${last_event_id}`);
    await follower.until(() => follower.of('reset').length === 1);
    await write(job, [{ message: 'after', seq: 9_000 }]);
    await follower.until(() => linesIn(follower).length > 0);
    expect(linesIn(follower)).toEqual(['after']);
  });

  test('drops a client that does not read, and leaves the others alone', async () => {
    const { job } = await startRun();
    const good = await tail();
    const socket = connect(app.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('GET /api/logs HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    let seq = 0;
    // More than the system keeps for a connection.
    for (let round = 0; round < 10; round += 1) {
      await write(
        job,
        Array.from({ length: 100 }, () => ({ message: 'x'.repeat(9_000), seq: seq++ })),
      );
      await good.until(() => linesIn(good).length === seq);
    }
    // What was sent before can be read; then the connection ends.
    socket.resume();
    await gone;
    expect(linesIn(good)).toHaveLength(seq);
  });

  test('is measured apart from the replies of the list', async () => {
    await get();
    const follower = await tail();
    follower.close();
    const measured = async () => (await app.call('GET', '/metrics')).text;
    await expect
      .poll(measured, { interval: 20 })
      .toContain('_count{method="GET",route="/api/logs (stream)",status="200"}');
    expect(await measured()).toContain('_count{method="GET",route="/api/logs",status="200"}');
  });

  test('of a run that does not exist is 404', async () => {
    const headers = { accept: 'text/event-stream' };
    expect((await app.call('GET', `/api/runs/${randomUUID()}/logs`, { headers })).status).toBe(404);
  });
});

test.each([
  ['740:740:', true],
  ['740:744:741,743', true],
  ['740:744:', true],
  ['744:740:', false],
  ['740:744:743,741', false],
  ['740:744:744', false],
  ['740:744:741,', false],
  ['0:1:', false],
  ['7.4', false],
])('%s is a snapshot: %s', (text, isOne) => {
  expect(parseSnapshot(text) !== undefined).toBe(isOne);
});
