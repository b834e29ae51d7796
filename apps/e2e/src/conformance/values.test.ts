import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { list, numericColumns, pagedLists, type Row } from './lists.ts';
import { isOwn, need, openServer, type Server } from './server.ts';

let server: Server;
const rowsOf: Record<string, Row[]> = {};
beforeAll(async () => {
  server = await openServer();
  for (const { path } of pagedLists) rowsOf[path] = (await list(server, path, 'limit=1000')).data;
  rowsOf['/flyway'] = (await server.get<{ data: Row[] }>('/flyway')).body.data;
});
afterAll(() => server.close());

const paths = [...pagedLists.map(({ path }) => path), '/flyway'];
const times = /_at$|^installed_on$/;
const arrays = /^(origin_country|production_companies|production_countries|spoken_languages|genre)$/;
const flags = /^(human_labeled|anomalous|reviewed|error_status|success)$/;

describe.each(paths)('%s', (path) => {
  const fields = () => (rowsOf[path] as Row[]).flatMap((row) => Object.entries(row));
  const filled = (names: RegExp) => fields().filter(([name, value]) => names.test(name) && value !== null);

  test('every row has the same members; what is absent is null', () => {
    const [first, ...others] = (rowsOf[path] as Row[]).map((row) => Object.keys(row).toSorted());
    for (const names of others) expect(names).toEqual(first);
    for (const [name, value] of fields()) expect(value, name).toBeDefined();
  });
  test('a timestamp is ISO 8601 in UTC with six decimals', () => {
    for (const [name, value] of filled(times)) {
      expect(value, name).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }
  });
  test('a number is a JSON number, also where the column is numeric or bigint', () => {
    for (const [name, value] of filled(numericColumns)) expect(typeof value, name).toBe('number');
  });
  test('a boolean is true or false, a list is an array', () => {
    for (const [name, value] of filled(flags)) expect(typeof value, name).toBe('boolean');
    for (const [name, value] of filled(arrays)) expect(value, name).toBeInstanceOf(Array);
  });
  test('text of a fixed length comes without padding', () => {
    const texts = filled(/^(hash|original_language|cm_value|origin_country|spoken_languages|production_countries)$/);
    for (const [name, value] of texts) for (const text of [value].flat()) expect(text, name).toBe(String(text).trim());
  });
});

test('rows are JSON in UTF-8', async () => {
  for (const path of paths) {
    expect((await server.get(path)).headers.get('content-type')).toMatch(/^application\/json; charset=utf-8$/i);
  }
});

test.runIf(isOwn)(
  'a bigint keeps all of its digits, a numeric no trailing zeros, a whole second its decimals',
  async () => {
    const { text } = await server.get('/training?limit=1000');
    expect(text).toContain('"budget":9007199254740993');
    expect(text).toMatch(/"tmdb_rating":6\.5[,}]/);
    expect(text).toContain('"tmdb_rating":6.241');
    expect(text).toMatch(/"imdb_rating":72[,}]/);
    expect(text).toContain('"created_at":"2025-05-21T02:27:51.000000Z"');
    expect(text).toContain('"created_at":"2025-05-21T02:27:51.094287Z"');
  },
);

test('the ETag of a title is its updated_at in a list, to the microsecond', async (context) => {
  const row = need(context, rowsOf['/training']?.[0], 'title');
  const { headers, body } = await server.get<Row>(`/training/${row.imdb_id}`);
  expect(body.updated_at).toBe(row.updated_at);
  expect(headers.get('etag')).toBe(`"${row.updated_at}"`);
});
