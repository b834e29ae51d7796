import type { Endpoint } from '@at/contracts/endpoint';
import type { FlagValues } from '@at/contracts/label';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allEndpoints, insertTitles, type Reply, sampleTitles, startTestApp, type TestApp } from '../testing.ts';
import { insertMedia, sampleHash, sampleMedia } from '../testing-media.ts';

/**
 * Thousands of requests made up from the schemas: values that fit, that nearly fit and that do not at all. No reply may
 * be a fault of ours, each must be as its contract says (which `call` sees to), and what was written must add up.
 */

const requests = 2400;
const atOnce = 8;

type Schema = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
};

/** A stream of events goes on until its client leaves; its own tests leave. */
const ends = ({ schema }: Endpoint) => !JSON.stringify(schema.response[200]).includes('text/event-stream');

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hashes = [0, 1, 2, 3, 5].map(sampleHash);
const ids = sampleTitles.slice(0, 5).map(({ imdb_id }) => imdb_id as string);
const texts = [
  ...['', ' ', 'a', 'The Matrix', 'tt0111161', 'true', 'None', 'null', '0', '-1', '1e9', '1e400', 'NaN', 'Infinity'],
  ...['%', '_', '\\', "'", '"', '$1', ';--', "' or 1=1 --", '<b>', '{}', '[]', ',', '\0', 'a\0b', '\n', '\r\n', '\t'],
  ...['\u{1f3ac}', '\ufeff', '\u202e', 'İ', 'ß', 'ΑΣ', '\u0000\u0001', '../..', 'x'.repeat(600), '9'.repeat(40)],
  ...['2147483648', '9223372036854775808', '0.1', '1,2', 'movie,movie', '__proto__', 'constructor', 'asc', 'DESC'],
];
const junk: unknown[] = [...texts, null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, [], {}, [null], { a: 1 }];

function makeRequests(seed: number) {
  const next = numbersFrom(seed);
  const chance = (probability: number) => next() < probability;
  const whole = (below: number) => Math.floor(next() * below);
  const one = <T>(items: readonly T[]): T => items[whole(items.length)] as T;

  function fitting(schema: Schema): unknown {
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return one(schema.enum);
    if (schema.anyOf) return fitting(one(schema.anyOf));
    if (schema.pattern?.startsWith('^tt')) return one(ids);
    if (schema.pattern?.includes('{40}')) return one(hashes);
    if (schema.type === 'boolean') return chance(0.5);
    if (schema.type === 'null') return null;
    if (schema.type === 'integer' || schema.type === 'number') {
      const { minimum = -10, maximum = 100_000 } = schema;
      const value = one([minimum, maximum, minimum + whole(30), minimum + next() * (maximum - minimum)]);
      return schema.type === 'integer' ? Math.floor(value) : value;
    }
    if (schema.type === 'array') return Array.from({ length: whole(4) }, () => fitting(schema.items ?? {}));
    if (schema.type === 'object') return membersOf(schema);
    return one(texts);
  }

  function membersOf({ properties = {}, required = [] }: Schema): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties)) {
      if (chance(required.includes(name) ? 0.03 : 0.7)) continue;
      members[name] = chance(0.15) ? one(junk) : fitting(schema);
    }
    if (chance(0.05)) members[one(['unknown', '__proto__x', '\u{1f3ac}', 'Label', ''])] = one(junk);
    return members;
  }

  /** `cursor` and `etag` are what earlier replies held, so that some requests go on from them. */
  return function makeRequest({ method, url, schema }: Endpoint, cursor: string | null, etag: string | undefined) {
    const path = url.replace(/:(\w+)/g, (_, name) =>
      encodeURIComponent(chance(0.1) ? one(texts) || 'x' : one(name === 'hash' ? hashes : ids)),
    );
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(membersOf((schema.querystring ?? {}) as Schema))) {
      if (name === 'cursor' && cursor !== null && chance(0.8)) query.set('cursor', cursor);
      else for (const single of [value].flat()) query.append(name, String(single));
    }
    if (query.has('cursor') && chance(0.8)) for (const name of ['offset', 'page']) query.delete(name);
    if (query.has('order') && chance(0.8)) query.delete('sort_by');
    const headers: Record<string, string> = {};
    if (chance(0.1)) headers.prefer = 'handling=strict';
    if (chance(0.2))
      headers['if-match'] = chance(0.6) && etag ? etag : one(['*', '""', 'W/"x"', 'x', '"2025-13-01"', ',']);
    if (chance(0.2)) headers['x-actor'] = one(['Anna', ' ', 'x'.repeat(300), '\u00e9', '<b>']);
    let body: string | undefined;
    if (schema.body && chance(0.9)) {
      body = JSON.stringify(chance(0.05) ? one(junk) : membersOf(schema.body as Schema));
      if (chance(0.04)) body = body.slice(0, whole(body.length));
      headers['content-type'] = chance(0.95)
        ? 'application/json'
        : one(['text/plain', 'application/x-www-form-urlencoded']);
    }
    const target = `${path}${chance(0.1) ? '/' : ''}${query.size > 0 ? `?${query}` : ''}`;
    return { method, path: target, options: { headers, ...(body === undefined ? {} : { body }) } };
  };
}

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, sampleTitles);
  await insertMedia(app.db, sampleMedia);
});
afterAll(() => app.close());

