import {
  type Evaluation,
  getEvaluation,
  listSlices,
  type Matrix,
  type Slice,
  type Slices,
  sliceDimensions,
} from '@at/contracts/predictions';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  insertTitles,
  sampleTitles,
  startTestApp,
  type TestApp,
  type UsualMovie,
  type UsualMovies,
} from '#test/test-app.ts';
import { demoDatabase } from '../../../../../infra/demo/testing.ts';

/** Everything is computed a second time here, the slow way: over all rows, in the order of the definitions. */

async function startLoaded(): Promise<TestApp> {
  const app = await startTestApp({ template: await demoDatabase() });
  // Beside the films: the ends of the scale, ties, titles without label or values, and an id without a title.
  await insertTitles(
    app.db,
    sampleTitles.map((title, i) => ({ ...title, genre: i % 9 === 1 ? ['Drama', 'Drama'] : (title.genre ?? null) })),
  );
  await app.db
    .insertInto('atp.prediction')
    .values({ imdb_id: 'tt98999999', prediction: 1, probability: 0.9, cm_value: 'fp' })
    .execute();
  return app;
}

let app: TestApp;
let rows: UsualMovie[];

beforeAll(async () => {
  app = await startLoaded();
  rows = [];
  let cursor = '';
  do {
    const { body } = await app.call<UsualMovies>(
      'GET',
      `/movies/?limit=1000&count=none${cursor && `&cursor=${cursor}`}`,
    );
    rows.push(...body.data);
    cursor = body.pagination.next_cursor ?? '';
  } while (cursor);
});
afterAll(() => app.close());

const evaluation = async (query: string, of = app) =>
  (await of.call<Evaluation>('GET', `/prediction/evaluation?${query}`)).body;
const slices = async (query: string, of = app) => (await of.call<Slices>('GET', `/prediction/slices?${query}`)).body;

const isLabelled = ({ label }: UsualMovie) => label !== null;
const isYes = ({ label }: UsualMovie) => label === 'would_watch';

function matrixOf(of: UsualMovie[], threshold: number): Matrix {
  const matrix: Matrix = { tp: 0, tn: 0, fp: 0, fn: 0 };
  for (const row of of.filter(isLabelled)) {
    const yes = row.probability >= threshold;
    matrix[isYes(row) ? (yes ? 'tp' : 'fn') : yes ? 'fp' : 'tn'] += 1;
  }
  return matrix;
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
const mean = (values: number[]) =>
  share(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );

function areaOf(of: UsualMovie[]): number | null {
  const yes = of.filter(isYes);
  const no = of.filter((row) => row.label === 'would_not_watch');
  let won = 0;
  for (const one of yes) {
    for (const other of no)
      won += one.probability > other.probability ? 1 : one.probability === other.probability ? 0.5 : 0;
  }
  return share(won, yes.length * no.length);
}

function calibrationOf(of: UsualMovie[]) {
  return Array.from({ length: 10 }, (_, i) => {
    const own = of.filter((row) => isLabelled(row) && Math.min(9, Math.floor(row.probability * 10)) === i);
    return {
      labelled: own.length,
      mean_probability: mean(own.map(({ probability }) => probability)),
      would_watch_share: share(own.filter(isYes).length, own.length),
    };
  });
}

/** Equal to a double's last digits, which depend on the order of a sum. */
const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 11));

const scopes: [query: string, keeps: (row: UsualMovie) => boolean][] = [
  ['', () => true],
  ['&media_type=movie', (row) => row.media_type === 'movie'],
  ['&media_type=tv_season&reviewed=false', (row) => row.media_type === 'tv_season' && !row.reviewed],
  ['&reviewed=True', (row) => row.reviewed === true],
  ['&anomalous=true', (row) => row.anomalous],
  ['&anomalous=no&reviewed=0', (row) => !row.anomalous && !row.reviewed],
];

