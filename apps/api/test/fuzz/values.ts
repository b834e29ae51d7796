import fc, { type Arbitrary } from 'fast-check';

/** Random values from schemas, and values from earlier replies. */

export type Schema = {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  pattern?: string;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  examples?: unknown[];
};

/** Values that exist; those of the latest replies come last. */
export class Known {
  readonly titles: string[];
  readonly hashes: string[];
  readonly ids: string[] = [];
  readonly runs: string[] = [];
  readonly etags: string[] = [];
  readonly cursors: string[] = [];
  /** Whole targets of next pages: a cursor is valid only for its own list and order. */
  readonly nextPages: string[] = [];

  constructor(titles: string[], hashes: string[]) {
    this.titles = titles;
    this.hashes = hashes;
  }

  learn({ headers, text }: { headers: Record<string, string | undefined>; text: string }): void {
    const uuids = text.matchAll(/"(?:operation_)?id":"([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})"(,"task")?/g);
    for (const [, id = '', ofRun] of uuids) remember(ofRun ? this.runs : this.ids, id);
    if (headers.etag) remember(this.etags, headers.etag);
    const { 1: cursor } = /"next_cursor":"([^"]+)"/.exec(text) ?? [];
    if (cursor) remember(this.cursors, cursor);
  }

  learnNextPage(target: string, text: string): void {
    const { 1: cursor } = /"next_cursor":"([^"]+)"/.exec(text) ?? [];
    if (!cursor) return;
    const [path, query] = target.split('?', 2);
    const kept = (query ?? '').split('&').filter((part) => part !== '' && !/^(cursor|offset|page)=/.test(part));
    remember(this.nextPages, `${path}?${[...kept, `cursor=${encodeURIComponent(cursor)}`].join('&')}`);
  }
}

function remember(values: string[], value: string): void {
  if (values.includes(value)) return;
  values.push(value);
  if (values.length > 20) values.shift();
}

export const hostile = [
  ...['', ' ', 'a', 'The Matrix', '%', '_', '\\', ',', ',,', '.', '..', '*', '?', '#', '&', '=', '+', ';', '|', '`'],
  ...[
    '\0',
    'a\0b',
    '\n',
    '\r\nSet-Cookie: a=b',
    '\t',
    '\x1b[31m',
    '\x7f',
    '\ufeff',
    '\u202e',
    '\u2028',
    '\ud800',
    '\uffff',
  ],
  ...['\u{1f3ac}', 'İ', 'ß', 'ΑΣ', 'é', 'e\u0301', '田', '\u{e0001}', '\u0000\u0001'],
  ...['../../../../etc/passwd', '..\\..\\windows', '/etc/passwd', 'file:///etc/passwd', '.trash', '//evil.example/x'],
  ...["'", '"', "' or '1'='1", "'; drop table atp.training; --", '1; select 1', '$1', '$$', '/*', '--', "\\'"],
  ...['<b>', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '{{7*7}}', 'javascript:alert(1)'],
  ...[
    'true',
    'False',
    'None',
    'null',
    'undefined',
    'NaN',
    'Infinity',
    '-Infinity',
    '0',
    '-0',
    '-1',
    '1.5',
    '0x10',
    '1_0',
  ],
  ...['1e9', '1e400', '2147483648', '9007199254740993', '9223372036854775808', '9'.repeat(400), '0'.repeat(400)],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '{}', '[]', '[null]', '{"a":1}', 'x'.repeat(600)],
  ...['x'.repeat(5000), '%00', '%2e%2e%2f', '2025-02-30', '2025-13-01T00:00:00.000000Z', 'asc', 'DESC', 'movie,movie'],
];

/** Any character; fast-check's own arbitrary of all characters takes seconds to prepare. */
const character = fc.oneof(fc.nat(0x7f), fc.nat(0x24f), fc.nat(0x10ffff)).map((point) => String.fromCodePoint(point));

export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostile) },
  { weight: 1, arbitrary: fc.string({ unit: character, maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...hostile), fc.constantFrom(...hostile)).map((two) => two.join('')),
  },
);

export const misfit: Arbitrary<unknown> = fc.oneof(
  text,
  fc.constantFrom(null, true, false, 0, -1, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, -1e308, 5e-324),
  fc.jsonValue({ maxDepth: 2 }),
);

/** One of the known values; one time in eight, or if none is known, one that does not exist. */
export const knownOf = (values: string[], otherwise: string) =>
  fc.nat(799).map((n) => (n % 8 === 7 ? otherwise : (values[n % Math.max(1, values.length)] ?? otherwise)));

const uuidPattern = '[0-9a-fA-F]{12}$';

