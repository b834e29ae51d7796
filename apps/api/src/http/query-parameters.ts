import fastifyPlugin from 'fastify-plugin';
import { booleanFromWord } from '#request/parse-boolean.ts';
import { isStrict, reportUnknown } from '#request/prefer-header.ts';
import { ApiError } from './api-error.ts';

/**
 * Turns query parameters, as all kinds of clients send them, into what the schemas expect: boolean words (`True`), comma
 * lists, empty parameters as absent. Unknown names are ignored and reported, and so are the unsupported values that the
 * endpoint forgives; with `Prefer: handling=strict` both are errors.
 */

type Property = { type?: string; enum?: unknown[]; maximum?: number };
type Query = Record<string, unknown>;

function normalise(name: string, property: Property, raw: unknown): unknown {
  const values = (Array.isArray(raw) ? raw : [raw]).map(String);
  if (property.type === 'array') {
    const items = values.flatMap((value) => value.split(',')).map((item) => item.trim());
    const filled = items.filter(Boolean);
    return filled.length > 0 ? filled : undefined;
  }
  const filled = values.filter((value) => value.trim() !== '');
  if (filled.length === 0) return undefined;
  if (filled.length > 1) return filled;
  const [value] = filled as [string];
  if (name === 'sort_order') return value.toLowerCase();
  return property.type === 'boolean' ? (booleanFromWord(value) ?? value) : value;
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

export const queryParameters = fastifyPlugin(async (app) => {
  app.addHook('preValidation', async (request, reply) => {
    if (request.is404) return;
    const { schema, config } = request.routeOptions;
    const known = (schema?.querystring as { properties?: Record<string, Property> } | undefined)?.properties ?? {};
    const query = request.query as Query;
    const unknown: string[] = [];
    for (const [name, raw] of Object.entries(query)) {
      const property = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!property) unknown.push(name);
      const value = property && normalise(name, property, raw);
      if (value === undefined) delete query[name];
      else query[name] = value;
    }
    if (unknown.length === 0 && !config.forgives) return;
    if (isStrict(request)) {
      if (unknown.length > 0) throw unknownParameters(unknown, Object.keys(known));
      return;
    }
    const forgiven = forgive(query, known, config.forgives ?? []);
    if (unknown.length + forgiven.length > 0) reportUnknown(reply, [...unknown, ...forgiven]);
  });
});
