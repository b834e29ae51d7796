import { type Evaluation, histogramBins, type Matrix } from '@at/contracts/predictions';
import type { CmValue, Label } from '@at/contracts/vocabulary';
import { describe, expect, it } from 'vitest';
import type { Move } from '#titles/title-changes.ts';
import {
  barsOf,
  bestF1,
  binOf,
  cellAt,
  cheapest,
  matrixAt,
  measuresOf,
  ratesOf,
  tallyOf,
  withMoves,
} from './evaluation.ts';

/** The oracle: everything computed slowly over all rows, by the definitions. */

type Row = { label: Label | null; probability: number; cm_value: CmValue; reviewed: boolean; anomalous: boolean };

/** Pseudorandom numbers from a seed. */
function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const random = createRandom(7);
const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;

const rows: Row[] = [
  // The ends, ties, and digits that doubles cannot hold.
  ...[0, 1, 1, 1, 0.29, 0.29, 0.57, 0.999, 0.9996, 0.35, 0.5, 0.001].map((probability) => ({ probability })),
  ...Array.from({ length: 600 }, () => ({ probability: Math.round(random() * 10_000) / 10_000 })),
].map(({ probability }) => ({
  probability,
  label: random() < 0.1 ? null : random() < probability ? 'would_watch' : 'would_not_watch',
  cm_value: pick(['tp', 'tn', 'fp', 'fn'] as const),
  reviewed: random() < 0.5,
  anomalous: random() < 0.1,
}));

function slowMatrix(of: Row[], threshold: number): Matrix {
  const matrix: Matrix = { tp: 0, tn: 0, fp: 0, fn: 0 };
  for (const { label, probability } of of) {
    if (label !== null)
      matrix[
        label === 'would_watch' ? (probability >= threshold ? 'tp' : 'fn') : probability >= threshold ? 'fp' : 'tn'
      ] += 1;
  }
  return matrix;
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);

/** By its digits. */
function slowBin(probability: number): number {
  const [, digits = ''] = /^0\.(\d{1,3})/.exec(String(probability)) ?? [];
  return probability === 1 ? histogramBins - 1 : Number(digits.padEnd(3, '0'));
}

/** The API's evaluation of these rows, by its contract. */
function slowEvaluation(of: Row[], threshold: number): Evaluation {
  const labelled = of.filter(({ label }) => label !== null);
  const yes = (row: Row) => Number(row.label === 'would_watch');
  const bins = (label: Label | null) =>
    Array.from(
      { length: histogramBins },
      (_none, bin) => of.filter((row) => row.label === label && slowBin(row.probability) === bin).length,
    );
  const certain = (label: Label) => of.filter((row) => row.label === label && row.probability === 1).length;
  const calibration = Array.from({ length: 10 }, (_none, tenth) => {
    const own = labelled.filter(({ probability }) => Math.floor(slowBin(probability) / 100) === tenth);
    return {
      from: tenth / 10,
      to: (tenth + 1) / 10,
      labelled: own.length,
      mean_probability: share(
        own.reduce((sum, row) => sum + row.probability, 0),
        own.length,
      ),
      would_watch_share: share(
        own.reduce((sum, row) => sum + yes(row), 0),
        own.length,
      ),
    };
  });
  const gap = calibration.reduce(
    (sum, tenth) => sum + tenth.labelled * Math.abs((tenth.mean_probability ?? 0) - (tenth.would_watch_share ?? 0)),
    0,
  );
  const matrix = slowMatrix(of, threshold);
  const recorded = (cell: CmValue) => of.filter(({ cm_value }) => cm_value === cell).length;
  return {
    threshold,
    labelled: labelled.length,
    unlabelled: of.length - labelled.length,
    other_labels: {},
    no_probability: 0,
    matrix,
    ...measuresOf(matrix),
    auc: 0.5,
    brier: share(
      labelled.reduce((sum, row) => sum + (row.probability - yes(row)) ** 2, 0),
      labelled.length,
    ),
    ece: share(gap, labelled.length),
    calibration,
    histogram: {
      would_watch: bins('would_watch'),
      would_not_watch: bins('would_not_watch'),
      unlabelled: bins(null),
      certain: { would_watch: certain('would_watch'), would_not_watch: certain('would_not_watch') },
    },
    curve: [],
    stored: {
      matrix: { tp: recorded('tp'), tn: recorded('tn'), fp: recorded('fp'), fn: recorded('fn') },
      other: {},
      disagree: labelled.filter((row) => slowMatrix([row], threshold)[row.cm_value] === 0).length,
      relabelled: labelled.filter((row) => ['tp', 'fn'].includes(row.cm_value) !== (yes(row) === 1)).length,
    },
  };
}

const whole = slowEvaluation(rows, 0.35);
const tally = tallyOf(whole.histogram);
const thousandths = Array.from({ length: 1001 }, (_none, k) => k / 1000);

describe('at any threshold in thousandths', () => {
  it('the matrix equals a count over every row', () => {
    for (const threshold of thousandths) expect(matrixAt(tally, threshold)).toEqual(slowMatrix(rows, threshold));
  });

  it('a title is in the cell that it is counted in', () => {
    for (const threshold of [0, 0.001, 0.29, 0.35, 0.57, 0.999, 1]) {
      const counted: Matrix = { tp: 0, tn: 0, fp: 0, fn: 0 };
      for (const { label, probability } of rows) {
        const cell = cellAt(label, probability, threshold);
        if (cell) counted[cell] += 1;
      }
      expect(counted).toEqual(matrixAt(tally, threshold));
    }
  });
});

