import { setTimeout } from 'node:timers/promises';
import { type EvaluationQuery, type SliceDimension, sliceDimensions } from '@at/contracts/predictions';
import { createDb, createPool } from '@at/db/client';
import { generateRows } from '@at/db/generated-rows';
import { sized } from '@at/db/test-size';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { EvaluationTotals } from '@at/domain/predictions/totals';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Random, seededRandom } from '../../../../../infra/demo/random.ts';
import { evaluationOfRows, evaluationOfTotals, type Read, slicesOfTotals, slicesStatement } from './queries.ts';

// Totals equal a count of every title in the same snapshot, after each kind of write.

const titles = sized(300, 20_000);
let prepared: TestDatabase;
const others: pg.Client[] = [];

beforeAll(async () => {
  prepared = await createTestDatabase('full');
  const client = new pg.Client(prepared.connectionString);
  await client.connect();
  await generateRows(client, titles);
  // Few distinct probabilities, so that many tie and many are whole thousandths; and what a checked column would refuse.
  await client.query(`
    UPDATE atp.prediction SET probability = round(probability, 1 + substr(imdb_id, 10)::int % 5)
      WHERE imdb_id LIKE '%_0' OR imdb_id LIKE '%_5' OR imdb_id LIKE '%_7';
    UPDATE atp.prediction SET probability = CASE right(imdb_id, 2) WHEN '11' THEN 1 ELSE 0 END
      WHERE imdb_id LIKE '%11' OR imdb_id LIKE '%12';
    INSERT INTO atp.prediction VALUES ('tt00000001', 1, 0.9, 'tp')`);
  await client.end();
  // Clones have the totals too.
  database = prepared;
  readers = [openTotals()];
  await expectExact();
  await readers[0]?.end();
});
afterAll(() => prepared.drop());

let database: TestDatabase;
let client: pg.Client;
let readers: { totals: EvaluationTotals; end: () => Promise<void> }[];
let warnings: string[] = [];

function openTotals(connection = database.connectionString): (typeof readers)[number] {
  const pool = createPool({ connection, max: 2 });
  const db = createDb(pool);
  // A busy machine may need longer than a reader would wait.
  const totals = new EvaluationTotals(db, (message) => warnings.push(message), 60_000);
  return { totals, end: () => totals.stop().then(() => db.destroy()) };
}

async function open(): Promise<pg.Client> {
  const other = new pg.Client(database.connectionString);
  await other.connect();
  others.push(other);
  return other;
}

/** Adds a row that counting everything again would remove. */
const mark = () =>
  client.query(`INSERT INTO console.evaluation_total VALUES ('mark', '', 0, '', false, false, '', '', 1, 0, 0)`);

/** A clone with marked totals. */
async function begin(): Promise<void> {
  database = await createTestDatabase(prepared);
  warnings = [];
  readers = [openTotals()];
  client = await open();
  await mark();
}
async function end(): Promise<void> {
  await Promise.all(others.splice(0).map((other) => other.end()));
  await Promise.all(readers.map((reader) => reader.end()));
  await database.drop();
}
const isMarked = async () =>
  (await client.query(`SELECT FROM console.evaluation_total WHERE dimension = 'mark'`)).rowCount === 1;

type Case = [scope: EvaluationQuery, threshold: number, by: readonly SliceDimension[]];
const cases: Case[] = [
  [{}, 0.4567891, sliceDimensions],
  [{ media_type: 'movie', reviewed: true, anomalous: false }, 0.35, ['genre']],
];
const allCases: Case[] = [
  ...cases,
  [{ media_type: 'tv_show', reviewed: false }, 0.5, sliceDimensions],
  [{ anomalous: true }, 0.123, sliceDimensions],
];

