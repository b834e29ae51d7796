import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSorted, list, type Row, total } from './lists.ts';
import { need, openServer, type Server } from './server.ts';

const path = '/movies/';

const columns =
  'imdb_id tmdb_id label human_labeled anomalous reviewed media_type media_title season episode release_year budget revenue runtime origin_country production_companies production_countries production_status original_language spoken_languages genre original_media_title tagline overview tmdb_rating tmdb_votes rt_score metascore imdb_rating imdb_votes prediction probability cm_value training_created_at training_updated_at prediction_created_at'.split(
    ' ',
  );
/** Sorted by the database's collation, or by elements. */
const worded = /title|overview|tagline|status|language|origin_country|companies|countries|genre|^label$|^media_type$/;

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

test('a row has every column of the view atp.movies and no other', () => {
  for (const row of rows) expect(Object.keys(row).toSorted()).toEqual(columns.toSorted());
});

test('it holds the titles that have a prediction, with what both say', async (context) => {
  const row = need(context, rows[0], 'title with a prediction');
  const [title] = (await list(server, '/training', `imdb_id=${row.imdb_id}`)).data;
  const [said] = (await list(server, '/prediction/', `imdb_id=${row.imdb_id}`)).data;
  const { created_at, updated_at, ...facts } = title as Row;
  const { created_at: predicted_at, ...verdict } = said as Row;
  const times = {
    training_created_at: created_at,
    training_updated_at: updated_at,
    prediction_created_at: predicted_at,
  };
  expect(row).toEqual({ ...facts, ...verdict, ...times });
});

describe('filters', () => {
  test.each([
    ['label', ['would_watch', 'would_not_watch', 'none']],
    ['reviewed', ['true', 'false']],
    ['human_labeled', ['true', 'false']],
    ['anomalous', ['true', 'false']],
    ['media_type', ['movie', 'tv_show', 'tv_season', 'unknown', 'tv_episode_pack']],
    ['prediction', ['0', '1']],
    ['cm_value', ['tp', 'tn', 'fp', 'fn']],
  ])('%s finds what has that value, and every title has one', async (name, words) => {
    for (const word of words) {
      for (const row of await found(`${name}=${word}`)) {
        const value = row[name] === null ? (name === 'label' ? 'none' : 'false') : String(row[name]);
        expect(value).toBe(word);
      }
    }
    const counts = await Promise.all(words.map((word) => total(server, path, `${name}=${word}`)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(all);
  });
  test('release_year finds exactly that year', async (context) => {
    const row = need(context, rows[0], 'title with a prediction');
    const same = await found(`release_year=${row.release_year}`);
    expect(same.length).toBeGreaterThan(0);
    for (const one of same) expect(one.release_year).toBe(row.release_year);
  });
  test('imdb_id and media_title find as in /training', async (context) => {
    const row = need(context, rows[0], 'title with a prediction');
    expect(await found(`imdb_id=${row.imdb_id}`)).toEqual([row]);
    const title = encodeURIComponent((row.media_title as string).toUpperCase());
    expect((await found(`media_title=${title}`)).map(({ imdb_id }) => imdb_id)).toContain(row.imdb_id);
  });
});

describe('sort_by any column, both ways: nulls last, ties by ascending imdb_id', () => {
  test.each(columns)('%s', async (key) => {
    for (const direction of ['asc', 'desc'] as const) {
      const sorted = await found(`sort_by=${key}&sort_order=${direction}`);
      expect(sorted).toHaveLength(rows.length);
      expectSorted(
        sorted,
        key,
        direction,
        'imdb_id',
        key.endsWith('media_title') ? 'title' : worded.test(key) ? 'text' : 'value',
      );
    }
  });
  test('the default is training_created_at, newest first', () => {
    expectSorted(rows, 'training_created_at', 'desc', 'imdb_id', 'value');
  });
});