/** Texts that match a pattern. For a pattern that the generator cannot read, it tries words until one matches. */
function matching(pattern: string): Arbitrary<string> {
  const expression = new RegExp(pattern, 'u');
  if (/\(\?[=!<]/.test(pattern))
    return fc.string({ minLength: 1, maxLength: 20 }).filter((word) => expression.test(word));
  return fc.oneof(
    fc.stringMatching(expression, { size: 'small' }),
    text.filter((word) => expression.test(word)),
  );
}

/** Values of schemas: some fit, some nearly fit, some do not at all. */
export class Values {
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  fitting(schema: Schema): Arbitrary<unknown> {
    const { titles, hashes, ids, runs } = this.#known;
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const parts = schema.anyOf ?? schema.oneOf;
    if (parts) return fc.oneof(...parts.map((one) => this.fitting(one)));
    const { pattern = '', maxLength = Number.POSITIVE_INFINITY } = schema;
    if (pattern.startsWith('^tt')) return knownOf(titles, 'tt0000000');
    if (pattern.includes('{40}')) return knownOf(hashes, '0'.repeat(40));
    if (pattern.endsWith('-[0-9a-f]{12}$')) return knownOf(runs, '00000000-0000-4000-8000-000000000000');
    if (pattern.endsWith(uuidPattern)) return knownOf(ids, '00000000-0000-4000-8000-000000000000');
    switch (schema.type) {
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'integer':
      case 'number':
        return this.#number(schema);
      case 'array':
        return fc.array(this.fitting(schema.items ?? {}), { maxLength: Math.min(4, schema.maxItems ?? 4) });
      case 'object':
        return this.#object(schema, (member) => this.fitting(member), 'whole');
      case 'string':
        return fc.oneof(
          (pattern ? matching(pattern) : text).map((value) => value.slice(0, maxLength)),
          ...(schema.examples ? [fc.constantFrom(...schema.examples)] : []),
        );
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  #number({ type, minimum = -10, maximum = 100_000 }: Schema): Arbitrary<number> {
    const ends = fc.constantFrom(minimum, maximum);
    // Row numbers and versions that exist are small.
    const small = fc.integer({ min: Math.ceil(minimum), max: Math.min(maximum, Math.ceil(minimum) + 40) });
    const any =
      type === 'integer'
        ? fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31 - 1) })
        : fc.double({ min: minimum, max: maximum, noNaN: true });
    return fc.oneof(ends, { weight: 3, arbitrary: small }, any);
  }

  #object(
    { properties = {}, required = [], additionalProperties }: Schema,
    member: (schema: Schema) => Arbitrary<unknown>,
    form: 'whole' | 'any',
  ): Arbitrary<object> {
    const members = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, member(schema)]));
    const named = fc.record(members, { requiredKeys: form === 'whole' ? required : [], noNullPrototype: true });
    const more = fc.dictionary(fc.oneof(fc.constantFrom(...hostile), fc.string()), misfit, { maxKeys: 2 });
    if (form === 'any')
      return fc.tuple(named, fc.option(more, { freq: 2, nil: {} })).map(([one, two]) => ({ ...one, ...two }));
    return additionalProperties === true ? fc.tuple(named, more).map(([one, two]) => ({ ...two, ...one })) : named;
  }

  /** Slightly wrong: beyond a limit, in another case or form, with one member too few or too many. */
  nearly(schema: Schema): Arbitrary<unknown> {
    const parts = schema.anyOf ?? schema.oneOf;
    if (parts) return fc.oneof(...parts.map((one) => this.nearly(one)));
    if (schema.enum) {
      return fc
        .constantFrom(...schema.enum.map(String))
        .chain((word) =>
          fc.constantFrom(word.toUpperCase(), `${word} `, `${word}\0`, `${word},${word}`, [word], word.slice(1)),
        );
    }
    switch (schema.type) {
      case 'boolean':
        return fc.constantFrom('TRUE', 'yes', 'off', 't', 1, 0, '1', '', 'null', ' true');
      case 'integer':
      case 'number': {
        const { minimum = -(2 ** 31), maximum = 2 ** 31 - 1 } = schema;
        const behind = [
          minimum - 1,
          maximum + 1,
          minimum + 0.5,
          `${maximum}`,
          `${minimum}.0`,
          `0${minimum}`,
          ` ${maximum}`,
        ];
        return fc.constantFrom<unknown>(...behind, 2 ** 31, 2 ** 53 + 2, 1e21, '9223372036854775808', -0, '+1');
      }
      case 'array':
        return fc.oneof(
          fc.array(this.mixed(schema.items ?? {}), { maxLength: 6 }),
          this.fitting(schema.items ?? {}).map((item) => Array(Math.min(300, (schema.maxItems ?? 100) + 1)).fill(item)),
          this.fitting(schema.items ?? {}),
        );
      case 'object':
        return this.#object(schema, (member) => this.mixed(member), 'any');
      default: {
        const { maxLength = 200 } = schema;
        return fc.oneof(
          this.fitting(schema).map((value) => `${value}`.toUpperCase()),
          fc.tuple(this.fitting(schema), fc.constantFrom(' ', '\n', '\0', 'x', '/..', "'")).map((two) => two.join('')),
          this.fitting(schema).map((value) => `${value}`.slice(0, -1)),
          fc
            .constantFrom('x', '\u{1f3ac}', "'", '\u0000')
            .map((letter) => letter.repeat(Math.min(2500, maxLength + 1))),
        );
      }
    }
  }

  mixed(schema: Schema): Arbitrary<unknown> {
    return fc.oneof(
      { weight: 4, arbitrary: this.fitting(schema) },
      { weight: 2, arbitrary: this.nearly(schema) },
      { weight: 2, arbitrary: misfit },
    );
  }
}
