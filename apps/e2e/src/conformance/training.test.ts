import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSorted, type List, list, type Row, total } from './lists.ts';
import { need, openServer, type Server } from './server.ts';

const path = '/training';
const mediaTypes = ['movie', 'tv_show', 'tv_season', 'unknown', 'tv_episode_pack'];
const labels = ['would_watch', 'would_not_watch'];

const columns =
  'imdb_id tmdb_id label human_labeled anomalous reviewed media_type media_title season episode release_year budget revenue runtime origin_country production_companies production_countries production_status original_language spoken_languages genre original_media_title tagline overview tmdb_rating tmdb_votes rt_score metascore imdb_rating imdb_votes created_at updated_at';

let server: Server;
let rows: Row[];
let all: number;
beforeAll(async () => {
  server = await openServer();
  const first = await list(server, path, 'limit=1000');
  rows = first.data;
  all = first.pagination.total as number;
});
afterAll(() => server.close());

const found = async (query: string) => (await list(server, path, `limit=1000&${query}`)).data;

test('a row has every column of atp.training and no other', () => {
  for (const row of rows) expect(Object.keys(row).toSorted()).toEqual(columns.split(' ').toSorted());
});

test('include=prediction adds what the model said, and null where it said nothing', async () => {
  const added = ['prediction', 'probability', 'cm_value', 'prediction_created_at'];
  for (const row of await found('include=prediction')) {
    expect(Object.keys(row).toSorted()).toEqual([...columns.split(' '), ...added].toSorted());
    const isNull = row.prediction === null;
    for (const column of added) expect(row[column] === null, column).toBe(isNull);
  }
});

