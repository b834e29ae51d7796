import { createPool } from '@at/db/client';
import { generateRows } from '@at/db/generated-rows';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDriver } from './driver.ts';
import { openRowPipelines, openRowPool, type RowConnections } from './fast-rows.ts';
import { readColumns } from './json-columns.ts';
import { JsonRows } from './json-rows.ts';
import type { FastRows, RowStatement } from './row-query.ts';
import { type CreatePool, plainReader } from './row-reader.ts';

let database: TestDatabase;
let plain: pg.Pool;
let pool: RowConnections;
let pipelines: RowConnections;

const connectTo =
  (connection: string, statementTimeout = 15_000): CreatePool =>
  (config) =>
    createPool({ connection, statementTimeout, config });

beforeAll(async () => {
  database = await createTestDatabase('full');
  plain = createPool({ connection: database.connectionString, max: 2 });
  pool = openRowPool(connectTo(database.connectionString), 1);
  pipelines = openRowPipelines(connectTo(database.connectionString), 1);
});
afterAll(async () => {
  await Promise.all([plain.end(), pool.end(), pipelines.end()]);
  await database.drop();
});

const exactTimes = new Set(['exact']);

const statement = (sql: string, parameters: unknown[] = [], named = false): RowStatement => ({
  sql,
  parameters,
  named,
  exactTimes,
});

/** All rows as JSON objects, separated by commas; releases the memory. */
function jsonOf(rows: FastRows): string {
  const json = rows.toJson(rows.length).toString();
  rows.release();
  return json;
}

/** The values of the first column for a cursor, and the JSON of all rows; releases the memory. */
function readAll(rows: FastRows): [texts: (string | null)[], json: string] {
  const texts = Array.from({ length: rows.length }, (_, row) => rows.text(row, 'value'));
  return [texts, jsonOf(rows)];
}

