import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSorted, list, type Row, total } from './lists.ts';
import { need, openServer, type Server } from './server.ts';

const path = '/media/';
const mediaTypes = ['movie', 'tv_show', 'tv_season', 'unknown', 'tv_episode_pack'];
const statuses =
  'ingested paused parsed rejected file_accepted metadata_collected media_accepted downloading downloaded transferred complete'.split(
    ' ',
  );
const rejections = ['unfiltered', 'accepted', 'rejected', 'override'];

const columns =
  'hash media_type media_title season episode release_year pipeline_status error_status error_condition rejection_status rejection_reason parent_path target_path original_title original_path original_link rss_source uploader imdb_id tmdb_id resolution video_codec upload_type audio_codec created_at updated_at';
const metadata =
  'budget revenue runtime origin_country production_companies production_countries production_status original_language spoken_languages genre original_media_title tagline overview tmdb_rating tmdb_votes rt_score metascore imdb_rating imdb_votes'.split(
    ' ',
  );

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
const sumOf = async (name: string, words: string[]) => {
  const counts = await Promise.all(words.map((word) => total(server, path, `${name}=${word}`)));
  return counts.reduce((sum, count) => sum + count);
};

test('a row has every column of atp.media and the metadata of its title, and no other', () => {
  for (const row of rows) {
    expect(Object.keys(row).toSorted()).toEqual([...columns.split(' '), ...metadata].toSorted());
  }
});

test("the metadata is the title's, and null where there is no such title", async (context) => {
  const ids = [...new Set(rows.flatMap(({ imdb_id }) => (imdb_id === null ? [] : [imdb_id as string])))].slice(0, 100);
  const titles = (await list(server, '/training', `limit=1000&imdb_id=${ids}`)).data;
  need(context, titles[0], 'media item of a title');
  for (const title of titles) {
    for (const row of rows.filter(({ imdb_id }) => imdb_id === title.imdb_id)) {
      for (const column of metadata) if (title[column] !== null) expect(row[column]).toEqual(title[column]);
    }
  }
});

describe('filters', () => {
  test.each([
    ['media_type', mediaTypes],
    ['pipeline_status', statuses],
    ['rejection_status', rejections],
  ])('%s finds what has that word, and every item has one', async (name, words) => {
    for (const word of words) for (const row of await found(`${name}=${word}`)) expect(row[name]).toBe(word);
    expect(await sumOf(name, words)).toBe(all);
  });
  test('error_status finds what is in error, or not', async () => {
    for (const row of await found('error_status=True')) expect(row.error_status).toBe(true);
    for (const row of await found('error_status=False')) expect(row.error_status).toBe(false);
    expect(await sumOf('error_status', ['true', 'false'])).toBe(all);
  });
  test('several statuses are any of them: repeated, or as a comma list', async () => {
    const listed = await found('pipeline_status=parsed,complete');
    for (const row of listed) expect(['parsed', 'complete']).toContain(row.pipeline_status);
    expect(await found('pipeline_status=parsed&pipeline_status=complete')).toEqual(listed);
    expect(await total(server, path, 'pipeline_status=parsed,complete')).toBe(
      await sumOf('pipeline_status', ['parsed', 'complete']),
    );
  });
  test('hash finds one item, imdb_id the items of a title', async (context) => {
    const row = need(
      context,
      rows.find(({ imdb_id }) => imdb_id !== null),
      'media item of a title',
    );
    expect(await found(`hash=${row.hash}`)).toEqual([row]);
    const items = await found(`imdb_id=${row.imdb_id}`);
    expect(items.map(({ hash }) => hash)).toContain(row.hash);
    for (const item of items) expect(item.imdb_id).toBe(row.imdb_id);
  });
  test.each(['%', '_'])('media_title finds a part of the title, in which %s means itself', async (letter) => {
    for (const row of await found(`media_title=${encodeURIComponent(letter)}`)) {
      expect(row.media_title).toContain(letter);
    }
  });
  test.each(['media_type=film', 'pipeline_status=parsed,done', 'rejection_status=no', 'deleted=maybe'])(
    '%s is 422',
    async (query) => {
      expect((await server.get(`${path}?${query}`)).status).toBe(422);
    },
  );
});

test('only active items are listed, unless deleted=only or include selects the others', async () => {
  expect(await found('deleted=exclude')).toEqual(rows);
  const gone = await found('deleted=only');
  for (const row of gone) expect(row.deleted_at).toEqual(expect.any(String));
  for (const row of await found('deleted=include')) expect(row).toHaveProperty('deleted_at');
  expect(await total(server, path, 'deleted=include')).toBe(all + (await total(server, path, 'deleted=only')));
  const hashes = new Set(rows.map(({ hash }) => hash));
  for (const row of gone) expect(hashes.has(row.hash)).toBe(false);
});

describe('sort_by, both ways: nulls last, ties by ascending hash', () => {
  test.each(['created_at', 'updated_at', 'release_year', 'media_title', 'imdb_rating'])('%s', async (key) => {
    for (const direction of ['asc', 'desc'] as const) {
      const sorted = await found(`sort_by=${key}&sort_order=${direction}`);
      expectSorted(sorted, key, direction, 'hash', key === 'media_title' ? 'title' : 'value');
    }
  });
  test('the default is created_at, newest first', () => {
    expectSorted(rows, 'created_at', 'desc', 'hash', 'value');
  });
});
