import type { Features } from './model.ts';

/** Gradient boosted trees for a yes/no label, fitted as XGBoost does it, and written as XGBoost writes them. */

type Split = { feature: number; below: number; missing: 'yes' | 'no'; gain: number };
type Node = { value: number } | { split: Split; yes: Node; no: Node };

export type BoostedTrees = {
  /** Probability (0-1) of "yes". */
  (features: Features): number;
  trees: readonly Node[];
};

/** Options of XGBoost under its names. */
const options = { trees: 40, max_depth: 3, learning_rate: 0.1, lambda: 1, min_child_weight: 5 };

const sigmoid = (score: number) => 1 / (1 + Math.exp(-score));

const isYes = ({ feature, below, missing }: Split, row: Features) => {
  const value = row[feature] as number | null;
  return value === null ? missing === 'yes' : value < below;
};

/** Sums of the first and the second derivative of the loss. */
type Sums = readonly [first: number, second: number];

const score = (first: number, second: number) => first ** 2 / (second + options.lambda);

type Sample = { rows: readonly Features[]; first: Float64Array; second: Float64Array };

const sumOf = ({ first, second }: Sample, members: readonly number[]): Sums => [
  members.reduce((sum, row) => sum + (first[row] as number), 0),
  members.reduce((sum, row) => sum + (second[row] as number), 0),
];

/** The best question for some rows; undefined: none makes them purer. `orders`: by feature, those that have it, ascending. */
function bestSplit(sample: Sample, members: readonly number[], orders: readonly number[][]): Split | undefined {
  const { rows, first, second } = sample;
  const all = sumOf(sample, members);
  const whole = score(...all);
  const { min_child_weight } = options;
  let best: Split | undefined;
  for (const [feature, order] of orders.entries()) {
    const present = sumOf(sample, order);
    let [belowFirst, belowSecond] = [0, 0];
    for (let place = 0; place + 1 < order.length; place += 1) {
      const row = order[place] as number;
      belowFirst += first[row] as number;
      belowSecond += second[row] as number;
      const value = rows[row]?.[feature] as number;
      const next = rows[order[place + 1] as number]?.[feature] as number;
      if (value === next) continue;
      for (const missing of ['yes', 'no'] as const) {
        const yesFirst = belowFirst + (missing === 'yes' ? all[0] - present[0] : 0);
        const yesSecond = belowSecond + (missing === 'yes' ? all[1] - present[1] : 0);
        const noSecond = all[1] - yesSecond;
        if (yesSecond < min_child_weight || noSecond < min_child_weight) continue;
        const gain = score(yesFirst, yesSecond) + score(all[0] - yesFirst, noSecond) - whole;
        if (gain > 1e-9 && gain > (best?.gain ?? 0)) best = { feature, below: (value + next) / 2, missing, gain };
      }
    }
  }
  return best;
}

export function fitBoostedTrees(rows: readonly Features[], labels: readonly boolean[]): BoostedTrees {
  const every = [...rows.keys()];
  const sorted = (rows[0] ?? []).map((_, feature) => {
    const read = (row: number) => rows[row]?.[feature] as number;
    const known = every.filter((row) => rows[row]?.[feature] !== null);
    return known.sort((a, b) => read(a) - read(b) || a - b);
  });
  const scores = rows.map(() => 0);
  const trees: Node[] = [];
  for (let count = 0; count < options.trees; count += 1) {
    const probabilities = scores.map(sigmoid);
    const sample: Sample = {
      rows,
      first: Float64Array.from(probabilities, (probability, i) => probability - Number(labels[i])),
      second: Float64Array.from(probabilities, (probability) => probability * (1 - probability)),
    };
    const grow = (members: readonly number[], orders: readonly number[][], depth: number): Node => {
      const split = depth < options.max_depth ? bestSplit(sample, members, orders) : undefined;
      if (split) {
        const answers = rows.map((row) => isYes(split, row));
        const side = (answer: boolean) => {
          const goes = (row: number) => answers[row] === answer;
          return grow(
            members.filter(goes),
            orders.map((order) => order.filter(goes)),
            depth + 1,
          );
        };
        return { split, yes: side(true), no: side(false) };
      }
      const [first, second] = sumOf(sample, members);
      const value = (-options.learning_rate * first) / (second + options.lambda);
      for (const row of members) scores[row] = (scores[row] as number) + value;
      return { value };
    };
    trees.push(grow(every, sorted, 0));
  }
  const leafOf = (node: Node, row: Features): number =>
    'value' in node ? node.value : leafOf(isYes(node.split, row) ? node.yes : node.no, row);
  const probability = (row: Features) => sigmoid(trees.reduce((sum, tree) => sum + leafOf(tree, row), 0));
  return Object.assign(probability, { trees });
}

/** The share of each feature in what the splits gain. */
export function gainShares({ trees }: Pick<BoostedTrees, 'trees'>, names: readonly string[]): Record<string, number> {
  const gains = names.map(() => 0);
  const add = (node: Node): void => {
    if ('value' in node) return;
    gains[node.split.feature] = (gains[node.split.feature] as number) + node.split.gain;
    add(node.yes);
    add(node.no);
  };
  trees.forEach(add);
  return sharesOf(gains, names);
}

export function sharesOf(values: readonly number[], names: readonly string[]): Record<string, number> {
  const total = values.reduce((sum, value) => sum + value, 0);
  return Object.fromEntries(names.map((name, i) => [name, Number(((values[i] as number) / total).toFixed(6))]));
}

/** A tree as DOT: nodes are numbered level by level. */
export function dotOf(root: Node, names: readonly string[]): string {
  const nodes = [root];
  const lines: string[] = [];
  // The list grows while it is gone through.
  for (const [id, node] of nodes.entries()) {
    if ('value' in node) {
      lines.push(`    ${id} [ label="leaf=${Number(node.value.toPrecision(9))}" ]`);
      continue;
    }
    const { feature, below, missing } = node.split;
    lines.push(`    ${id} [ label="${names[feature]}<${Number(below.toPrecision(9))}" ]`);
    for (const answer of ['yes', 'no'] as const) {
      const look =
        answer === missing ? `label="${answer}, missing" color="#0000FF"` : `label="${answer}" color="#FF0000"`;
      lines.push(`    ${id} -> ${nodes.push(node[answer]) - 1} [${look}]`);
    }
  }
  return `digraph {\n    graph [ rankdir=TB ]\n\n${lines.join('\n')}\n}`;
}