/** What totals and titles say in one snapshot; null if totals are unavailable. */
function readBoth([scope, threshold, by]: Case, of = readers[0]) {
  return of?.totals.read(async (trx) => {
    const read: Read = async (statement) => (await trx.executeQuery(statement)).rows;
    const sliced = async (statementOf: typeof slicesStatement) => {
      const bySlice = (rows: { slice: string | null }[]) =>
        rows.toSorted((a, b) => ((a.slice ?? '') < (b.slice ?? '') ? -1 : 1));
      const all = by.map(async (one) => [one, bySlice(await read(statementOf(trx, one, scope, threshold)))]);
      return await Promise.all(all);
    };
    return {
      found: [await evaluationOfTotals(trx, read, scope, threshold), await sliced(slicesOfTotals)],
      expected: [await evaluationOfRows(trx, read, scope, threshold), await sliced(slicesStatement)],
    };
  });
}

/** Compares; where the totals are still being counted, after that. */
async function expectExact(compared = sized(cases, allCases)): Promise<void> {
  for (const one of compared) {
    let both = await readBoth(one);
    while (!both) {
      await setTimeout(10);
      both = await readBoth(one);
    }
    expect(both.found).toEqual(both.expected);
  }
}

/** Drops a role when its rights have gone with the database. */
async function dropRole(role: string): Promise<void> {
  const admin = new pg.Client(prepared.connectionString);
  await admin.connect();
  await admin.query(`DROP ROLE IF EXISTS ${role}`);
  await admin.end();
}

const id = (n: number) => `tt${10_000_000 + n}`;
/** Titles whose row numbers are these, as a condition. */
const of = (...numbers: number[]) => `imdb_id IN (${numbers.map((n) => `'${id(n)}'`).join(', ')})`;
const many = `imdb_id BETWEEN '${id(100)}' AND '${id(160)}'`;
const newTitle = (imdbId: string) =>
  `INSERT INTO atp.training SELECT * FROM jsonb_populate_record((SELECT t FROM atp.training t LIMIT 1), '{"imdb_id": "${imdbId}", "tmdb_id": null}')`;

describe('totals say what reading every title says', () => {
  beforeAll(begin);
  afterAll(end);

  test.each([0, 5e-324, 0.001, 0.0995, 0.29, 0.3, 0.9989999999999999, 1])('at %d', async (threshold) => {
    await expectExact([[{}, threshold, ['genre']]]);
  });
  test('in every scope', () => expectExact(allCases));
});

