import fastifyPlugin from 'fastify-plugin';
import { booleanFromWord } from '#request/parse-boolean.ts';
import { isStrict, reportUnknown } from '#request/prefer-header.ts';
import { ApiError } from './api-error.ts';

/**
 * Turns query parameters as clients of all kinds send them into what the schemas expect: booleans in words (`True`), comma
 * lists, empty parameters as absent, words in any case. Unknown names are ignored and reported.
 */

type Property = { type?: string; default?: unknown };
type Query = Record<string, unknown>;

function normalise(property: Property, raw: unknown): unknown {
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
  return property.type === 'boolean' ? (booleanFromWord(value) ?? value) : value;
}

export const queryParameters = fastifyPlugin(async (app) => {
  app.addHook('preValidation', async (request, reply) => {
    if (request.is404) return;
    const schema = request.routeOptions.schema?.querystring as { properties?: Record<string, Property> } | undefined;
    const known = schema?.properties ?? {};
    const query = request.query as Query;
    const unknown: string[] = [];
    for (const [name, raw] of Object.entries(query)) {
      const property = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!property) {
        unknown.push(name);
        delete query[name];
        continue;
      }
      const value = normalise(property, raw);
      if (value === undefined) delete query[name];
      else query[name] = name === 'sort_order' && typeof value === 'string' ? value.toLowerCase() : value;
    }
    if (unknown.length === 0) return;
    if (isStrict(request)) {
      const names = Object.keys(known);
      const list = names.length > 0 ? `It takes: ${names.join(', ')}.` : 'It takes none.';
      throw new ApiError(
        422,
        'Invalid request',
        `Unknown query parameter: ${unknown.slice(0, 10).join(', ')}. ${list}`,
        {
          errors: unknown
            .slice(0, 10)
            .map((pointer) => ({ in: 'query', pointer, message: 'is not a known parameter' })),
          known_parameters: names,
        },
      );
    }
    reportUnknown(reply, unknown);
  });
});
