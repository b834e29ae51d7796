import { joinList } from '@at/contracts/comma-list';
import {
  calibrationBins,
  type Evaluation,
  histogramBins,
  type Matrix,
  type Slice,
  type SliceDimension,
  type Slices,
} from '@at/contracts/predictions';
import { type RankScope, rankLabels } from '@at/domain/predictions/rules';

/** The bin of predictions whose probability is not a number from 0 to 1. */
export const noBin = -1;

/** What an evaluation adds up: one row per bin that holds a prediction, in ascending order. */
export type BinRow = {
  bin: number;
  would_watch: number;
  would_not_watch: number;
  unlabelled: number;
  /** With a label or a cm_value that is in no cell. */
  others: number;
  /** With a probability of exactly 1. */
  certain_would_watch: number;
  certain_would_not_watch: number;
  /** The matrix at the threshold. */
  tp: number;
  tn: number;
  fp: number;
  fn: number;
  /** By the cm_value that the model stored. */
  recorded_tp: number;
  recorded_tn: number;
  recorded_fp: number;
  recorded_fn: number;
  disagree: number;
  relabelled: number;
  /** Of the labelled: sums of the probability, and of its squared distance from the label. */
  probability_sum: number;
  squared_error_sum: number;
  /** Pairs of a would_watch of this bin and a would_not_watch below it anywhere, equal ones counting half. */
  pairs_in_order: number;
};

/** Null where the divisor is 0. */
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const labelledOf = ({ tp, tn, fp, fn }: Matrix): number => tp + tn + fp + fn;