describe('totals follow', () => {
  // One database: what a test changes, the next one finds.
  beforeAll(begin);
  afterAll(end);

  test.each([
    ['labels', `UPDATE atp.training SET label = 'would_watch' WHERE ${many}`],
    ['labels that go', `UPDATE atp.training SET label = NULL WHERE ${many}`],
    ['flags', `UPDATE atp.training SET reviewed = NULL, anomalous = NOT anomalous WHERE ${many}`],
    ['types', `UPDATE atp.training SET media_type = 'unknown' WHERE ${many}`],
    [
      'what slices are made of',
      `UPDATE atp.training SET genre = '{Drama,NULL,Drama,"a,b"}', origin_country = '{{GB,FR},{US,US}}', release_year = 1999,
        original_language = NULL, imdb_rating = 100 WHERE ${many}`,
    ],
    [
      'no values at all',
      `UPDATE atp.training SET genre = '{}', origin_country = NULL, imdb_rating = NULL WHERE ${many}`,
    ],
    ['probabilities', `UPDATE atp.prediction SET probability = 1 - probability WHERE ${many}`],
    ['probabilities that become whole thousandths', `UPDATE atp.prediction SET probability = 0.125 WHERE ${many}`],
    ['probabilities that tie', `UPDATE atp.prediction SET probability = 0.45671 WHERE ${many}`],
    ['other digits of the same number', `UPDATE atp.prediction SET probability = probability + 0.00000 WHERE ${many}`],
    ['cm_values', `UPDATE atp.prediction SET cm_value = 'fp' WHERE ${many}`],
    ['deleted titles', `DELETE FROM atp.training WHERE ${many}`],
    ['deleted predictions', `DELETE FROM atp.prediction WHERE ${many}`],
    ['a title that a prediction waited for', newTitle('tt00000001')],
    [
      'a title and its prediction',
      `${newTitle('tt00000009')}; INSERT INTO atp.prediction VALUES ('tt00000009', 1, 0.77777, 'tp')`,
    ],
    [
      'an upsert',
      `INSERT INTO atp.prediction VALUES ('${id(1)}', 0, 0.25, 'fn'), ('tt00000002', 1, 0.5, 'tp')
      ON CONFLICT (imdb_id) DO UPDATE SET probability = excluded.probability, cm_value = excluded.cm_value`,
    ],
    ['changed ids', `UPDATE atp.training SET imdb_id = replace(imdb_id, 'tt1', 'tt2') WHERE ${many}`],
    [
      'ids that are exchanged',
      `UPDATE atp.prediction SET imdb_id = 'tt00000003' WHERE ${of(2)};
       UPDATE atp.prediction SET imdb_id = '${id(2)}' WHERE ${of(3)}; UPDATE atp.prediction SET imdb_id = '${id(3)}' WHERE imdb_id = 'tt00000003'`,
    ],
    [
      'one row that changes often',
      Array.from(
        { length: 5 },
        (_, i) =>
          `UPDATE atp.prediction SET probability = 0.12345${i} WHERE ${of(4)}; UPDATE atp.training SET label = ${i % 2 ? 'NULL' : `'would_watch'`} WHERE ${of(4)}`,
      ).join(';'),
    ],
    [
      'a transaction that changes both sides',
      `BEGIN; UPDATE atp.prediction SET probability = 0.3333 WHERE ${many};
      UPDATE atp.training SET label = 'would_not_watch' WHERE ${many}; COMMIT`,
    ],
    ['a rollback', `BEGIN; UPDATE atp.training SET label = NULL; DELETE FROM atp.prediction; ROLLBACK`],
    [
      'a savepoint',
      `BEGIN; SAVEPOINT a; UPDATE atp.training SET label = NULL WHERE ${many}; ROLLBACK TO a;
      UPDATE atp.training SET label = 'would_watch' WHERE ${of(5)}; COMMIT`,
    ],
    [
      'sessions without ordinary triggers',
      `SET session_replication_role = replica;
      UPDATE atp.training SET label = NULL WHERE ${many}; RESET session_replication_role`,
    ],
    ['nothing that is not counted', `UPDATE atp.training SET overview = 'new', budget = 7`],
  ])('%s', async (_, sql) => {
    await client.query(sql);
    await expectExact();
    expect([await isMarked(), warnings]).toEqual([true, []]);
    expect((await client.query('SELECT FROM console.evaluation_change')).rowCount).toBe(0);
    expect((await client.query('SELECT FROM console.evaluation_total WHERE titles = 0')).rowCount).toBe(0);
  });

  test('a trigger of the owner that writes the row once more, so that the later change is written down first', async () => {
    await client.query(`
      CREATE FUNCTION atp.twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE atp.training SET release_year = release_year + 20 WHERE imdb_id = NEW.imdb_id; RETURN NULL; END $$;
      CREATE TRIGGER twice AFTER UPDATE OF label ON atp.training FOR EACH ROW EXECUTE FUNCTION atp.twice()`);
    await client.query(`UPDATE atp.training SET label = NULL WHERE ${many}`);
    await expectExact();
    expect(await isMarked()).toBe(true);
  });

  test('words of the owner, and numbers that are no probability', async () => {
    await client.query(`
      ALTER TYPE atp.label_type ADD VALUE 'would_rewatch'; ALTER TYPE atp.media_type ADD VALUE 'music';
      ALTER TABLE atp.prediction DROP CONSTRAINT IF EXISTS prediction_probability_check`);
    await expectExact();
    await mark();
    await client.query(`UPDATE atp.training SET label = 'would_rewatch', media_type = 'music' WHERE ${many}`);
    await expectExact();
    for (const number of ['NaN', 'Infinity', '-Infinity', '-0.00001', '1.00001', '0.5']) {
      await client.query(`UPDATE atp.prediction SET probability = '${number}' WHERE ${of(6, 106)}`);
      await expectExact([[{}, 0.5, []]]);
    }
    expect(await isMarked()).toBe(true);
  });
});

