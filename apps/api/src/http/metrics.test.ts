import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { closedPort } from '@at/adapters/test/transmission-daemon';
import { fileStatuses, queueStatuses } from '@at/contracts/vocabulary';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDeps } from '#deps.ts';
import { insertQueueItem } from '#test/sample-queue.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** The value of a series by name and labels; undefined when there is none. */
function read(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  for (const line of text.split('\n')) {
    const [, series, labelText = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const wanted = Object.entries(labels).every(([label, word]) => labelText.split(',').includes(`${label}="${word}"`));
    if (series === name && wanted) return Number(value);
  }
  return undefined;
}

test('requests are counted by route, method and status, refused ones and unknown paths too', async () => {
  const app = await startTestApp();
  try {
    await insertTitles(app.db, [{ imdb_id: 'tt2759766' }]);
    for (const path of [
      '/training/tt2759766',
      '/training/tt0000000',
      '/training?limit=-1',
      '/nothing/1',
      '/nothing/2',
    ]) {
      await app.call('GET', path);
    }
    await app.call('PATCH', '/training/tt2759766/would_watch');
    await app.call('PATCH', '/training/tt2759766/would_watch', { headers: { origin: 'http://evil.example' } });
    const { status, headers, text } = await app.call('GET', '/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const count = (method: string, route: string, code: number) =>
      read(text, 'http_request_duration_seconds_count', { method, route, status: String(code) });
    expect(count('GET', '/rear-diff/training/:imdb_id', 200)).toBe(1);
    expect(count('GET', '/rear-diff/training/:imdb_id', 404)).toBe(1);
    expect(count('GET', '/rear-diff/training', 422)).toBe(1);
    expect(count('GET', 'none', 404)).toBe(2);
    expect(count('PATCH', '/rear-diff/training/:imdb_id/would_watch', 200)).toBe(1);
    expect(count('PATCH', '/rear-diff/training/:imdb_id/would_watch', 403)).toBe(1);
    // This very request.
    expect(read(text, 'http_requests_in_flight')).toBe(1);
    expect(text).not.toContain('tt2759766');
  } finally {
    await app.close();
  }
});

test('version, connections and shared answers are reported', async () => {
  const app = await startTestApp();
  try {
    for (let i = 0; i < 3; i += 1) await app.call('GET', '/training');
    await app.call('GET', '/training/tt0000000/history');
    const { text } = await app.call('GET', '//metrics');
    expect(read(text, 'rear_diff_build_info', { version: app.config.version, node: process.version })).toBe(1);
    expect(read(text, 'nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
    const statements = (state: string) => read(text, 'rear_diff_database_connections', { pool: 'statements', state });
    expect(statements('open')).toBe(1);
    expect(statements('idle')).toBe(1);
    expect(statements('waiting')).toBe(0);
    expect(read(text, 'rear_diff_database_connections', { pool: 'quick lists', state: 'open' })).toBeGreaterThan(0);
    const reads = (answer: string) => read(text, 'rear_diff_shared_reads_total', { answer }) as number;
    expect(reads('computed')).toBeGreaterThan(0);
    expect(reads('computed') + reads('shared')).toBe(3);
  } finally {
    await app.close();
  }
});

describe('a request whose body does not arrive', () => {
  const lines: { level: number; msg: string }[] = [];
  const logger = { level: 'debug', stream: { write: (line: string) => void lines.push(JSON.parse(line)) } };
  let app: TestApp;
  /** Loses its patience while a test waits for that. */
  let impatient: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ logger });
    impatient = await startTestApp({ logger, deps: () => ({ requestTimeout: 1_000 }) });
  });
  afterAll(() => Promise.all([app.close(), impatient.close()]));

  const begin = async (by = app) => {
    lines.length = 0;
    const socket = connect(by.port, '127.0.0.1');
    const head = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 100'].join('\r\n');
    socket.write(`PATCH /rear-diff/training/tt0000001 HTTP/1.1\r\n${head}\r\n\r\n{"imdb_id":`);
    await expect.poll(() => lines.some(({ msg }) => msg === 'incoming request')).toBe(true);
    return socket;
  };
  const counted = async (status: string, by = app) =>
    read((await by.call('GET', '/metrics')).text, 'http_request_duration_seconds_count', { method: 'PATCH', status });

  test('because the client disconnects, is counted as 499 and logged for debugging only', async () => {
    (await begin()).destroy();
    await expect.poll(() => counted('499')).toBe(1);
    await expect
      .poll(() => lines.map(({ msg }) => msg))
      .toContain('The client disconnected before its request was complete');
    expect(lines.filter(({ level }) => level > 30)).toEqual([]);
    expect(JSON.stringify(lines)).not.toMatch(/database is unreachable/i);
  });

  test('in time, is 408 in the form of every error, and counted as that', async () => {
    const socket = await begin(impatient);
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += chunk;
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
    expect(head).toMatch(/^content-type: application\/problem\+json/m);
    expect(JSON.parse(body)).toMatchObject({ success: false, status: 408 });
    await expect.poll(() => counted('408', impatient)).toBe(1);
    expect(lines.filter(({ level }) => level > 30)).toEqual([]);
  });

  test('ends by default after the time that the guide says', async () => {
    const guide = readFileSync(new URL('../../docs/guide.md', import.meta.url), 'utf8');
    const deps = createDeps({ ...app.config, database: 'postgres://localhost/none' }, { embedded: false });
    expect(guide).toMatch(new RegExp(`receiving a request +\\| ${deps.requestTimeout / 1000} seconds \\(408\\)`));
    await deps.close();
  });
});

