import { fold } from '@at/contracts/fold';
import type { Problem } from '@at/contracts/problem';
import type { Meta } from '@at/contracts/system';
import { type TrainingStats, trainingSorts } from '@at/contracts/training';
import { labels, mediaTypes } from '@at/contracts/vocabulary';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  insertTitles,
  sampleTitles,
  startTestApp,
  type TestApp,
  type UsualTitle,
  type UsualTitles,
} from '#test/test-app.ts';

const idsOf = (rows: UsualTitle[]) => rows.map(({ imdb_id }) => imdb_id);

describe.each(['full', 'plain'] as const)('on a %s database', (template) => {
  let subject: TestApp;
  let everything: UsualTitle[];

  const list = async (query: string) =>
    (await subject.call<UsualTitles>('GET', `/training?limit=1000&${query}`)).body as UsualTitles;

  beforeAll(async () => {
    subject = await startTestApp({ template });
    await insertTitles(subject.db, sampleTitles);
    everything = (await list('include=prediction')).data;
  });
  afterAll(() => subject.close());

  const has = (value: number | null | undefined, test: (value: number) => boolean) => value != null && test(value);
  const filters: [query: string, keeps: (row: UsualTitle) => boolean][] = [
    ...mediaTypes.map((type): [string, (row: UsualTitle) => boolean] => [
      `media_type=${type}`,
      (row) => row.media_type === type,
    ]),
    ['label=would_watch', (row) => row.label === 'would_watch'],
    ['label=would_not_watch', (row) => row.label === 'would_not_watch'],
    ['label=none', (row) => row.label === null],
    ['label=any', (row) => row.label !== null],
    ['reviewed=true', (row) => row.reviewed === true],
    ['reviewed=false', (row) => row.reviewed !== true],
    ['human_labeled=true', (row) => row.human_labeled],
    ['human_labeled=false', (row) => !row.human_labeled],
    ['anomalous=true', (row) => row.anomalous],
    ['anomalous=false', (row) => !row.anomalous],
    ['genre=Comedy', (row) => row.genre?.includes('Comedy') ?? false],
    ['genre=War,Drama', (row) => row.genre?.some((genre) => ['War', 'Drama'].includes(genre)) ?? false],
    ['genre=Action%20%26%20Adventure', (row) => row.genre?.includes('Action & Adventure') ?? false],
    ['origin_country=fr', (row) => row.origin_country?.includes('FR') ?? false],
    ['origin_country=US&origin_country=GB', (row) => row.origin_country?.some((code) => code !== 'FR') ?? false],
    ['original_language=EN,ja', (row) => ['en', 'ja'].includes(row.original_language ?? '')],
    ['release_year_min=1992&release_year_max=1994', (row) => row.release_year >= 1992 && row.release_year <= 1994],
    ['runtime_min=100', (row) => has(row.runtime, (minutes) => minutes >= 100)],
    ['runtime_max=90.5', (row) => has(row.runtime, (minutes) => minutes <= 90.5)],
    ['budget_min=5000000', (row) => has(row.budget, (money) => money >= 5_000_000)],
    ['budget_max=5000000', (row) => has(row.budget, (money) => money <= 5_000_000)],
    ['revenue_min=10&revenue_max=10', (row) => row.revenue === 10],
    ['tmdb_rating_min=6.241&tmdb_rating_max=6.5', (row) => has(row.tmdb_rating, (x) => x >= 6.241 && x <= 6.5)],
    ['tmdb_votes_min=2', (row) => has(row.tmdb_votes, (votes) => votes >= 2)],
    ['rt_score_max=55', (row) => has(row.rt_score, (score) => score <= 55)],
    ['metascore_min=55', (row) => row.metascore === 55],
    ['imdb_rating_min=8.2', (row) => row.imdb_rating === 72],
    ['imdb_votes_max=12', (row) => row.imdb_votes === 12],
    ['probability_min=0.75', (row) => has(row.probability, (p) => p >= 0.75)],
    ['probability_max=0.25', (row) => has(row.probability, (p) => p <= 0.25)],
    ['media_title=MATRIX', (row) => row.media_title === 'The Matrix'],
    ['media_title=%25', (row) => row.media_title.includes('%')],
    ['media_title=e_c', (row) => row.media_title === 'snake_case'],
    ['q=matrix', (row) => row.media_title === 'The Matrix'],
    ['q=mélie', (row) => /^am.lie$/i.test(row.media_title)],
    ['q=är', (row) => row.media_title === 'Ärger'],
    ['q=up', (row) => row.media_title === 'Up'],
    ['q=p', () => false],
    ['q=%25', (row) => row.media_title.includes('%')],
    ['q=_c', () => false],
    ['q=100%25', (row) => row.media_title === '100% Wolf'],
    ['q=e_case', (row) => row.media_title === 'snake_case'],
    ['q=a_e', () => false],
    ['q=ck%5Cs', (row) => row.media_title === 'back\\slash'],
    ['q=%5C%5C%5C', () => false],
    ["q=o'b", (row) => row.media_title === "O'Brien"],
    ['q=TT1007', (row) => row.imdb_id.startsWith('tt1007')],
    ['q=%20matrix%20', (row) => row.media_title === 'The Matrix'],
    ['reviewed=false&media_type=movie&label=none', (r) => !r.reviewed && r.media_type === 'movie' && r.label === null],
  ];
  test.each(filters)('%s finds what it says, and counts it', async (query, keeps) => {
    const { data, pagination } = await list(`${query}&include=prediction`);
    const expected = everything.filter(keeps);
    expect(idsOf(data)).toEqual(idsOf(expected));
    expect(pagination.total).toBe(expected.length);
    expect((await list(query)).pagination.total).toBe(expected.length);
  });

  test('a title is found by its own first letters, in every script', async () => {
    const titles = ['ΑΣ', 'İs', 'Ǆo', 'ßa', 'Жу'].map((media_title, i) => ({ imdb_id: `tt900000${i}`, media_title }));
    await insertTitles(subject.db, titles);
    for (const { imdb_id, media_title } of titles) {
      expect(idsOf((await list(`count=none&q=${encodeURIComponent(media_title)}`)).data)).toEqual([imdb_id]);
    }
    await subject.db.deleteFrom('atp.training').where('imdb_id', 'like', 'tt900000%').execute();
  });

  test('imdb_id takes one id, a comma list and the parameter repeated', async () => {
    const [first, second, third] = idsOf(everything).toSorted() as [string, string, string];
    expect(idsOf((await list(`imdb_id=${second}`)).data)).toEqual([second]);
    const several = await list(
      `imdb_id=${third},%20${first},,tt9999999&imdb_id=${second}&sort_by=imdb_id&sort_order=asc`,
    );
    expect(idsOf(several.data)).toEqual([first, second, third]);
  });

  /** Enum columns sort as their type was declared, titles by their words, other text by code point, nulls last and ties by ascending id both ways. */
  const rank = { label: labels as readonly unknown[], media_type: mediaTypes as readonly unknown[] };
  const compare = (left: unknown, right: unknown) =>
    typeof left === 'string' && typeof right === 'string'
      ? Buffer.compare(Buffer.from(left), Buffer.from(right))
      : Number(left) - Number(right);
  const sorted = (column: (typeof trainingSorts)[number], order: 'asc' | 'desc') => {
    const sign = order === 'asc' ? 1 : -1;
    const keyOf = (row: UsualTitle) => {
      if (column === 'media_title') return fold(row.media_title);
      const value = row[column] ?? null;
      const ranks = rank[column as keyof typeof rank];
      return value !== null && ranks ? ranks.indexOf(value) : value;
    };
    return everything.toSorted((left, right) => {
      const [a, b] = [keyOf(left), keyOf(right)];
      if (a === null || b === null) return a === b ? compare(left.imdb_id, right.imdb_id) : a === null ? 1 : -1;
      return sign * compare(a, b) || compare(left.imdb_id, right.imdb_id);
    });
  };
  test.each(trainingSorts.flatMap((column) => [[column, 'asc'] as const, [column, 'desc'] as const]))(
    'sort_by=%s %s puts nulls last and breaks ties by ascending id',
    async (column, order) => {
      expect(idsOf((await list(`sort_by=${column}&sort_order=${order}`)).data)).toEqual(idsOf(sorted(column, order)));
    },
  );

  test('without a sort the newest come first', async () => {
    expect(idsOf((await list('')).data)).toEqual(idsOf(sorted('created_at', 'desc')));
  });

  test('order=uncertain begins nearest to 0.5 and ends with the unpredicted by id', async () => {
    const { data } = await list('order=uncertain&include=prediction');
    const doubt = (row: UsualTitle) => Math.abs((row.probability as number) - 0.5);
    const [predicted, rest] = [
      data.filter((row) => row.probability !== null),
      data.filter((r) => r.probability === null),
    ];
    expect(idsOf(data)).toEqual(idsOf([...predicted, ...rest]));
    expect(idsOf(predicted)).toEqual(
      idsOf(predicted.toSorted((a, b) => doubt(a) - doubt(b) || compare(a.imdb_id, b.imdb_id))),
    );
    expect(idsOf(rest)).toEqual(idsOf(rest).toSorted());
    expect(data).toHaveLength(sampleTitles.length);
  });

  test.each([undefined, 0, 0.2, 0.5, 0.875, 1])(
    'order=disagree begins with labels that differ from what the model says at the threshold %s, surest first',
    async (threshold) => {
      const { data } = await list(`order=disagree${threshold === undefined ? '' : `&threshold=${threshold}`}`);
      const at = threshold ?? 0.35;
      const group = ({ probability, label }: UsualTitle) => {
        if (probability == null) return 2;
        return label !== null && label !== (probability >= at ? 'would_watch' : 'would_not_watch') ? 0 : 1;
      };
      // Without the rounding of a difference of doubles.
      const distance = (row: UsualTitle) => Math.round(Math.abs((row.probability as number) - at) * 1e9);
      const expected = everything.toSorted((a, b) => {
        if (group(a) !== group(b)) return group(a) - group(b);
        if (group(a) === 2) return compare(a.imdb_id, b.imdb_id);
        return distance(b) - distance(a) || compare(a.imdb_id, b.imdb_id);
      });
      expect(idsOf(data)).toEqual(idsOf(expected));
      expect(new Set(data.map(group)).size).toBeGreaterThanOrEqual(2);
    },
  );

  test('order=random shuffles every title, the same way for the same seed', async () => {
    const [one, again, other] = await Promise.all(
      ['a', 'a', 'another'].map(async (seed) => idsOf((await list(`order=random&seed=${seed}`)).data)),
    );
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(one?.toSorted()).toEqual(idsOf(everything).toSorted());
    expect(other?.toSorted()).toEqual(one?.toSorted());
  });

  test('order and sort_by together are refused by name', async () => {
    const { status, body } = await subject.call<{ errors: object[] }>('GET', '/training?order=random&sort_by=label');
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer: 'order' }]);
  });

  test('stats count what a reader of every row counts', async () => {
    const { body } = await subject.call<TrainingStats>('GET', '/training/stats');
    const count = (keeps: (row: UsualTitle) => boolean) => everything.filter(keeps).length;
    const perType = (keeps: (row: UsualTitle) => boolean) =>
      Object.fromEntries(mediaTypes.map((type) => [type, count((row) => keeps(row) && row.media_type === type)]));
    const times = (column: 'created_at' | 'updated_at', rows = everything) => rows.map((row) => row[column]).toSorted();
    expect(body).toEqual({
      total: sampleTitles.length,
      label: {
        would_watch: count((row) => row.label === 'would_watch'),
        would_not_watch: count((row) => row.label === 'would_not_watch'),
        none: count((row) => row.label === null),
      },
      reviewed: { true: count((row) => row.reviewed === true), false: count((row) => row.reviewed !== true) },
      human_labeled: { true: count((row) => row.human_labeled), false: count((row) => !row.human_labeled) },
      anomalous: { true: count((row) => row.anomalous), false: count((row) => !row.anomalous) },
      media_type: perType(() => true),
      unreviewed: {
        media_type: perType((row) => row.reviewed !== true),
        media_type_unlabelled: perType((row) => row.reviewed !== true && row.label === null),
        oldest_created_at: times(
          'created_at',
          everything.filter((row) => row.reviewed !== true),
        )[0],
        media_type_oldest_created_at: Object.fromEntries(
          mediaTypes.map((type) => {
            const waiting = everything.filter((row) => row.reviewed !== true && row.media_type === type);
            return [type, times('created_at', waiting)[0] ?? null];
          }),
        ),
      },
      oldest_created_at: times('created_at')[0],
      newest_created_at: times('created_at').at(-1),
      newest_updated_at: times('updated_at').at(-1),
    });
  });

  test('a title alone is the row of the list with its prediction, and its ETag the row’s updated_at', async () => {
    for (const row of everything.slice(0, 6)) {
      const { status, body, headers } = await subject.call('GET', `/training/${row.imdb_id}`);
      expect(status).toBe(200);
      expect(body).toEqual(row);
      expect(headers.etag).toBe(`"${row.updated_at}"`);
    }
  });

  test('the prediction is included only on request', async () => {
    const [row] = (await list('')).data;
    expect(Object.keys(row as object)).not.toContain('probability');
    expect(Object.keys(everything[0] as object)).toContain('prediction_created_at');
  });
});

