import { describe, expect, test } from 'vitest';
import { type BinRow, compareSlices, evaluate, wilson } from './rules.ts';

describe("Wilson's interval", () => {
  // The examples of Newcombe, "Two-sided confidence intervals for the single proportion" (1998), method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is %f to %f', (hits, cases, low, high) => {
    const [foundLow, foundHigh] = wilson(hits, cases);
    expect(foundLow).toBeCloseTo(low, 4);
    expect(foundHigh).toBeCloseTo(high, 4);
  });

  test('never leaves 0 to 1, and holds the share', () => {
    for (let cases = 1; cases <= 60; cases += 1) {
      for (let hits = 0; hits <= cases; hits += 1) {
        const [low, high] = wilson(hits, cases);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(hits / cases);
        expect(high).toBeGreaterThanOrEqual(hits / cases);
      }
    }
  });
});

/** As many of each label in a bin as said; sums that these tests do not look at are 0. */
const binRow = (bin: number, would_watch: number, would_not_watch: number, certain = 0): BinRow => ({
  bin,
  would_watch,
  would_not_watch,
  unlabelled: 0,
  others: 0,
  certain_would_watch: certain,
  certain_would_not_watch: 0,
  tp: 0,
  tn: would_not_watch,
  fp: 0,
  fn: would_watch,
  recorded_tp: 0,
  recorded_tn: 0,
  recorded_fp: 0,
  recorded_fn: 0,
  disagree: 0,
  relabelled: 0,
  probability_sum: 0,
  squared_error_sum: 0,
  pairs_in_order: 0,
});

describe('the curve', () => {
  test('keeps to some 400 points however many bins are filled', () => {
    const everywhere = Array.from({ length: 1000 }, (_, bin) => binRow(bin, 1 + (bin % 7), 1 + (bin % 5)));
    const apart = Array.from({ length: 1000 }, (_, bin) => binRow(bin, bin < 500 ? 0 : 1, bin < 500 ? 1 : 0));
    for (const rows of [everywhere, apart]) {
      const { curve } = evaluate(rows, [], 0.5);
      expect(curve.length).toBeGreaterThan(150);
      expect(curve.length).toBeLessThanOrEqual(402);
      expect(curve.at(-1)).toMatchObject({ threshold: 0, true_positive_rate: 1, false_positive_rate: 1 });
    }
  });

  test('separates the certain ones from the rest of the last bin', () => {
    const { curve } = evaluate([binRow(999, 10, 0, 4), binRow(0, 0, 10)], [], 0.5);
    expect(curve.map(({ threshold, true_positive_rate }) => [threshold, true_positive_rate])).toEqual([
      [null, 0],
      [1, 0.4],
      [0.999, 1],
      [0, 1],
    ]);
  });
});

describe('slices', () => {
  const whole = { slice: null, unlabelled: 0, tp: 40, tn: 40, fp: 10, fn: 10 };
  const slice = (name: string, right: number, wrong: number) => ({
    slice: name,
    unlabelled: 0,
    tp: right,
    tn: 0,
    fp: wrong,
    fn: 0,
  });

  test('come by how far they depart, either way; of equals the larger, then by name', () => {
    const rows = [
      whole,
      slice('near', 79, 21),
      slice('bad', 5, 5),
      slice('b', 10, 0),
      slice('a', 10, 0),
      slice('c', 20, 0),
    ];
    const { data } = compareSlices(rows, { by: 'genre', minimum: 1, threshold: 0.5 });
    expect(data.map((one) => one.slice)).toEqual(['bad', 'c', 'a', 'b', 'near']);
    expect(data[0]?.departure).toBeCloseTo(0.3, 12);
    expect(data[1]?.departure).toBeCloseTo(-0.2, 12);
  });

  test('below the minimum are counted, not shown', () => {
    const rows = [whole, slice('large', 19, 1), slice('small', 19, 0)];
    const { data, too_small } = compareSlices(rows, { by: 'genre', minimum: 20, threshold: 0.5 });
    expect([data.map((one) => one.slice), too_small]).toEqual([['large'], 1]);
  });

  test.each([
    ['genre', 'Action & Adventure', 'genre=Action+%26+Adventure'],
    ['decade', '1990', 'release_year_min=1990&release_year_max=1999'],
    ['country', 'FR', 'origin_country=FR'],
    ['language', 'en', 'original_language=en'],
    ['rating', '0', 'imdb_rating_min=0&imdb_rating_max=9.9'],
    ['rating', '60', 'imdb_rating_min=60&imdb_rating_max=69.9'],
    ['rating', '90', 'imdb_rating_min=90&imdb_rating_max=100'],
  ] as const)('by %s: %s opens with %s', (by, name, filter) => {
    const { data } = compareSlices([whole, slice(name, 1, 1)], { by, minimum: 1, threshold: 0.5 });
    expect(data[0]?.filter).toBe(filter);
  });
});
