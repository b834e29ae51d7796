import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sized } from './test-size.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

// The events that triggers on schema atp write, and their guarantees to clients that write to atp.

let database: TestDatabase;
let client: pg.Client;
const writer = `events_writer_of_test_${process.pid}`;

beforeAll(async () => {
  database = await createTestDatabase('full');
  client = new pg.Client(database.connectionString);
  await client.connect();
  await client.query(`
    SET TimeZone = 'UTC';
    CREATE ROLE ${writer};
    GRANT USAGE ON SCHEMA atp TO ${writer};
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON atp.training, atp.prediction, atp.media TO ${writer}`);
});
afterAll(async () => {
  await client.query(`DROP OWNED BY ${writer}; DROP ROLE ${writer}`);
  await client.end();
  await database.drop();
});

type EventRow = {
  type: string;
  operation: string;
  imdb_ids: string[] | null;
  hashes: string[] | null;
};

let seen = '0';
/** The events since the last call. */
async function newEvents(): Promise<EventRow[]> {
  const { rows } = await client.query<EventRow & { seq: string }>(
    `SELECT seq, type, payload ->> 'operation' AS operation, imdb_ids, hashes FROM console.event WHERE seq > $1 ORDER BY seq`,
    [seen],
  );
  seen = rows.at(-1)?.seq ?? seen;
  return rows.map(({ seq: _, ...event }) => event);
}
const lost = async () => Number((await client.query('SELECT console.count_lost_events() AS n')).rows[0].n);

const title = (n: number) => `tt${1_000_000 + n}`;
const hash = (letter: string) => letter.repeat(40);

beforeEach(async () => {
  await client.query(`
    DELETE FROM atp.training; DELETE FROM atp.prediction; DELETE FROM atp.media;
    INSERT INTO atp.training (imdb_id, media_type, media_title, release_year)
      SELECT 'tt' || 1000000 + n, 'movie', 'A film', 2000 FROM generate_series(1, 110) n;
    INSERT INTO atp.prediction SELECT imdb_id, 1, 0.5, 'tp' FROM atp.training;
    INSERT INTO atp.media (hash, media_type, original_title, imdb_id)
      VALUES ('${hash('a')}', 'movie', '', '${title(1)}'), ('${hash('b')}', 'movie', '', NULL)`);
  await newEvents();
});

