import { filterWord } from '@at/contracts/filter-words';
import { type Evaluation, type EvaluationQuery, histogramBins, type Matrix } from '@at/contracts/predictions';
import { type CmValue, cmValues, type Label, labels, type WordOf } from '@at/contracts/vocabulary';
import type { Move } from '#titles/title-changes.ts';

/**
 * An evaluation at any threshold of three decimals, and with labels that changed since. A prediction is positive
 * from the threshold on; a title without a label is in no cell.
 */

type Histogram = Evaluation['histogram'];

/** How many titles of each label have at least the probability k / 1000, for k from 0 to 1000. */
export type Tally = Record<Label, number[]>;

export function tallyOf(histogram: Histogram): Tally {
  const sum = (label: Label) => {
    const above = new Array<number>(histogramBins + 1).fill(histogram.certain[label]);
    // The last bin includes the titles with probability 1.
    let total = 0;
    for (let bin = histogramBins - 1; bin >= 0; bin -= 1) {
      total += histogram[label][bin] ?? 0;
      above[bin] = total;
    }
    return above;
  };
  return { would_watch: sum('would_watch'), would_not_watch: sum('would_not_watch') };
}

export function matrixAt({ would_watch, would_not_watch }: Tally, threshold: number): Matrix {
  const k = Math.round(threshold * histogramBins);
  const [tp, fp] = [would_watch[k] ?? 0, would_not_watch[k] ?? 0];
  return { tp, fp, fn: (would_watch[0] ?? 0) - tp, tn: (would_not_watch[0] ?? 0) - fp };
}

/** Null where the divisor is 0. */
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export const labelledOf = ({ tp, tn, fp, fn }: Matrix): number => tp + tn + fp + fn;

export type Measures = Pick<Evaluation, 'accuracy' | 'precision' | 'recall' | 'f1'>;