/** The measures of a matrix. */
function measuresOf({ tp, tn, fp, fn }: Matrix): Pick<Evaluation, 'accuracy' | 'precision' | 'recall' | 'f1'> {
  return {
    accuracy: ratio(tp + tn, tp + tn + fp + fn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

/** How far the mean probability of each tenth is from the share of would_watch in it. */
function calibrationOf(rows: BinRow[]): Pick<Evaluation, 'calibration' | 'ece'> {
  const sums = Array.from({ length: calibrationBins }, () => ({ labelled: 0, would_watch: 0, probability: 0 }));
  for (const row of rows) {
    const sum = sums[Math.floor((row.bin * calibrationBins) / histogramBins)] as (typeof sums)[number];
    sum.labelled += row.would_watch + row.would_not_watch;
    sum.would_watch += row.would_watch;
    sum.probability += row.probability_sum;
  }
  const gap = sums.reduce((total, sum) => total + Math.abs(sum.probability - sum.would_watch), 0);
  return {
    calibration: sums.map(({ labelled, would_watch, probability }, i) => ({
      from: i / calibrationBins,
      to: (i + 1) / calibrationBins,
      labelled,
      mean_probability: ratio(probability, labelled),
      would_watch_share: ratio(would_watch, labelled),
    })),
    ece: ratio(
      gap,
      sums.reduce((total, { labelled }) => total + labelled, 0),
    ),
  };
}

/** Labelled titles of a bin whose probability is a whole number of thousandths, below 1. */
export type GridRow = { bin: number; grid_would_watch: number; grid_would_not_watch: number };
/** Labelled titles in a ten-thousandth, as `writeRanks` writes them. */
export type RankRow = { bin: number; ranks: string };

/**
 * The bin of the totals that a threshold from 0 to 1 is in: 2k at k thousandths, 2k + 1 between k and k + 1. The shortest
 * digits of a double, by which PostgreSQL compares, are ordered as doubles are.
 */
export function thresholdBin(threshold: number): number {
  const nearest = Math.round(threshold * histogramBins);
  const difference = threshold - nearest / histogramBins;
  return 2 * nearest + Math.sign(difference);
}

/** Pairs of a would_watch and a would_not_watch with a lower probability, equal ones counting half. */
export function pairsInOrder(bins: (BinRow & GridRow)[], ranks: RankRow[], scope: RankScope): number {
  const labels = rankLabels(scope);
  let [below, doubled] = [0, 0];
  const tie = (yes: number, no: number) => {
    doubled += yes * (2 * below + no);
    below += no;
  };
  let next = 0;
  const passRanks = (end: number) => {
    for (; next < ranks.length && (ranks[next] as RankRow).bin < end; next += 1) {
      const text = (ranks[next] as RankRow).ranks;
      let [yes, no] = [0, 0];
      for (let i = 0; i < text.length; i += 1) {
        if (text[i] === '!') i += 1;
        else {
          tie(yes, no);
          yes = 0;
          no = 0;
        }
        const label = labels[text.charCodeAt(i)];
        if (label === 2) yes += 1;
        else if (label === 1) no += 1;
      }
      tie(yes, no);
    }
  };
  const perBin = calibrationBins;
  for (const row of bins) {
    if (row.bin === noBin) continue;
    passRanks(row.bin * perBin);
    tie(row.grid_would_watch, row.grid_would_not_watch);
  }
  passRanks(Number.POSITIVE_INFINITY);
  const last = bins.at(-1);
  if (last) tie(last.certain_would_watch, last.certain_would_not_watch);
  return doubled / 2;
}

type Histogram = Evaluation['histogram'];

function histogramOf(rows: BinRow[]): Histogram {
  const empty = () => new Array<number>(histogramBins).fill(0);
  const histogram: Histogram = {
    would_watch: empty(),
    would_not_watch: empty(),
    unlabelled: empty(),
    certain: { would_watch: 0, would_not_watch: 0 },
  };
  for (const row of rows) {
    for (const label of ['would_watch', 'would_not_watch', 'unlabelled'] as const) {
      histogram[label][row.bin] = row[label];
    }
    histogram.certain.would_watch += row.certain_would_watch;
    histogram.certain.would_not_watch += row.certain_would_not_watch;
  }
  return histogram;
}

/** A rate moves at least so far from one point of the curve to the next. */
const curveStep = 0.005;

/** The points that a threshold going down from 1 to 0 passes, bin by bin. */
function curveOf({ would_watch, would_not_watch, certain }: Histogram): Evaluation['curve'] {
  const all = (bins: number[]) => bins.reduce((sum, count) => sum + count, 0);
  const [positives, negatives] = [all(would_watch), all(would_not_watch)];
  const point = (threshold: number | null, tp: number, fp: number): Evaluation['curve'][number] => ({
    threshold,
    true_positive_rate: ratio(tp, positives),
    false_positive_rate: ratio(fp, negatives),
    precision: ratio(tp, tp + fp),
  });
  const points = [point(null, 0, 0)];
  let last = { tp: 0, fp: 0 };
  let [tp, fp] = [0, 0];
  for (let bin = histogramBins; bin >= 0; bin -= 1) {
    const isTop = bin === histogramBins;
    // Behind the top the last bin is counted whole, those that are certain included.
    if (bin < histogramBins) {
      tp += would_watch[bin] ?? 0;
      fp += would_not_watch[bin] ?? 0;
    }
    const reached = isTop ? { tp: certain.would_watch, fp: certain.would_not_watch } : { tp, fp };
    const moved = Math.max((reached.tp - last.tp) / (positives || 1), (reached.fp - last.fp) / (negatives || 1));
    if (moved < curveStep && bin > 0) continue;
    points.push(point(bin / histogramBins, reached.tp, reached.fp));
    last = reached;
  }
  return points;
}

/** Predictions by a label and a cm_value that are in no cell; null: it is in one, or there is none. */
export type OtherWordsRow = { label: string | null; cm_value: string | null; count: number };

function countsOf(rows: OtherWordsRow[], column: 'label' | 'cm_value'): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { [column]: word, count } of rows) if (word !== null) counts.set(word, (counts.get(word) ?? 0) + count);
  return Object.fromEntries(counts);
}

/** Whether there are words to count with `otherWordsStatement`. */
export const hasOtherWords = (bins: BinRow[]): boolean => bins.some(({ bin, others }) => bin !== noBin && others > 0);

/** The evaluation at a threshold. `pairs`: of `pairsInOrder`, where the bins do not have them. */
export function evaluate(bins: BinRow[], otherWords: OtherWordsRow[], threshold: number, pairs?: number): Evaluation {
  const rows = bins.filter(({ bin }) => bin !== noBin);
  const outside = bins.find(({ bin }) => bin === noBin);
  const sum = (column: keyof BinRow) => rows.reduce((total, row) => total + row[column], 0);
  const matrix = { tp: sum('tp'), tn: sum('tn'), fp: sum('fp'), fn: sum('fn') };
  const labelled = labelledOf(matrix);
  const histogram = histogramOf(rows);
  return {
    threshold,
    labelled,
    unlabelled: sum('unlabelled'),
    other_labels: countsOf(otherWords, 'label'),
    no_probability: outside ? outside.would_watch + outside.would_not_watch + outside.unlabelled : 0,
    matrix,
    ...measuresOf(matrix),
    auc: ratio(pairs ?? sum('pairs_in_order'), sum('would_watch') * sum('would_not_watch')),
    brier: ratio(sum('squared_error_sum'), labelled),
    ...calibrationOf(rows),
    histogram,
    curve: curveOf(histogram),
    stored: {
      matrix: { tp: sum('recorded_tp'), tn: sum('recorded_tn'), fp: sum('recorded_fp'), fn: sum('recorded_fn') },
      other: countsOf(otherWords, 'cm_value'),
      disagree: sum('disagree'),
      relabelled: sum('relabelled'),
    },
  };
}

/** The two-sided 95 % quantile of the normal distribution. */
const z = 1.959963984540054;

/**
 * The 95 % interval of a share by Wilson's score (1927): unlike the usual one it stays within 0 and 1, and holds for
 * few cases and shares near the ends.
 */
export function wilson(hits: number, cases: number): [low: number, high: number] {
  const share = hits / cases;
  const spread = (z / cases) * Math.sqrt(cases * share * (1 - share) + z ** 2 / 4);
  const middle = share + z ** 2 / (2 * cases);
  const scale = 1 + z ** 2 / cases;
  // At the ends rounding would leave a trace of less than 0 or more than 1.
  return [hits === 0 ? 0 : (middle - spread) / scale, hits === cases ? 1 : (middle + spread) / scale];
}

/** How often a matrix is wrong, and between which bounds that is likely; null where nothing is labelled. */
function errorsOf(matrix: Matrix) {
  const cases = labelledOf(matrix);
  if (cases === 0) return null;
  const wrong = matrix.fp + matrix.fn;
  const [error_rate_low, error_rate_high] = wilson(wrong, cases);
  return { error_rate: wrong / cases, error_rate_low, error_rate_high };
}

/** What slices are made of: counts of the whole (null) and of each slice. */
export type SliceRow = Matrix & { slice: string | null; unlabelled: number };

/** The query string with which lists of titles show a slice. */
function filterOf(by: SliceDimension, slice: string): string {
  const from = Number(slice);
  const parameters = {
    genre: { genre: joinList([slice]) },
    decade: { release_year_min: slice, release_year_max: `${from + 9}` },
    country: { origin_country: joinList([slice]) },
    language: { original_language: joinList([slice]) },
    // A rating has one decimal; the last band holds the best of all.
    rating: { imdb_rating_min: slice, imdb_rating_max: from === 90 ? '100' : `${from + 9.9}` },
  };
  return new URLSearchParams(parameters[by]).toString();
}

/** Those that depart farthest from the whole first; of equals the larger, then by name. */
function byDeparture(left: Slice, right: Slice): number {
  return (
    Math.abs(right.departure) - Math.abs(left.departure) ||
    right.labelled - left.labelled ||
    (left.slice < right.slice ? -1 : 1)
  );
}

/** The slices with at least `minimum` labelled titles, against the whole. */
export function compareSlices(
  rows: SliceRow[],
  { by, minimum, threshold }: { by: SliceDimension; minimum: number; threshold: number },
): Slices {
  const counted = rows.map(({ slice, unlabelled, ...matrix }) => {
    return { slice, labelled: labelledOf(matrix), unlabelled, matrix };
  });
  const whole = counted.find(({ slice }) => slice === null) as (typeof counted)[number];
  const errors = errorsOf(whole.matrix);
  const sliced = counted.flatMap(({ slice, ...counts }) => (slice === null ? [] : [{ slice, ...counts }]));
  const data = sliced.flatMap(({ slice, ...counts }): Slice[] => {
    const own = errorsOf(counts.matrix);
    if (!own || !errors || counts.labelled < minimum) return [];
    return [{ slice, filter: filterOf(by, slice), ...counts, ...own, departure: own.error_rate - errors.error_rate }];
  });
  const { slice: _, ...counts } = whole;
  return {
    by,
    threshold,
    whole: { ...counts, ...(errors ?? { error_rate: null, error_rate_low: null, error_rate_high: null }) },
    data: data.toSorted(byDeparture),
    too_small: sliced.length - data.length,
  };
}
