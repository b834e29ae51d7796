import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { list, type Row } from './lists.ts';
import { need, openServer, type Server } from './server.ts';

/** The search of each list finds the words of a title, not its characters. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

/** Two words or more, so that there is something between them. */
const isWordy = (title: unknown): title is string => /[\p{L}\d]{2,}[\W_]+[\p{L}\d]{2,}/u.test(String(title));

const spellings: [name: string, spell: (title: string) => string][] = [
  ['in capitals', (title) => title.toUpperCase()],
  ['with dots', (title) => title.replaceAll(' ', '.')],
  ['with underscores', (title) => title.replaceAll(' ', '_')],
  ['with hyphens', (title) => title.replaceAll(' ', '-')],
  ['with dashes', (title) => title.replaceAll(/[ .-]/g, ' – ')],
  ['without spaces', (title) => title.replaceAll(' ', '')],
  ['decomposed', (title) => title.normalize('NFD')],
  ['without accents', (title) => title.normalize('NFD').replaceAll(/\p{Mn}/gu, '')],
  [
    'in wide letters',
    (title) => title.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  ],
];

describe.each([
  ['/training', 'imdb_id', 'media_title'],
  ['/movies/', 'imdb_id', 'media_title'],
  ['/media/', 'hash', 'media_title'],
  ['/media/', 'hash', 'original_title'],
])('in %s q finds a title however it is typed', (path, id, column) => {
  let rows: Row[];
  beforeAll(async () => {
    rows = (await list(server, path, 'limit=1000')).data;
  });
  test.each(spellings)('%s', async (_, spell) => {
    for (const row of rows.filter((one) => isWordy(one[column])).slice(0, 8)) {
      const q = encodeURIComponent(spell(row[column] as string));
      const { data } = await list(server, path, `limit=1000&q=${q}`);
      expect(
        data.map((one) => one[id]),
        q,
      ).toContain(row[id]);
    }
  });

  test('the server has such a title', (context) => {
    need(
      context,
      rows.find((row) => isWordy(row[column])),
      `title of two words in ${path}`,
    );
  });
});

test.each(['/training', '/media/'])('in %s the wildcards of LIKE are characters', async (path) => {
  const { data, pagination } = await list(server, path, 'limit=1000&q=%25');
  expect(data.every((row) => `${row.media_title} ${row.original_title}`.includes('%'))).toBe(true);
  expect(pagination.total).toBe(data.length);
});