describe('filters', () => {
  test.each(mediaTypes)('media_type=%s finds titles of that type', async (type) => {
    for (const row of await found(`media_type=${type}`)) expect(row.media_type).toBe(type);
  });
  test('every title has one of the types', async () => {
    const counts = await Promise.all(mediaTypes.map((type) => total(server, path, `media_type=${type}`)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(all);
  });

  test.each(labels)('label=%s finds titles with that label', async (label) => {
    for (const row of await found(`label=${label}`)) expect(row.label).toBe(label);
  });
  test('label=none finds the titles without a label, all of them', async () => {
    for (const row of await found('label=none')) expect(row.label).toBeNull();
    const counts = await Promise.all([...labels, 'none'].map((label) => total(server, path, `label=${label}`)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(all);
  });

  test.each(['reviewed', 'human_labeled', 'anomalous'])(
    '%s=true finds what is true, and =false all else, null too',
    async (flag) => {
      for (const row of await found(`${flag}=true`)) expect(row[flag]).toBe(true);
      for (const row of await found(`${flag}=false`)) expect(row[flag]).not.toBe(true);
      const counts = await Promise.all(['true', 'false'].map((value) => total(server, path, `${flag}=${value}`)));
      expect(counts.reduce((sum, count) => sum + count)).toBe(all);
    },
  );

  test('imdb_id finds one title, or those of a comma list', async (context) => {
    const [first, second] = rows;
    const one = need(context, first, 'title').imdb_id as string;
    const two = need(context, second, 'second title').imdb_id as string;
    expect((await found(`imdb_id=${one}`)).map(({ imdb_id }) => imdb_id)).toEqual([one]);
    const both = await found(`imdb_id=${one},${two}`);
    expect(both.map(({ imdb_id }) => imdb_id).toSorted()).toEqual([one, two].toSorted());
    expect(await found('imdb_id=tt00000000')).toEqual([]);
  });

  test('media_title finds a part of the title, in any case', async (context) => {
    const title = need(
      context,
      rows.map((row) => row.media_title as string).find((text) => /^[a-z ]{5,}$/i.test(text)),
      'title of plain letters',
    );
    const part = title.slice(1, -1);
    const expected = await total(server, path, `media_title=${encodeURIComponent(part)}`);
    expect(expected).toBeGreaterThan(0);
    for (const spelled of [part.toUpperCase(), part.toLowerCase()]) {
      expect(await total(server, path, `media_title=${encodeURIComponent(spelled)}`)).toBe(expected);
      for (const row of await found(`media_title=${encodeURIComponent(spelled)}`)) {
        expect((row.media_title as string).toLowerCase()).toContain(part.toLowerCase());
      }
    }
  });
  test.each(['%', '_', '\\'])('in media_title, %s means itself', async (letter) => {
    for (const row of await found(`media_title=${encodeURIComponent(letter)}`)) {
      expect(row.media_title).toContain(letter);
    }
  });
  test('several filters hold together', async () => {
    for (const row of await found('label=would_watch&anomalous=false&media_type=movie')) {
      expect(row).toMatchObject({ label: 'would_watch', anomalous: false, media_type: 'movie' });
    }
  });
});

describe('sort_by, both ways: titles by their words, nulls last, ties by ascending imdb_id', () => {
  const orders: Record<string, 'title' | 'text' | string[]> = {
    media_title: 'title',
    original_language: 'text',
    label: labels,
    media_type: mediaTypes,
  };
  const sorts =
    'created_at updated_at media_title release_year media_type label imdb_id tmdb_id budget revenue runtime original_language tmdb_rating tmdb_votes rt_score metascore imdb_rating imdb_votes human_labeled anomalous reviewed';
  test.each(sorts.split(' '))('%s', async (key) => {
    for (const direction of ['asc', 'desc'] as const) {
      const sorted = await found(`sort_by=${key}&sort_order=${direction}`);
      expectSorted(sorted, key, direction, 'imdb_id', orders[key] ?? 'value');
    }
  });

  test('the default is created_at, newest first', async () => {
    expectSorted(rows, 'created_at', 'desc', 'imdb_id', 'value');
    expect(await found('sort_by=created_at&sort_order=desc')).toEqual(rows);
  });
  test('sort_order is read in any case', async () => {
    expect(await found('sort_by=release_year&sort_order=ASC')).toEqual(
      await found('sort_by=release_year&sort_order=asc'),
    );
  });
});

describe('any limit', () => {
  const strict = { prefer: 'handling=strict' };
  test.each([1001, 2000, 100_000])('limit=%i has that many rows, or all, and their total', async (limit) => {
    const { status, body, headers } = await server.get<List>(`${path}?limit=${limit}`, strict);
    expect(status).toBe(200);
    expect(headers.get('x-unknown-parameters')).toBeNull();
    expect(body.data).toHaveLength(Math.min(limit, all));
    expect(body.data.slice(0, 1000)).toEqual(rows);
    expect(body.pagination).toMatchObject({ total: all, limit, offset: 0, has_more: all > limit });
  });
  test('limit=0 is an empty page with its total', async () => {
    const { status, body } = await server.get<List>(`${path}?limit=0`, strict);
    expect(status).toBe(200);
    expect(body).toMatchObject({ data: [], pagination: { total: all, limit: 0, next: null, previous: null } });
  });
});

describe('what the original forgave is forgiven, and named in X-Unknown-Parameters', () => {
  test.each([
    ['sort_by=popularity', 'sort_by'],
    ['sort_by=popularity&sort_order=asc', 'sort_by'],
    ['sort_order=sideways', 'sort_order'],
  ])('%s is created_at desc', async (query, named) => {
    const { status, body, headers } = await server.get<{ data: Row[] }>(`${path}?limit=1000&${query}`);
    expect(status).toBe(200);
    expect(body.data).toEqual(rows);
    expect(headers.get('x-unknown-parameters')).toBe(named);
  });
  test.each(['sort_by=popularity', 'sort_order=sideways'])('with Prefer: handling=strict, %s is 422', async (query) => {
    expect((await server.get(`${path}?${query}`, { prefer: 'handling=strict' })).status).toBe(422);
  });
  test.each(['label=maybe', 'media_type=film', 'limit=-1', 'limit=ten', 'offset=-1', 'page=0', 'reviewed=perhaps'])(
    '%s is 422',
    async (query) => {
      expect((await server.get(`${path}?${query}`)).status).toBe(422);
    },
  );
});