test('the catalogue is more than a handful, of every label', () => {
  expect(rows.length).toBeGreaterThan(300);
  for (const label of ['would_watch', 'would_not_watch', null]) {
    expect(rows.filter((row) => row.label === label).length).toBeGreaterThan(10);
  }
});

describe.each(scopes)('an evaluation of %j', (query, keeps) => {
  test.each([0, 0.1, 0.35, 0.5, 0.75, 0.9996, 1])('at %f says what a reader of every row says', async (threshold) => {
    const found = await evaluation(`threshold=${threshold}${query}`);
    const own = rows.filter(keeps);
    const labelled = own.filter(isLabelled);
    const matrix = matrixOf(own, threshold);
    const { tp, tn, fp, fn } = matrix;
    expect(found).toMatchObject({
      threshold,
      labelled: labelled.length,
      unlabelled: own.length - labelled.length,
      matrix,
      accuracy: near(share(tp + tn, labelled.length)),
      precision: near(share(tp, tp + fp)),
      recall: near(share(tp, tp + fn)),
      f1: near(share(2 * tp, 2 * tp + fp + fn)),
      auc: near(areaOf(own)),
      brier: near(mean(labelled.map((row) => (row.probability - Number(isYes(row))) ** 2))),
    });
    const bins = calibrationOf(own);
    expect(found.calibration).toMatchObject(
      bins.map((bin) => ({
        labelled: bin.labelled,
        mean_probability: near(bin.mean_probability),
        would_watch_share: near(bin.would_watch_share),
      })),
    );
    const gaps = bins.map((bin) => bin.labelled * Math.abs((bin.mean_probability ?? 0) - (bin.would_watch_share ?? 0)));
    expect(found.ece).toEqual(
      near(
        share(
          gaps.reduce((sum, gap) => sum + gap, 0),
          labelled.length,
        ),
      ),
    );
    const stored = labelled.filter((row) => matrixOf([row], threshold)[row.cm_value] === 0);
    const recorded = (cell: UsualMovie['cm_value']) => own.filter((row) => row.cm_value === cell).length;
    expect(found.stored).toEqual({
      matrix: { tp: recorded('tp'), tn: recorded('tn'), fp: recorded('fp'), fn: recorded('fn') },
      other: {},
      disagree: stored.length,
      relabelled: labelled.filter((row) => ['tp', 'fn'].includes(row.cm_value) !== isYes(row)).length,
    });
  });

  test('the histogram holds each prediction once, in its bin', async () => {
    const { histogram } = await evaluation(query);
    const own = rows.filter(keeps);
    for (const label of ['would_watch', 'would_not_watch', 'unlabelled'] as const) {
      const bins = new Array(1000).fill(0);
      for (const row of own.filter((row) => (row.label ?? 'unlabelled') === label)) {
        // By its digits: in doubles 0.29 * 1000 is less than 290.
        const [, digits = ''] = /^0\.(\d{1,3})/.exec(String(row.probability)) ?? [];
        bins[row.probability === 1 ? 999 : Number(digits.padEnd(3, '0'))] += 1;
      }
      expect(histogram[label]).toEqual(bins);
    }
  });

  test('the matrix at each thousandth is a sum over the histogram', async () => {
    const { histogram } = await evaluation(query);
    const own = rows.filter(keeps);
    const above = (bins: number[], bin: number) => bins.slice(bin).reduce((sum, count) => sum + count, 0);
    for (const thousandths of [0, 1, 250, 290, 350, 500, 750, 999, 1000]) {
      const { tp, fp } = matrixOf(own, thousandths / 1000);
      const { would_watch, would_not_watch, certain } = histogram;
      expect(thousandths === 1000 ? certain.would_watch : above(would_watch, thousandths)).toBe(tp);
      expect(thousandths === 1000 ? certain.would_not_watch : above(would_not_watch, thousandths)).toBe(fp);
    }
  });

  test('every point of the curve is the matrix at its threshold, and no step is missing', async () => {
    const { curve } = await evaluation(query);
    const own = rows.filter(keeps);
    const rates = (threshold: number) => {
      const { tp, tn, fp, fn } = matrixOf(own, threshold);
      return {
        true_positive_rate: share(tp, tp + fn),
        false_positive_rate: share(fp, fp + tn),
        precision: share(tp, tp + fp),
      };
    };
    expect(curve[0]?.threshold).toBe(null);
    expect(curve.at(-1)?.threshold).toBe(0);
    expect(curve.length).toBeLessThanOrEqual(402);
    const points = curve.slice(1);
    for (const { threshold, ...point } of points) expect(point).toEqual(rates(threshold as number));
    for (const [i, point] of points.entries()) {
      const before = points[i - 1]?.threshold ?? 1.001;
      expect(point.threshold).toBeLessThan(before);
      // Just above a point, the rates are still within a step of the point before.
      if ((point.threshold as number) + 0.001 >= before) continue;
      const above = rates((point.threshold as number) + 0.001);
      for (const rate of ['true_positive_rate', 'false_positive_rate'] as const) {
        expect((above[rate] ?? 0) - (curve[i]?.[rate] ?? 0)).toBeLessThan(0.005);
      }
    }
  });
});

