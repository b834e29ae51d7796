import { movieSorts } from '@at/contracts/movies';
import type { Problem } from '@at/contracts/problem';
import { cmValues, labels, mediaTypes } from '@at/contracts/vocabulary';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Segment } from '#lists/list-statements.ts';
import {
  insertTitles,
  sampleTitles,
  startTestApp,
  type TestApp,
  type Title,
  type UsualMovie,
  type UsualMovies,
} from '#test/test-app.ts';
import { movieList, movieShape } from './queries.ts';

const idsOf = (rows: readonly { imdb_id: string | null }[]) => rows.map(({ imdb_id }) => imdb_id);

const pick = <T>(items: readonly T[], i: number) => items[i % items.length] as T;

/** Every label with every cell and on each side of the thresholds asked, text longer than a cursor holds, full arrays. */
const titles: Title[] = sampleTitles.map(({ prediction: _, ...title }, i) => ({
  ...title,
  label: pick([...labels, null], i * 7 + (i >> 2)),
  season: pick([null, 1, 12], i),
  overview: pick([null, 'Short.', `${String(i % 6)}\u{1f3ac}`.repeat(150)], i),
  production_companies: pick([null, ['B', 'a, b', '"', `${i}`, 'NULL'], [], ['\\', 'é'.repeat(255)], ['B']], i),
  spoken_languages: pick([null, ['en'], ['fr', 'en']], i >> 1),
  tagline: pick([null, 'x', 'X'], i),
  ...(i % 6 === 0
    ? {}
    : {
        prediction: {
          prediction: i % 2,
          probability: pick(['0', '0.25', '0.35', '0.3499', '0.5', '0.75', '1'], i) as unknown as number,
          cm_value: pick(cmValues, i * 3 + (i >> 3)),
          created_at: `2025-07-0${1 + (i % 4)}T00:00:00Z`,
        },
      }),
}));

const inCell = (row: UsualMovie, threshold: number) =>
  row.label &&
  `${(row.label === 'would_watch') === row.probability >= threshold ? 't' : 'f'}${row.probability >= threshold ? 'p' : 'n'}`;

