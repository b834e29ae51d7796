import { trainingSorts } from '@at/contracts/training';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let database: TestDatabase;
let fast: TestApp;
let plain: TestApp;

beforeAll(async () => {
  database = await createTestDatabase('full');
  fast = await startTestApp({ database: database.connectionString });
  plain = await startTestApp({
    database: database.connectionString,
    plain: true,
  });
  await insertTitles(fast.db, sampleTitles);
  await insertTitles(fast.db, [
    {
      imdb_id: 'tt0000042',
      media_title: 'quotes " and \\ and \u0001\u001f\t',
      overview: 'Zeile\nzwei \u{1f3ac} \u2028 </script>',
      production_companies: ['a, b', '"', '\\', 'NULL', ' '],
      spoken_languages: [],
      budget: '9223372036854775807' as unknown as number,
    },
  ]);
});
afterAll(async () => {
  await Promise.all([fast.close(), plain.close()]);
  await database.drop();
});

const queries = [
  '',
  'limit=1',
  'limit=7&offset=3',
  'limit=20',
  'limit=1000',
  'offset=5000',
  'page=2&limit=5',
  'include=prediction',
  'include=prediction&limit=20&offset=30',
  ...trainingSorts.flatMap((sort) => [
    `sort_by=${sort}&sort_order=asc&limit=10`,
    `sort_by=${sort}&include=prediction&limit=20`,
  ]),
  'order=uncertain&include=prediction&limit=5',
  'order=uncertain&limit=30&offset=10',
  'order=disagree&include=prediction&limit=11',
  'order=disagree&limit=13&offset=26',
  'order=random&seed=1&limit=20',
  'order=random&seed=2&limit=40&offset=5',
  'media_type=movie&reviewed=false&sort_by=updated_at&limit=20',
  'anomalous=true&sort_by=updated_at',
  'q=tt1007&limit=3',
  'q=%22&limit=20',
  'genre=War,Comedy&release_year_min=1991&probability_max=0.9',
  'count=estimated&label=none',
  'count=none&reviewed=true',
  'media_title=nothing%20is%20called%20so',
];

describe('a list is the same byte for byte, read either way', () => {
  test.each(queries)('?%s', async (query) => {
    for (const round of ['first', 'prepared']) {
      const [one, other] = await Promise.all([
        fast.call<{ pagination: { next_cursor: string | null } }>('GET', `/training?${query}`),
        plain.call('GET', `/training?${query}`),
      ]);
      expect([round, one.text]).toEqual([round, other.text]);
      const { next_cursor } = one.body.pagination;
      if (next_cursor === null || /offset|page=/.test(query)) continue;
      const next = `/training?${query}&cursor=${next_cursor}`;
      expect((await fast.call('GET', next)).text).toBe((await plain.call('GET', next)).text);
    }
  });

  test.each(['cursor=x', 'limit=-1', 'order=random&sort_by=label'])('a refusal too: ?%s', async (query) => {
    const withoutId = (text: string) => text.replace(/"instance":"[^"]*"/, '');
    const [one, other] = await Promise.all([
      fast.call('GET', `/training?${query}`),
      plain.call('GET', `/training?${query}`),
    ]);
    expect(one.status).toBe(422);
    expect(withoutId(one.text)).toBe(withoutId(other.text));
  });
});

test('many readers at once each get their own page', async () => {
  const pages = Array.from(
    { length: 60 },
    (_, i) => `/training?limit=${1 + (i % 12)}&offset=${i % 40}&sort_by=imdb_id`,
  );
  const expected = await Promise.all(pages.map((page) => plain.call('GET', page)));
  const found = await Promise.all(pages.map((page) => fast.call('GET', page)));
  expect(found.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
});