export function measuresOf(matrix: Matrix): Measures {
  const { tp, tn, fp, fn } = matrix;
  return {
    accuracy: ratio(tp + tn, labelledOf(matrix)),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

/** The share of each cell among the titles of its label: the rates of true and false positives and negatives. */
export function ratesOf({ tp, tn, fp, fn }: Matrix): Record<CmValue, number | null> {
  return { tp: ratio(tp, tp + fn), fn: ratio(fn, tp + fn), fp: ratio(fp, fp + tn), tn: ratio(tn, fp + tn) };
}

/** The threshold, in thousandths, with the highest `score`; of equals the lowest. */
function highest(tally: Tally, score: (matrix: Matrix) => number): number {
  let best = { threshold: 0, score: Number.NEGATIVE_INFINITY };
  for (let k = 0; k <= histogramBins; k += 1) {
    const threshold = k / histogramBins;
    const found = score(matrixAt(tally, threshold));
    if (found > best.score) best = { threshold, score: found };
  }
  return best.threshold;
}

/** The threshold with the best F1; null while no title is labelled would_watch. */
export function bestF1(tally: Tally): number | null {
  return tally.would_watch[0] ? highest(tally, (matrix) => measuresOf(matrix).f1 ?? 0) : null;
}

/** The threshold that costs least when one false positive costs as much as `cost` false negatives; null: no labels. */
export function cheapest(tally: Tally, cost: number): number | null {
  const labelled = (tally.would_watch[0] ?? 0) + (tally.would_not_watch[0] ?? 0);
  return labelled === 0 ? null : highest(tally, ({ fp, fn }) => -(cost * fp + fn));
}

const isProbability = (value: number | null): value is number => value !== null && value >= 0 && value <= 1;

/** The cell of a title; null without a probability, or a label of the matrix. */
export function cellAt(label: WordOf<Label> | null, probability: number | null, threshold: number): CmValue | null {
  if (!labels.some((known) => known === label) || !isProbability(probability)) return null;
  const yes = probability >= threshold;
  return label === 'would_watch' ? (yes ? 'tp' : 'fn') : yes ? 'fp' : 'tn';
}

/** The bin of the histogram; by comparison, because in doubles 0.29 * 1000 is less than 290. */
export function binOf(probability: number): number {
  const near = Math.floor(probability * histogramBins);
  const bin =
    (near + 1) / histogramBins <= probability ? near + 1 : near / histogramBins > probability ? near - 1 : near;
  return Math.min(histogramBins - 1, Math.max(0, bin));
}

/** Merges neighbouring bins into `count` bars. */
export function barsOf(bins: number[], count: number): number[] {
  const width = bins.length / count;
  return Array.from({ length: count }, (_none, bar) =>
    bins.slice(bar * width, (bar + 1) * width).reduce((sum, value) => sum + value, 0),
  );
}

type Flags = Move['from'];

function isInScope(scope: EvaluationQuery, title: Move['title'], { reviewed, anomalous }: Flags): boolean {
  return (
    (scope.media_type === undefined || scope.media_type === filterWord(title.media_type)) &&
    (scope.reviewed === undefined || scope.reviewed === (reviewed ?? false)) &&
    (scope.anomalous === undefined || scope.anomalous === anomalous)
  );
}

/** Adds or removes a title with its label; changes the copies in `next`. */
function count(next: Evaluation, title: Move['title'], flags: Flags, by: 1 | -1): void {
  const probability = title.probability as number;
  const label = labels.find((known) => known === flags.label) ?? null;
  const bin = binOf(probability);
  const bins = next.histogram[label ?? 'unlabelled'];
  bins[bin] = (bins[bin] ?? 0) + by;
  const recorded = cmValues.find((known) => known === title.cm_value);
  if (recorded) next.stored.matrix[recorded] += by;
  else if (title.cm_value != null) next.stored.other[title.cm_value] = (next.stored.other[title.cm_value] ?? 0) + by;
  if (label === null) {
    next.unlabelled += by;
    if (flags.label !== null) next.other_labels[flags.label] = (next.other_labels[flags.label] ?? 0) + by;
    return;
  }
  const yes = Number(label === 'would_watch');
  if (probability === 1) next.histogram.certain[label] += by;
  next.brier = ratio((next.brier ?? 0) * next.labelled + by * (probability - yes) ** 2, next.labelled + by);
  next.labelled += by;
  const tenth = next.calibration[Math.floor((bin * next.calibration.length) / histogramBins)];
  if (tenth) {
    const probabilities = (tenth.mean_probability ?? 0) * tenth.labelled + by * probability;
    const watched = (tenth.would_watch_share ?? 0) * tenth.labelled + by * yes;
    tenth.labelled += by;
    tenth.mean_probability = ratio(probabilities, tenth.labelled);
    tenth.would_watch_share = ratio(watched, tenth.labelled);
  }
  if (title.cm_value == null) return;
  if (cellAt(label, probability, next.threshold) !== title.cm_value) next.stored.disagree += by;
  if (recorded && (recorded === 'tp' || recorded === 'fn') !== (yes === 1)) next.stored.relabelled += by;
}

/**
 * The evaluation with the changes that had not reached the API at `requestedAt` (by `performance.now()`). AUC and the
 * curves, which depend on the order of all titles, stay as they were.
 */
export function withMoves(
  evaluation: Evaluation,
  requestedAt: number,
  moves: readonly Move[],
  scope: EvaluationQuery,
): Evaluation {
  const late = moves.filter(
    ({ settledAt, title }) =>
      isProbability(title.probability ?? null) && (settledAt === null || settledAt > requestedAt),
  );
  if (late.length === 0) return evaluation;
  const next = structuredClone(evaluation);
  for (const { title, from, to } of late) {
    if (isInScope(scope, title, from)) count(next, title, from, -1);
    if (isInScope(scope, title, to)) count(next, title, to, 1);
  }
  const gap = next.calibration.reduce(
    (sum, tenth) => sum + tenth.labelled * Math.abs((tenth.mean_probability ?? 0) - (tenth.would_watch_share ?? 0)),
    0,
  );
  return { ...next, ece: ratio(gap, next.labelled), matrix: matrixAt(tallyOf(next.histogram), next.threshold) };
}