describe.each([
  ['full', 'fast'],
  ['plain', 'fast'],
  ['full', 'plain'],
] as const)('on a %s database, read the %s way', (template, way) => {
  let app: TestApp;
  let everything: UsualMovie[];

  const list = async (query: string) =>
    (await app.call<UsualMovies>('GET', `/movies/?limit=1000&${query}`)).body as UsualMovies;

  beforeAll(async () => {
    app = await startTestApp({
      template,
      plain: way === 'plain',
    });
    await insertTitles(app.db, titles);
    everything = (await list('')).data;
  });
  afterAll(() => app.close());

  test('rows are those of the view atp.movies, column for column', async () => {
    const rows = await app.db.selectFrom('atp.movies').selectAll().orderBy('imdb_id').execute();
    expect(rows.length).toBeGreaterThan(30);
    const { text } = await app.call('GET', '/movies/?sort_by=imdb_id&sort_order=asc');
    expect(text.slice(0, text.indexOf(',"pagination"'))).toBe(`{"data":${JSON.stringify(rows)}`);
  });

  test('columns have the names, the order and the types of the view', async () => {
    const columnsOf = async (relation: string) =>
      (
        await sql`select attname, format_type(atttypid, atttypmod) as type from pg_attribute
          where attrelid = ${relation}::regclass and attnum > 0 order by attnum`.execute(app.db)
      ).rows;
    const { sql: text } = (movieList(app.db, movieShape({})).segments[0] as Segment<UsualMovie>).query.compile();
    await sql.raw(`create view public.listed as ${text}`).execute(app.db);
    expect(await columnsOf('public.listed')).toEqual(await columnsOf('atp.movies'));
    expect(movieSorts).toEqual((await columnsOf('atp.movies')).map((row) => (row as { attname: string }).attname));
    await sql`drop view public.listed`.execute(app.db);
  });

  const filters: [query: string, keeps: (row: UsualMovie) => boolean][] = [
    ...mediaTypes.map((type): [string, (row: UsualMovie) => boolean] => [
      `media_type=${type}`,
      (row) => row.media_type === type,
    ]),
    ['label=none', (row) => row.label === null],
    ['label=any', (row) => row.label !== null],
    ['label=would_watch&reviewed=False', (row) => row.label === 'would_watch' && !row.reviewed],
    ['human_labeled=yes&anomalous=0', (row) => row.human_labeled && !row.anomalous],
    ['prediction=0', (row) => row.prediction === 0],
    ['prediction=1', (row) => row.prediction === 1],
    ...cmValues.flatMap((cell): [string, (row: UsualMovie) => boolean][] => [
      [`cm_value=${cell}`, (row) => row.cm_value === cell],
      [`cell=${cell}&threshold=0.5`, (row) => inCell(row, 0.5) === cell],
      [`cell=${cell}&threshold=0`, (row) => inCell(row, 0) === cell],
      [`cell=${cell}&threshold=1`, (row) => inCell(row, 1) === cell],
      [`cell=${cell}`, (row) => inCell(row, 0.35) === cell],
      [
        `cell=${cell}&cm_value=tp&media_type=movie`,
        (row) => inCell(row, 0.35) === cell && row.cm_value === 'tp' && row.media_type === 'movie',
      ],
    ]),
    ['cell=tp&label=would_not_watch', () => false],
    ['threshold=0.5', () => true],
    ['release_year=1993', (row) => row.release_year === 1993],
    ['release_year=-32768', () => false],
    ['release_year_min=1992&release_year_max=1994', (row) => row.release_year >= 1992 && row.release_year <= 1994],
    ['probability_min=0.35&probability_max=0.5', (row) => row.probability >= 0.35 && row.probability <= 0.5],
    ['genre=War,Drama', (row) => row.genre?.some((genre) => ['War', 'Drama'].includes(genre)) ?? false],
    ['origin_country=fr', (row) => row.origin_country?.includes('FR') ?? false],
    ['original_language=EN,ja', (row) => ['en', 'ja'].includes(row.original_language ?? '')],
    ['media_title=%25', (row) => row.media_title.includes('%')],
    ['q=matrix', (row) => row.media_title === 'The Matrix'],
    ['q=up', (row) => row.media_title === 'Up'],
    ['q=TT1007', (row) => row.imdb_id.startsWith('tt1007')],
    ["q='; drop table atp.training --", () => false],
  ];
  test.each(filters)('%s finds what it says, and counts it', async (query, keeps) => {
    const { data, pagination } = await list(query);
    const expected = everything.filter(keeps);
    expect(idsOf(data)).toEqual(idsOf(expected));
    expect(pagination.total).toBe(expected.length);
  });

  test('the cells at any threshold share out the labelled titles among them', async () => {
    for (const threshold of [0, 0.25, 0.3499, 0.35, 1]) {
      const cells = await Promise.all(cmValues.map((cell) => list(`cell=${cell}&threshold=${threshold}`)));
      if (threshold === 0.35) for (const { data } of cells) expect(data.length).toBeGreaterThan(2);
      expect(idsOf(cells.flatMap(({ data }) => data)).toSorted()).toEqual(
        idsOf(everything.filter(({ label }) => label !== null)).toSorted(),
      );
    }
  });

  test('one id, a comma list and the parameter repeated', async () => {
    const [first, second, third] = idsOf(everything).toSorted() as [string, string, string];
    const found = await list(
      `imdb_id=${third},%20${first},,tt9999999&imdb_id=${second}&sort_by=imdb_id&sort_order=asc`,
    );
    expect(idsOf(found.data)).toEqual([first, second, third]);
  });

  test.each(movieSorts.flatMap((column) => [[column, 'asc'] as const, [column, 'desc'] as const]))(
    'by %s %s the view is sorted so, nulls last, ties by ascending id, and cursors lead through all of it',
    async (column, order) => {
      const direction = sql.raw(order);
      const value = sql`view.${sql.ref(column)}`;
      const key = column.endsWith('media_title') ? sql`console.fold(${value}) collate "C"` : value;
      const { rows } = await sql<UsualMovie>`select imdb_id from atp.movies as view
        order by ${key} ${direction} nulls last, view.imdb_id`.execute(app.db);
      const sort = `sort_by=${column}&sort_order=${order}`;
      expect(idsOf((await list(sort)).data)).toEqual(idsOf(rows));
      const paged: UsualMovie[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path: string = `/movies/?limit=7&count=none&${sort}${cursor && `&cursor=${cursor}`}`;
        const { body }: { body: UsualMovies } = await app.call<UsualMovies>('GET', path);
        paged.push(...body.data);
        cursor = body.pagination.next_cursor;
      }
      expect(idsOf(paged)).toEqual(idsOf(rows));
    },
  );

  test.each(['uncertain', 'disagree', 'disagree&threshold=0.7', 'random&seed=7'])(
    'order=%s holds every title once, by cursor as by offset',
    async (order) => {
      const { data } = await list(`order=${order}`);
      expect(idsOf(data).toSorted()).toEqual(idsOf(everything).toSorted());
      const first = await app.call<UsualMovies>('GET', `/movies/?limit=20&order=${order}`);
      const rest = await list(`order=${order}&cursor=${first.body.pagination.next_cursor}`);
      expect(idsOf([...first.body.data, ...rest.data])).toEqual(idsOf(data));
      const behind = await list(`order=${order}&offset=20`);
      expect(idsOf(behind.data)).toEqual(idsOf(rest.data));
    },
  );

  test('order=uncertain begins with the nearest to 0.5, order=disagree with the errors at the threshold', async () => {
    const doubts = (await list('order=uncertain')).data.map(({ probability }) => Math.abs(probability - 0.5));
    expect(doubts).toEqual(doubts.toSorted((a, b) => a - b));
    const differs = (await list('order=disagree&threshold=0.7')).data.map(
      ({ label, probability }) => label !== null && (label === 'would_watch') !== probability >= 0.7,
    );
    expect(differs.filter(Boolean).length).toBeGreaterThan(5);
    expect(differs.lastIndexOf(true)).toBe(differs.filter(Boolean).length - 1);
  });

  test('cell=errors holds fp and fn; in order=disagree it is the beginning of the whole list', async () => {
    for (const threshold of ['0.2', '0.5', '0.7']) {
      const asked = `order=disagree&threshold=${threshold}`;
      const all = idsOf((await list(asked)).data);
      const errors = idsOf((await list(`${asked}&cell=errors`)).data);
      const [fp, fn] = await Promise.all(
        ['fp', 'fn'].map(async (cell) => idsOf((await list(`${asked}&cell=${cell}`)).data)),
      );
      expect(errors.length).toBeGreaterThan(0);
      expect(errors).toEqual(all.slice(0, errors.length));
      expect(errors.toSorted()).toEqual([...(fp ?? []), ...(fn ?? [])].toSorted());
      expect(errors.filter((id) => fp?.includes(id))).toEqual(fp);
      const recorded = idsOf((await list(`${asked}&cm_value=errors`)).data);
      const isRecorded = ({ cm_value }: { cm_value: string }) => cm_value === 'fp' || cm_value === 'fn';
      expect(recorded).toEqual(idsOf((await list(asked)).data.filter(isRecorded)));
      const right = await Promise.all(['tp', 'tn'].map((cell) => list(`${asked}&cell=${cell}`)));
      const unlabelled = await list(`${asked}&label=none`);
      const rest = [...right, unlabelled].flatMap(({ data }) => idsOf(data));
      expect(all.slice(errors.length).toSorted()).toEqual(rest.toSorted());
    }
  });

  test('a cursor of order=disagree at another threshold is refused', async () => {
    const { body } = await app.call<UsualMovies>('GET', '/movies/?limit=5&order=disagree&threshold=0.5');
    const cursor = body.pagination.next_cursor;
    const other = await app.call<Problem>('GET', `/movies/?order=disagree&threshold=0.6&cursor=${cursor}`);
    expect([other.status, other.body.errors?.[0]?.pointer]).toEqual([422, 'cursor']);
  });
});

