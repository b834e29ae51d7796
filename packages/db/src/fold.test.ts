import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrationSets } from './migrate.ts';
import { createTestDatabase, type TestDatabase, withDatabase } from './testing.ts';

// console.fold, whose results are in indexes: no text and no encoding makes it fail.

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase('full');
  client = new pg.Client(database.connectionString);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

test('the extras have the same function, which every role may run', async () => {
  const { rows } = await client.query(
    `SELECT replace(pg_get_functiondef('console.fold(text)'::regprocedure), 'console.fold', 'atp.console_fold')
       = pg_get_functiondef('atp.console_fold(text)'::regprocedure) AS same,
       has_function_privilege('public', 'atp.console_fold(text)', 'EXECUTE') AS open`,
  );
  expect(rows).toEqual([{ same: true, open: true }]);
});

test('folding twice changes nothing, and no part of the result is a sign of LIKE', async () => {
  const { rows } = await client.query<{ text: string }>(
    `SELECT text FROM (
       SELECT chr(code) AS text FROM generate_series(1, 12543) AS code
       UNION ALL VALUES (repeat('x''’é ', 50000)), (repeat(chr(65018), 1000)), ('')
     ) AS texts, console.fold(text) AS folded
     WHERE console.fold(folded) <> folded OR folded ~ '[%_\\\\]' OR length(folded) > 100 * length(text) + 1`,
  );
  expect(rows).toEqual([]);
});

describe.each([
  ['LATIN1', 'ÉÉ'],
  ['EUC_JP', '東京・物語'],
  ['SQL_ASCII', 'ÉÉ'],
])('in a database in %s', (encoding, letters) => {
  const name = `${encoding.toLowerCase()}_${process.pid}_${process.env.VITEST_WORKER_ID}`;

  test('ASCII is folded, and other letters stay', async () => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`);
    const other = new pg.Client(withDatabase(database.connectionString, name));
    await other.connect();
    try {
      await other.query('CREATE SCHEMA console; CREATE SCHEMA atp');
      for (const [set, file] of [
        ['console', 'V10__fold.sql'],
        ['atp-extras', 'V37__fold.sql'],
      ] as const) {
        await other.query(await readFile(`${migrationSets[set].directory}/${file}`, 'utf8'));
      }
      await other.query('CREATE TABLE t (title text)');
      await other.query('INSERT INTO t VALUES ($1)', [`${letters} Don\`t.Look_Up`]);
      await other.query('CREATE INDEX ON t (atp.console_fold(title))');
      const { rows } = await other.query('SELECT console.fold(title) AS folded FROM t');
      expect(rows).toEqual([{ folded: `${letters} dont look up` }]);
    } finally {
      await other.end();
      await client.query(`DROP DATABASE ${name}`);
    }
  });
});
