import { expect, test } from 'vitest';
import { areaUnderCurve, cellOf, crossValidate, evaluate, type Features, fitLogisticRegression } from './model.ts';

test('the regression finds the closed-form optimum for one 0/1 feature', () => {
  // 1 of 4 without the feature and 3 of 4 with it are yes: the likelihood is greatest at exactly these rates.
  const rows = [0, 0, 0, 0, 1, 1, 1, 1].map((value) => [value]);
  const labels = [true, false, false, false, true, true, true, false];
  const model = fitLogisticRegression(rows, labels, 0);
  expect(model([0])).toBeCloseTo(0.25, 9);
  expect(model([1])).toBeCloseTo(0.75, 9);
});

test('separable labels are separated, with probabilities below certainty', () => {
  const rows = [-3, -2, -1, 1, 2, 3].map((value) => [value, 7]);
  const model = fitLogisticRegression(rows, [false, false, false, true, true, true], 1);
  expect(rows.map((row) => model(row) > 0.5)).toEqual([false, false, false, true, true, true]);
  expect(model([3, 7])).toBeLessThan(0.999);
  expect(model([0, 7])).toBeCloseTo(0.5, 9);
});

test('a larger ridge moves the probabilities towards the share of yes', () => {
  const rows = [1, 2, 3, 4, 5, 6].map((value) => [value]);
  const labels = [false, false, true, false, true, true];
  const [weak, strong] = [0.1, 10].map((ridge) => fitLogisticRegression(rows, labels, ridge)([6]));
  expect(strong).toBeLessThan(weak as number);
  expect(strong).toBeGreaterThan(0.5);
});

test('an unknown value counts as the mean of the known ones', () => {
  const rows = [[1], [2], [null], [4], [5]];
  const model = fitLogisticRegression(rows, [false, false, true, true, true], 1);
  expect(model([null])).toBe(model([3]));
});

test('a regression that does not converge throws instead of returning a model', () => {
  expect(() => fitLogisticRegression([[0], [1]], [false, true], 0)).toThrow('not converged after 50 steps');
});

test('no row is predicted by a model that has seen its label', () => {
  const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((value) => [value]);
  const labels = [false, false, true, false, true, false, true, true];
  const fit = (some: readonly Features[], answers: readonly boolean[]) => fitLogisticRegression(some, answers, 1);
  const before = crossValidate(rows, labels, 4, fit);
  labels.forEach((label, i) => {
    const changed = labels.with(i, !label);
    const after = crossValidate(rows, changed, 4, fit);
    expect(after[i]).toBe(before[i]);
    // The other rows of the fold share the model; models of all other folds have seen the change.
    expect(rows.map((_, j) => after[j] === before[j])).toEqual(rows.map((_, j) => j % 4 === i % 4));
  });
});

test('the area under the curve is the share of correctly ordered pairs, where ties count half', () => {
  expect(areaUnderCurve([false, true], [0.2, 0.9])).toBe(1);
  expect(areaUnderCurve([false, true], [0.9, 0.2])).toBe(0);
  expect(areaUnderCurve([false, true, false, true], [0.5, 0.5, 0.5, 0.5])).toBe(0.5);
  // Pairs (yes, no): 0.8>0.1, 0.8>0.4, 0.4>0.1, 0.4=0.4: 3.5 of 4.
  expect(areaUnderCurve([false, false, true, true], [0.1, 0.4, 0.4, 0.8])).toBe(0.875);
});

test('a probability at the threshold means yes, and the cells determine every metric', () => {
  const labels = [true, true, true, false, false, false, false, true];
  const probabilities = [0.9, 0.5, 0.1, 0.2, 0.3, 0.7, 0.4, 0.8];
  const { cells, accuracy, precision, recall, logLoss } = evaluate(labels, probabilities, 0.5);
  expect(cells).toEqual({ tp: 3, fn: 1, fp: 1, tn: 3 });
  expect([accuracy, precision, recall]).toEqual([0.75, 0.75, 0.75]);
  const likelihood = 0.9 * 0.5 * 0.1 * 0.8 * 0.7 * 0.3 * 0.6 * 0.8;
  expect(logLoss).toBeCloseTo(-Math.log(likelihood) / 8, 12);
});

test('the cells are named after the prediction and its correctness', () => {
  expect([cellOf(true, true), cellOf(false, false), cellOf(false, true), cellOf(true, false)]).toEqual([
    'tp',
    'tn',
    'fp',
    'fn',
  ]);
});