describe('what the lists of movies promise', () => {
  let app: TestApp;
  const asks = (path: string, headers: Record<string, string> = {}) =>
    app.call<UsualMovies & Problem>('GET', path, { headers });

  beforeAll(async () => {
    app = await startTestApp({ config: { AT_REEL_DRIVER_THRESHOLD: '0.6' } });
    await insertTitles(app.db, titles);
  });
  afterAll(() => app.close());

  test('the newest come first, and both spellings of the path answer', async () => {
    const [slash, none] = await Promise.all([asks('/movies/?limit=5'), asks('/movies?limit=5')]);
    expect([slash.status, none.status]).toEqual([200, 200]);
    expect(none.body).toEqual(slash.body);
    expect(slash.body.pagination.next).toBe('/rear-diff/movies/?offset=5&limit=5');
    const times = slash.body.data.map(({ training_created_at }) => training_created_at);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test('without a threshold the operating one draws the cells', async () => {
    const own = await asks('/movies/?cell=fn');
    expect(own.body.data).toEqual((await asks('/movies/?cell=fn&threshold=0.6')).body.data);
    expect(own.body.data).not.toEqual((await asks('/movies/?cell=fn&threshold=0.35')).body.data);
  });

  test.each([
    ['sort_by=created_at', 'sort_by'],
    ['sort_by=cell', 'sort_by'],
    ['sort_by=imdb_id;drop', 'sort_by'],
    ['sort_order=up', 'sort_order'],
    ['limit=1001', 'limit'],
    ['order=random&sort_by=label', 'order'],
    ['cell=xx', 'cell'],
    ['cell=TP', 'cell'],
    ['cm_value=pp', 'cm_value'],
    ['prediction=2', 'prediction'],
    ['prediction=yes', 'prediction'],
    ['threshold=1.01', 'threshold'],
    ['threshold=-0.1', 'threshold'],
    ['threshold=NaN', 'threshold'],
    ['threshold=0,5', 'threshold'],
    ['release_year=99999', 'release_year'],
    ['release_year=1999.5', 'release_year'],
    ['q=a%00b', 'q'],
    ['seed=%00&order=random', 'seed'],
  ])('?%s is refused by name', async (query, pointer) => {
    const { status, body } = await asks(`/movies/?${query}`);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer }]);
  });

  test('an unknown parameter is named, and to the strict refused', async () => {
    const lenient = await asks('/movies/?include=prediction');
    expect([lenient.status, lenient.headers['x-unknown-parameters']]).toEqual([200, 'include']);
    const { status, body } = await asks('/movies/?include=prediction', { prefer: 'handling=strict' });
    expect(status).toBe(422);
    expect(body.known_parameters).toEqual(expect.arrayContaining(['cell', 'threshold', 'cm_value']));
  });

  const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  test.each([
    ['genre', 'no json'],
    ['genre', '{"a": 1}'],
    ['genre', '1'],
    ['genre', '["\\u0000"]'],
    ['budget', 'Infinity'],
    ['prediction', '99999999999'],
    ['media_type', 'film'],
    ['training_created_at', 'yesterday-ish'],
    ['probability', "0.5'; drop table atp.prediction; --"],
  ])('a cursor by %s that says %j is refused', async (column, value) => {
    const cursor = cursorOf(`${column} desc`, 0, value, 'tt1234567');
    expect((await asks(`/movies/?sort_by=${column}&cursor=${cursor}`)).status).toBe(422);
  });

  test('the longest companies that a title can have still make a cursor that is accepted', async () => {
    const production_companies = Array.from({ length: 60 }, () => '\u0001'.repeat(255));
    const companies = ['tt9000001', 'tt9000002'].map((imdb_id) => ({ imdb_id, production_companies, prediction: {} }));
    await insertTitles(app.db, companies);
    const sort = 'sort_by=production_companies&sort_order=asc&limit=1&count=none&imdb_id=tt9000001,tt9000002';
    const { body } = await asks(`/movies/?${sort}`);
    const next = await asks(`/movies/?${sort}&cursor=${body.pagination.next_cursor}`);
    expect(idsOf([...body.data, ...next.body.data])).toEqual(['tt9000001', 'tt9000002']);
    for (const table of ['atp.training', 'atp.prediction'] as const) {
      await app.db.deleteFrom(table).where('imdb_id', 'in', ['tt9000001', 'tt9000002']).execute();
    }
  });

  test('a title alone is the row of the list, and its ETag the same as of the title to label', async () => {
    for (const row of (await asks('/movies/?limit=5')).body.data) {
      const { status, body, headers } = await app.call<UsualMovie>('GET', `/movies/${row.imdb_id}`);
      expect([status, body]).toEqual([200, row]);
      expect(headers.etag).toBe(`"${row.training_updated_at}"`);
      expect(headers.etag).toBe((await app.call('GET', `/training/${row.imdb_id}`)).headers.etag);
    }
  });

  test('the export holds the rows of the list in its order, cells drawn at the same threshold', async () => {
    for (const query of ['', 'cell=fn', 'cm_value=fp&sort_by=genre&sort_order=asc', 'order=disagree']) {
      const { data } = (await asks(`/movies/?limit=1000&${query}`)).body;
      const { status, text } = await app.call('GET', `/movies/export?format=json&${query}`);
      expect([status, JSON.parse(text)]).toEqual([200, data]);
    }
    expect((await app.call('GET', '/movies/export?limit=5')).headers['x-unknown-parameters']).toBe('limit');
  });

  test('the export with a threshold holds the cell of each row there and names the threshold, also in its file name', async () => {
    for (const query of ['', 'cell=errors&order=disagree', 'cm_value=fp', 'order=uncertain']) {
      const { data } = (await asks(`/movies/?limit=1000&threshold=0.5&${query}`)).body;
      const { status, body, headers } = await app.call<object[]>(
        'GET',
        `/movies/export?format=json&threshold=0.5&${query}`,
      );
      expect(status).toBe(200);
      expect(data.length).toBeGreaterThan(0);
      expect(body).toEqual(data.map((row) => ({ ...row, cell: inCell(row, 0.5), threshold: 0.5 })));
      expect(headers['content-disposition']).toMatch(/filename="movies-at-0\.5-\d{4}-\d\d-\d\d\.json"/);
    }
    const { text } = await app.call('GET', '/movies/export?threshold=0.35&cell=tp');
    const [head, first] = text.split('\r\n');
    expect(head).toMatch(/,prediction_created_at,cell,threshold$/);
    expect(first).toMatch(/,tp,0\.35$/);
  });

  test('a title that is not there, or that the model has not judged, is 404', async () => {
    const unjudged = titles[0]?.imdb_id as string;
    expect((await app.call('GET', `/training/${unjudged}`)).status).toBe(200);
    for (const id of [unjudged, 'tt99999999']) {
      const { status, body } = await app.call<Problem>('GET', `/movies/${id}`);
      expect(status).toBe(404);
      expect(body.error).toBe('Movie not found');
      expect(body.message).toContain(`No title with a prediction found with IMDB ID: ${id}`);
    }
    for (const id of ['tt1', 'nm0000001', 'tt1234567%00', "tt'--"]) {
      expect((await app.call('GET', `/movies/${id}`)).status).toBe(422);
    }
  });

  test('a relabel moves a title to another cell at once, while its cm_value stays as stored', async () => {
    const { data, pagination } = (await asks('/movies/?cell=fp&threshold=0.5')).body;
    const moved = data[0] as UsualMovie;
    const written = await app.call('PATCH', `/training/${moved.imdb_id}/label`, {
      body: { imdb_id: moved.imdb_id, label: 'would_watch' },
      headers: { 'if-match': `"${moved.training_updated_at}"` },
    });
    expect(written.status).toBe(200);
    const after = (await asks('/movies/?cell=fp&threshold=0.5')).body;
    expect(idsOf(after.data)).toEqual(idsOf(data.slice(1)));
    expect(after.pagination.total).toBe((pagination.total as number) - 1);
    const found = (await asks(`/movies/?cell=tp&threshold=0.5&imdb_id=${moved.imdb_id}`)).body.data;
    expect(found).toMatchObject([{ label: 'would_watch', cm_value: moved.cm_value }]);
  });
});
