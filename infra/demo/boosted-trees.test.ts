import { expect, test } from 'vitest';
import { dotOf, fitBoostedTrees, gainShares } from './boosted-trees.ts';

const many = <T>(value: T, count = 40): T[] => Array.from({ length: count }, () => value);

test('the trees ask for what separates the labels, and the probabilities approach their shares', () => {
  // Of the second feature 9 in 10 are yes at 2, none at 1; the first one says nothing.
  const rows = [...many([5, 1]), ...many([5, 2])];
  const labels = rows.map(([, value], i) => value === 2 && i % 10 !== 0);
  const model = fitBoostedTrees(rows, labels);
  expect(model([5, 1])).toBeLessThan(0.15);
  expect(model([5, 2])).toBeGreaterThan(0.75);
  expect(model([5, 2])).toBeLessThan(0.95);
  expect(gainShares(model, ['constant', 'telling'])).toEqual({ constant: 0, telling: 1 });
  expect(model.trees).toHaveLength(40);
});

test('titles without a value go where titles like them go', () => {
  const rows = [...many([1]), ...many([2]), ...many([null])];
  const labels = rows.map(([value]) => value !== 1);
  const model = fitBoostedTrees(rows, labels);
  expect(model([null])).toBeGreaterThan(0.9);
  expect(dotOf(model.trees[0] as never, ['runtime'])).toContain('label="no, missing"');
});

test('a tree is written as XGBoost writes it', () => {
  const rows = [...many([1]), ...many([2])];
  const model = fitBoostedTrees(
    rows,
    rows.map(([value]) => value === 2),
  );
  expect(dotOf(model.trees[0] as never, ['imdb_votes'])).toBe(`digraph {
    graph [ rankdir=TB ]

    0 [ label="imdb_votes<1.5" ]
    0 -> 1 [label="yes, missing" color="#0000FF"]
    0 -> 2 [label="no" color="#FF0000"]
    1 [ label="leaf=-0.181818182" ]
    2 [ label="leaf=0.181818182" ]
}`);
});
