import { sized } from '@at/db/test-size';
import fc, { type Arbitrary } from 'fast-check';
import { type Known, knownOf, misfit, type Schema, text, Values } from './values.ts';

/**
 * Requests made up from the OpenAPI document: for every operation its parameters, headers and body, of values that fit
 * their schema, nearly fit it and do not fit at all. Later requests use values from earlier replies.
 */

type Parameter = { name: string; in: 'query' | 'path' | 'header'; schema: Schema; example?: unknown };

export type Operation = {
  method: string;
  /** As the document spells it, `{name}` is a parameter. */
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
  isStream: boolean;
};

type Documented = {
  parameters?: Parameter[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: { 200?: { content?: Record<string, unknown> } };
};

export type OpenApi = {
  paths: Record<string, Record<string, Documented>>;
  components: { schemas: Record<string, Schema> };
};

/** Every operation of the document, its references followed. */
export function operationsOf({ paths, components }: OpenApi): Operation[] {
  const follow = (schema: Schema): Schema => {
    const named = schema.$ref && components.schemas[schema.$ref.split('/').at(-1) as string];
    return JSON.parse(JSON.stringify(named || schema), (_key, value) =>
      typeof value?.$ref === 'string' ? follow(value) : value,
    );
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      // Headers are made up for every operation alike.
      parameters: parameters
        .filter((parameter) => parameter.in !== 'header')
        .map(({ example, ...parameter }) => {
          const examples = example === undefined ? {} : { examples: [example] };
          return { ...parameter, schema: { ...follow(parameter.schema), ...examples } };
        }),
      body: requestBody && follow(requestBody.content['application/json'].schema),
      isStream: 'text/event-stream' in (responses[200]?.content ?? {}),
    })),
  );
}

/** The number of requests to an operation: fewer where only headers vary. */
export function requestsFor({ parameters, body }: Operation): number {
  return parameters.length > 0 || body ? sized(20, 540) : sized(10, 120);
}

export type FuzzRequest = {
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
};

/** fitting: valid. mixed: with one or more faults, small or large. */
type Form = 'fitting' | 'mixed';

/** Percent-encoding of any text, with lone surrogates. */
const encode = (value: string) => encodeURIComponent(value.toWellFormed());

/** Malformed or unusual percent-encoding. */
const badlyEncoded = fc.constantFrom(
  ...['%', '%zz', '%ff', '%c0%ae%c0%ae%c0%af', '%u0041', '%F0%9F', '%00', '..', '.%2e', '..%2f..%2fetc%2fpasswd'],
);

const asTexts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : [typeof value === 'object' ? JSON.stringify(value) : String(value)];

/** Present in this percentage of the requests. */
const sometimes = <T>(percent: number, arbitrary: Arbitrary<T>): Arbitrary<T | undefined> =>
  fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary });

/** As a header can carry it: UTF-8, no control characters. */
const headerValue = (value: string) =>
  [...Buffer.from(value).toString('latin1')]
    .filter((byte) => byte >= ' ' && byte !== '\x7f')
    .join('')
    .slice(0, 2000);

type Headers = Record<string, string>;

function headersFor({ method, body }: Operation, known: Known, form: Form): Arbitrary<Headers> {
  const etag = knownOf(known.etags, '"2025-01-01T00:00:00.000000Z"');
  const odd = text.map(headerValue);
  const json = fc.constant('application/json');
  const fitting = {
    'if-match': sometimes(20, etag),
    'x-actor': sometimes(20, fc.constantFrom('Anna', 'Zoë', '田中').map(headerValue)),
    'content-type': body ? json : fc.constant(undefined),
  };
  const wrongTypes = ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'x', ''];
  const mixed = {
    'if-match': sometimes(20, fc.oneof(etag, fc.constantFrom('*', '""', 'W/"x"', 'x', ',', '"a","b"'), odd)),
    'x-actor': sometimes(20, odd),
    prefer: sometimes(10, fc.oneof(fc.constantFrom('handling=strict', 'handling=lenient'), odd)),
    accept: sometimes(10, odd),
    'accept-encoding': sometimes(10, odd),
    'if-none-match': sometimes(10, fc.oneof(etag, odd)),
    'last-event-id': sometimes(20, fc.oneof(fc.constantFrom('1.1', '0.0', '99999999999.9', '-1.-1'), odd)),
    'idempotency-key': sometimes(10, odd),
    cookie: sometimes(10, odd),
    origin: sometimes(5, fc.constantFrom('null', 'http://localhost', 'https://evil.example', 'x')),
    'content-type':
      method === 'GET'
        ? fc.constant(undefined)
        : fc.oneof({ weight: 12, arbitrary: json }, fc.constantFrom(...wrongTypes)),
  };
  const all: Record<string, Arbitrary<string | undefined>> = form === 'fitting' ? fitting : mixed;
  const isThere = (one: [string, string | undefined]): one is [string, string] => one[1] !== undefined;
  return fc.record(all).map((headers) => Object.fromEntries(Object.entries(headers).filter(isThere)));
}

const brokenJson = fc.constantFrom(
  ...['', '[', '"', '9', '1e999', 'nul', '{}{}', '{"a":1,}', "{'a':1}", '{"a":NaN}', '\ufeff{}', '{"__proto__":{}}'],
  ...['{"a":"\\ud800"}', '{"a":"\\u0000"}', '{"imdb_id":"a","imdb_id":1}', '['.repeat(5000), '{"a":'.repeat(2000)],
);

type Ids = Record<string, unknown>;

