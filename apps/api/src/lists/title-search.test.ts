import { fold, foldTight } from '@at/contracts/fold';
import type { MediaList } from '@at/contracts/media';
import type { TrainingList } from '@at/contracts/training';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** A search finds the words of a person, with and without the indexes of set atp-extras. */

const found: [query: string, title: string][] = [
  ['amelie', 'Amélie'],
  ['AMÉLIE', 'Ame\u0301lie'],
  ['Ame\u0301lie', 'Amélie'],
  ['melie', 'Amélie'],
  ["don't", 'Don’t Look Up'],
  ['don’t', "Don't Worry Darling"],
  ['don´t', "Don't Worry Darling"],
  ['dont look', 'Don’t Look Up'],
  ["rock 'n' roll", 'Rock ’n’ Roll High School'],
  ["ocean's", 'Ocean‘s Eleven'],
  ['spider man', 'Spider-Man'],
  ['spider-man', 'Spider Man 2'],
  ['spider\u2010man', 'Spider\u2011Man 3'],
  ['spiderman', 'Spider-Man'],
  ['spider-man', 'Spiderman 4'],
  ['mission impossible - fall', 'Mission: Impossible – Fallout'],
  ['mission: impossible—fallout', 'Mission: Impossible – Fallout'],
  ['wall-e', 'WALL·E'],
  ['wall e', 'WALL·E'],
  ['walle', 'WALL·E'],
  ['strasse', 'Die Straße'],
  ['STRASSE', 'Die Straße'],
  ['straße', 'Strasse der Angst'],
  ['GROẞE', 'Das große Rennen'],
  ['матрица', 'МАТРИЦА: Перезагрузка'],
  ['ЕЛКИ', 'Ёлки'],
  ['київ', 'КИЇВ'],
  ['千と千尋', '千と千尋の神隠し'],
  ['神隠し', '千と千尋の神隠し'],
  ['物語', '東京・物語'],
  ['東京物語', '東京・物語'],
  ['神', '千と千尋の神隠し'],
  ['기생충', '기생충'],
  ['ﾄﾄﾛ', 'となりのトトロ トトロ'],
  ['find', 'Fi\u{fb01}nding'],
  ['fiﬁnd', 'Fifinding'],
  ['istanbul', 'İstanbul'],
  ['İSTANBUL', 'Istanbul Express'],
  ['ıstanbul', 'ISTANBUL'],
  ['Οδυσσεύς', 'ΟΔΥΣΣΕΥΣ'],
  ['οδυσσευσ', 'Ο Οδυσσεύς'],
  ['aeon', 'Æon Flux'],
  ['œuvre', "Chef d'oeuvre"],
  ['orsted', 'Ørsted'],
  ['lodz', 'Łódź'],
  ['thor', 'Þór'],
  ['🎬', 'Take 🎬 two'],
  ['take two', 'Take two ❤️'],
  ['i ❤️ huck', 'I ♥ Huckabees'],
  ['...and justice', '…And Justice for All'],
  ['…and', '…And Justice for All'],
  ['three amigos', '¡Three Amigos!'],
  ['¡three amigos!', 'Three Amigos'],
  ['face/off', 'Face⁄Off'],
  ['faceoff', 'Face/Off'],
  ['swat', 'S.W.A.T.'],
  ['sw', 'S.W.A.T.'],
  ['s.', 'S.W.A.T.'],
  ['et the', 'E.T. the Extra-Terrestrial'],
  ['mash', 'M*A*S*H'],
  ['romeo juliet', 'Romeo + Juliet'],
  ['rocky iii', 'Rocky Ⅲ'],
  ['alien 3', 'Alien³'],
  ['full width', 'Ｆｕｌｌ　Ｗｉｄｔｈ'],
  ['howard the duck', 'Howard.The.Duck.1986.2160p'],
  ['howard_the_duck', 'Howard the Duck'],
  ['Howard.The.Duck.1986', 'Howard the Duck (1986) [2160p]'],
  ['100%', '100% Wolf'],
  ['100 wolf', '100% Wolf'],
  ['a\\b sl', 'Back a\\b slash'],
  ['%', '100% Wolf'],
  ['!!!', '!!! Stop'],
  ['♥', 'I ♥ Huckabees'],
  ['\u0301', 'Ame\u0301lie'],
  ['up', 'Up'],
  ['ü', 'Up'],
  ['co\u00adop', 'Coop'],
  ['zero\u200bwidth', 'Zerowidth'],
  ['نور', 'نُور'],
];

const notFound: [query: string, title: string][] = [
  ['100%', '100 Wolves'],
  ['%', 'Up'],
  ['a%b', 'a b'],
  ['a\\b', 'ab initio'],
  ['_', 'Up'],
  ['ame_ie', 'Amélie'],
  ['am%ie', 'Amélie'],
  ['!!!', 'Stop'],
  ['\u0301', 'Amelie'],
  ['p', 'Up'],
  ['batman', 'Spider-Man'],
  ['матрица', 'Matrica'],
  ['가', '기생충'],
];

const titles = [...new Set([...found, ...notFound].map(([, title]) => title))];
const idOf = (title: string) => `tt${5_000_000 + titles.indexOf(title)}`;
const hashOf = (title: string) => String(titles.indexOf(title)).padStart(40, 'e');
const hashOfRelease = (title: string) => hashOf(title).replace('ee', 'dd');