describe('measures and rates', () => {
  it('are those of the definitions', () => {
    const matrix = { tp: 6, fp: 2, fn: 3, tn: 9 };
    expect(measuresOf(matrix)).toEqual({ accuracy: 15 / 20, precision: 6 / 8, recall: 6 / 9, f1: 12 / 17 });
    expect(ratesOf(matrix)).toEqual({ tp: 6 / 9, fn: 3 / 9, fp: 2 / 11, tn: 9 / 11 });
  });

  it('of nothing are unknown, not zero', () => {
    const nothing = { tp: 0, fp: 0, fn: 0, tn: 0 };
    expect(Object.values({ ...measuresOf(nothing), ...ratesOf(nothing) })).toEqual(new Array(8).fill(null));
  });
});

describe('a threshold to choose', () => {
  const f1 = (threshold: number) => measuresOf(slowMatrix(rows, threshold)).f1 ?? 0;
  const price = (cost: number) => (threshold: number) => {
    const { fp, fn } = slowMatrix(rows, threshold);
    return -(cost * fp + fn);
  };
  const slowBest = (score: (threshold: number) => number) =>
    thousandths.reduce((best, threshold) => (score(threshold) > score(best) ? threshold : best), 0);

  it('for the best F1 has no better one', () => {
    expect(bestF1(tally)).toBe(slowBest(f1));
  });

  it.each([0.1, 1, 4.5, 100])('where a false positive costs %d false negatives has no cheaper one', (cost) => {
    expect(cheapest(tally, cost)).toBe(slowBest(price(cost)));
  });

  it('is unknown without labels', () => {
    const none = tallyOf(slowEvaluation([], 0.5).histogram);
    expect([bestF1(none), cheapest(none, 1)]).toEqual([null, null]);
  });
});

describe('the bins', () => {
  it('hold each probability of up to four digits by its digits', () => {
    for (let value = 0; value <= 10_000; value += 1) expect(binOf(value / 10_000)).toBe(slowBin(value / 10_000));
  });

  it('lose nothing when they are drawn as bars', () => {
    const bars = barsOf(whole.histogram.would_watch, 50);
    expect(bars).toHaveLength(50);
    expect(bars.reduce((sum, bar) => sum + bar, 0)).toBe(tally.would_watch[0]);
  });
});

describe('pending changes', () => {
  const flagsOf = ({ label, reviewed, anomalous }: Row) => ({ label, reviewed, anomalous, human_labeled: false });
  const titleOf = ({ probability, cm_value }: Row, index: number) => ({
    imdb_id: `tt${index}`,
    media_type: 'movie' as const,
    probability,
    cm_value,
  });
  /** Every fifth row with another label, review and anomaly; some labels from or to none. */
  const after = rows.map((row, index): Row => {
    if (index % 5 > 0) return row;
    const label = [null, 'would_watch', 'would_not_watch'][(index / 5) % 3] as Label | null;
    return { ...row, label, reviewed: index % 2 === 0, anomalous: index % 3 === 0 };
  });
  const moves: Move[] = rows.flatMap((row, index) => {
    const to = after[index] as Row;
    return row === to
      ? []
      : [{ id: `${index}`, title: titleOf(row, index), from: flagsOf(row), to: flagsOf(to), settledAt: null }];
  });
  const close = ({
    curve: _curve,
    auc: _auc,
    accuracy: _a,
    precision: _p,
    recall: _r,
    f1: _f,
    ...figures
  }: Evaluation) =>
    JSON.parse(JSON.stringify(figures), (_key, value: unknown) =>
      typeof value === 'number' ? Math.round(value * 1e9) / 1e9 : value,
    ) as unknown;

  it.each([{}, { reviewed: true }, { reviewed: false, anomalous: false }, { anomalous: true }])(
    'move every figure to where the API will have it, of %j too',
    (scope) => {
      const keeps = (row: Row) =>
        (scope.reviewed === undefined || row.reviewed === scope.reviewed) &&
        (scope.anomalous === undefined || row.anomalous === scope.anomalous);
      const before = slowEvaluation(rows.filter(keeps), 0.35);
      const kept = structuredClone(before);
      expect(close(withMoves(before, 0, moves, scope))).toEqual(close(slowEvaluation(after.filter(keeps), 0.35)));
      expect(before).toEqual(kept);
    },
  );

  it('are reverted by an undo', () => {
    const undone = moves.map(({ from, to, ...move }) => ({ ...move, from: to, to: from }));
    expect(close(withMoves(whole, 0, [...moves, ...undone], {}))).toEqual(close(whole));
  });

  it('count once: not if they were saved before the request of the evaluation', () => {
    const saved = moves.map((move) => ({ ...move, settledAt: 100 }));
    expect(withMoves(whole, 101, saved, {})).toBe(whole);
    expect(withMoves(whole, 99, saved, {}).labelled).not.toBe(whole.labelled);
  });

  it('of a title of another type, or without a prediction, change nothing', () => {
    const [move] = moves as [Move];
    const show = { ...move, title: { ...move.title, media_type: 'tv_show' as const } };
    expect(close(withMoves(whole, 0, [show], { media_type: 'movie' }))).toEqual(close(whole));
    const { probability: _probability, ...unknown } = move.title;
    expect(withMoves(whole, 0, [{ ...move, title: unknown }], {})).toBe(whole);
  });
});
