/** Features of a title; null: unknown. */
export type Features = readonly (number | null)[];

/** Probability (0-1) of "yes" for a title's features. */
type Model = (features: Features) => number;

/** `weights`: of the intercept, then of each standardised feature. */
type LogisticRegression = Model & { weights: readonly number[] };

const sigmoid = (score: number) => 1 / (1 + Math.exp(-score));

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

/** Standardises to mean 0 and deviation 1 over `rows`; unknown values become the mean, 0. */
function standardiser(rows: readonly Features[]): (features: Features) => number[] {
  const scales = (rows[0] ?? []).map((_, column) => {
    const known = rows.map((row) => row[column]).filter((value) => value != null);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
    // The scale 1 keeps a constant or always unknown feature at 0.
    return { mean: known.length > 0 ? mean : 0, deviation: Math.sqrt(variance) || 1 };
  });
  return (features) => scales.map(({ mean, deviation }, column) => ((features[column] ?? mean) - mean) / deviation);
}

/** Solves `matrix * x = right` for a symmetric positive definite matrix by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  rows.forEach((pivot, p) => {
    for (const row of rows.slice(p + 1)) {
      const factor = (row[p] as number) / (pivot[p] as number);
      for (let c = p; c < row.length; c += 1) row[c] = (row[c] as number) - factor * (pivot[c] as number);
    }
  });
  const x = right.map(() => 0);
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    const row = rows[i] as number[];
    const known = row.slice(i + 1, -1).reduce((sum, value, c) => sum + value * (x[i + 1 + c] as number), 0);
    x[i] = ((row.at(-1) as number) - known) / (row[i] as number);
  }
  return x;
}

const maximumSteps = 50;

/**
 * Logistic regression by Newton's method with the penalty `ridge / 2 * |w|^2` on the weights of the standardised features,
 * without the intercept. A ridge above 0 keeps the weights finite for separable labels.
 */
export function fitLogisticRegression(
  rows: readonly Features[],
  labels: readonly boolean[],
  ridge: number,
): LogisticRegression {
  const standardise = standardiser(rows);
  const inputs = rows.map((row) => [1, ...standardise(row)]);
  const size = inputs[0]?.length ?? 1;
  const penalty = (column: number) => (column === 0 ? 0 : ridge);
  let weights = new Array<number>(size).fill(0);

  for (let step = 1; ; step += 1) {
    const gradient = weights.map((weight, column) => -penalty(column) * weight);
    const curvature = weights.map((_, row) => weights.map((_, column) => (row === column ? penalty(row) : 0)));
    inputs.forEach((input, i) => {
      const probability = sigmoid(dot(input, weights));
      const error = Number(labels[i]) - probability;
      const spread = probability * (1 - probability);
      for (let r = 0; r < size; r += 1) {
        gradient[r] = (gradient[r] as number) + error * (input[r] as number);
        const line = curvature[r] as number[];
        for (let c = 0; c < size; c += 1) {
          line[c] = (line[c] as number) + spread * (input[r] as number) * (input[c] as number);
        }
      }
    });
    const change = solve(curvature, gradient);
    weights = weights.map((weight, i) => weight + (change[i] as number));
    if (change.every((value) => Math.abs(value) < 1e-9)) break;
    if (step === maximumSteps) {
      throw new Error(`The regression has not converged after ${maximumSteps} steps; use a larger ridge.`);
    }
  }
  return Object.assign((features: Features) => sigmoid(dot([1, ...standardise(features)], weights)), { weights });
}

/** Each row's probability from a model fitted without the row's fold; row i is in fold `i % folds`. */
export function crossValidate(
  rows: readonly Features[],
  labels: readonly boolean[],
  folds: number,
  fit: (rows: readonly Features[], labels: readonly boolean[]) => Model,
): number[] {
  const models = Array.from({ length: folds }, (_, fold) => {
    const others = <T>(values: readonly T[]) => values.filter((_, i) => i % folds !== fold);
    return fit(others(rows), others(labels));
  });
  return rows.map((row, i) => (models[i % folds] as Model)(row));
}

/** The area under the ROC curve: the probability that a yes scores above a no, where ties count half. */
export function areaUnderCurve(labels: readonly boolean[], probabilities: readonly number[]): number {
  const ordered = probabilities.map((p, i) => ({ p, yes: labels[i] === true })).sort((a, b) => a.p - b.p);
  let rankSum = 0;
  for (let start = 0; start < ordered.length; ) {
    let end = start;
    while (ordered[end]?.p === ordered[start]?.p && end < ordered.length) end += 1;
    // Ranks start at 1; equal probabilities share the mean of their ranks.
    rankSum += ordered.slice(start, end).filter(({ yes }) => yes).length * ((start + 1 + end) / 2);
    start = end;
  }
  const yes = ordered.filter((entry) => entry.yes).length;
  return (rankSum - (yes * (yes + 1)) / 2) / (yes * (ordered.length - yes));
}

export type Cell = 'tp' | 'tn' | 'fp' | 'fn';

/** The cell of the confusion matrix. */
export function cellOf(label: boolean, prediction: boolean): Cell {
  if (label) return prediction ? 'tp' : 'fn';
  return prediction ? 'fp' : 'tn';
}

export type Evaluation = {
  cells: Record<Cell, number>;
  accuracy: number;
  precision: number;
  recall: number;
  auc: number;
  logLoss: number;
};

/** Metrics of the probabilities against the labels; a probability of at least `threshold` means yes. */
export function evaluate(labels: readonly boolean[], probabilities: readonly number[], threshold: number): Evaluation {
  const cells: Record<Cell, number> = { tp: 0, tn: 0, fp: 0, fn: 0 };
  let loss = 0;
  probabilities.forEach((probability, i) => {
    const label = labels[i] === true;
    cells[cellOf(label, probability >= threshold)] += 1;
    loss -= Math.log(label ? probability : 1 - probability);
  });
  return {
    cells,
    accuracy: (cells.tp + cells.tn) / labels.length,
    precision: cells.tp / (cells.tp + cells.fp),
    recall: cells.tp / (cells.tp + cells.fn),
    auc: areaUnderCurve(labels, probabilities),
    logLoss: loss / labels.length,
  };
}
