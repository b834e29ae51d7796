import { type AttributeASTNode, type GraphASTNode, type NodeRefASTNode, parse } from '@ts-graphviz/ast';
import { featureName, formatFeature } from './features.ts';
import { modelTexts } from './texts.ts';

/**
 * Parses a decision tree that XGBoost dumped as DOT: `0 [ label="imdb_votes<1200.5" ]`, `0 -> 1 [label="yes, missing"]`,
 * `1 [ label="leaf=-0.0123" ]`, and `2 [ label="country:{0,1,4}" ]` for a feature of categories. The text is
 * untrusted: anyone who can write to MLflow may have written it.
 */

export type Branch = {
  /** The answer; null: the dump has neither. */
  answer: 'yes' | 'no' | null;
  /** Titles without the value go this way too. */
  missing: boolean;
  node: TreeNode;
};

export type TreeNode = {
  /** Its id in the source. */
  id: string;
  /** As drawn. */
  text: string;
  /** The full text of the source, if it is longer. */
  full: string;
  /** The value of a leaf; null: a question, or a leaf without a number. */
  value: number | null;
  branches: Branch[];
};

export type DecisionTree = { root: TreeNode; nodes: TreeNode[]; leaves: number; depth: number };

/** Why a tree cannot be drawn, as a sentence. */
export class TreeFault extends Error {
  override name = 'TreeFault';
}

/** Larger trees are not readable. */
export const mostCharacters = 1_000_000;
export const mostNodes = 5_000;

/** `{0,1,2,5}` as `{0-2,5}`; anything but a set of integers is returned unchanged. */
export function condenseSet(set: string): string {
  const inner = /^\{([\d\s,]*)\}$/.exec(set)?.[1];
  if (inner === undefined) return set;
  const values = inner.split(',').map((text) => text.trim());
  if (values.some((text) => !/^\d{1,9}$/.test(text))) return set;
  const sorted = [...new Set(values.map(Number))].sort((left, right) => left - right);
  const ranges: [first: number, last: number][] = [];
  for (const value of sorted) {
    const range = ranges.at(-1);
    if (range && range[1] === value - 1) range[1] = value;
    else ranges.push([value, value]);
  }
  return `{${ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',')}}`;
}