describe('a refresh of metadata', () => {
  type Accepted = { message: string; run_id: string };
  const start = async (config: Record<string, string>) => {
    const app = await startTestApp({ config });
    onTestFinished(() => app.close());
    await insertTitles(app.db, [{ imdb_id: 'tt0000001' }]);
    const refresh = (id: string) => app.call<Problem & Accepted>('PATCH', `/training/${id}/rerun_metadata`);
    const refreshMany = (body: object) => app.call<Problem & Accepted>('POST', '/training/rerun_metadata', { body });
    return { app, refresh, refreshMany };
  };

  test('is refused with the settings that it needs, as /meta says, or 404 where there is no such title', async () => {
    const { app, refresh, refreshMany } = await start({});
    const known = await refresh('tt0000001');
    expect(known).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('AT_MOVIE_DETAILS_API_KEY') },
    });
    expect((await refreshMany({ without_facts: true })).body.message).toBe(known.body.message);
    expect((await app.call<Meta>('GET', '/meta')).body).toMatchObject({
      configured: { metadata: false },
      metadata_refusal: known.body.message,
    });
    const unknown = await refresh('tt0000002');
    expect([unknown.status, unknown.body.message]).toEqual([404, 'No training data found with IMDB ID: tt0000002']);
  });

  test('is a run, one at a time for each title and for each selection', async () => {
    const { app, refresh, refreshMany } = await start({ AT_TV_RATINGS_API_KEY: 'key' });
    expect((await app.call<Meta>('GET', '/meta')).body).toMatchObject({ metadata_refusal: null });
    const first = await refresh('tt0000001');
    expect([first.status, first.body.message]).toEqual([202, 'Metadata refresh started']);
    expect((await refresh('tt0000001')).body).toMatchObject({
      message: 'The metadata is being refreshed already',
      run_id: first.body.run_id,
    });
    const ids = ['tt0000002', 'tt0000001'];
    const many = await refreshMany({ imdb_ids: ids });
    expect((await refreshMany({ imdb_ids: ids.toReversed() })).body.run_id).toBe(many.body.run_id);
    const all = await refreshMany({ without_facts: true });
    expect(new Set([first, many, all].map(({ body }) => body.run_id)).size).toBe(3);
    const { body } = await app.call('GET', `/api/runs/${many.body.run_id}`, { headers: {} });
    expect(body).toMatchObject({
      task: 'training.rerun_metadata',
      params: { titles: ids.toSorted() },
      state: 'queued',
    });
    for (const wrong of [{}, { imdb_ids: ids, without_facts: true }, { imdb_ids: [] }, { imdb_ids: ['x'] }]) {
      expect([wrong, (await refreshMany(wrong)).status]).toEqual([wrong, 422]);
    }
  });
});

