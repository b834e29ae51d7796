import { type Static, type TProperties, type TSchema, type TSchemaOptions, Type } from 'typebox';
import type { WordOf } from './vocabulary.ts';

/** Text without NUL, which PostgreSQL cannot store. */
const noNul = '^[^\\u0000]*$';

/** Rows a page. */
export const defaultLimit = 100;
export const maximumLimit = 1000;
/** Maximum number of values in a comma list, such as ids. */
export const longestList = 200;
export const maximumOffset = 2_147_483_647;
/** A larger `offset` works, but the reply advises to use the cursor. */
export const deepOffset = 10_000;
/** `count=estimated` counts up to here. */
export const estimateCeiling = 10_000;

export const sortOrders = ['asc', 'desc'] as const;
export type SortOrder = (typeof sortOrders)[number];

export const StringEnum = <const W extends string[]>(words: readonly [...W], options: TSchemaOptions = {}) =>
  Type.Enum([...words] as [...W], { type: 'string', ...options });

/** A word of a column: one of the known words, or another that the owner of the database has added. */
export const Word = <const W extends string[]>(words: readonly [...W], options: { description?: string } = {}) =>
  Type.Unsafe<WordOf<W[number]>>({
    type: 'string',
    ...options,
    description: `${options.description ? `${options.description}. ` : ''}${words.join(', ')}, or another word that the database holds`,
    examples: [...words],
  });

/** How a schema names the column whose words are accepted in addition to `words`. */
export type AcceptedWords = { 'x-words': string[]; 'x-column': string };

/** A word in a request. Words that neither `words` nor the column (`schema.table.column`) has are refused. */
export const AcceptedWord = <const W extends string[]>(
  words: readonly [...W],
  column: string,
  options: { description?: string } = {},
) => {
  const accepted: AcceptedWords = { 'x-words': [...words], 'x-column': column };
  return Type.Unsafe<WordOf<W[number]>>({ ...Word(words, options), maxLength: 100, pattern: noNul, ...accepted });
};

/** Text values of an array column: usually a plain list, but other writers may leave out elements or nest lists. */
export type TextList = (string | null | TextList)[];
export const TextList = (description = '') =>
  Nullable(
    Type.Unsafe<TextList>({ type: 'array', items: { type: ['string', 'null', 'array'] } }),
    description === '' ? {} : { description },
  );

/** Rows by word; known words are always there. */
export type CountsByWord<Known extends string> = { [word in Known]: number } & { [word: string]: number };
export const CountsByWord = <const W extends readonly string[]>(words: W, options: TSchemaOptions = {}) =>
  Type.Unsafe<CountsByWord<W[number]>>({
    ...options,
    type: 'object',
    required: [...words],
    properties: Object.fromEntries(words.map((word) => [word, Type.Integer()])),
    additionalProperties: Type.Integer(),
  });

/**
 * A number to compare a column with. As text it keeps every digit: a double has 2^53 whole numbers and cannot hold most
 * decimals.
 */
export const ExactNumber = (options: { description: string }) =>
  Type.Unsafe<number | string>({
    ...options,
    type: ['number', 'string'],
    pattern: '^[+-]?(Infinity|(\\d{1,400}(\\.\\d{0,400})?|\\.\\d{1,400})([eE][+-]?\\d{1,3})?)$',
    examples: [90],
  });

/** A comma list or a repeated parameter. */
export const CommaList = <S extends TSchema>(item: S, options: { description: string }) =>
  Type.Optional(
    Type.Array(item, {
      maxItems: longestList,
      description: `${options.description}. A comma in a value is written \\,`,
    }),
  );

/** The description of a parameter that searches. */
export const searchDescription = (of: string) =>
  `Part of the ${of} (one or two letters: its start); case, accents, spaces and punctuation do not count`;

export const Nullable = <S extends TSchema>(schema: S, options: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);

export const Pagination = Type.Object(
  {
    total: Nullable(Type.Integer(), {
      description: 'Matching rows; null with count=none. At most one second old, never older than your own writes.',
    }),
    total_is_estimate: Type.Optional(Type.Boolean({ description: 'true: at least this many rows match' })),
    limit: Type.Integer(),
    offset: Type.Integer(),
    next: Nullable(Type.String(), { description: 'Path of the next page' }),
    previous: Nullable(Type.String(), { description: 'Path of the previous page' }),
    has_more: Type.Boolean(),
    next_cursor: Nullable(Type.String(), { description: 'Pass as cursor= for the next page' }),
  },
  { $id: 'Pagination' },
);
export type Pagination = Static<typeof Pagination>;

/** Characters of a text in a query, unless it says otherwise. */
export const longestText = 500;

export const Text = (options: { description: string; maxLength?: number }) =>
  Type.String({ maxLength: longestText, ...options, pattern: noNul });

/** Of a date and time with a zone; the API also checks that the calendar has the date, which no pattern says. */
export const momentPattern =
  '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?(Z|[+-](0\\d|1[0-5]):[0-5]\\d)$';

/** ISO 8601 with a time zone. */
export const DateTime = (options: { description: string }) =>
  Type.String({
    ...options,
    description: `${options.description}: date and time with Z or an offset`,
    pattern: momentPattern,
    examples: ['2025-05-21T00:00:00+02:00'],
  });

const limit = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: maximumLimit,
    default: defaultLimit,
    description: `Rows a page, 1 to ${maximumLimit}`,
  }),
);

/** The parameters of a list that is read by cursor alone. */
export const cursorParameters = {
  limit,
  cursor: Type.Optional(Text({ description: 'next_cursor of the previous page', maxLength: 4000 })),
} satisfies TProperties;

/** The parameters of a list with a total. */
export const pageParameters = {
  limit,
  offset: Type.Optional(
    Type.Integer({ minimum: 0, maximum: maximumOffset, description: 'Rows to skip; beyond 10,000 use cursor' }),
  ),
  page: Type.Optional(
    Type.Integer({ minimum: 1, maximum: maximumOffset, description: 'Page number from 1, instead of offset' }),
  ),
  cursor: Type.Optional(
    // The cursor contains the sort key: room for four company names of maximum length, every character escaped.
    Text({ description: 'next_cursor of the previous page; not with offset or page', maxLength: 10_000 }),
  ),
  count: Type.Optional(
    StringEnum(['exact', 'estimated', 'none'], {
      default: 'exact',
      description: 'How to count the total: exactly, up to 10,000, or not at all',
    }),
  ),
} satisfies TProperties;

/** How a list is sorted unless a request says otherwise. */
type DefaultSort<Column extends string> = { sort_by: Column; sort_order: SortOrder };

export const SortOrder = (initial: SortOrder) =>
  Type.Optional(StringEnum(sortOrders, { default: initial, description: 'asc or desc, in any case' }));

/** The parameters that sort a list; the schema has no default for sort_by, because `order` excludes it. */
export const sortParameters = <const C extends string[]>(
  columns: readonly [...C],
  { sort_by, sort_order }: DefaultSort<C[number]>,
  note = '',
) => ({
  sort_by: Type.Optional(
    StringEnum(columns, {
      description:
        `Default ${sort_by}. Rows without a value come last in both orders, and rows with the same value come by ` +
        `ascending id.${note}`,
    }),
  ),
  sort_order: SortOrder(sort_order),
});