const plain = new Intl.NumberFormat(undefined, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const thousandths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** The end of the scale of the colours of leaves. */
const scaleEnd = 0.025;
/**
 * A leaf's value in thousandths, always with the same exponent, so that leaves are easy to compare: `-12.3E-3`; beyond the
 * scale as a plain number: `0.136`.
 */
export const formatLeaf = (value: number) =>
  Math.abs(value) > scaleEnd ? plain.format(value) : `${thousandths.format(value * 1000)}E-3`;

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A split's label as a question, with the names and the units of the other pages. */
function questionOf(label: string): string {
  const [, feature = '', threshold = ''] = /^(.+)<([^<]+)$/s.exec(label) ?? [];
  if (number.test(threshold)) return `${featureName(feature)} < ${formatFeature(feature, Number(threshold))}`;
  const [, chosen, set] = /^(.+):(\{[^{}]*\})$/s.exec(label) ?? [];
  return chosen !== undefined && set !== undefined ? `${featureName(chosen)} in ${condenseSet(set)}` : label;
}

function describe(label: string): Pick<TreeNode, 'text' | 'value' | 'full'> {
  // A dump with statistics has further lines.
  const [first = '', ...more] = label.split(/\\n|\n/);
  const full = [first, ...more].join('\n');
  const leaf = /^leaf=(.*)$/s.exec(first)?.[1];
  if (leaf === undefined) return { text: questionOf(first), value: null, full };
  const value = number.test(leaf) ? Number(leaf) : null;
  return { text: value === null ? leaf : formatLeaf(value), value, full };
}

/** Parses labels such as `yes, missing`. */
function branchOf(label: string): Omit<Branch, 'node'> {
  const parts = label.split(',').map((part) => part.trim());
  const answer = parts.includes('yes') ? 'yes' : parts.includes('no') ? 'no' : null;
  return { answer, missing: parts.includes('missing') };
}

const labelOf = (children: readonly { type: string }[]): string | undefined =>
  children.find(
    (child): child is AttributeASTNode =>
      child.type === 'Attribute' && (child as AttributeASTNode).key.value === 'label',
  )?.value.value;

type Place = { line: number; column: number };

function readGraph(source: string): GraphASTNode {
  if (source.length > mostCharacters) throw new TreeFault(modelTexts.faults.long(source.length, mostCharacters));
  let graph: GraphASTNode | undefined;
  try {
    graph = parse(source).children.find((child): child is GraphASTNode => child.type === 'Graph');
  } catch (error) {
    const { message, cause } = error as Error;
    const place = (cause as { location?: { start: Place } } | undefined)?.location?.start;
    // Deeply nested groups exhaust the stack before a limit is reached.
    throw new TreeFault(
      cause instanceof RangeError ? modelTexts.faults.nested : modelTexts.faults.syntax(message, place),
    );
  }
  if (!graph?.directed) throw new TreeFault(modelTexts.faults.undirected);
  return graph;
}

type Edge = { from: string; to: string; label: string };

/** Reads a tree. Throws a TreeFault if the source is not DOT, not a tree, or too large to draw. */
export function readTree(source: string): DecisionTree {
  const labels = new Map<string, string>();
  const edges: Edge[] = [];
  for (const statement of readGraph(source).children) {
    if (statement.type === 'Subgraph') throw new TreeFault(modelTexts.faults.groups);
    if (statement.type === 'Node') labels.set(statement.id.value, labelOf(statement.children) ?? statement.id.value);
    if (statement.type !== 'Edge') continue;
    const targets = statement.targets.map((target) => {
      if (target.type !== 'NodeRef') throw new TreeFault(modelTexts.faults.groups);
      return (target as NodeRefASTNode).id.value;
    });
    const label = labelOf(statement.children) ?? '';
    for (const [index, to] of targets.slice(1).entries()) edges.push({ from: targets[index] as string, to, label });
  }
  // The nodes of an edge may have no statement of their own.
  for (const id of edges.flatMap(({ from, to }) => [from, to])) if (!labels.has(id)) labels.set(id, id);
  if (labels.size === 0) throw new TreeFault(modelTexts.faults.empty);
  if (labels.size > mostNodes) throw new TreeFault(modelTexts.faults.many(labels.size, mostNodes));
  return grow(labels, edges);
}

function grow(labels: Map<string, string>, edges: Edge[]): DecisionTree {
  const all = new Map<string, TreeNode>();
  for (const [id, label] of labels) all.set(id, { id, ...describe(label), branches: [] });
  const led = new Set<string>();
  for (const { from, to, label } of edges) {
    if (led.has(to)) throw new TreeFault(modelTexts.faults.joined(to));
    led.add(to);
    (all.get(from) as TreeNode).branches.push({ ...branchOf(label), node: all.get(to) as TreeNode });
  }
  const roots = [...all.values()].filter(({ id }) => !led.has(id));
  const [root] = roots;
  if (!root) throw new TreeFault(modelTexts.faults.circle);
  if (roots.length > 1) throw new TreeFault(modelTexts.faults.roots(roots.length, root.id, (roots[1] as TreeNode).id));

  const nodes: TreeNode[] = [];
  let depth = 0;
  const waiting: [node: TreeNode, level: number][] = [[root, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, level] = next;
    nodes.push(node);
    depth = Math.max(depth, level);
    // No to the left and yes to the right for every kind of split; for categories the dump has the opposite order.
    node.branches.sort((left, right) => sideOf(left) - sideOf(right));
    for (const branch of node.branches.toReversed()) waiting.push([branch.node, level + 1]);
  }
  // With one root and at most one edge to each node, unreachable nodes form a cycle.
  if (nodes.length < all.size) throw new TreeFault(modelTexts.faults.circle);
  return { root, nodes, leaves: nodes.filter(({ branches }) => branches.length === 0).length, depth };
}

const sideOf = ({ answer }: Branch) => (answer === 'no' ? 0 : answer === null ? 1 : 2);

/** The colour of a leaf, from -3 (-0.025 or less: would not watch) to 3 (0.025 or more: would watch). */
export function stepOf(value: number): number {
  return Math.round(Math.max(-1, Math.min(1, value / scaleEnd)) * 3) + 0;
}