test('a caller that disconnects before the reply is no longer in flight, and counted as 499', async () => {
  const app = await startTestApp();
  try {
    await insertTitles(app.db, [{ imdb_id: 'tt2759766' }]);
    const inFlight = async () => read((await app.call('GET', '/metrics')).text, 'http_requests_in_flight');
    await app.db.transaction().execute(async (trx) => {
      await trx.selectFrom('atp.training').select('imdb_id').forUpdate().execute();
      const gone = new AbortController();
      const asked = fetch(`http://127.0.0.1:${app.port}/rear-diff/training/tt2759766/would_watch`, {
        method: 'PATCH',
        signal: gone.signal,
      }).catch(() => 'gone');
      while ((await inFlight()) !== 2) await new Promise((resolve) => setImmediate(resolve));
      gone.abort();
      expect(await asked).toBe('gone');
      while ((await inFlight()) !== 1) await new Promise((resolve) => setImmediate(resolve));
      const { text } = await app.call('GET', '/metrics');
      expect(read(text, 'http_request_duration_seconds_count', { method: 'PATCH', status: '499' })).toBe(1);
    });
  } finally {
    await app.close();
  }
});

test('where keys are needed, Prometheus needs one too, at both paths', async () => {
  const app = await startTestApp({
    template: 'empty',
    config: { API_KEYS: 'prometheus:viewer:the-secret-of-prometheus' },
  });
  try {
    for (const path of ['/metrics', '//metrics']) {
      expect((await app.call('GET', path)).status).toBe(401);
      const { status, text } = await app.call('GET', path, {
        headers: { authorization: 'Bearer the-secret-of-prometheus' },
      });
      expect(status).toBe(200);
      expect(read(text, 'http_request_duration_seconds_count', { status: '401' })).toBe(1);
      expect(text).not.toContain('secret');
    }
  } finally {
    await app.close();
  }
});

test('the queue, runs and workers are reported from the database, whichever process did the work', async () => {
  const app = await startTestApp();
  onTestFinished(() => app.close());
  for (const status of queueStatuses) await insertQueueItem(app.db, { status });
  await sql`update console.run set created_at = now() - interval '1 minute'`.execute(app.db);
  await sql`update console.run set finished_at = now() where outcome is not null`.execute(app.db);
  await sql`
    insert into console.worker (id, host, pid, version, tasks, queues) values (gen_random_uuid(), 'nas', 4711, '0', '{}', '{}')
  `.execute(app.db);
  const { text } = await app.call('GET', '//metrics');
  for (const status of fileStatuses) expect(read(text, 'atp_files', { status })).toBe(0);
  for (const stage of ['batched', 'synced', 'sorted']) expect(read(text, 'atp_batch_bytes', { stage })).toBe(0);
  expect(read(text, 'atp_sync_bytes_per_second', {})).toBe(0);
  for (const status of queueStatuses) expect(read(text, 'atp_queue_items', { status })).toBe(1);
  expect(read(text, 'atp_queue_oldest_seconds', { status: 'error' })).toBeGreaterThan(86_400);
  expect(read(text, 'atp_queue_oldest_seconds', { status: 'completed' })).toBe(undefined);
  expect(read(text, 'atp_queue_steps', { step: 'metadata', result: 'failed' })).toBe(1);
  expect(read(text, 'atp_queue_step_attempts', { step: 'publish', result: 'completed' })).toBe(1);
  expect(read(text, 'atp_queue_step_attempt_seconds', { step: 'publish', result: 'completed' })).toBe(60);
  expect(read(text, 'atp_runs', { task: 'item.process', outcome: 'failed' })).toBe(1);
  expect(read(text, 'atp_run_duration_seconds', { task: 'item.process', quantile: '0.95' })).toBeGreaterThanOrEqual(60);
  expect(
    Date.now() / 1_000 - (read(text, 'atp_worker_last_seen_timestamp_seconds', { host: 'nas' }) ?? 0),
  ).toBeLessThan(600);
});

test('calls of this process to other systems are counted by their result', async () => {
  const config = { REAR_DIFF_TRANSMISSION_HOST: '127.0.0.1', REAR_DIFF_TRANSMISSION_PORT: String(closedPort) };
  const app = await startTestApp({ config });
  onTestFinished(() => app.close());
  await app.call('GET', '/readyz');
  const { text } = await app.call('GET', '//metrics');
  expect(read(text, 'atp_torrent_error_total')).toBeGreaterThanOrEqual(1);
  const failed = { system: 'transmission', result: 'failed' };
  expect(read(text, 'atp_external_calls_total', failed)).toBe(read(text, 'atp_torrent_error_total'));
  expect(read(text, 'atp_external_call_seconds_total', failed)).toBeGreaterThan(0);
});

test('without a database the metrics of this process are reported', async () => {
  const app = await startTestApp({ database: `postgres://nobody@127.0.0.1:${closedPort}/none` });
  onTestFinished(() => app.close());
  const { status, text } = await app.call('GET', '//metrics');
  expect([status, read(text, 'http_requests_in_flight'), read(text, 'atp_queue_items')]).toEqual([200, 1, undefined]);
});