/** The text of a body. In a fitting one, members that the path has too have the same value. */
function bodyFor({ body, method }: Operation, values: Values, form: Form): Arbitrary<(ids: Ids) => string | undefined> {
  if (method === 'GET' || (form === 'fitting' && !body)) return fc.constant(() => undefined);
  const schema = body ?? { type: 'object' };
  if (form === 'fitting') {
    return values.fitting(schema).map((value) => (ids) => {
      const repeated = Object.entries(ids).filter(([name]) => schema.properties?.[name]);
      return JSON.stringify({ ...(value as object), ...Object.fromEntries(repeated) });
    });
  }
  const nearly = values.nearly(schema).map((value) => JSON.stringify(value) as string | undefined);
  const cut = fc.tuple(nearly, fc.nat(200)).map(([json, at]) => json?.slice(0, at));
  return fc
    .oneof(
      { weight: 12, arbitrary: nearly },
      { weight: 2, arbitrary: misfit.map((value) => JSON.stringify(value) as string | undefined) },
      ...[cut, text, brokenJson, fc.constant(undefined)],
    )
    .map((json) => () => json);
}

function idsFor({ parameters }: Operation, values: Values, form: Form): Arbitrary<Ids> {
  const inPath = parameters.filter((one) => one.in === 'path');
  return fc.record(
    Object.fromEntries(
      inPath.map(({ name, schema }) => {
        const fitting = values.fitting(schema);
        // Most exist: otherwise few requests would get past the first check.
        return [name, form === 'fitting' ? fitting : fc.oneof({ weight: 3, arbitrary: fitting }, values.mixed(schema))];
      }),
    ),
  );
}

/** The path with its parameters filled in. */
function pathOf({ path }: Operation, ids: Ids): string {
  // Longer, the request would be refused for its size.
  const part = (value: unknown) => encode(asTexts(value).join(',')).slice(0, 3000) || '%20';
  return path.replace(/\{(\w+)\}/g, (_, name) => part(ids[name]));
}

function queryFor({ parameters }: Operation, values: Values, form: Form): Arbitrary<string> {
  const inQuery = parameters.filter((one) => one.in === 'query');
  // Few at a time: with many, one that contradicts another is always among them.
  const percent = Math.min(50, Math.ceil(120 / Math.max(1, inQuery.length)));
  const pairs = inQuery.map(({ name, schema }) => {
    const value = form === 'fitting' ? values.fitting(schema) : values.mixed(schema);
    return sometimes(
      percent,
      fc.tuple(value, fc.boolean()).map(([given, apart]) => {
        const texts = apart ? asTexts(given) : [asTexts(given).join(',')];
        return texts.map((one) => `${encode(name)}=${encode(one)}`).join('&');
      }),
    );
  });
  const odd = fc.oneof(
    fc.tuple(text, text).map(([name, value]) => `${encode(name).slice(0, 900)}=${encode(value).slice(0, 900)}`),
    badlyEncoded,
    fc.constantFrom('&&', '=', '?', '__proto__=1', 'limit', 'limit[]=1', 'limit=1&limit=2'),
  );
  return fc.tuple(...pairs, sometimes(form === 'fitting' ? 0 : 20, odd)).map((parts) => {
    const query = parts.filter((part) => part !== undefined).join('&');
    return query && `?${query.slice(0, 8000)}`;
  });
}

const otherMethods = ['HEAD', 'OPTIONS', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'SEARCH'];

function requestOf(operation: Operation, known: Known, form: Form): Arbitrary<FuzzRequest> {
  const values = new Values(known);
  const isFitting = form === 'fitting';
  const nextPage = fc.nat(99).map((n) => known.nextPages[n % Math.max(1, known.nextPages.length)]);
  return fc
    .record({
      method: fc.oneof(
        { weight: 30, arbitrary: fc.constant(operation.method) },
        { weight: isFitting ? 0 : 1, arbitrary: fc.constantFrom(...otherMethods) },
      ),
      ids: idsFor(operation, values, form),
      /** Ends the path otherwise than the document does. */
      end: isFitting
        ? fc.constant('')
        : fc.oneof({ weight: 20, arbitrary: fc.constant('') }, fc.constantFrom('/', '//', '/x'), badlyEncoded),
      query: queryFor(operation, values, form),
      nextPage: sometimes(operation.parameters.some(({ name }) => name === 'cursor') ? 15 : 0, nextPage),
      headers: headersFor(operation, known, form),
      body: bodyFor(operation, values, form),
    })
    .map(({ method, ids, end, query, nextPage, headers, body }) => ({
      method,
      target: nextPage ?? `${pathOf(operation, ids)}${end}${query}`,
      headers,
      body: body(ids),
    }));
}

/** Requests to an operation; half of them are valid. */
export function requestsTo(operation: Operation, known: Known): Arbitrary<FuzzRequest> {
  return fc.oneof(requestOf(operation, known, 'fitting'), requestOf(operation, known, 'mixed'));
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** The request as a command line, to be tried on an API at its usual port. */
export function curlOf({ method, target, headers, body }: FuzzRequest): string {
  const words = Object.entries(headers).map(
    ([name, value]) => `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`,
  );
  const command = ['curl -gisS --path-as-is', `-X ${method}`, ...words];
  if (body !== undefined) command.push('--data-binary @-');
  command.push(quoted(`http://localhost:8000${target}`));
  // A command line cannot hold every byte that a body may have.
  const piped = body === undefined ? '' : `echo ${Buffer.from(body).toString('base64')} | base64 -d | `;
  return `${piped}${command.join(' ')}`;
}
