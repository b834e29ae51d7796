import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type TrainingList, type TrainingRow, trainingSorts } from '@at/contracts/training';
import { sized } from '@at/db/test-size';
import type { ReadRows } from '@at/pg-json-rows';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, sampleTitles, startTestApp, type TestApp, type Title } from '#test/test-app.ts';

const titles: Title[] = [
  ...sampleTitles,
  { imdb_id: 'tt7654322', media_title: 'Ends like a row},{' },
  { imdb_id: 'tt7654321', prediction: { probability: '0.999999999999999999' as unknown as number } },
];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, titles);
});
afterAll(() => app.close());

const file = async (query: string) => {
  const reply = await app.call('GET', `/training/export?${query}`);
  expect(reply.status).toBe(200);
  return reply;
};

/** RFC 4180: cells in quotes may hold commas, line ends and doubled quotes. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain as string) : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  rows.pop();
  return rows;
}

async function idsOf(query: string): Promise<string[]> {
  const { body } = await app.call<TrainingList>('GET', `/training?limit=1000&${query}`);
  return body.data.map(({ imdb_id }) => imdb_id);
}

const questions = [
  '',
  'label=none',
  'reviewed=false&media_type=movie',
  'q=am',
  'genre=Comedy,War&release_year_min=1992',
  'probability_min=0.5',
  'order=uncertain',
  'order=disagree',
  'order=random&seed=x',
  ...trainingSorts.flatMap((sort) => [`sort_by=${sort}`, `sort_by=${sort}&sort_order=asc`]),
];

describe('holds the rows of the list, in its order', () => {
  test.each(questions)('%s', async (query) => {
    const expected = await idsOf(query);
    const [header = [], ...rows] = parseCsv((await file(`format=csv&${query}`)).text);
    const ids = rows.map((row) => row[header.indexOf('imdb_id')]);
    expect(ids).toEqual(expected);
    for (const row of rows) expect(row).toHaveLength(header.length);
    const json = (await app.call<TrainingRow[]>('GET', `/training/export?format=json&${query}`)).body;
    expect(json.map(({ imdb_id }) => imdb_id)).toEqual(expected);
    const { text } = await file(`format=ndjson&${query}`);
    const lines = text.split('\n').filter(Boolean);
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
  });
});

test('the rows are those of the list, to the last digit', async () => {
  const list = (await app.call('GET', '/training?limit=1000&include=prediction')).text;
  const rows = list.slice('{"data":['.length, list.lastIndexOf('],"pagination"'));
  expect((await file('format=json&include=prediction')).text).toBe(`[${rows}]\n`);
  expect((await file('format=ndjson&include=prediction')).text).toBe(
    `${rows.replaceAll('},{"imdb_id"', '}\n{"imdb_id"')}\n`,
  );
  const [header = [], ...cells] = parseCsv((await file('include=prediction')).text);
  const column = (name: string) => cells.map((row) => row[header.indexOf(name)]);
  expect(column('budget')).toContain('9007199254740993');
  expect(column('probability')).toContain('0.999999999999999999');
  expect(column('tmdb_rating')).toEqual(expect.arrayContaining(['6.241', '6.5', '10', '0', '']));
  // In a spreadsheet as on screen; times ten in the API.
  const ratings = (await app.call<TrainingList>('GET', '/training?limit=1000&include=prediction')).body.data;
  expect(column('imdb_rating')).toEqual(
    ratings.map(({ imdb_rating }) => (imdb_rating === null ? '' : `${Number((imdb_rating / 10).toFixed(9))}`)),
  );
  expect(column('imdb_rating').some((rating) => Number(rating) > 1)).toBe(true);
  expect(column('genre')).toEqual(expect.arrayContaining(['Action & Adventure; Comedy', 'Drama', '']));
  expect(new Set(column('reviewed'))).toEqual(new Set(['true', 'false', '']));
  expect(column('created_at')[0]).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test('without a row there is the header, an empty array, or nothing', async () => {
  const none = 'imdb_id=tt0000000';
  const [header, ...rows] = parseCsv((await file(none)).text);
  expect(header?.slice(0, 3)).toEqual(['imdb_id', 'tmdb_id', 'label']);
  expect(header).not.toContain('probability');
  expect(rows).toEqual([]);
  expect((await file(`format=json&${none}`)).body).toEqual([]);
  expect((await file(`format=ndjson&${none}`)).text).toBe('');
  expect(parseCsv((await file(`${none}&include=prediction`)).text)[0]).toContain('probability');
});

test.each([
  ['csv', 'text/csv; charset=utf-8; header=present'],
  ['json', 'application/json; charset=utf-8'],
  ['ndjson', 'application/x-ndjson; charset=utf-8'],
])('%s comes as a file with a dated name', async (format, type) => {
  const before = new Date().toISOString().slice(0, 10);
  const { headers } = await file(`format=${format}`);
  expect(headers['content-type']).toBe(type);
  const [, date = ''] = /^attachment; filename="training-(\d{4}-\d\d-\d\d)\.\w+"$/.exec(
    headers['content-disposition'] ?? '',
  ) as RegExpExecArray;
  expect([before, new Date().toISOString().slice(0, 10)]).toContain(date);
  expect(headers['content-disposition']).toContain(`.${format}"`);
  const head = await app.call('HEAD', `/training/export?format=${format}`);
  expect([head.status, head.text]).toEqual([200, '']);
  expect(head.headers['content-type']).toBe(type);
});

test('text that a spreadsheet would run is text, and text that CSV divides by stays whole', async () => {
  const own = await startTestApp({ template: 'plain' });
  try {
    const titles = [
      ...['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', "'=1", '1=1', ' =1'],
      ...['a,b', 'a"b', 'a\r\nb', 'a\nb', '"', ',', '=a,"b"', '},{"imdb_id":"tt0"', '\u2028'],
    ];
    await insertTitles(
      own.db,
      titles.map((media_title, i) => ({ imdb_id: `tt00000${10 + i}`, media_title, genre: ['=x', 'y'] })),
    );
    const sorted = 'sort_by=imdb_id&sort_order=asc';
    const [header = [], ...rows] = parseCsv((await own.call('GET', `/training/export?${sorted}`)).text);
    const dangerous = /^[=+\-@\t\r＝]/;
    expect(rows.map((row) => row[header.indexOf('media_title')])).toEqual(
      titles.map((title) => (dangerous.test(title) ? `'${title}` : title)),
    );
    expect(rows.every((row) => row[header.indexOf('genre')] === "'=x; y")).toBe(true);
    // The other formats are not for spreadsheets: nothing is added.
    const { text } = await own.call('GET', `/training/export?format=ndjson&${sorted}`);
    expect(
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).media_title),
    ).toEqual(titles);
  } finally {
    await own.close();
  }
});

test.each(['format=xml', 'sort_by=popularity', 'order=random&sort_by=label', 'q=%00'])('%s is 422', async (query) => {
  expect((await app.call('GET', `/training/export?${query}`)).status).toBe(422);
});

test('paging parameters of a file are ignored and reported', async () => {
  const { headers, text } = await file('limit=1&offset=3&format=ndjson');
  expect(headers['x-unknown-parameters']).toBe('limit, offset');
  expect(text.split('\n')).toHaveLength(titles.length + 1);
});

describe('a large file, and a large page', () => {
  const rows = sized(12_000, 30_000);
  let own: TestApp;
  let read: ReadRows;
  let asked = 0;
  /** Which statement fails, counted from one. */
  let failing = 0;
  beforeAll(async () => {
    own = await startTestApp({
      deps: (made) => {
        read = made.rows;
        return {
          rows: async (statement) => {
            asked += 1;
            if (asked === failing) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
            return read(statement);
          },
        };
      },
    });
    await sql`
      insert into atp.training (imdb_id, media_type, media_title, release_year, overview, created_at)
      select 'tt' || lpad(i::text, 8, '0'), 'movie', 'Title ' || i, 2000, repeat(i || ' is a number. ', 100), '2025-01-01'
      from generate_series(1, ${rows}) i
    `.execute(own.db);
  });
  afterAll(() => own.close());

  async function open(query: string, path = '/training/export'): Promise<IncomingMessage> {
    asked = 0;
    const request = get(`http://127.0.0.1:${own.port}/rear-diff${path}?${query}`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  test('has every row once, across batches whose sort keys are all the same', async () => {
    failing = 0;
    const response = await open('format=ndjson&label=none');
    let text = '';
    const ids = new Set<string>();
    let lines = 0;
    for await (const chunk of response.setEncoding('utf8')) {
      const parts = (text + chunk).split('\n');
      text = parts.pop() as string;
      for (const line of parts) ids.add(JSON.parse(line).imdb_id);
      lines += parts.length;
    }
    expect(text).toBe('');
    expect([lines, ids.size]).toEqual([rows, rows]);
    expect(response.complete).toBe(true);
  });

  test('a page may hold every row: sent while it is read, with its total at the end', async () => {
    failing = 0;
    const response = await open(`limit=${rows + 1}&label=none`, '/training');
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    const { data, pagination } = JSON.parse(text) as TrainingList;
    expect(new Set(data.map(({ imdb_id }) => imdb_id)).size).toBe(rows);
    expect(data).toHaveLength(rows);
    const ends = { next: null, previous: null, has_more: false, next_cursor: null };
    expect(pagination).toEqual({ total: rows, limit: rows + 1, offset: 0, ...ends });
    expect(asked).toBeGreaterThan(3);
  });

  test('callers that take turns get the bytes that each would get alone', async () => {
    failing = 0;
    const formats = ['csv', 'json', 'ndjson', 'csv'];
    const digests = async (responses: IncomingMessage[]) => {
      const hashes = responses.map(() => createHash('sha256'));
      const readers = responses.map((response) => response[Symbol.asyncIterator]());
      for (let open = readers.map((_, i) => i); open.length > 0; ) {
        const chunks = await Promise.all(open.map((i) => readers[i]?.next()));
        open.forEach((i, at) => {
          if (!chunks[at]?.done) hashes[i]?.update(chunks[at]?.value);
        });
        open = open.filter((_, at) => !chunks[at]?.done);
      }
      expect(responses.every(({ complete }) => complete)).toBe(true);
      return hashes.map((hash) => hash.digest('hex'));
    };
    const alone: string[] = [];
    for (const format of formats) alone.push(...(await digests([await open(`format=${format}`)])));
    expect(new Set(alone).size).toBe(3);
    expect(await digests(await Promise.all(formats.map((format) => open(`format=${format}`))))).toEqual(alone);
  });

  test.each([
    ['/training/export', 'format=json'],
    ['/training', 'limit=1000000'],
  ])('a caller that reads nothing of %s and leaves stops the reading', async (path, query) => {
    failing = 0;
    const response = await open(query, path);
    expect(response.statusCode).toBe(200);
    response.once('error', () => {});
    // Nobody takes what is sent, so the way to the caller fills and the reading waits.
    const inFlight = async () => /^http_requests_in_flight (\d+)$/m.exec((await own.call('GET', '/metrics')).text)?.[1];
    expect(await inFlight()).toBe('2');
    response.destroy();
    while ((await inFlight()) !== '1');
    expect(asked).toBeLessThan(rows / 1000);
  });

  test.each([
    ['/training/export', 'format=csv'],
    ['/training', 'limit=5000&count=none'],
  ])('a fault before the first row of %s is a reply as any other', async (path, query) => {
    failing = 1;
    const response = await open(query, path);
    expect(response.statusCode).toBe(503);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.headers['content-disposition']).toBeUndefined();
    response.resume();
  });

  test.each([
    ['/training/export', 'format=csv'],
    ['/training/export', 'format=json'],
    ['/training/export', 'format=ndjson'],
    ['/training', 'limit=1000000'],
  ])('a fault in the middle cuts %s?%s off, so that the caller notices', async (path, query) => {
    failing = 4;
    const response = await open(query, path);
    expect(response.statusCode).toBe(200);
    const read = async () => {
      for await (const _ of response);
    };
    await expect(read()).rejects.toThrow('aborted');
    expect(response.complete).toBe(false);
    failing = 0;
    expect((await own.call('GET', '/training?limit=1')).status).toBe(200);
  });
});