describe('everything is counted again after', () => {
  beforeEach(begin);
  afterEach(end);

  test.each([
    ['a truncation', 'TRUNCATE atp.prediction'],
    [
      'writes without triggers',
      `ALTER TABLE atp.training DISABLE TRIGGER ALL; UPDATE atp.training SET label = NULL WHERE ${many};
       ALTER TABLE atp.training ENABLE TRIGGER ALL;
       ALTER TABLE atp.training ENABLE ALWAYS TRIGGER console_training_evaluated_insert;
       ALTER TABLE atp.training ENABLE ALWAYS TRIGGER console_training_evaluated_update;
       ALTER TABLE atp.training ENABLE ALWAYS TRIGGER console_training_evaluated_delete`,
    ],
    ['a renamed word', `ALTER TYPE atp.media_type RENAME VALUE 'tv_season' TO 'season'`],
    [
      'a statement that changes very many rows',
      // The small size leaves the mark that the trigger makes of the statement.
      sized(
        'INSERT INTO console.evaluation_change DEFAULT VALUES',
        `INSERT INTO atp.prediction SELECT 'tt' || 3000000 + n, 1, 0.5, 'tp' FROM generate_series(1, 20001) AS n`,
      ),
    ],
    [
      'many statements whose changes together are more than can be added',
      `INSERT INTO console.evaluation_change
       SELECT 'training', 'tt' || n, '{would_watch,movie}', 0 FROM generate_series(1, 50001) AS n`,
    ],
    [
      'a change that does not lead to what is there',
      `DELETE FROM console.evaluation_change;
      INSERT INTO console.evaluation_change VALUES ('training', '${id(7)}', '{would_watch,music}', 1)`,
    ],
  ])('%s', async (_, sql) => {
    await client.query(sql);
    await expectExact();
    expect(await isMarked()).toBe(false);
  });

  test('a change that could not be written down, even if its transaction is still open when that is seen', async () => {
    const [locker, writer] = [await open(), await open()];
    await locker.query('BEGIN; LOCK TABLE console.evaluation_change');
    await writer.query(`BEGIN; UPDATE atp.training SET label = NULL WHERE ${many}`);
    await locker.query('ROLLBACK');
    // The second time the loss is known, and its transaction may still commit.
    expect([await readBoth([{}, 0.5, []]), await readBoth([{}, 0.5, []])]).toEqual([null, null]);
    await writer.query('COMMIT');
    await expectExact();
    expect(await isMarked()).toBe(false);
  });
});

