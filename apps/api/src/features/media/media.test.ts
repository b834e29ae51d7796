import { fold } from '@at/contracts/fold';
import { type MediaList, type MediaRow, type MediaSort, type MediaStats, mediaSorts } from '@at/contracts/media';
import type { Problem } from '@at/contracts/problem';
import { mediaTypes, pipelineStatuses, rejectionStatuses, rssSources } from '@at/contracts/vocabulary';
import { createDb, createPool } from '@at/db/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { insertMedia, type MediaItem, sampleHash, sampleMedia } from '#test/sample-media.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

const hashesOf = (rows: MediaRow[]) => rows.map(({ hash }) => hash);

const titles = sampleMedia.flatMap(({ imdb_id }, i) =>
  imdb_id && i % 3 !== 0
    ? [{ imdb_id, imdb_rating: i % 2 ? 50 + (i % 5) : null, budget: i * 1000, genre: ['Drama'] }]
    : [],
);
const uniqueTitles = [...new Map(titles.map((title) => [title.imdb_id, title])).values()];

describe.each(['full', 'plain'] as const)('on a %s database', (template) => {
  let app: TestApp;
  let everything: MediaRow[];
  const list = async (query: string) =>
    (await app.call<MediaList>('GET', `/media/?limit=1000&${query}`)).body as MediaList;

  beforeAll(async () => {
    app = await startTestApp({ template });
    await insertTitles(app.db, uniqueTitles);
    await insertMedia(app.db, sampleMedia);
    everything = (await list('deleted=include')).data;
  });
  afterAll(() => app.close());

  const active = (row: MediaRow) => row.deleted_at === null;
  const has = (text: string | null, part: string) => text?.toLowerCase().includes(part.toLowerCase()) ?? false;
  const filters: [query: string, keeps: (row: MediaRow) => boolean][] = [
    ['', () => true],
    ...mediaTypes.map((type): [string, (row: MediaRow) => boolean] => [
      `media_type=${type}`,
      (row) => row.media_type === type,
    ]),
    ...pipelineStatuses.map((status): [string, (row: MediaRow) => boolean] => [
      `pipeline_status=${status}`,
      (row) => row.pipeline_status === status,
    ]),
    ['pipeline_status=parsed,complete', (row) => ['parsed', 'complete'].includes(row.pipeline_status)],
    ['pipeline_status=parsed,%20parsed,,', (row) => row.pipeline_status === 'parsed'],
    ['pipeline_status=parsed&pipeline_status=paused', (row) => ['parsed', 'paused'].includes(row.pipeline_status)],
    ...rejectionStatuses.map((status): [string, (row: MediaRow) => boolean] => [
      `rejection_status=${status}`,
      (row) => row.rejection_status === status,
    ]),
    ['error_status=True', (row) => row.error_status],
    ['error_status=0', (row) => !row.error_status],
    [`hash=${sampleHash(3)}`, (row) => row.hash === sampleHash(3)],
    [`hash=${sampleHash(3).toUpperCase()},%20${sampleHash(6)}`, (row) => [3, 6].map(sampleHash).includes(row.hash)],
    ['hash=abc', () => false],
    [`imdb_id=${sampleMedia[2]?.imdb_id}`, (row) => row.imdb_id === sampleMedia[2]?.imdb_id],
    ['media_title=MATRIX', (row) => has(row.media_title, 'matrix')],
    ['media_title=%25', (row) => has(row.media_title, '%')],
    ['media_title=e_c', (row) => has(row.media_title, 'e_c')],
    ['q=matrix', (row) => has(row.media_title, 'matrix')],
    ['q=%20%C3%84', (row) => row.media_title?.startsWith('Ä') ?? false],
    ['q=release%203', (row) => row.original_title.startsWith('Release.3')],
    ['q=up', (row) => row.media_title?.startsWith('Up') ?? false],
    ['q=_c', () => false],
    ['q=ck%5Cs', (row) => has(row.media_title, 'k\\s')],
    ['q=tt1000', (row) => row.imdb_id?.startsWith('tt1000') ?? false],
    ['q=TT1000002', (row) => row.imdb_id === 'tt1000002'],
    ['q=tt1000009', (row) => row.imdb_id === 'tt1000009'],
    ['q=tt9', (row) => row.imdb_id?.startsWith('tt9') ?? false],
    ['q=tt99999999999999999999', () => false],
    [`q=${sampleHash(3).slice(0, 6).toUpperCase()}`, (row) => row.hash.startsWith(sampleHash(3).slice(0, 6))],
    [`q=${sampleHash(3).slice(0, 5)}`, () => false],
    ['q=facade', (row) => has(row.media_title, 'facade')],
    ['rss_source=yts.mx', (row) => row.rss_source === 'yts.mx'],
    [`rss_source=${rssSources}`, (row) => row.rss_source !== null],
    ['resolution=1080p,720p', (row) => ['1080p', '720p'].includes(row.resolution ?? '')],
    ['resolution=99999p', () => false],
    ['release_year_min=1992&release_year_max=1994', ({ release_year: y }) => y !== null && y >= 1992 && y <= 1994],
    ['release_year_max=1991.5', ({ release_year: y }) => y !== null && y <= 1991],
    ['release_year_min=1e300', () => false],
    ['updated_at_min=2999-01-01T00:00Z', () => false],
    [
      'media_type=movie&error_status=true&rss_source=yts.mx',
      (row) => row.media_type === 'movie' && row.error_status && row.rss_source === 'yts.mx',
    ],
  ];
  test.each(filters)('%s finds what it says among the active, and counts it', async (query, keeps) => {
    const { data, pagination } = await list(query);
    const expected = everything.filter((row) => active(row) && keeps(row));
    expect(hashesOf(data)).toEqual(hashesOf(expected));
    expect(pagination.total).toBe(expected.length);
  });

  test.each(filters.slice(0, 6))('%s&deleted=only finds the deleted alone', async (query, keeps) => {
    const { data, pagination } = await list(`${query}&deleted=only`);
    const expected = everything.filter((row) => !active(row) && keeps(row));
    expect(hashesOf(data)).toEqual(hashesOf(expected));
    expect(pagination.total).toBe(expected.length);
  });

  test('updated_at_min keeps what was changed at that moment or later, in any zone', async () => {
    const moments = everything
      .filter(active)
      .map(({ updated_at }) => updated_at)
      .sort();
    const bound = moments[Math.floor(moments.length / 2)] as string;
    const kept = everything.filter((row) => active(row) && row.updated_at >= bound);
    expect(kept.length).toBeGreaterThan(0);
    expect(hashesOf((await list(`updated_at_min=${bound}`)).data).sort()).toEqual(hashesOf(kept).sort());
    const elsewhere = new Date(Date.parse(bound) + 2 * 3_600_000).toISOString().replace(/\.\d+Z$/, bound.slice(19, 26));
    const { data } = await list(`updated_at_min=${encodeURIComponent(`${elsewhere}+02:00`)}`);
    expect(hashesOf(data).sort()).toEqual(hashesOf(kept).sort());
  });

  test.each([
    ['that no calendar has', '2025-02-30T00:00:00Z', 'updated_at_min must be a date that the calendar has'],
    ['with an offset that no place has', '2025-02-20T00:00:00%2B25:00', 'updated_at_min must be a date and time'],
    ['whose + has become a space', '2025-02-20T00:00:00+02:00', 'whose + is written %2B'],
  ])('a moment %s is refused as what it is', async (_, moment, sentence) => {
    const { status, body } = await app.call<Problem>('GET', `/media/?updated_at_min=${moment}`);
    expect([status, body.message]).toEqual([422, expect.stringContaining(sentence)]);
  });

  test('deleted_at is a column only where deleted items may be', async () => {
    const [plain] = (await list('deleted=exclude')).data;
    expect(Object.keys(plain as object)).not.toContain('deleted_at');
    for (const asked of ['only', 'include']) {
      for (const row of (await list(`deleted=${asked}`)).data) expect(Object.keys(row)).toContain('deleted_at');
    }
    expect(everything.some(active) && !everything.every(active)).toBe(true);
  });

  const compare = (left: unknown, right: unknown) =>
    typeof left === 'string' && typeof right === 'string'
      ? Buffer.compare(Buffer.from(left), Buffer.from(right))
      : Number(left) - Number(right);
  const keyOf = (row: MediaRow, column: MediaSort) =>
    column === 'media_title' && row.media_title !== null ? fold(row.media_title) : row[column];
  test.each(mediaSorts.flatMap((column) => [[column, 'asc'] as const, [column, 'desc'] as const]))(
    'sort_by=%s %s puts nulls last and breaks ties by ascending hash, also page by page behind a cursor',
    async (column, order) => {
      const sign = order === 'asc' ? 1 : -1;
      const expected = everything.filter(active).toSorted((left, right) => {
        const [a, b] = [keyOf(left, column), keyOf(right, column)];
        if (a === null || b === null) return a === b ? compare(left.hash, right.hash) : a === null ? 1 : -1;
        return sign * compare(a, b) || compare(left.hash, right.hash);
      });
      const sorted = `sort_by=${column}&sort_order=${order.toUpperCase()}`;
      expect(hashesOf((await list(sorted)).data)).toEqual(hashesOf(expected));
      const paged: MediaRow[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path: string = `/media?limit=7&${sorted}${cursor && `&cursor=${cursor}`}`;
        const { body }: { body: MediaList } = await app.call<MediaList>('GET', path);
        paged.push(...body.data);
        cursor = body.pagination.next_cursor;
      }
      expect(hashesOf(paged)).toEqual(hashesOf(expected));
    },
  );

  test('pages name each other by the path of the documents', async () => {
    const { body } = await app.call<MediaList>('GET', '/media?page=2&limit=5&error_status=false');
    expect(body.pagination).toMatchObject({
      next: '/rear-diff/media/?offset=10&limit=5&error_status=false',
      previous: '/rear-diff/media/?offset=0&limit=5&error_status=false',
    });
  });

  test('the facts of the title come from the labelled set, null where there is no such title', () => {
    const known = new Map(uniqueTitles.map((title) => [title.imdb_id, title]));
    for (const { imdb_id, budget, genre, imdb_rating, overview } of everything) {
      const title = known.get(imdb_id ?? '');
      expect({ budget, genre, imdb_rating, overview }).toEqual({
        budget: title?.budget ?? null,
        genre: title?.genre ?? null,
        imdb_rating: title?.imdb_rating ?? null,
        overview: null,
      });
    }
  });

  test('every column of the table is there, null when there is nothing', async () => {
    const tables = await app.db.introspection.getTables();
    const columns = tables.find(({ schema, name }) => schema === 'atp' && name === 'media')?.columns ?? [];
    for (const row of everything) for (const { name } of columns) expect(row).toHaveProperty(name);
  });

  test('one item alone is the row of the list with its ETag, deleted or not, its hash in any case', async () => {
    for (const row of everything.slice(0, 8)) {
      const { status, body, headers } = await app.call('GET', `/media/${row.hash.toUpperCase()}`);
      expect(status).toBe(200);
      expect(body).toEqual(row);
      expect(headers.etag).toBe(`"${row.updated_at}"`);
    }
  });

  test('stats count what a reader of every row counts', async () => {
    const rows = everything.filter(active);
    const count = (keeps: (row: MediaRow) => boolean) => rows.filter(keeps).length;
    const per = <W extends string>(words: readonly W[], of: (row: MediaRow) => W) =>
      Object.fromEntries(words.map((word) => [word, count((row) => of(row) === word)]));
    const times = (column: 'created_at' | 'updated_at') => rows.map((row) => row[column]).toSorted();
    expect((await app.call<MediaStats>('GET', '/media/stats')).body).toEqual({
      total: rows.length,
      deleted: everything.length - rows.length,
      pipeline_status: per(pipelineStatuses, (row) => row.pipeline_status),
      rejection_status: per(rejectionStatuses, (row) => row.rejection_status),
      error_status: { true: count((row) => row.error_status), false: count((row) => !row.error_status) },
      media_type: per(mediaTypes, (row) => row.media_type),
      to_approve: count((row) => !row.error_status && ['paused', 'metadata_collected'].includes(row.pipeline_status)),
      oldest_created_at: times('created_at')[0],
      newest_created_at: times('created_at').at(-1),
      newest_updated_at: times('updated_at').at(-1),
    });
  });

  test('an export holds the rows of the list, in its order', async () => {
    for (const query of ['', 'deleted=only', 'pipeline_status=parsed,complete&sort_by=imdb_rating&sort_order=asc']) {
      const { body } = await app.call<MediaRow[]>('GET', `/media/export?format=json&${query}`);
      expect(body).toEqual((await list(query)).data);
    }
    const { text } = await app.call('GET', '/media/export');
    expect(text.split('\r\n')[0]).toMatch(/^\ufeff?hash,media_type,/);
  });

  test('a list is byte for byte the JSON of the driver’s own objects', async () => {
    const reference = await startTestApp({
      database: app.config.database as string,
      plain: true,
    });
    onTestFinished(() => reference.close());
    for (const query of [
      '',
      'deleted=include',
      'sort_by=imdb_rating',
      'q=Up',
      'pipeline_status=parsed&sort_by=updated_at',
    ]) {
      const path = `/media/?count=none&${query}`;
      expect((await app.call('GET', path)).text).toBe((await reference.call('GET', path)).text);
    }
  });
});

