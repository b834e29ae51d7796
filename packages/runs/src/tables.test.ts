import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

/** What the migrations give to every process that works on runs. */

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase('plain');
  client = new pg.Client(database.connectionString);
  await client.connect();
  return async () => {
    await client.end();
    await database.drop();
  };
});

/** As a role that may read and write rows, and nothing else. */
async function asWriter(): Promise<pg.Client> {
  const role = `${database.name}_writer`;
  await client.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA console TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA console TO ${role}`);
  const writer = new pg.Client(database.connectionString);
  await writer.connect();
  await writer.query(`SET ROLE ${role}`);
  onTestFinished(async () => {
    await writer.end();
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  return writer;
}

test('the tables of pg-boss are those that its version needs, with a partition per queue', async () => {
  const boss = new PgBoss({
    connectionString: database.connectionString,
    schema: 'console',
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {});
  await boss.start();
  onTestFinished(() => boss.stop({ graceful: false }));
  expect(await boss.detectSchemaDrift()).toMatchObject({ ok: true });
  const queues = await boss.getQueues();
  expect(queues.map(({ name }) => name).toSorted()).toEqual(['disk', 'long', 'network', 'short']);
  for (const queue of queues) {
    expect(queue).toMatchObject({
      policy: 'standard',
      partition: true,
      notify: true,
      heartbeatSeconds: 10,
      retryLimit: 20,
      expireInSeconds: 86_400,
    });
  }
});

test('a job is found by its key in each queue that has no statistics of its own jobs yet', async () => {
  const { rows: queues } = await client.query<{ name: string }>('SELECT name FROM console.queue WHERE partition');
  await client.query('BEGIN');
  onTestFinished(async () => void (await client.query('ROLLBACK')));
  expect((await client.query('SELECT FROM console.job')).rowCount).toBe(0);
  for (const { name } of queues) {
    await client.query("INSERT INTO console.job (name, data) SELECT $1, '{}' FROM generate_series(1, 100)", [name]);
    const { rows } = await client.query(
      `EXPLAIN (FORMAT JSON) SELECT FROM console.job WHERE name = '${name}' AND id = '${crypto.randomUUID()}' AND state = 'active'`,
    );
    expect(JSON.stringify(rows[0]['QUERY PLAN'][0].Plan), name).toMatch(/"Index Cond":"[^"]*\bid = /);
  }
});

test('the log has a partition for today and the next two days, and forgets lines after fourteen days', async () => {
  const writer = await asWriter();
  await client.query(`
    CREATE TABLE console.run_log_20200101 PARTITION OF console.run_log FOR VALUES FROM ('2020-01-01 00:00:00+00')
      TO ('2020-01-02 00:00:00+00');
    -- A line of tomorrow came before its partition.
    INSERT INTO console.run_log (job_id, retry_count, seq, at, level, message)
    SELECT gen_random_uuid(), 0, 0, at, 'info', 'a line'
    FROM (VALUES (timestamptz '2020-01-01 12:00:00+00'), ('2020-03-01'), (now() - interval '13 days'), (now() + interval '1 day')) AS l(at)
  `);
  const partitions = async () => {
    const { rows } = await client.query<{ day: number }>(
      `SELECT to_date(right(relname, 8), 'YYYYMMDD') - (now() AT TIME ZONE 'UTC')::date AS day FROM pg_class
       WHERE relnamespace = 'console'::regnamespace AND relname ~ '^run_log_\\d{8}$' ORDER BY day`,
    );
    return rows.map(({ day }) => day);
  };
  const lines = async () => (await client.query('SELECT FROM console.run_log')).rowCount;
  for (let i = 0; i < 2; i += 1) {
    await writer.query('SELECT console.keep_run_log()');
    expect([await partitions(), await lines()]).toEqual([[0, 2], 2]);
  }
  await client.query('DELETE FROM console.run_log_other');
  const other = new pg.Client(database.connectionString);
  await other.connect();
  await Promise.all([writer, other].map((one) => one.query('SELECT console.keep_run_log()')));
  await other.end();
  expect(await partitions()).toEqual([0, 1, 2]);
});

test('a state is what the job says until the step has an outcome', async () => {
  const state = async (
    job: { state: string; start_after?: string; heartbeat_on?: string } | null,
    step: { failures?: number; outcome?: string; sent?: boolean } = {},
    run: { cancelled?: boolean; outcome?: string } = {},
  ) => {
    await client.query('BEGIN');
    try {
      const { rows: runs } = await client.query(
        `INSERT INTO console.run (task, params, trigger, cancel_requested_at, outcome, finished_at)
         VALUES ('a.task', '{}', 'manual', $1, $2::text, CASE WHEN $2::text IS NOT NULL THEN now() END) RETURNING id`,
        [run.cancelled ? new Date() : null, run.outcome ?? null],
      );
      const { rows: steps } = await client.query(
        `INSERT INTO console.step (run_id, task, params, queue, failures, job_id, outcome, finished_at)
         VALUES ($1, 'a.task', '{}', 'short', $2, CASE WHEN $3 THEN gen_random_uuid() END, $4::text,
           CASE WHEN $4::text IS NOT NULL THEN now() END)
         RETURNING job_id`,
        [runs[0].id, step.failures ?? 0, step.sent ?? true, step.outcome ?? null],
      );
      if (job) {
        await client.query(
          `INSERT INTO console.job (id, name, state, start_after, heartbeat_on, heartbeat_seconds)
           VALUES ($1, 'short', $2, now() + $3::interval, now() + $4::interval, 10)`,
          [steps[0].job_id, job.state, job.start_after ?? '0', job.heartbeat_on ?? '0'],
        );
      }
      const { rows } = await client.query(
        `SELECT r.state AS run, s.state AS step, s.next_attempt_at IS NOT NULL AS waits
         FROM console.run_state r JOIN console.step_state s ON s.run_id = r.id WHERE r.id = $1`,
        [runs[0].id],
      );
      expect(rows[0].run).toBe(run.outcome ?? rows[0].step);
      return `${rows[0].step}${rows[0].waits ? ' later' : ''}`;
    } finally {
      await client.query('ROLLBACK');
    }
  };
  expect(await state(null, { sent: false })).toBe('pending');
  expect(await state({ state: 'created' })).toBe('queued');
  expect(await state({ state: 'created', start_after: '1 minute' })).toBe('queued later');
  expect(await state({ state: 'created', start_after: '1 minute' }, { failures: 1 })).toBe('retrying later');
  expect(await state({ state: 'retry' })).toBe('retrying');
  expect(await state({ state: 'active' })).toBe('running');
  expect(await state({ state: 'active', heartbeat_on: '-11 seconds' })).toBe('lost');
  expect(await state({ state: 'active' }, {}, { cancelled: true })).toBe('stopping');
  for (const lost of ['completed', 'cancelled', 'failed']) expect(await state({ state: lost })).toBe('lost');
  expect(await state(null)).toBe('lost');
  for (const outcome of ['completed', 'failed', 'cancelled', 'timeout'])
    expect(await state({ state: 'active' }, { outcome }, { outcome })).toBe(outcome);
});