describe('while totals cannot be used', () => {
  beforeEach(begin);
  afterEach(end);

  test.each([
    ['a trigger is gone', 'DROP TRIGGER console_prediction_evaluated_update ON atp.prediction'],
    ['a trigger is off', 'ALTER TABLE atp.training DISABLE TRIGGER console_training_evaluated_insert'],
    ['rows live in another table', 'CREATE TABLE atp.part () INHERITS (atp.training)'],
    ['the table is locked', 'BEGIN; LOCK TABLE console.evaluation_state'],
  ])('there are none while %s', async (_, sql) => {
    await client.query(sql);
    expect(await readBoth([{}, 0.5, []])).toBe(null);
  });

  test('changes are deleted, also while a trigger is gone', async () => {
    await client.query('DROP TRIGGER console_prediction_evaluated_update ON atp.prediction');
    await client.query(`UPDATE atp.training SET label = NULL WHERE ${many}`);
    await readers[0]?.totals.catchUp();
    expect((await client.query('SELECT FROM console.evaluation_change')).rowCount).toBe(0);
    expect(await readBoth([{}, 0.5, []])).toBe(null);
  });

  test('one warning says why totals cannot be used, and the next one comes after they could be used again', async () => {
    const [{ totals } = openTotals()] = readers;
    for (let i = 0; i < 2; i += 1) {
      await client.query('ALTER TABLE console.evaluation_state RENAME TO state');
      for (let n = 0; n < 2; n += 1) {
        await totals.catchUp();
        expect(await readBoth([{}, 0.5, []])).toBe(null);
      }
      await client.query('ALTER TABLE console.state RENAME TO evaluation_state');
      await expectExact([[{}, 0.5, []]]);
    }
    expect(warnings).toHaveLength(2);
  });

  test('a reader does not wait for a connection that never becomes free', async () => {
    const pool = createPool({ connection: database.connectionString, max: 1, connectTimeout: 0 });
    const db = createDb(pool);
    const held = await pool.connect();
    const value = await new EvaluationTotals(db, () => {}, 1).read(async () => 'read');
    held.release();
    await db.destroy();
    expect(value).toBe(null);
  });
});