describe('what an evaluation promises', () => {
  test('without a threshold it is the operating one', async () => {
    expect(await evaluation('')).toEqual(await evaluation('threshold=0.35'));
  });

  test('where nothing is labelled, or nothing is there, the measures are null and not a guess', async () => {
    for (const titles of [[], [{ imdb_id: 'tt0000001', prediction: {} }]]) {
      const empty = await startTestApp();
      try {
        if (titles.length > 0) await insertTitles(empty.db, titles);
        const { status, body } = await empty.call<Evaluation>('GET', '/prediction/evaluation');
        expect(status).toBe(200);
        expect(body).toMatchObject({
          labelled: 0,
          unlabelled: titles.length,
          matrix: { tp: 0, tn: 0, fp: 0, fn: 0 },
          ...{ accuracy: null, precision: null, recall: null, f1: null, auc: null, brier: null, ece: null },
        });
        expect(body.calibration).toHaveLength(10);
        expect(body.histogram.unlabelled.filter((count) => count > 0)).toEqual(titles.map(() => 1));
        const sliced = (await empty.call<Slices>('GET', '/prediction/slices?minimum=1&by=decade')).body;
        expect(sliced).toMatchObject({ whole: { error_rate: null }, data: [], too_small: titles.length });
      } finally {
        await empty.close();
      }
    }
  });

  test.each([
    ['evaluation?threshold=1.5', 'threshold'],
    ['evaluation?threshold=-1e-9', 'threshold'],
    ['evaluation?threshold=NaN', 'threshold'],
    ["evaluation?threshold=0.5'", 'threshold'],
    ['evaluation?threshold=%00', 'threshold'],
    ['evaluation?media_type=film', 'media_type'],
    ['evaluation?reviewed=perhaps', 'reviewed'],
    ['slices?by=title', 'by'],
    ['slices?by=genre&minimum=0', 'minimum'],
    ['slices?minimum=99999999999', 'minimum'],
    ['slices?threshold=2', 'threshold'],
    ['slices?anomalous=2', 'anomalous'],
  ])('/prediction/%s is refused by name', async (path, pointer) => {
    const { status, body } = await app.call<Problem>('GET', `/prediction/${path}`);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer }]);
  });

  test.each(['1e-300', '5e-324', '0.1234567890123456789'])(
    'a threshold of %s is compared, not refused',
    async (threshold) => {
      expect((await evaluation(`threshold=${threshold}`)).labelled).toBe(rows.filter(isLabelled).length);
      expect((await slices(`threshold=${threshold}`)).whole.labelled).toBe(rows.filter(isLabelled).length);
    },
  );

  test('both say how old they are', async () => {
    for (const { url } of [getEvaluation, listSlices]) {
      const began = performance.now();
      const age = Number((await app.call('GET', url)).headers.age);
      expect(age).toBeLessThanOrEqual(1 + (performance.now() - began) / 1000);
    }
  });
});