describe('an empty table', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  test('has an empty list and stats of zeros', async () => {
    expect((await app.call<MediaList>('GET', '/media/')).body).toMatchObject({ data: [], pagination: { total: 0 } });
    const { body } = await app.call<MediaStats>('GET', '/media/stats');
    expect(body).toMatchObject({ total: 0, deleted: 0, oldest_created_at: null, newest_updated_at: null });
  });

  test.each([
    ['media_type=film', 'media_type'],
    ['pipeline_status=parsed,done', 'pipeline_status'],
    ['rejection_status=no', 'rejection_status'],
    ['error_status=maybe', 'error_status'],
    ['deleted=yes', 'deleted'],
    ['rss_source=elsewhere', 'rss_source'],
    ['sort_by=popularity', 'sort_by'],
    ['sort_order=sideways', 'sort_order'],
    ['limit=1001', 'limit'],
    ['q=a%00b', 'q'],
    ['hash=%00', 'hash'],
    [`hash=${'a'.repeat(41)}`, 'hash'],
    ['media_title=%00', 'media_title'],
    ['resolution=%00', 'resolution'],
    ['release_year_min=last', 'release_year_min'],
    ['updated_at_min=yesterday', 'updated_at_min'],
    ['updated_at_min=2025-05-21T00:00:00', 'updated_at_min'],
    ['cursor=%00', 'cursor'],
    ['cursor=abc', 'cursor'],
  ])('%s is refused by name', async (query, pointer) => {
    const { status, body } = await app.call<Problem>('GET', `/media/?${query}`);
    expect(status).toBe(422);
    expect(body.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  test.each(['abc', 'g'.repeat(40), 'a'.repeat(41), `${'a'.repeat(39)}%00`, 'stats2'])(
    'GET /media/%s is 422: it is no hash',
    async (hash) => {
      const { status, body } = await app.call<Problem>('GET', `/media/${hash}`);
      expect(status).toBe(422);
      expect(body.errors).toMatchObject([{ in: 'path', pointer: 'hash' }]);
    },
  );

  test.each(["'; drop table atp.media; --", '$1', '\\', '%', '<script>', '\u{1f3ac}', '{a,b}', 'NULL', 'ı', '..'])(
    'text that means something elsewhere is only text here: %s',
    async (text) => {
      for (const name of ['q', 'media_title', 'imdb_id', 'hash', 'resolution']) {
        const { status } = await app.call('GET', `/media/?${name}=${encodeURIComponent(text)}`);
        // Too long for a list of resolutions or ids is a refusal, nothing else.
        expect([200, 422]).toContain(status);
        if (name === 'q' || name === 'media_title') expect(status).toBe(200);
      }
    },
  );
});

/** A database of before the title's facts left atp.media, where some columns have other types than today. */
describe('an older database', () => {
  const items: MediaItem[] = [
    { hash: sampleHash(1), imdb_id: 'tt0000001' },
    { hash: sampleHash(2), imdb_id: 'tt0000002' },
    { hash: sampleHash(3), imdb_id: null },
  ];

  async function startOlder(): Promise<TestApp> {
    const app = await startTestApp({
      template: 'plain',
      prepare: async (connection) => {
        const db = createDb(createPool({ connection }));
        await sql`alter table atp.media
          add budget bigint, add revenue integer, add runtime integer, add genre text[], add origin_country char(2)[],
          add original_language char(2), add overview text, add tmdb_rating numeric(5, 3), add imdb_rating double precision,
          add imdb_votes integer`.execute(db);
        await db.destroy();
      },
    });
    onTestFinished(() => app.close());
    await insertTitles(app.db, [{ imdb_id: 'tt0000001', budget: 5, imdb_rating: 72, genre: ['Drama'] }]);
    await insertMedia(app.db, items);
    await sql`update atp.media set budget = 7, revenue = 9, genre = '{Comedy,War}', origin_country = '{US}',
      original_language = 'en', overview = 'Of old', tmdb_rating = 6.241, imdb_rating = 81.5, imdb_votes = 12`.execute(
      app.db,
    );
    return app;
  }

  test('fills what the labelled set does not say from its own columns', async () => {
    const app = await startOlder();
    const { body } = await app.call<MediaList>('GET', '/media/?sort_by=imdb_rating&sort_order=asc');
    const own = {
      origin_country: ['US'],
      original_language: 'en',
      overview: 'Of old',
      tmdb_rating: 6.241,
      runtime: null,
    };
    expect(body.data).toMatchObject([
      { hash: sampleHash(1), budget: 5, imdb_rating: 72, genre: ['Drama'], ...own },
      { budget: 7, imdb_rating: 81.5, genre: ['Comedy', 'War'], ...own },
      { budget: 7, imdb_rating: 81.5, genre: ['Comedy', 'War'], revenue: 9, tagline: null, ...own },
    ]);
    for (const row of body.data) {
      const { deleted_at: _, ...alone } = (await app.call<MediaRow>('GET', `/media/${row.hash}`)).body;
      expect(alone).toEqual(row);
    }
  });

  test('pages behind a cursor by a rating of its own', async () => {
    const app = await startOlder();
    const first = (await app.call<MediaList>('GET', '/media/?sort_by=imdb_rating&limit=2')).body;
    const cursor = first.pagination.next_cursor as string;
    const second = (await app.call<MediaList>('GET', `/media/?sort_by=imdb_rating&limit=2&cursor=${cursor}`)).body;
    expect([...first.data, ...second.data].map(({ imdb_rating }) => imdb_rating)).toEqual([81.5, 81.5, 72]);
  });
});