describe('beside others', () => {
  beforeEach(begin);
  afterEach(end);

  test('no event waits for a reader, also one that finds changes', async () => {
    await client.query(`UPDATE atp.training SET label = NULL WHERE ${many}`);
    const xid = await readers[0]?.totals.read(
      async (trx) => (await sql`select pg_current_xact_id_if_assigned() as xid`.execute(trx)).rows,
    );
    expect(xid).toEqual([{ xid: null }]);
  });

  test('titles that change while everything is counted are counted once', async () => {
    await client.query(`
      DELETE FROM console.evaluation_total; DELETE FROM console.evaluation_rank; UPDATE console.evaluation_state SET counted_to = -1;
      UPDATE atp.training SET label = 'would_watch' WHERE ${many}; UPDATE atp.prediction SET probability = 0.5 WHERE ${many}`);
    await mark();
    await expectExact();
    expect(await isMarked()).toBe(true);
  });

  test('a writer needs no right on schema console, and no failure of the trigger reaches it', async () => {
    const role = `evaluation_writer_of_test_${process.pid}`;
    onTestFinished(() => dropRole(role));
    await client.query(`
    CREATE ROLE ${role}; GRANT USAGE ON SCHEMA atp TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON atp.training, atp.prediction TO ${role}; SET ROLE ${role}`);
    const write = () =>
      client.query(`
    UPDATE atp.training SET label = NULL WHERE ${of(8)}; DELETE FROM atp.prediction WHERE ${of(8)};
    INSERT INTO atp.prediction VALUES ('${id(8)}', 1, 0.5, 'tp')`);
    await write();
    await client.query('RESET ROLE');
    await expectExact([[{}, 0.5, []]]);
    await client.query(`BEGIN; DROP TABLE console.evaluation_change; SET LOCAL ROLE ${role}`);
    await write();
    await client.query(`ROLLBACK`);
  });

  test('a reader needs the rights that /readyz lists, and no others', async () => {
    const role = `evaluation_reader_of_test_${process.pid}`;
    onTestFinished(() => dropRole(role));
    await client.query(`
      CREATE ROLE ${role} LOGIN PASSWORD 'of_a_test'; GRANT USAGE ON SCHEMA atp, console TO ${role};
      GRANT SELECT ON atp.training, atp.prediction, console.evaluation_lost TO ${role};
      GRANT SELECT, DELETE ON console.evaluation_change TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON console.evaluation_total, console.evaluation_rank TO ${role};
      GRANT SELECT, UPDATE ON console.evaluation_state TO ${role};
      UPDATE console.evaluation_state SET fingerprint = NULL; UPDATE atp.training SET label = NULL WHERE ${many}`);
    const url = new URL(database.connectionString);
    url.username = role;
    url.password = 'of_a_test';
    const reader = openTotals(url.toString());
    readers.push(reader);
    await reader.totals.catchUp();
    await client.query(`UPDATE atp.training SET label = 'would_watch' WHERE ${many}`);
    const both = await readBoth([{}, 0.5, []], reader);
    expect(both?.found).toEqual(both?.expected);
    expect([both === null, await isMarked(), warnings]).toEqual([false, false, []]);
  });

  test('while many write, readers of two processes find the same as reading every title', async () => {
    readers.push(openTotals());
    const writes = sized(60, 2_000);
    const writers = 6;
    let isWriting = true;
    // Few titles, so that writers meet on the same rows, from both tables.
    const one = ({ between }: Random) => `'${id(between(1, 25))}'`;
    const probability = ({ next }: Random) => next().toFixed(9);
    const statements: ((random: Random) => string)[] = [
      (random) => `UPDATE atp.training SET label = 'would_watch' WHERE imdb_id = ${one(random)}`,
      (random) => `UPDATE atp.training SET label = 'would_not_watch', reviewed = true WHERE imdb_id = ${one(random)}`,
      (random) => `UPDATE atp.training SET label = NULL, genre = '{Drama,War}' WHERE imdb_id = ${one(random)}`,
      (random) => `UPDATE atp.prediction SET probability = ${probability(random)} WHERE imdb_id = ${one(random)}`,
      (random) => `UPDATE atp.prediction SET probability = 0.50001 WHERE imdb_id = ${one(random)}`,
      (random) => `DELETE FROM atp.prediction WHERE imdb_id = ${one(random)}`,
      (random) => `INSERT INTO atp.prediction VALUES (${one(random)}, 1, ${probability(random)}, 'tp')
      ON CONFLICT (imdb_id) DO UPDATE SET probability = excluded.probability`,
    ];
    const refused: string[] = [];
    let written = 0;
    const writer = async (_: unknown, seed: number) => {
      const own = await open();
      const random = seededRandom(seed);
      for (let i = 0; i < writes; i += 1) {
        const sql = Array.from({ length: random.between(1, 2) }, () => random.pick(statements)(random)).join(';');
        try {
          await own.query(`BEGIN; ${sql}; ${random.between(1, 4) === 1 ? 'ROLLBACK' : 'COMMIT'}`);
          written += 1;
        } catch (error) {
          refused.push((error as { code: string }).code);
          await own.query('ROLLBACK');
        }
      }
    };
    const reader = async (of: (typeof readers)[number], seed: number) => {
      const random = seededRandom(100 + seed);
      let compared = 0;
      do {
        const scope = random.between(0, 1) ? {} : { media_type: 'movie' as const };
        const both = await readBoth([scope, random.between(0, 9_999) / 10_000, ['genre']], of);
        if (!both) continue;
        compared += 1;
        expect(both.found).toEqual(both.expected);
      } while (isWriting || compared === 0);
    };
    const reading = Promise.all(readers.map(reader));
    await Promise.all(Array.from({ length: writers }, writer));
    isWriting = false;
    await reading;
    await expectExact();
    // Of two that wait for each other PostgreSQL ends one.
    expect(new Set([...refused, '40P01'])).toEqual(new Set(['40P01']));
    expect(written).toBe(writers * writes - refused.length);
    expect(written).toBeGreaterThan(refused.length);
    // On a busy machine a trigger may wait too long for a lock; then everything is counted again.
    const { rows } = await client.query<{ last_value: string }>('SELECT last_value FROM console.evaluation_lost');
    expect([(await isMarked()) || rows[0]?.last_value !== '0', warnings]).toEqual([true, []]);
  });
});