describe('a change', () => {
  test.each([
    [
      'an insert',
      `INSERT INTO atp.training SELECT * FROM jsonb_populate_record((SELECT t FROM atp.training t LIMIT 1), '{"imdb_id": "tt7654321"}')`,
      ['title.changed', 'insert', ['tt7654321'], []],
    ],
    [
      'an update',
      `UPDATE atp.training SET anomalous = true WHERE imdb_id <= '${title(2)}'`,
      ['title.changed', 'update', [title(1), title(2)], []],
    ],
    [
      'an update to null',
      `UPDATE atp.training SET reviewed = NULL WHERE imdb_id = '${title(1)}'`,
      ['title.changed', 'update', [title(1)], []],
    ],
    ['a delete', `DELETE FROM atp.training WHERE imdb_id = '${title(3)}'`, ['title.changed', 'delete', [title(3)], []]],
    [
      'a new id',
      `UPDATE atp.training SET imdb_id = 'tt7654321' WHERE imdb_id = '${title(1)}'`,
      ['title.changed', 'update', [title(1), 'tt7654321'], []],
    ],
    [
      'a prediction',
      `UPDATE atp.prediction SET probability = 0.75 WHERE imdb_id = '${title(1)}'`,
      ['prediction.changed', 'update', [title(1)], []],
    ],
    [
      'a media item',
      `UPDATE atp.media SET pipeline_status = 'parsed' WHERE hash = '${hash('a')}'`,
      ['media.changed', 'update', [title(1)], [hash('a')]],
    ],
    [
      'a media item without a title',
      `UPDATE atp.media SET pipeline_status = 'parsed' WHERE hash = '${hash('b')}'`,
      ['media.changed', 'update', [], [hash('b')]],
    ],
    [
      'a media item that is known to be another title',
      `UPDATE atp.media SET imdb_id = '${title(2)}' WHERE hash = '${hash('a')}'`,
      ['media.changed', 'update', [title(1), title(2)], [hash('a')]],
    ],
    [
      '100 rows',
      `UPDATE atp.training SET runtime = 1 WHERE imdb_id <= '${title(100)}'`,
      ['title.changed', 'update', Array.from({ length: 100 }, (_, i) => title(i + 1)), []],
    ],
    [
      '101 rows',
      `UPDATE atp.training SET runtime = 1 WHERE imdb_id <= '${title(101)}'`,
      ['title.changed', 'update', null, []],
    ],
    [
      'an insert of many',
      `INSERT INTO atp.media (hash, media_type, original_title) SELECT lpad(n::text, 40, '0'), 'movie', '' FROM generate_series(1, 101) n`,
      ['media.changed', 'insert', null, null],
    ],
    ['a delete of many', 'DELETE FROM atp.prediction', ['prediction.changed', 'delete', null, []]],
    ['a truncation', 'TRUNCATE atp.media', ['media.changed', 'delete', null, null]],
    [
      'one row of many that are written',
      `UPDATE atp.training SET runtime = CASE imdb_id WHEN '${title(105)}' THEN 5 END`,
      ['title.changed', 'update', [title(105)], []],
    ],
  ])('%s is one event', async (_, sql, [type, operation, imdb_ids, hashes]) => {
    await client.query(sql as string);
    expect(await newEvents()).toEqual([{ type, operation, imdb_ids, hashes }]);
  });

  test('an upsert is one event for the inserted and one for the updated rows', async () => {
    await client.query(`
      INSERT INTO atp.prediction VALUES ('${title(1)}', 0, 0.25, 'fn'), ('tt7654321', 1, 0.5, 'tp')
      ON CONFLICT (imdb_id) DO UPDATE SET probability = excluded.probability`);
    expect((await newEvents()).map(({ operation, imdb_ids }) => [operation, imdb_ids]).toSorted()).toEqual([
      ['insert', ['tt7654321']],
      ['update', [title(1)]],
    ]);
  });

  test.each([
    ['the same values', 'UPDATE atp.training SET reviewed = reviewed'],
    ['the same values of media', 'UPDATE atp.media SET original_title = original_title'],
    ['the same prediction', 'UPDATE atp.prediction SET probability = probability'],
    ['no row', 'UPDATE atp.training SET runtime = 7 WHERE false'],
    ['no row to delete', 'DELETE FROM atp.media WHERE false'],
  ])('%s is no event', async (_, sql) => {
    await client.query(sql);
    expect(await newEvents()).toEqual([]);
  });

  test('a column that another project adds counts too', async () => {
    await client.query(
      'BEGIN; ALTER TABLE atp.training ADD added json; UPDATE atp.training SET imdb_votes = 1 WHERE false',
    );
    await client.query(`UPDATE atp.training SET added = '{}' WHERE imdb_id = '${title(1)}'`);
    expect(await newEvents()).toMatchObject([{ imdb_ids: [title(1)] }]);
    await client.query('ROLLBACK');
    expect(await lost()).toBe(0);
  });

  test('each update of a transaction is an event', async () => {
    await client.query('BEGIN');
    for (const votes of [1, 2, 3]) await client.query(`UPDATE atp.training SET imdb_votes = ${votes}`);
    await client.query('UPDATE atp.prediction SET probability = 0.25');
    await client.query('COMMIT');
    const changed = ['title.changed', 'title.changed', 'title.changed', 'prediction.changed'];
    expect((await newEvents()).map(({ type }) => type)).toEqual(changed);
  });

  test('a rollback sends nothing, a commit sends a notification without payload', async () => {
    const listener = new pg.Client(database.connectionString);
    await listener.connect();
    const received: (string | undefined)[] = [];
    listener.on('notification', ({ payload }) => received.push(payload));
    await listener.query('LISTEN console_event');
    await client.query('BEGIN; UPDATE atp.training SET runtime = 9; ROLLBACK');
    await listener.query('SELECT');
    expect([received, await newEvents()]).toEqual([[], []]);
    await client.query('UPDATE atp.training SET runtime = 9');
    // Notifications sent before this statement arrive before its result.
    await listener.query('SELECT');
    expect(received).toEqual(['']);
    await listener.end();
  });
});

