// The columns of a result, as `json-rows.ts` needs them.

/** How to convert a column's values. */
export const kinds = {
  /** Already JSON: integers. */
  verbatim: 0,
  boolean: 1,
  /** NaN and infinities are null in JSON. */
  numeric: 2,
  /** A time without a date in the calendar (`infinity`, BC) is null. */
  timestamp: 3,
  text: 4,
  /** `char(n)`: text without its padding. */
  padded: 5,
  texts: 6,
  paddedTexts: 7,
  /** With the driver's parser. */
  parsed: 8,
  /** A timestamp that is never null: without a date in the calendar it is PostgreSQL's text. */
  exactTime: 9,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

const kindOfType = new Map<number, Kind>([
  [16, kinds.boolean],
  [20, kinds.verbatim],
  [21, kinds.verbatim],
  [23, kinds.verbatim],
  [26, kinds.verbatim],
  [1700, kinds.numeric],
  [1114, kinds.timestamp],
  [1184, kinds.timestamp],
  [1042, kinds.padded],
  [1009, kinds.texts],
  [1015, kinds.texts],
  [1014, kinds.paddedTexts],
]);

export type Parser = (text: string) => unknown;

/** The driver's parser for a type. */
export type ParserOf = (oid: number) => Parser;

/** The fewest words of a head. */
export const shortHead = 3;

/** Text before a value: `{"a":` for the first, `,"b":` for the others. */
export type Head = {
  /** In bytes. */
  length: number;
  /** Its bytes by eight, in little-endian order; UTF-8 is never a NaN, of which numbers do not keep the bytes. */
  words: Float64Array;
};

/** The columns of a result, prepared once for all rows. */
export type Columns = {
  names: string[];
  kinds: Kind[];
  parsers: Parser[];
  heads: Head[];
  /** Maximum bytes of a row in addition to its values. */
  overhead: number;
};

/** A timestamp grows by ten bytes, a text by two quotes; a missing value becomes `null`. */
const valueOverhead = 10;

/** Names of timestamp columns that are never null in JSON, because they are versions or null means something else. */
export type ExactTimes = ReadonlySet<string>;

/** Throws if the names do not form an object with one member per column in the same order. */
export function readColumns(
  fields: { name: string; dataTypeID: number }[],
  parserOf: ParserOf,
  exactTimes: ExactTimes,
): Columns {
  const names = fields.map(({ name }) => name);
  const members = Object.keys(Object.fromEntries(names.map((name) => [name, 0])));
  if (names.length !== members.length || names.some((name, i) => name !== members[i])) {
    throw new Error(
      `The columns (${names.join(', ')}) cannot form an object: two share a name, or one is a number. Rename them with AS.`,
    );
  }
  // Enums and other types without a parser arrive as text and stay text.
  const unparsed = parserOf(0);
  const parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
  const kindOf = (oid: number, parser: Parser, name: string) => {
    const kind = kindOfType.get(oid) ?? (parser === unparsed ? kinds.text : kinds.parsed);
    return kind === kinds.timestamp && exactTimes.has(name) ? kinds.exactTime : kind;
  };
  const heads = names.map((name, i) => headOf(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  return {
    names,
    kinds: fields.map(({ dataTypeID, name }, i) => kindOf(dataTypeID, parsers[i] as Parser, name)),
    parsers,
    heads,
    overhead: heads.reduce((sum, head) => sum + head.length + valueOverhead, 3),
  };
}

function headOf(text: string): Head {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(8 * Math.max(shortHead, Math.ceil(length / 8)));
  bytes.write(text);
  return { length, words: Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i)) };
}
