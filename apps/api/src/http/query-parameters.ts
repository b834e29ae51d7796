import { booleanFromWord } from '@at/config/boolean-from-word';
import { splitList } from '@at/contracts/comma-list';
import fastifyPlugin from 'fastify-plugin';
import { isStrict, reportUnknown } from '#request/prefer-header.ts';
import { ApiError } from './api-error.ts';

/**
 * Turns query parameters, as all kinds of clients send them, into what the schemas expect: boolean words (`True`), comma
 * lists, empty parameters as absent. Unknown names are ignored and reported, and so are unsupported values that the
 * endpoint forgives and all but the last value of a repeated parameter; with `Prefer: handling=strict` these are errors.
 *
 * Queries of GET about which there is nothing to report are remembered by their address, frozen, so that pages that are read
 * again and again are prepared once (`per-query.ts`).
 */

type Property = { type?: string; enum?: unknown[]; maximum?: number };
type Query = Record<string, unknown>;

/** `isRepeated`: a parameter with a single value was sent with several; the last one counts. */
function normalise(name: string, property: Property, raw: unknown): { value: unknown; isRepeated: boolean } {
  const values = (Array.isArray(raw) ? raw : [raw]).map(String);
  if (property.type === 'array') {
    const filled = values.flatMap(splitList).map((value) => (name === 'level' ? value.toLowerCase() : value));
    return { value: filled.length > 0 ? filled : undefined, isRepeated: false };
  }
  const isRepeated = values.length > 1;
  const last = values.at(-1) as string;
  if (last.trim() === '') return { value: undefined, isRepeated };
  if (name === 'sort_order') return { value: last.toLowerCase(), isRepeated };
  return { value: property.type === 'boolean' ? (booleanFromWord(last) ?? last) : last, isRepeated };
}

/** Replaces unsupported values of the named parameters. Returns the names of those that had one. */
function forgive(query: Query, known: Record<string, Property>, names: readonly string[]): string[] {
  const forgiven = names.filter((name) => {
    const { enum: words, maximum = Number.POSITIVE_INFINITY } = known[name] ?? {};
    const value = query[name];
    if (value === undefined) return false;
    if (words && !words.includes(value)) delete query[name];
    else if (Number(value) > maximum) query[name] = String(maximum);
    return query[name] !== value;
  });
  // The whole default sort, not a direction that was meant for another column.
  if (forgiven.includes('sort_by')) delete query.sort_order;
  return forgiven;
}

function unknownParameters(unknown: string[], names: string[]): ApiError {
  const shown = unknown.slice(0, 10);
  const list = names.length > 0 ? `It takes: ${names.join(', ')}.` : 'It takes none.';
  return new ApiError(422, 'Invalid request', `Unknown query parameter: ${shown.join(', ')}. ${list}`, {
    errors: shown.map((pointer) => ({ in: 'query', pointer, message: 'is not a known parameter' })),
    known_parameters: names,
  });
}

function repeatedParameters(repeated: string[]): ApiError {
  const shown = repeated.slice(0, 10);
  return new ApiError(
    422,
    'Invalid request',
    `Query parameter sent more than once: ${shown.join(', ')}. Send one value.`,
    {
      errors: shown.map((pointer) => ({ in: 'query', pointer, message: 'is sent more than once' })),
    },
  );
}

const maximumRemembered = 200;
/** Characters of an address. */
const longestRemembered = 1_000;

export const queryParameters = fastifyPlugin(async (app) => {
  const remembered = new Map<string, Query>();
  const unreported = new WeakSet<Query>();

  // After the validation, which also makes numbers of texts.
  app.addHook('preHandler', async ({ method, url, query }) => {
    if (method !== 'GET' || url.length > longestRemembered || !unreported.has(query as Query)) return;
    remembered.set(url, Object.freeze(query as Query));
    unreported.delete(query as Query);
    if (remembered.size > maximumRemembered) remembered.delete(remembered.keys().next().value as string);
  });

  app.addHook('preValidation', async (request, reply) => {
    if (request.is404) return;
    const same = request.method === 'GET' ? remembered.get(request.url) : undefined;
    if (same) {
      request.query = same;
      return;
    }
    const { schema, config } = request.routeOptions;
    const known = (schema?.querystring as { properties?: Record<string, Property> } | undefined)?.properties ?? {};
    const query = request.query as Query;
    const unknown: string[] = [];
    const repeated: string[] = [];
    for (const [name, raw] of Object.entries(query)) {
      const property = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!property) {
        unknown.push(name);
        delete query[name];
        continue;
      }
      const { value, isRepeated } = normalise(name, property, raw);
      if (isRepeated) repeated.push(name);
      if (value === undefined) delete query[name];
      else query[name] = value;
    }
    if (unknown.length + repeated.length === 0 && !config.forgives) {
      unreported.add(query);
      return;
    }
    if (isStrict(request)) {
      if (unknown.length > 0) throw unknownParameters(unknown, Object.keys(known));
      if (repeated.length > 0) throw repeatedParameters(repeated);
      return;
    }
    const forgiven = forgive(query, known, config.forgives ?? []);
    const reported = new Set([...unknown, ...repeated, ...forgiven]);
    if (reported.size > 0) reportUnknown(reply, [...reported]);
    else unreported.add(query);
  });
});
