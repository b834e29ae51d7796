import pg from 'pg';

// A database with the odd values that other writers can leave: every column of a title, a prediction and a media item has
// each odd value of its type, in a row of its own or beside those of other columns; the history of migrations too.

const times = [
  'infinity',
  '-infinity',
  '0044-03-15 12:00:00+00 BC',
  '0044-03-15 12:00:00.5+00 BC',
  '10000-01-01 00:00:00.5+00',
  '294276-12-31 23:59:59.999999+00',
];
/** Words that the owner added. */
const words = ['music', `rock, pop; "it's" \\ ?`];
const texts = [
  '',
  ' ',
  '=1+1',
  'null',
  'NaN',
  'infinity',
  'a "b", c; d\\',
  '},{"x":',
  'two\nlines',
  '\u{1f3ac}',
  'x\\,y',
];
/** Texts that a page must show as they are. */
const shownTexts = [
  '',
  ' ',
  'Am\u00e9lie',
  'Ame\u0301lie',
  '\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd',
  '\u202egnirts',
  '\u{1f469}\u200d\u{1f467} \u{1f3ac}',
  'bell\u0007 \u001b[31m',
  '\u2026',
  '<b>bold</b> &amp; <img src=x onerror=alert(1)>',
  '=1+1',
  'a "b", c; d\\',
  'two\nlines',
  'x'.repeat(255),
];
const integers = ['0', '-1'];

const oddValues: Record<string, readonly string[]> = {
  'timestamp with time zone': times,
  'timestamp without time zone': times.map((time) => time.replace('+00', '')),
  bigint: ['9223372036854775807', '-9223372036854775808', '9007199254740993', '9007199254740992'],
  integer: [...integers, '2147483647', '-2147483648'],
  smallint: [...integers, '32767', '-32768'],
  boolean: ['true'],
  text: texts,
  'character varying': texts,
  character: ['', '"\\', ',;', 'zz'],
  'character varying[]': [
    '{}',
    '{NULL}',
    '{a,NULL,b}',
    '{""}',
    '{{a,b},{c,NULL}}',
    '{{{a}}}',
    '[0:1]={x,y}',
    '{"a, b","c; d","e\\\\,f"}',
    '{"; ","[1]"}',
    '{"\\"},{\\"","=1+1"}',
    '{a,b,c,d,e}',
    '{a,b,c,d,f}',
  ],
  'character[]': ['{}', '{NULL}', '{US,NULL}', '{{US,GB},{FR,NULL}}', '[3:4]={US,FR}', '{",;","[1"}', '{"\\"\\\\"}'],
  numeric: ['NaN', 'Infinity', '-Infinity', '1.7', '-0.2', '1e400', '0.1234567890123456789012345', '0', '1'],
  'numeric(5,3)': ['NaN', '-1.5', '99.999', '0'],
  'numeric(4,1)': ['NaN', '-1.5', '999.9', '100.0'],
};

/** Added to every enum. */
async function addWords(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, t.typname) AS name
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = 'atp' AND t.typtype = 'e'`,
  );
  for (const { name } of rows) {
    for (const word of words) await client.query(`ALTER TYPE ${name} ADD VALUE ${pg.escapeLiteral(word)}`);
  }
}

/** Turns every enum column into text. */
async function turnIntoText(client: pg.ClientBase): Promise<void> {
  const view = await client.query<{ text: string }>(`SELECT pg_get_viewdef('atp.movies') AS text`);
  await client.query('DROP VIEW atp.movies');
  const triggers = await client.query<{ relation: string; name: string; text: string }>(
    `SELECT tgrelid::regclass::text AS relation, tgname AS name, pg_get_triggerdef(t.oid) AS text
     FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
     WHERE relnamespace = 'atp'::regnamespace AND NOT tgisinternal`,
  );
  for (const { relation, name } of triggers.rows) await client.query(`DROP TRIGGER ${name} ON ${relation}`);
  const { rows } = await client.query<{ relation: string; name: string; value: string | null }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS relation, a.attname AS name,
       substring(pg_get_expr(d.adbin, d.adrelid) from '''[^'']*''') AS value
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE n.nspname = 'atp' AND c.relkind = 'r' AND t.typtype = 'e' AND a.attnum > 0`,
  );
  for (const { relation, name, value } of rows) {
    await client.query(
      `ALTER TABLE ${relation} ALTER ${name} DROP DEFAULT, ALTER ${name} TYPE text${value ? `, ALTER ${name} SET DEFAULT ${value}` : ''}`,
    );
  }
  for (const { text } of triggers.rows) await client.query(text.replace(/::atp\.\w+/g, ''));
  await client.query(`CREATE VIEW atp.movies AS ${view.rows[0]?.text}`);
}

