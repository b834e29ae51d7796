import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvFromJson } from './csv.ts';

type List = (string | null | List)[];
type Cell = string | number | boolean | null | List;

/** Elements that "; " separates, or JSON if they could not be split again. */
function listText(list: List): string {
  const text = list.join('; ');
  const again = text === '' ? [] : text.split('; ');
  const isSame =
    JSON.stringify(again) === JSON.stringify(list) && !text.startsWith('[') && !list.join('').includes(';');
  return isSame && !list.includes('') ? text : JSON.stringify(list);
}

/** What a library of good name makes of the same rows. */
function reference(rows: Cell[][]): string {
  return stringify(rows, {
    record_delimiter: 'windows',
    escape_formulas: true,
    // A lone one ends a line too, for many a reader.
    quoted_match: /[\r\n]/,
    cast: { boolean: String, object: (value) => listText(value as unknown as List) },
  });
}

const csvOf = (rows: Cell[][]) => {
  const json = rows.map((row) => JSON.stringify(Object.fromEntries(row.map((cell, i) => [`c${i}`, cell]))));
  return csvFromJson(Buffer.from(json.join(','))).toString();
};

const special = [
  ...'=+-@,;"\'\\\r\n\t\b\f /{}[]:',
  '\u0000',
  '\u001f',
  '\u007f',
  '＝',
  '＋',
  '－',
  '＠',
  '＞',
  'é',
  '田',
];
const text = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...special, '\u{1f3ac}', '\u2028', '\ufeff', '},{"') },
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 8,
});
const cell: fc.Arbitrary<Cell> = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.array(fc.oneof(text, fc.constant(null), fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 2 })), {
    maxLength: 3,
  }),
);

test('cells of every kind are written as the library writes them', () => {
  const tables = fc
    .integer({ min: 1, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 4 }));
  fc.assert(
    fc.property(tables, (rows) => {
      expect(csvOf(rows)).toBe(reference(rows));
    }),
    { seed: 20_250_521, numRuns: 5000 },
  );
});

test.each<[Cell, string]>([
  ['=1+1', "'=1+1"],
  ['＝1', "'＝1"],
  ['=a,"b"', `"'=a,""b"""`],
  [['=x', 'y'], "'=x; y"],
  [['a, b', 'c'], '"a, b; c"'],
  [['a; b', 'c'], '"[""a; b"",""c""]"'],
  [['a', null], '"[""a"",null]"'],
  [
    [
      ['a', 'b'],
      ['c', null],
    ],
    '"[[""a"",""b""],[""c"",null]]"',
  ],
  [[''], '"[""""]"'],
  [['[1]'], '"[""[1]""]"'],
  [-5, '-5'],
  ['-5', "'-5"],
  ['a\rb', '"a\rb"'],
  [[], ''],
  ['', ''],
])('%j is %s', (given, expected) => {
  expect(csvOf([[given, null]])).toBe(`${expected},\r\n`);
});

test('numbers keep every digit', () => {
  const rows = Buffer.from(
    '{"budget":9007199254740993,"probability":0.999999999999999999},{"budget":null,"probability":1e-7}',
  );
  expect(csvFromJson(rows).toString()).toBe('9007199254740993,0.999999999999999999\r\n,1e-7\r\n');
});

test('lines that are longer than their rows do not overwrite the next ones', () => {
  const long = Array.from({ length: 50 }, (_, i) => `;${i}`);
  const rows = [[long], ['a'], [long], [['b']], [long]];
  expect(csvOf(rows)).toBe(reference(rows));
});

test.each([
  ['61', '6.1'],
  ['100', '10'],
  ['7', '0.7'],
  ['0', '0'],
  ['87.50', '8.75'],
  ['90.05', '9.005'],
  ['-3', '-0.3'],
  ['1e5', '1e5'],
  ['null', ''],
])('an IMDb rating of %s is out of ten, as on screen: %s', (rating, shown) => {
  const row = `{"a":61,"imdb_rating":${rating},"my_imdb_rating":61,"b":"\\"imdb_rating\\":61"}`;
  expect(csvFromJson(Buffer.from(row)).toString()).toBe(`61,${shown},61,"""imdb_rating"":61"\r\n`);
});