describe('a client that writes to atp', () => {
  const writes = [
    `UPDATE atp.training SET runtime = 1 WHERE imdb_id = '${title(1)}'`,
    `INSERT INTO atp.media (hash, media_type, original_title) VALUES ('${hash('c')}', 'movie', '')`,
    `DELETE FROM atp.prediction WHERE imdb_id = '${title(1)}'`,
    'TRUNCATE atp.media',
  ];

  test('needs no privilege on schema console and cannot read it', async () => {
    await client.query(`SET ROLE ${writer}`);
    try {
      for (const sql of writes) await client.query(sql);
      await expect(client.query('SELECT FROM console.event')).rejects.toThrow('permission denied');
    } finally {
      await client.query('RESET ROLE');
    }
    expect(await newEvents()).toHaveLength(writes.length);
  });

  test('needs no superuser as the owner of schema console, nor an owner with privileges on atp', async () => {
    await client.query(`
      BEGIN; CREATE ROLE ${writer}_owner; GRANT USAGE, CREATE ON SCHEMA console TO ${writer}_owner;
      ALTER TABLE console.event OWNER TO ${writer}_owner; ALTER FUNCTION console.note_change() OWNER TO ${writer}_owner;
      SET LOCAL ROLE ${writer}`);
    for (const sql of writes) await client.query(sql);
    await client.query('RESET ROLE');
    expect(await newEvents()).toHaveLength(writes.length);
    await client.query('ROLLBACK');
  });

  test('is not affected by functions of the same names earlier in the search path', async () => {
    await client.query(`
      BEGIN; CREATE SCHEMA trap;
      CREATE FUNCTION trap.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
      CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
      SET LOCAL search_path = trap, pg_catalog`);
    for (const sql of writes) await client.query(sql);
    await client.query('ROLLBACK');
    expect(await lost()).toBe(0);
  });

  test.each([
    ['is gone', 'DROP TABLE console.event'],
    ['refuses the row', 'ALTER TABLE console.event ADD CONSTRAINT nothing CHECK (false) NOT VALID'],
    ['and the counter of failures are gone', 'DROP TABLE console.event; DROP SEQUENCE console.events_lost'],
  ])('succeeds where console.event %s', async (_, fault) => {
    const before = await lost();
    await client.query(`BEGIN; ${fault}`);
    for (const sql of writes) await client.query(sql);
    expect((await client.query(`SELECT runtime FROM atp.training WHERE imdb_id = '${title(1)}'`)).rows).toEqual([
      { runtime: 1 },
    ]);
    await client.query('ROLLBACK');
    expect((await lost()) - before).toBe(fault.includes('SEQUENCE') ? 0 : writes.length);
  });

  test('does not wait for a client that has locked console.event', async () => {
    const before = await lost();
    const other = new pg.Client(database.connectionString);
    await other.connect();
    await other.query('BEGIN; LOCK TABLE console.event');
    await client.query(writes[0] as string);
    await other.query('ROLLBACK');
    await other.end();
    expect((await lost()) - before).toBe(1);
    expect(await newEvents()).toEqual([]);
  });

  test('may update thousands of rows in one statement, which is one event', async () => {
    await client.query(`
      INSERT INTO atp.prediction SELECT 'tt' || 2000000 + n, 1, 0.5, 'tp' FROM generate_series(1, ${sized(10_000, 100_000)}) n`);
    await newEvents();
    await client.query(`SET ROLE ${writer}`);
    await client.query(
      'UPDATE atp.prediction SET probability = 0.25; UPDATE atp.prediction SET prediction = prediction',
    );
    await client.query('RESET ROLE');
    expect(await newEvents()).toEqual([
      { type: 'prediction.changed', operation: 'update', imdb_ids: null, hashes: [] },
    ]);
  });
});

describe('console.event', () => {
  test.each([
    ['update', `UPDATE console.event SET actor = 'other'`],
    ['truncation', 'TRUNCATE console.event'],
    ['deletion of events younger than 90 days', 'DELETE FROM console.event'],
  ])('refuses %s, even for its owner', async (_, sql) => {
    await client.query(`INSERT INTO console.event (type) VALUES ('title.changed')`);
    await expect(client.query(sql)).rejects.toThrow(/^console\.event is append-only/);
  });

  test('deletes events older than 90 days in batches and records the position; what a person asked of files and runs stays a year', async () => {
    await client.query(
      `INSERT INTO console.event (type, at) SELECT 'title.changed', now() - interval '91 days' FROM generate_series(1, 5)`,
    );
    const { rows: written } = await client.query(
      "SELECT max(txid::text::bigint) AS txid FROM console.event WHERE at < now() - interval '90 days'",
    );
    await client.query(`INSERT INTO console.event (type, at) VALUES ('title.changed', now() - interval '89 days')`);
    const act = (actor: string, days: number) =>
      client.query(
        `INSERT INTO console.event (type, actor, payload, at) VALUES ('queue.changed', $1, '{"action": "retry"}', now() - $2 * interval '1 day')`,
        [actor, days],
      );
    await act('Anna', 364);
    const asked = client.query("DELETE FROM console.event WHERE actor = 'Anna'");
    await expect(asked).rejects.toThrow(/^console\.event is append-only/);
    const forget = async () => (await client.query('SELECT console.forget_events(3) AS gone')).rows[0].gone;
    expect([await forget(), await forget(), await forget()]).toEqual([3, 2, 0]);
    expect((await client.query('SELECT forgotten FROM console.event_state')).rows).toEqual([
      { forgotten: written[0].txid },
    ]);
    const { rows } = await client.query(
      `SELECT count(*)::int AS kept FROM console.event WHERE at < now() - interval '88 days'`,
    );
    expect(rows).toEqual([{ kept: 2 }]);
    await act('worker', 91);
    await act('Anna', 366);
    expect([await forget(), await forget()]).toEqual([2, 0]);
  });
});