describe('values on the wire', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({
      prepare: async (connectionString) => {
        const client = new pg.Client(connectionString);
        await client.connect();
        await client.query(`DO $$ BEGIN
          EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'Asia/Kathmandu');
          EXECUTE format('ALTER DATABASE %I SET datestyle = %L', current_database(), 'German');
        END $$`);
        await client.end();
      },
    });
    await insertTitles(app.db, [
      {
        imdb_id: 'tt0000001',
        media_title: 'Full',
        season: 1,
        episode: 2,
        budget: '9223372036854775807' as unknown as number,
        revenue: '9007199254740993' as unknown as number,
        tmdb_rating: '6.241' as unknown as number,
        imdb_rating: '72.0' as unknown as number,
        original_language: 'x',
        origin_country: ['a', 'DE'],
        spoken_languages: [],
        production_companies: ['A, "B" & {C}', 'back\\slash', 'NULL'],
        production_countries: ['FR'],
        genre: ['Sci-Fi & Fantasy'],
        overview: 'Zeile\n\t"quoted" \\ \u2028 \u{1f3ac} <script>',
        created_at: '2025-05-21T02:27:51.094287Z',
        updated_at: '2025-05-21T02:27:51Z',
        prediction: {
          probability: '0.1234567890123456789' as unknown as number,
          created_at: '2025-05-21T02:27:51.1Z',
        },
      },
      { imdb_id: 'tt0000002', media_title: 'Bare', created_at: '1999-12-31T23:59:59.999999Z' },
    ]);
  });
  afterAll(() => app.close());

  test('a list is byte for byte what the driver’s own objects say', async () => {
    const reference = await startTestApp({
      database: app.config.database as string,
      plain: true,
    });
    try {
      for (const query of [
        '',
        'include=prediction',
        'order=disagree',
        'order=random',
        'sort_by=budget',
        'q=Fu',
        'q=Full',
      ]) {
        const path = `/training?count=none&${query}`;
        expect((await app.call('GET', path)).text).toBe((await reference.call('GET', path)).text);
      }
    } finally {
      await reference.close();
    }
  });

  const both = async () => {
    const list = await app.call<UsualTitles>('GET', '/training?include=prediction&sort_by=imdb_id&sort_order=asc');
    const one = await app.call<UsualTitle>('GET', '/training/tt0000001');
    return { list, one };
  };

  test('numbers keep every digit, also beyond 2^53', async () => {
    const { list, one } = await both();
    for (const { text } of [list, one]) {
      expect(text).toContain('"budget":9223372036854775807');
      expect(text).toContain('"revenue":9007199254740993');
      expect(text).toContain('"probability":0.1234567890123456789');
      expect(text).toContain('"tmdb_rating":6.241');
      expect(text).toMatch(/"imdb_rating":72[,}]/);
    }
  });

  test('times are UTC with six decimals, for every time zone and style of the database', async () => {
    const { list, one } = await both();
    for (const row of [list.body.data[0], one.body]) {
      expect(row).toMatchObject({
        created_at: '2025-05-21T02:27:51.094287Z',
        updated_at: '2025-05-21T02:27:51.000000Z',
        prediction_created_at: '2025-05-21T02:27:51.100000Z',
      });
    }
    expect(list.body.data[1]?.created_at).toBe('1999-12-31T23:59:59.999999Z');
  });

  test('a write stores the right time, for every time zone of the database', async () => {
    // Time zones differ by more.
    const minute = 60_000;
    const before = Date.now();
    const { headers } = await app.call('PATCH', '/training/tt0000002/would_watch');
    const stored = Date.parse(JSON.parse(headers.etag as string));
    expect(stored).toBeGreaterThan(before - minute);
    expect(stored).toBeLessThan(Date.now() + minute);
    const { body } = await app.call<{ data: { at: string }[] }>('GET', '/training/tt0000002/history');
    expect(Math.abs(Date.parse(body.data[0]?.at as string) - stored)).toBeLessThan(minute);
  });

  test('char(n) comes without padding, arrays as arrays, text as it is', async () => {
    const { list, one } = await both();
    for (const row of [list.body.data[0], one.body]) {
      expect(row).toMatchObject({
        original_language: 'x',
        origin_country: ['a', 'DE'],
        spoken_languages: [],
        production_companies: ['A, "B" & {C}', 'back\\slash', 'NULL'],
        genre: ['Sci-Fi & Fantasy'],
        overview: 'Zeile\n\t"quoted" \\ \u2028 \u{1f3ac} <script>',
        cm_value: 'tp',
        season: 1,
        episode: 2,
      });
    }
  });

  test('every column is there, null when there is nothing', async () => {
    const { list } = await both();
    const { rows } = await pgColumns(app);
    const expected = [...rows, 'prediction', 'probability', 'cm_value', 'prediction_created_at'].toSorted();
    for (const row of list.body.data) expect(Object.keys(row).toSorted()).toEqual(expected);
    expect(list.body.data[1]).toMatchObject({
      budget: null,
      genre: null,
      overview: null,
      tmdb_id: null,
      probability: null,
    });
  });
});

async function pgColumns({ db }: TestApp): Promise<{ rows: string[] }> {
  const table = (await db.introspection.getTables()).find(
    ({ schema, name }) => schema === 'atp' && name === 'training',
  );
  return { rows: table?.columns.map(({ name }) => name) ?? [] };
}
