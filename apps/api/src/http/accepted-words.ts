import { filterWord, wordOfFilter } from '@at/contracts/filter-words';
import type { AcceptedWords } from '@at/contracts/paging';
import { columnWords } from '@at/db/column-words';
import fastifyPlugin from 'fastify-plugin';
import type { Deps } from '#deps.ts';
import { invalidParts } from './api-error.ts';

/**
 * Words in requests: the known ones cost nothing, and others are accepted if the column has them, because the owner of the
 * database may have added some.
 */

type Property = Partial<AcceptedWords> & { items?: Partial<AcceptedWords> };
type Properties = Record<string, Property>;

/**
 * Throws 422 for a word in `values` that neither its schema nor its column has. `path` comes before the name. Returns whether
 * the schema has all of them.
 */
export async function refuseUnknownWords(
  { db, counts }: Pick<Deps, 'db' | 'counts'>,
  where: 'query' | 'body',
  properties: object,
  values: object,
  path = '',
): Promise<boolean> {
  let hasAll = true;
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(properties, name)) continue;
    const property = (properties as Properties)[name];
    const { 'x-words': known, 'x-column': column } = property?.items ?? property ?? {};
    if (!known || !column) continue;
    const unknown = [value].flat().filter((word) => !known.includes(word));
    if (unknown.length === 0) continue;
    hasAll = false;
    const { value: held } = await counts.read(`words ${column}`, () => columnWords(db, column));
    // What is written is the word itself.
    const isFilter = where === 'query' || path === '/filter/';
    const [plain, named] = isFilter ? [wordOfFilter, filterWord] : [String, String];
    if (unknown.every((word) => held.includes(plain(word)))) continue;
    const words = [...new Set([...known, ...held.map(named)])].join(', ');
    throw invalidParts(where, [{ pointer: `${path}${name}`, message: `must be one of: ${words}` }]);
  }
  return hasAll;
}

type Schema = { properties?: object } | undefined;

export const acceptedWords = fastifyPlugin<Pick<Deps, 'db' | 'counts'>>(async (app, deps) => {
  /** Queries that need no other look when they come again. */
  const accepted = new WeakSet<object>();
  app.addHook('preHandler', async (request) => {
    const { schema } = request.routeOptions;
    const { body } = request;
    const query = request.query as object;
    const [ofQuery, ofBody] = [schema?.querystring as Schema, schema?.body as Schema];
    if (ofQuery?.properties && !accepted.has(query)) {
      if (await refuseUnknownWords(deps, 'query', ofQuery.properties, query)) accepted.add(query);
    }
    if (ofBody?.properties && body) await refuseUnknownWords(deps, 'body', ofBody.properties, body as object, '/');
  });
});
