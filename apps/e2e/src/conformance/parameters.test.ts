import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { list } from './lists.ts';
import { openServer, type Server } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const strict = { prefer: 'handling=strict' };

describe.each([
  ['/training', 'anomalous'],
  ['/media/', 'error_status'],
  ['/movies/', 'reviewed'],
])('booleans of %s (%s)', (path, name) => {
  const rows = async (word: string) => (await list(server, path, `limit=1000&${name}=${word}`)).data;
  const spellings = (...words: string[]) =>
    words.flatMap((word) => [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)]);

  test.each([...new Set(spellings('true', '1', 'yes', 'on', 't', 'y'))])('%s is true', async (word) => {
    expect(await rows(word)).toEqual(await rows('true'));
  });
  test.each([...new Set(spellings('false', '0', 'no', 'off', 'f', 'n'))])('%s is false', async (word) => {
    expect(await rows(word)).toEqual(await rows('false'));
  });
  test.each(['2', 'null', 'None', 'truee'])('%s is neither: 422', async (word) => {
    expect((await server.get(`${path}?${name}=${word}`)).status).toBe(422);
  });
});

test.each([
  ['/training', 'media_type=&label=&reviewed=&human_labeled=&anomalous=&imdb_id=&media_title=&sort_by=&sort_order='],
  ['/media/', 'media_type=&pipeline_status=&rejection_status=&error_status=&imdb_id=&media_title=&hash=&deleted='],
  ['/prediction/', 'imdb_id=&prediction=&cm_value=&sort_by=&sort_order='],
  ['/movies/', 'label=&prediction=&cm_value=&release_year=&sort_by=&sort_order='],
])('%s: an empty parameter counts as absent', async (path, query) => {
  for (const empty of [query, 'limit=&offset=&page=&cursor=&count=']) {
    const reply = await server.get<{ data: unknown }>(`${path}?${empty}`, strict);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-unknown-parameters')).toBeNull();
    expect(reply.body.data).toEqual((await list(server, path)).data);
  }
});

describe.each(['/training', '/media/', '/prediction/', '/movies/', '/flyway', '/health'])(
  'unknown parameters of %s',
  (path) => {
    test('are ignored, and named in the header X-Unknown-Parameters', async () => {
      const { status, headers } = await server.get(`${path}?page_size=5&colour=blau`);
      expect(status).toBe(200);
      expect(headers.get('x-unknown-parameters')).toBe('page_size, colour');
    });
    test('are 422 with Prefer: handling=strict, with the list of those there are', async () => {
      const { status, body } = await server.get<Problem>(`${path}?colour=blau`, strict);
      expect(status).toBe(422);
      expect(body.message).toContain('colour');
      expect(body.known_parameters).toBeInstanceOf(Array);
      if (path !== '/health') expect(body.known_parameters).toContain('sort_by');
    });
  },
);

describe('of a repeated parameter with a single value', () => {
  test.each([
    ['/training', 'anomalous=true&anomalous=false', 'anomalous=false', 'anomalous'],
    ['/training', 'limit=1&limit=2', 'limit=2', 'limit'],
    ['/training', 'label=would_watch&label=', '', 'label'],
    ['/media/', 'error_status=true&error_status=0', 'error_status=0', 'error_status'],
    ['/media/', 'media_type=tv_show&media_type=movie&limit=3', 'media_type=movie&limit=3', 'media_type'],
    ['/prediction/', 'cm_value=tp&cm_value=fn', 'cm_value=fn', 'cm_value'],
    ['/movies/', 'sort_order=asc&sort_order=desc', 'sort_order=desc', 'sort_order'],
  ])('the last value counts, and the parameter is named: %s?%s', async (path, query, same, named) => {
    const { status, body, headers } = await server.get<{ data: unknown }>(`${path}?${query}`);
    expect(status).toBe(200);
    expect(body.data).toEqual((await list(server, path, same)).data);
    expect(headers.get('x-unknown-parameters')).toBe(named);
    const refused = await server.get<Problem>(`${path}?${query}`, strict);
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toMatchObject([{ in: 'query', pointer: named }]);
  });
});

test('names of unknown parameters are percent-encoded, the first ten, at most 500 bytes', async () => {
  const names = (await server.get(`/training?${encodeURI('é=1')}&a%0D%0Ab=1`)).headers.get('x-unknown-parameters');
  expect(names).toBe('%C3%A9, a%0D%0Ab');
  const many = Array.from({ length: 300 }, (_, i) => `unknown${i}=1`).join('&');
  const reported = (await server.get(`/training?${many}`)).headers.get('x-unknown-parameters');
  expect(reported?.split(', ')).toEqual(Array.from({ length: 10 }, (_, i) => `unknown${i}`));
  const long = await server.get(`/training?${'x'.repeat(3000)}=1`);
  expect(long.status).toBe(200);
  expect((long.headers.get('x-unknown-parameters') ?? '').length).toBeLessThanOrEqual(500);
});

test('a NUL in text is 422', async () => {
  expect((await server.get('/training?media_title=a%00b')).status).toBe(422);
});