/** Expects what the plain reader reads on the first and second run on both kinds of connections. */
async function expectSame(sql: string, parameters: unknown[] = []): Promise<void> {
  const expected = readAll(await plainReader(plain, exactTimes)({ sql, parameters, quick: false }));
  for (const connections of [pool, pipelines]) {
    for (const named of [true, true, false]) {
      expect(readAll(await connections.read(statement(sql, parameters, named)))).toEqual(expected);
    }
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Every byte that JSON escapes and its neighbours, at every position in a group of four. */
const controls = Array.from({ length: 0x24 }, (_, code) => String.fromCharCode(code))
  .slice(1)
  .flatMap((character) => ['', 'a', 'ab', 'abc'].map((before) => `${before}${character}xyz`));

/** Text of every length up to two words of eight bytes, with what JSON escapes and with characters of several bytes. */
const lengths = Array.from({ length: 18 }, (_, length) => 'abcdefghijklmnopqr'.slice(0, length))
  .flatMap((before) => ['', '"', '\\', '\n', '\u0001', 'é', '\u{1f3ac}'].map((character) => before + character))
  .flatMap((text) => [text, `${text}xyz`]);

const texts = [
  '',
  'plain',
  ' leading and trailing  ',
  'a "quoted" word',
  'back\\slash \\n is no line feed',
  'line\nfeed\ttab\rreturn\bbell\fform',
  '\u007f\u0080\u009f',
  '\u2028\u2029\ufeff\ufffd\uffff',
  'Été Tōkyō Übermut русский 日本語',
  '\u{1f3ac}\u{10ffff}',
  'e\u0301',
  '</script><!--',
  'NULL',
  'null',
  '{a,b}',
  ...controls,
];

const numerics = [
  '0',
  '0.0',
  '0.000',
  '-0.0',
  '10',
  '100.00',
  '10.10',
  '-1.50',
  '0.5',
  '-0.001',
  '0.0000001',
  '123456789012345678901234567890.123456789012345678900',
  '0.1234567890123456789',
  '9007199254740993',
  `1${'0'.repeat(400)}`,
  `-${'9'.repeat(400)}.${'9'.repeat(30)}0`,
  'NaN',
  'Infinity',
  '-Infinity',
];

const timestamps = [
  '2025-05-21 02:27:51.094287',
  '2025-05-21 02:27:51.09',
  '2025-05-21 02:27:51',
  '1999-12-31 23:59:59.999999',
  '0001-01-01 00:00:00',
  '9999-12-31 23:59:59.5',
  '10000-01-01 00:00:00.5',
  '99999-01-01 00:00:00',
  '100000-01-01 00:00:00.123456',
  '294276-12-31 23:59:59',
  '0044-03-15 12:00:00 BC',
  '0044-03-15 12:00:00.5 BC',
  '0044-03-15 12:00:00.123 BC',
  '4713-01-01 00:00:00 BC',
  'infinity',
  '-infinity',
];

const elements = [...texts, 'a,b', 'a{b}c', '"', '\\', '\\"', 'ends with \\', ' ', 'Null'];

const literals: [type: string, values: string[]][] = [
  ['boolean', ['true', 'false']],
  ['smallint', ['0', '-32768', '32767']],
  ['integer', ['0', '-2147483648', '2147483647']],
  ['bigint', ['0', '9007199254740991', '9007199254740993', '-9223372036854775808', '9223372036854775807']],
  ['oid', ['0', '4294967295']],
  ['numeric', numerics],
  ['numeric(5, 3)', ['6.241', '6.5', '10', '0']],
  ['real', ['0', '1.5', '-0', '1e-20', '3e38', 'NaN', 'Infinity']],
  ['double precision', ['0', '0.1', '1e300', '-1e-300', '-0', 'NaN', '-Infinity', '9007199254740993']],
  ['text', texts],
  ['text', lengths],
  ['varchar', texts],
  ['varchar(255)', texts],
  ['char(24)', lengths],
  ['char(12)', ['', 'a', 'a b ', 'é', '\u{1f3ac}', '"', 'ends in tab\t', '123456789012']],
  ['"char"', ['a', '"', '\\']],
  ['name', ['a name', 'é']],
  ['atp.media_type', ['movie', 'tv_episode_pack']],
  ['timestamptz', timestamps],
  ['timestamp', timestamps],
  ['date', ['2025-05-21', 'infinity', '0044-03-15 BC']],
  ['time', ['02:27:51.5']],
  ['interval', ['1 day 02:03:04.5', '-1 year']],
  ['uuid', ['0191f7a0-0000-7000-8000-000000000000']],
  ['json', ['{"b":1,"a":[1.0,"x"],"b":2}', 'null', '"text"', '12345678901234567890']],
  ['jsonb', ['{"b": 1, "a": {"q": "\\""}}', '[]', 'null']],
  ['bytea', ['', '\\x00ff22']],
  ['inet', ['10.0.0.1/8']],
  ['xid8', ['18446744073709551615']],
  ['point', ['(1,2)']],
  ['int4range', ['[1,5)', 'empty']],
  ['integer[]', ['{}', '{1,NULL,-3}', '{{1,2},{3,4}}']],
  ['bigint[]', ['{1,9007199254740993}']],
  ['boolean[]', ['{t,f,NULL}']],
  ['numeric[]', ['{1.50,NULL}']],
  ['timestamptz[]', ['{"2025-05-21 02:27:51.5+00",NULL}']],
  ['atp.label_type[]', ['{would_watch,NULL}']],
];

describe('the same bytes as JSON.stringify of the driver’s objects', () => {
  test.each(literals)('%s', async (type, values) => {
    const rows = values.map((value) => `(${quoted(value)}::${type})`);
    await expectSame(`select * from (values ${rows.join()}, (null::${type})) as list (value)`);
  });

  test('timestamps that are never null', async () => {
    for (const type of ['timestamptz', 'timestamp']) {
      const rows = timestamps.map((value) => `(${quoted(value)}::${type}, ${quoted(value)}::${type})`);
      await expectSame(`select * from (values ${rows.join()}, (null, null)) as list (value, exact)`);
    }
  });

  test.each(['text', 'varchar', 'char(20)', 'varchar(255)'])(
    '%s[] with nulls, quotes, commas, backslashes',
    async (type) => {
      const cut = type === 'char(20)' ? elements.filter((element) => [...element].length <= 20) : elements;
      const arrays = [
        ...[[], [null], [null, null, 'NULL', ''], [...cut, null, 'last'], lengths.slice(0, 200)],
        ...cut.map((element) => [element]),
      ];
      for (const array of arrays) {
        await expectSame(`select $1::${type}[] as value, 1 as after, $2::${type}[] as again`, [array, array]);
      }
    },
  );

  test.each(['text', 'varchar', 'char(3)'])('%s[] with several dimensions and with explicit bounds', async (type) => {
    await expectSame(`select '{{a,"b c"},{NULL,"d\\"e"}}'::${type}[] as value, '[0:1]={x,y}'::${type}[] as bounds`);
  });

  test('no rows, no columns, and columns with unusual names', async () => {
    await expectSame('select 1 as a where false');
    await expectSame('select from generate_series(1, 3)');
    await expectSame(`select 2 as "with ""quotes""", 3 as "é\\", 4 as "__proto__ ", null as "tab\t"`);
  });

  test('parameters of every kind', async () => {
    const parameters = ['text "1"', 5, 1.5, true, null, ['a', null, '"'], new Date(0), { a: 1 }];
    await expectSame(
      'select $1::text as a, $2::int as b, $3::numeric as c, $4::bool as d, $5::text as e, $6::text[] as f, $7::timestamptz as g, $8::jsonb as h',
      parameters,
    );
  });

  test('a page of 1,000 titles with predictions, and a row far larger than a chunk', async () => {
    const client = new pg.Client(database.connectionString);
    await client.connect();
    await generateRows(client, 1200);
    await client.end();
    await expectSame(
      'select * from atp.training left join atp.prediction using (imdb_id) order by 1 limit 1000'.replace(
        '*',
        'training.*, prediction.probability, prediction.cm_value',
      ),
    );
    await expectSame(`select 'x' as before, repeat($1, 300000) as value, 'y' as after from generate_series(1, 3)`, [
      'é"\n',
    ]);
  });
});

test('rows anywhere in memory, also at its end, into memory of any size', () => {
  const asText = (text: string) => text;
  const fields = ['a', 'é', 'a_name_of_more_than_three_words'].map((name) => ({ name, dataTypeID: 25 }));
  const columns = readColumns(fields, () => asText, exactTimes);
  for (const text of lengths) {
    const value = Buffer.from(text);
    const row = Buffer.alloc(2 + 4 + value.length + 4 + 4 + value.length);
    row.writeInt32BE(value.length, 2);
    value.copy(row, 6);
    row.writeInt32BE(-1, 6 + value.length);
    row.writeInt32BE(value.length, 10 + value.length);
    value.copy(row, 14 + value.length);
    for (const behind of [0, 1, 7, 8, 15, 16, 17, 100]) {
      const memory = Buffer.allocUnsafeSlow(3 + row.length + behind).fill(0xff);
      row.copy(memory, 3);
      const rows = new JsonRows(65 + behind);
      rows.begin(columns);
      for (let i = 0; i < 3; i += 1) rows.add(memory, 3, row.length);
      expect(rows.text(2, columns.names[2] as string)).toBe(text);
      const json = JSON.stringify({ a: text, é: null, [columns.names[2] as string]: text });
      expect(rows.toJson(3, '[', ']').toString()).toBe(`[${json},${json},${json}]`);
    }
  }
});

describe('a value that JSON does not have', () => {
  test.each([
    ['numeric', 'NaN', 'null'],
    ['numeric', '-Infinity', 'null'],
    ['double precision', 'NaN', 'null'],
    ['double precision', 'Infinity', 'null'],
    ['timestamptz', 'infinity', 'null'],
    ['timestamptz', '-infinity', 'null'],
    ['timestamptz', '0044-03-15 12:00:00+00 BC', 'null'],
    ['timestamp', '0044-03-15 12:00:00.5 BC', 'null'],
    ['timestamptz', '10000-01-01 00:00:00.5+00', '"10000-01-01T00:00:00.500000Z"'],
    ['timestamptz', '294276-12-31 23:59:59+00', '"294276-12-31T23:59:59.000000Z"'],
  ])('%s %s is %s, and its text continues a list behind it', async (type, value, json) => {
    const sql = `select $1::${type} as value, $1::${type} as exact`;
    for (const connections of [pool, pipelines]) {
      const rows = await connections.read(statement(sql, [value]));
      const [text, exact] = [rows.text(0, 'value'), rows.text(0, 'exact')];
      const isTime = type.startsWith('timestamp');
      expect(text).toBe(json === 'null' ? value : JSON.parse(json));
      expect(exact).toBe(text);
      expect(jsonOf(rows)).toBe(`{"value":${json},"exact":${isTime ? JSON.stringify(text) : json}}`);
      const again = await connections.read(statement(`select $1::${type} = $2::${type} as value`, [value, text]));
      expect(jsonOf(again)).toBe('{"value":true}');
    }
  });
});

describe('one value as text', () => {
  test('strings without quotes, numbers with every digit, null as null', async () => {
    const rows = await pool.read(
      statement(
        `select * from (values
           ('a "b" \\ \u{1f3ac}', 9007199254740993, 0.12345678901234567890::numeric, timestamptz '2025-05-21 02:27:51.5Z', true, null, null::text, 'z'::char(3)),
           ('null', -1, 6.50, null, false, 'null', 'x', null)) as list (a, b, c, d, e, f, g, h)`,
      ),
    );
    const read = (row: number) => [...'abcdefgh'].map((column) => rows.text(row, column));
    expect(read(0)).toEqual([
      'a "b" \\ \u{1f3ac}',
      '9007199254740993',
      '0.1234567890123456789',
      '2025-05-21T02:27:51.500000Z',
      'true',
      null,
      null,
      'z',
    ]);
    expect(read(1)).toEqual(['null', '-1', '6.5', null, 'false', 'null', 'x', null]);
    expect(rows.text(2, 'a')).toBe(null);
    expect(rows.text(0, 'unknown')).toBe(null);
    rows.release();
  });
});

describe('the text of a page', () => {
  const three = statement('select i as value from generate_series(1, 3) as i');
  test('has the given text before and after the first rows', async () => {
    for (const [count, json] of [
      [0, ''],
      [2, '{"value":1},{"value":2}'],
      [3, '{"value":1},{"value":2},{"value":3}'],
    ] as const) {
      const rows = await pool.read(three);
      expect(rows.toJson(count, '{"é":[', '],"end":"é"}').toString()).toBe(`{"é":[${json}],"end":"é"}`);
      rows.release();
    }
  });

  test('is complete with long texts around it', async () => {
    const rows = await pool.read(three);
    const [before, after] = ['b'.repeat(1000), 'é'.repeat(200_000)];
    expect(rows.toJson(1, before, after).toString()).toBe(`${before}{"value":1}${after}`);
    rows.release();
  });

  test('stays unchanged while other rows are read, until the first release', async () => {
    const first = await pool.read(statement(`select repeat('a', 1000) as value`));
    const json = first.toJson(1);
    const before = json.toString();
    for (let i = 0; i < 5; i += 1) jsonOf(await pool.read(statement(`select repeat('b', 1000) as value`)));
    expect(json.toString()).toBe(before);
    first.release();
    first.release();
    const [one, two] = [
      await pool.read(statement(`select repeat('c', 1000) as value`)),
      await pool.read(statement(`select repeat('d', 1000) as value`)),
    ];
    expect(jsonOf(one)).toContain('ccc');
    expect(jsonOf(two)).toContain('ddd');
  });
});

/** The server process of the connection. */
const processOf = async (connections: RowConnections) => {
  const rows = await connections.read(statement('select pg_backend_pid() as pid'));
  const pid = Number(rows.text(0, 'pid'));
  rows.release();
  return pid;
};

/** The names of the connection's prepared statements, in order. */
const preparedOn = async (connections: RowConnections): Promise<string[]> => {
  const rows = await connections.read(statement(`select name from pg_prepared_statements where name <> '' order by 1`));
  return (JSON.parse(`[${jsonOf(rows)}]`) as { name: string }[]).map(({ name }) => name);
};

describe.each([
  ['a pool', openRowPool],
  ['a pipeline', openRowPipelines],
] as const)('on %s', (_name, open) => {
  let connections: RowConnections;
  beforeAll(() => {
    connections = open(connectTo(database.connectionString, 1000), 1);
  });
  afterAll(() => connections.end());

  const works = async () => expect(jsonOf(await connections.read(statement('select 1 as a')))).toBe('{"a":1}');

  test('many concurrent statements each get their own rows', async () => {
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        connections.read(statement('select $1::int as i, repeat($2, 500) as text', [i, 'x'], i % 2 === 0)),
      ),
    );
    for (const [i, rows] of results.entries()) expect(jsonOf(rows)).toBe(`{"i":${i},"text":"${'x'.repeat(500)}"}`);
  });

  test('reports an error in the middle of the rows, and the next statement succeeds', async () => {
    const failing = statement('select 100 / (500 - i) as value from generate_series(1, 1000) as i', [], true);
    for (let i = 0; i < 2; i += 1) {
      const [failed, next] = await Promise.allSettled([
        connections.read(failing),
        connections.read(statement(`select 'next' as a`)),
      ]);
      expect(failed).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
      expect(jsonOf((next as PromiseFulfilledResult<FastRows>).value)).toBe('{"a":"next"}');
    }
  });

  test.each([
    ['invalid SQL', 'select from where', [], '42601'],
    ['a parameter that does not fit', 'select $1::int as a', ['x'], '22P02'],
    ['a missing table', 'select * from atp.nothing', [], '42P01'],
  ])('reports %s, and the next statement succeeds', async (_what, sql, parameters, code) => {
    for (const named of [true, true, false]) {
      await expect(connections.read(statement(sql, parameters, named))).rejects.toMatchObject({ code });
      await works();
    }
  });

  test('reports a parameter that cannot be serialized, and the next statement succeeds', async () => {
    const circle: { self?: object } = {};
    circle.self = circle;
    await expect(connections.read(statement('select $1::jsonb as a', [circle]))).rejects.toThrow(/circular/);
    await works();
  });

  test('reports a statement that returns no rows', async () => {
    await expect(connections.read(statement('set application_name = fast'))).rejects.toThrow(/returns no rows/);
    await works();
  });

  test('names the columns that cannot form an object', async () => {
    await expect(connections.read(statement('select 1 as a, 2 as a'))).rejects.toThrow(
      /\(a, a\) cannot form an object/,
    );
    await expect(connections.read(statement('select 1 as b, 2 as "1"'))).rejects.toThrow(
      /\(b, 1\) cannot form an object/,
    );
    await works();
  });

  test('a statement that takes too long is cancelled, and the next one succeeds', async () => {
    const [slow, next] = await Promise.allSettled([
      connections.read(statement('select pg_sleep(60)')),
      connections.read(statement('select 1 as a')),
    ]);
    expect(slow).toMatchObject({ status: 'rejected', reason: { code: '57014' } });
    expect(jsonOf((next as PromiseFulfilledResult<FastRows>).value)).toBe('{"a":1}');
  });

  test('a lost connection fails its statements, and the next statement gets a new connection', async () => {
    // Not lost by its timeout before.
    const own = open(connectTo(database.connectionString, 60_000), 1);
    const before = await processOf(own);
    const running = own.read(statement('select pg_sleep(60)'));
    const terminated = async () => {
      const { rows } = await plain.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and query like '%pg_sleep%'`,
        [before],
      );
      return rows.length;
    };
    await Promise.all([
      expect(running).rejects.toMatchObject({ code: '57P01' }),
      expect.poll(terminated).toBeGreaterThan(0),
    ]);
    expect(await processOf(own)).not.toBe(before);
    await own.end();
  });

  test('a statement that was deallocated is prepared again', async () => {
    await plain.query(`create or replace function forget() returns int language plpgsql as
      $$ begin execute 'deallocate all'; return 1; end $$`);
    const named = statement('select 1 as a', [], true);
    await connections.read(named);
    await connections.read(statement('select forget()'));
    expect(jsonOf(await connections.read(named))).toBe('{"a":1}');
    expect(await preparedOn(connections)).toHaveLength(1);
  });

  test('a statement whose table was altered is prepared again', async () => {
    await plain.query('drop table if exists altered; create table altered as select 1 as a');
    const named = statement('select * from altered', [], true);
    expect(jsonOf(await connections.read(named))).toBe('{"a":1}');
    await plain.query(`alter table altered alter a type text using 'x', add b boolean default true`);
    expect(jsonOf(await connections.read(named))).toBe('{"a":"x","b":true}');
    expect(jsonOf(await connections.read(named))).toBe('{"a":"x","b":true}');
  });

  test('at most 200 statements stay prepared: the least recently used is evicted and can return', async () => {
    const shape = (i: number) => statement(`select ${i} as i`, [], true);
    for (let i = 0; i < 250; i += 1) {
      expect(jsonOf(await connections.read(shape(i)))).toBe(`{"i":${i}}`);
      await connections.read(shape(0));
    }
    expect((await preparedOn(connections)).length).toBeLessThanOrEqual(200);
    const texts = jsonOf(
      await connections.read(statement(`select string_agg(statement, ';') as all from pg_prepared_statements`)),
    );
    expect(texts).toContain('select 0 as i');
    expect(texts).toContain('select 249 as i');
    expect(texts).not.toContain('select 1 as i');
    expect(jsonOf(await connections.read(shape(1)))).toBe('{"i":1}');
  });

  test('a statement without a name is not prepared', async () => {
    const before = await preparedOn(connections);
    for (let i = 0; i < 20; i += 1) await connections.read(statement(`select ${i} as without_name`));
    expect(await preparedOn(connections)).toEqual(before);
  });

  test('end closes all connections', async () => {
    const own = open(connectTo(database.connectionString), 2);
    const pids = await Promise.all([processOf(own), processOf(own)]);
    expect(pids[0]).not.toBe(pids[1]);
    await own.end();
    const left = async () => (await plain.query('select from pg_stat_activity where pid = any($1)', [pids])).rowCount;
    await expect.poll(left).toBe(0);
  });

  test('a missing database is an error, not a hang, every time', async () => {
    const nowhere = open(connectTo('postgres://nobody@localhost:1/none'), 1);
    for (let i = 0; i < 2; i += 1) {
      await expect(nowhere.read(statement('select 1 as a'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
    await nowhere.end();
  });
});

test('only known driver versions are accepted', () => {
  expect(checkDriver({ pg: '8.23.1', 'pg-protocol': '1.16.1' })).toEqual({
    versions: 'pg 8.23.1, pg-protocol 1.16.1',
    isKnown: true,
  });
  expect(checkDriver({ pg: '8.24.0', 'pg-protocol': '1.16.1' }).isKnown).toBe(false);
  expect(checkDriver({ pg: '8.23.1', 'pg-protocol': '1.17.0' }).isKnown).toBe(false);
  expect(checkDriver({ pg: '8.23.1', 'pg-protocol': undefined })).toEqual({
    versions: 'pg 8.23.1, pg-protocol of an unknown version',
    isKnown: false,
  });
});