async function dropChecks(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ relation: string; name: string }>(
    `SELECT conrelid::regclass::text AS relation, conname AS name FROM pg_constraint
     WHERE connamespace = 'atp'::regnamespace AND contype = 'c'`,
  );
  for (const { relation, name } of rows) await client.query(`ALTER TABLE ${relation} DROP CONSTRAINT "${name}"`);
}

type Column = { name: string; type: string; nullable: boolean; isWord: boolean; length: number | null };

async function columnsOf(client: pg.ClientBase, table: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `SELECT a.attname AS name, NOT a.attnotnull AS nullable,
       t.typtype = 'e' OR a.attname = ANY ('{label,media_type,pipeline_status,rejection_status,rss_source}') AS "isWord",
       CASE WHEN t.typname IN ('numeric') THEN format_type(a.atttypid, a.atttypmod) ELSE format_type(a.atttypid, NULL) END AS type,
       CASE WHEN t.typname IN ('varchar', 'bpchar', '_varchar', '_bpchar') THEN a.atttypmod - 4 END AS length
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [table],
  );
  return rows;
}

/** The odd values of a column, as PostgreSQL's text; null where it may be missing. */
function oddOf({ name, type, nullable, isWord, length }: Column): (string | null)[] {
  const missing = nullable ? [null] : [];
  // Twice, because a column of type text knows only the words of its rows.
  if (isWord) return [...words, ...words, ...missing];
  if (name === 'cm_value') return ['xx', ',;'];
  const plain = type.replace('bpchar', 'character');
  const values = oddValues[plain] ?? [];
  const isText = /^(text|character( varying)?)$/.test(plain);
  return [...values.filter((value) => !isText || length === null || [...value].length <= length), ...missing];
}

type Cells = Record<string, string | null>;

/** What each odd row differs in from the plain one. */
function oddCells(columns: Column[], isTogether: boolean): Cells[] {
  const each = columns.flatMap((column) => {
    const isText = isTogether && /^(text|character( varying)?|bpchar)$/.test(column.type);
    const given = isText && !column.isWord && column.name !== 'cm_value' ? shownTexts : oddOf(column);
    const fitting = given.filter(
      (value) => !isText || column.length === null || [...(value ?? '')].length <= column.length,
    );
    // These decide which list a row is in, and what can be done with it: no other value may depend on that.
    const { name, type, isWord } = column;
    const kind = name === 'deleted_at' ? name : isWord ? 'word' : type === 'boolean' ? type : 'other';
    return (isTogether ? [...new Set(fitting)] : fitting).map((value, i) => ({
      key: `${kind} ${i}`,
      cell: { [name]: value },
    }));
  });
  if (!isTogether) return each.map(({ cell }) => cell);
  const rows = Map.groupBy(each, ({ key }) => key).values();
  return [...rows].map((row) => Object.assign({}, ...row.map(({ cell }) => cell)) as Cells);
}

const base: Record<string, Record<string, string>> = {
  'atp.training': { media_type: 'movie', media_title: 'Title', release_year: '2000', label: 'would_watch' },
  'atp.prediction': { prediction: '1', probability: '0.5', cm_value: 'tp' },
  'atp.media': {
    media_type: 'movie',
    media_title: 'Title',
    original_title: 'Release',
    pipeline_status: 'parsed',
    rejection_status: 'rejected',
    rejection_reason: 'a reason',
    error_status: 'true',
  },
};

const idOf = (i: number) => `tt${String(2_000_000 + i)}`;
const hashOf = (i: number) => String(i).padStart(40, 'a0b1');

async function insertOdd(
  client: pg.ClientBase,
  table: string,
  isTogether: boolean,
  keyOf: (i: number) => Record<string, string>,
) {
  const columns = (await columnsOf(client, table)).filter(({ name }) => name !== 'hash' && name !== 'imdb_id');
  const rows = oddCells(columns, isTogether);
  for (const [i, cells] of rows.entries()) {
    const row: Cells = { ...base[table], ...keyOf(i), ...cells };
    // As the table's triggers leave it.
    if ('rejection_status' in cells) delete row.rejection_reason;
    const names = Object.keys(row);
    await client.query(
      `INSERT INTO ${table} (${names.join()}) VALUES (${names.map((_, n) => `$${n + 1}`).join()})`,
      Object.values(row),
    );
  }
  return rows.length;
}

/**
 * Fills a migrated database without rows. `columns`: what the words are, `enum` with more values, or `text`, as on an
 * owner's database. `rows`: each odd cell has a row of its own, or, for pages, a row has one of each column together, with texts
 * that a page shows.
 */
export async function insertOddRows(
  client: pg.ClientBase,
  columns: 'enum' | 'text',
  rows: 'each' | 'together' = 'each',
): Promise<void> {
  const isTogether = rows === 'together';
  await client.query(`SET TimeZone = 'UTC'; SET DateStyle = 'ISO'`);
  if (columns === 'enum') await addWords(client);
  else await turnIntoText(client);
  await dropChecks(client);
  const titles = await insertOdd(client, 'atp.training', isTogether, (i) => ({
    imdb_id: idOf(i),
    tmdb_id: String(1000 + i),
  }));
  // Predictions of plain titles; the odd titles get plain predictions.
  await client.query(
    `INSERT INTO atp.prediction (imdb_id, prediction, probability, cm_value, created_at)
     SELECT imdb_id, 1, (row_number() OVER (ORDER BY imdb_id) % 10) / 10.0, 'tp', '2025-05-21Z' FROM atp.training`,
  );
  // Enough for the odd predictions.
  const more = isTogether ? 12 : 40;
  for (let i = titles; i < titles + more; i += 1) {
    await client.query(
      `INSERT INTO atp.training (imdb_id, media_type, media_title, release_year, label) VALUES ($1, 'movie', 'Plain', 1999, $2)`,
      [idOf(i), [null, 'would_watch', 'would_not_watch', 'music'][i % 4]],
    );
  }
  await insertOdd(client, 'atp.prediction', isTogether, (i) => ({ imdb_id: idOf(titles + i) }));
  await insertOdd(client, 'atp.media', isTogether, (i) => ({ hash: hashOf(i), imdb_id: idOf(i) }));
  for (const [i, time] of times.entries()) {
    await client.query(
      `INSERT INTO public.flyway_schema_history VALUES ($1, $2, 'odd', 'SQL', 'odd.sql', 1, 'x', $3, 1, true)`,
      [1000 + i, String(1000 + i), time],
    );
  }
  if (!isTogether) return;
  for (const [i, text] of shownTexts.entries()) {
    const cut = (length: number) => [...text].slice(0, length).join('');
    await client.query(
      `INSERT INTO public.flyway_schema_history VALUES ($1, $2, $3, $4, $5, NULL, $6, now(), -1, $7)`,
      [2000 + i, i % 2 ? null : cut(50), cut(200), cut(20), text, cut(100), i !== 2],
    );
  }
}