/** What a title's slices are. */
const valuesOf: Record<(typeof sliceDimensions)[number], (row: UsualMovie) => string[]> = {
  genre: (row) => [...new Set(row.genre ?? [])],
  decade: (row) => [`${Math.floor(row.release_year / 10)}0`],
  country: (row) => [...new Set(row.origin_country ?? [])],
  language: (row) => (row.original_language === null ? [] : [row.original_language]),
  rating: (row) => (row.imdb_rating === null ? [] : [`${Math.min(9, Math.floor(row.imdb_rating / 10)) * 10}`]),
};

/** Wilson's bounds are where the share lies 1.96 standard errors from the bound: found here by halving. */
function boundOf(hits: number, cases: number, side: -1 | 1): number {
  const observed = hits / cases;
  let [inside, outside] = [observed, side < 0 ? 0 : 1];
  const isWithin = (p: number) => Math.abs(observed - p) <= 1.959963984540054 * Math.sqrt((p * (1 - p)) / cases);
  if (observed === outside) return outside;
  for (let i = 0; i < 60; i += 1) {
    const middle = (inside + outside) / 2;
    if (isWithin(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

describe.each(sliceDimensions)('slices by %s', (by) => {
  test.each([
    ['&minimum=1', () => true, 1],
    ['', () => true, 20],
    ['&media_type=movie&threshold=0.6&minimum=3', (row: UsualMovie) => row.media_type === 'movie', 3],
    ['&reviewed=false&anomalous=false&minimum=2', (row: UsualMovie) => !row.reviewed && !row.anomalous, 2],
  ] as const)('%j say what a reader of every row says', async (query, keeps, minimum) => {
    const found = await slices(`by=${by}${query}`);
    const threshold = query.includes('0.6') ? 0.6 : 0.35;
    const own = rows.filter(keeps);
    const errorsOf = ({ tp, tn, fp, fn }: Matrix) => (fp + fn) / (tp + tn + fp + fn);
    const whole = matrixOf(own, threshold);
    expect(found).toMatchObject({ by, threshold, whole: { matrix: whole, error_rate: near(errorsOf(whole)) } });

    const names = [...new Set(own.flatMap(valuesOf[by]))];
    const expected = names.flatMap((slice) => {
      const inside = own.filter((row) => valuesOf[by](row).includes(slice));
      const labelled = inside.filter(isLabelled).length;
      if (labelled < minimum) return [];
      const matrix = matrixOf(inside, threshold);
      const wrong = matrix.fp + matrix.fn;
      return [
        {
          slice,
          labelled,
          unlabelled: inside.length - labelled,
          matrix,
          error_rate: near(errorsOf(matrix)),
          error_rate_low: near(boundOf(wrong, labelled, -1)),
          error_rate_high: near(boundOf(wrong, labelled, 1)),
          departure: near(errorsOf(matrix) - errorsOf(whole)),
        },
      ];
    });
    const byName = (left: { slice: string }, right: { slice: string }) => (left.slice < right.slice ? -1 : 1);
    expect(found.data.map(({ filter: _, ...slice }: Slice) => slice).toSorted(byName)).toEqual(
      expected.toSorted(byName),
    );
    expect(found.too_small).toBe(names.length - expected.length);
    const departures = found.data.map(({ departure }) => Math.abs(departure));
    expect(departures).toEqual(departures.toSorted((left, right) => right - left));
  });

  test('each opens, by its filter, as a list of just its titles', async () => {
    const { data } = await slices(`by=${by}&minimum=1`);
    expect(data.length).toBeGreaterThan(1);
    for (const { filter, labelled, unlabelled } of data) {
      const { status, body } = await app.call<UsualMovies>('GET', `/movies/?limit=1&${filter}`, {
        headers: { prefer: 'handling=strict' },
      });
      expect([status, body.pagination.total]).toEqual([200, labelled + unlabelled]);
    }
  });
});

describe('while titles change', () => {
  let written: TestApp;
  beforeAll(async () => {
    written = await startLoaded();
  });
  afterAll(() => written.close());

  test('a probability closer to the threshold than a double can tell falls on its side', async () => {
    const [before, slicedBefore] = await Promise.all([
      evaluation('threshold=0.35', written),
      slices('by=decade', written),
    ]);
    await insertTitles(
      written.db,
      ['0.349999999999999999999', '0.35', '0.350000000000000000001'].map((probability, i) => ({
        imdb_id: `tt9800000${i}`,
        label: 'would_watch' as const,
        prediction: { probability: probability as unknown as number, prediction: 0, cm_value: 'fn' },
      })),
    );
    // A write, so that no reader gets an older answer.
    await written.call('PATCH', '/training/tt98000000/would_watch');
    const [after, slicedAfter] = await Promise.all([
      evaluation('threshold=0.35', written),
      slices('by=decade', written),
    ]);
    expect([after.matrix.tp - before.matrix.tp, after.matrix.fn - before.matrix.fn]).toEqual([2, 1]);
    expect(slicedAfter.whole.matrix).toEqual(after.matrix);
    expect(slicedAfter.whole.labelled - slicedBefore.whole.labelled).toBe(3);
    // The one below shares neither bin nor rank with the two above.
    expect((after.histogram.would_watch[349] ?? 0) - (before.histogram.would_watch[349] ?? 0)).toBe(1);
  });

  test('a relabel is counted in the very next evaluation, also when others request it', async () => {
    const moved = rows.find((row) => isYes(row) && row.media_type === 'movie' && row.probability >= 0.35) as UsualMovie;
    const before = await evaluation('media_type=movie', written);
    const label = (to: string) =>
      written.call('PATCH', `/training/${moved.imdb_id}/label`, { body: { imdb_id: moved.imdb_id, label: to } });
    const crowd = Promise.all(Array.from({ length: 20 }, () => evaluation('media_type=movie', written)));
    await label('would_not_watch');
    const after = await evaluation('media_type=movie', written);
    expect(after.matrix).toEqual({ ...before.matrix, tp: before.matrix.tp - 1, fp: before.matrix.fp + 1 });
    await label('would_watch');
    expect(await evaluation('media_type=movie', written)).toEqual(before);
    for (const { matrix, labelled } of await crowd) {
      expect(matrix.tp + matrix.fp + matrix.tn + matrix.fn).toBe(labelled);
    }
  });

  test('while many relabel, no evaluation loses or doubles a title', async () => {
    const movers = rows.filter((row) => isLabelled(row) && row.media_type === 'movie').slice(0, 16);
    const whole = await evaluation('media_type=movie', written);
    const writing = Promise.all(
      movers.map(async ({ imdb_id, label }) => {
        for (const to of [label === 'would_watch' ? 'would_not_watch' : 'would_watch', label]) {
          await written.call('PATCH', `/training/${imdb_id}/label`, { body: { imdb_id, label: to } });
        }
      }),
    );
    for (let i = 0; i < 10; i += 1) {
      const { labelled, matrix, histogram } = await evaluation('media_type=movie', written);
      expect(labelled).toBe(whole.labelled);
      const all = (bins: number[]) => bins.reduce((sum, count) => sum + count, 0);
      expect(all(histogram.would_watch)).toBe(matrix.tp + matrix.fn);
    }
    await writing;
    expect(await evaluation('media_type=movie', written)).toEqual(whole);
  });
});