const apps: Partial<Record<'full' | 'plain', TestApp>> = {};
beforeAll(async () => {
  for (const template of ['full', 'plain'] as const) {
    const app = await startTestApp({ template });
    apps[template] = app;
    await insertTitles(
      app.db,
      titles.map((media_title) => ({ imdb_id: idOf(media_title), media_title })),
    );
    // A release that has not been parsed yet has no title but its own name.
    const items = titles.flatMap((title) => [
      { hash: hashOf(title), media_title: title, original_title: 'Release' },
      { hash: hashOfRelease(title), media_title: null, original_title: title },
    ]);
    await sql`insert into atp.media (hash, media_type, media_title, original_title)
      select hash, 'movie', media_title, original_title
      from jsonb_to_recordset(${JSON.stringify(items)}::jsonb) as i(hash text, media_title text, original_title text)`.execute(
      app.db,
    );
  }
});
afterAll(() => Promise.all(Object.values(apps).map((app) => app.close())));

const pairs = [
  ...found.map(([query, title]) => [query, title, true] as const),
  ...notFound.map(([query, title]) => [query, title, false] as const),
];

async function foundIn(app: TestApp | undefined, query: string) {
  const q = `q=${encodeURIComponent(query)}&limit=1000`;
  const [titles, items] = await Promise.all([
    app?.call<TrainingList>('GET', `/training?${q}`),
    app?.call<MediaList>('GET', `/media/?${q}`),
  ]);
  expect(titles?.body.pagination.total).toBe(titles?.body.data.length);
  return new Set([
    ...(titles?.body.data.map(({ imdb_id }) => imdb_id) ?? []),
    ...(items?.body.data.map(({ hash }) => hash) ?? []),
  ]);
}

test.each(pairs)('%j in %j: %s', async (query, title, isFound) => {
  const keys = await foundIn(apps.full, query);
  const ofTitle = [idOf(title), hashOf(title), hashOfRelease(title)];
  expect(ofTitle.map((key) => keys.has(key))).toEqual([isFound, isFound, isFound]);
});

test('the extras change no result', async () => {
  for (const [query] of pairs) expect(await foundIn(apps.plain, query), query).toEqual(await foundIn(apps.full, query));
});

test('media_title finds letters in any case, also those whose case the words do not know', async () => {
  const titles = ['Ɓutar', 'An Ɛ Ɔ', 'Ǯ alpha', 'Ⲁⲃ', 'Ⴀ letter', 'Ꭰ letter', '𞤀 letter'];
  for (const app of Object.values(apps)) {
    const rows = titles.map((media_title, i) => ({ imdb_id: `tt${6_000_000 + i}`, media_title }));
    await insertTitles(app.db, rows);
    for (const { imdb_id, media_title } of rows) {
      for (const text of [media_title, media_title.toLowerCase(), media_title.toUpperCase()]) {
        const { body } = await app.call<TrainingList>('GET', `/training?media_title=${encodeURIComponent(text)}`);
        expect([text, body.data.map((row) => row.imdb_id)]).toEqual([text, [imdb_id]]);
      }
    }
  }
});

test('title= finds the titles of these words; one without words is the title of the same characters', async () => {
  const rows = ['!', '!!!', '???', 'What?', 'What'].map((media_title, i) => ({
    imdb_id: `tt${6_100_000 + i}`,
    media_title,
  }));
  const found: [title: string, ids: string[]][] = [
    ['!', ['tt6100000']],
    [' !!! ', ['tt6100001']],
    ['???', ['tt6100002']],
    ['?', []],
    ['what!', ['tt6100003', 'tt6100004']],
  ];
  for (const app of Object.values(apps)) {
    await insertTitles(app.db, rows);
    for (const [title, ids] of found) {
      const { body } = await app.call<TrainingList>('GET', `/training?title=${encodeURIComponent(title)}`);
      expect([title, body.data.map(({ imdb_id }) => imdb_id).toSorted()]).toEqual([title, ids]);
    }
  }
});

test('before migration V10 of set console, a search says that the schema does not fit', async () => {
  const app = await startTestApp({ template: 'plain' });
  try {
    await sql`drop function console.fold`.execute(app.db);
    for (const query of ['q=amelie', 'media_title=am', 'sort_by=media_title']) {
      const { status, body } = await app.call<{ details: string }>('GET', `/training?${query}`);
      expect([status, body.details], query).toEqual([503, expect.stringContaining('/readyz lists what is missing')]);
    }
  } finally {
    await app.close();
  }
});

test('the console folds texts as the database does', async () => {
  const texts = [...found, ...notFound].flat();
  // Every letter up to the punctuation of Chinese and the forms of compatibility behind it.
  const letters = Array.from({ length: 0x3100 }, (_, code) => String.fromCharCode(code || 1));
  const forms = Array.from({ length: 0x700 }, (_, i) => String.fromCharCode(0xf900 + i));
  const all = [...texts, ...letters, ...forms];
  const { rows } = await sql<{ text: string; folded: string }>`
    select text, console.fold(text) as folded from unnest(${all}::text[]) with ordinality as t(text, n) order by n
  `.execute((apps.plain as TestApp).db);
  const others = rows
    .filter(({ text, folded }) => fold(text) !== folded && !/\p{Cn}/u.test(text))
    .map(({ text }) => text);
  expect(others).toEqual([]);
  expect(foldTight('Spider-Man: No Way')).toBe('spidermannoway');
});