test('no request is answered with a fault, and what was written adds up', { timeout: 60_000 }, async () => {
  const before = await flagsOfAll();
  // Operations that change something or take many parameters are asked more often.
  const endpoints = allEndpoints
    .filter(ends)
    .flatMap((endpoint) =>
      Array.from({ length: endpoint.url === '/training' ? 12 : endpoint.schema.body ? 3 : 1 }, () => endpoint),
    );
  const statuses = new Map<number, number>();
  const one = async (
    make: ReturnType<typeof makeRequests>,
    i: number,
    last: Reply<{ pagination?: { next_cursor: string } }> | undefined,
  ) => {
    const endpoint = endpoints[i % endpoints.length] as Endpoint;
    const { method, path, options } = make(endpoint, last?.body?.pagination?.next_cursor ?? null, last?.headers.etag);
    const reply = await app.call<{ pagination?: { next_cursor: string } }>(method, path, options);
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    if (reply.status >= 500) throw new Error(`${method} ${path} ${JSON.stringify(options)} answered ${reply.text}`);
    return reply;
  };
  await Promise.all(
    Array.from({ length: atOnce }, async (_, client) => {
      const make = makeRequests(20_250 + client);
      let last: Awaited<ReturnType<typeof one>> | undefined;
      for (let i = 0; i < requests / atOnce; i += 1) last = await one(make, i + client * 5, last);
    }),
  );

  // The mixture reaches the successes as well as the refusals; else it would prove little.
  for (const status of [200, 400, 404, 409, 412, 415, 422])
    expect(statuses.get(status), `${status}`).toBeGreaterThan(0);
  expect(statuses.get(200)).toBeGreaterThan(requests / 4);

  for (const [id, flags] of await flagsOfAll()) {
    const events = await app.db
      .selectFrom('console.label_event')
      .select(['before', 'after'])
      .where('imdb_id', '=', id)
      .orderBy('event_id')
      .$narrowType<{ before: FlagValues; after: FlagValues }>()
      .execute();
    let standing = before.get(id);
    for (const event of events) {
      expect(event.before).toEqual(standing);
      standing = event.after;
    }
    expect(flags).toEqual(standing);
  }
});

async function flagsOfAll(): Promise<Map<string, FlagValues>> {
  const rows = await app.db
    .selectFrom('atp.training')
    .select(['imdb_id', 'label', 'human_labeled', 'anomalous', 'reviewed'])
    .execute();
  return new Map(rows.map(({ imdb_id, ...flags }) => [imdb_id, flags]));
}
