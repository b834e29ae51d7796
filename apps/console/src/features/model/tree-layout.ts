import { hierarchy, tree } from 'd3-hierarchy';
import type { Branch, DecisionTree, TreeNode } from './decision-tree.ts';
import { modelTexts } from './texts.ts';

/** Where each node of a tree is drawn, in pixels at full size; the origin is the top left corner. */

export type Placed = { node: TreeNode; label: string; x: number; y: number; width: number };
export type Line = {
  branch: Branch;
  from: Placed;
  to: Placed;
  /** The text at the branch: the answer, and whether titles without the value take it too. */
  text: string;
  /** The centre of the text, on the line, and its width with padding. */
  plate: { x: number; y: number; width: number };
};
export type Layout = { nodes: Placed[]; lines: Line[]; width: number; height: number; root: Placed };

export const nodeHeight = 30;
export const plateHeight = 16;
const levelHeight = 92;
const gap = 18;
const margin = 24;
/** The longest text of a node, in characters. */
const longest = 34;
/** Of the widest characters in a node's text. */
const characterWidth = 7.2;

/** The same in a branch's text. */
const smallCharacterWidth = 5.8;

const { trees: texts } = modelTexts;

const segmenter = new Intl.Segmenter();

/** Cuts a text between grapheme clusters. */
export function shorten(text: string): string {
  const characters = Array.from(segmenter.segment(text.slice(0, 40 * longest)), ({ segment }) => segment);
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join('');
}

const textOf = ({ answer, missing }: Branch) =>
  [answer && texts[answer], missing && texts.missing].filter(Boolean).join(', ');

/** The four points of the curve from a node to one below it. */
export function curveOf({ from, to }: Pick<Line, 'from' | 'to'>): [x: number, y: number][] {
  const [top, bottom] = [from.y + nodeHeight / 2, to.y - nodeHeight / 2];
  const middle = (top + bottom) / 2;
  return [
    [from.x, top],
    [from.x, middle],
    [to.x, middle],
    [to.x, bottom],
  ];
}

/** The position of the text along the curve: where branches are apart, and clear of the node. */
const along = 0.65;
const weights = [(1 - along) ** 3, 3 * (1 - along) ** 2 * along, 3 * (1 - along) * along ** 2, along ** 3];

function lineOf(branch: Branch, from: Placed, to: Placed): Line {
  const text = textOf(branch);
  const curve = curveOf({ from, to });
  const at = (axis: 0 | 1) => curve.reduce((sum, point, index) => sum + point[axis] * (weights[index] as number), 0);
  return { branch, from, to, text, plate: { x: at(0), y: at(1), width: text.length * smallCharacterWidth + 8 } };
}

export function layOut({ root }: DecisionTree): Layout {
  type Datum = { node: TreeNode; branch: Branch | null; label: string; width: number };
  const datumOf = (node: TreeNode, branch: Branch | null): Datum => {
    const label = shorten(node.text);
    return { node, branch, label, width: Math.max(44, label.length * characterWidth + 22) };
  };
  const top = hierarchy(datumOf(root, null), ({ node }) => node.branches.map((branch) => datumOf(branch.node, branch)));
  const laid = tree<Datum>()
    .nodeSize([1, levelHeight])
    // The distance of neighbours depends on their own widths, not on the widest node.
    .separation((left, right) => (left.data.width + right.data.width) / 2 + gap)(top);

  const all = laid.descendants();
  const left = Math.min(...all.map(({ x, data }) => x - data.width / 2)) - margin;
  const right = Math.max(...all.map(({ x, data }) => x + data.width / 2)) + margin;
  const placed = new Map(
    all.map((point) => {
      const { node, label, width } = point.data;
      return [point, { node, label, width, x: point.x - left, y: point.y + margin + nodeHeight / 2 }];
    }),
  );
  const nodes = [...placed.values()];
  return {
    nodes,
    root: placed.get(laid) as Placed,
    lines: laid
      .links()
      .map(({ source, target }) =>
        lineOf(target.data.branch as Branch, placed.get(source) as Placed, placed.get(target) as Placed),
      ),
    width: right - left,
    height: laid.height * levelHeight + nodeHeight + 2 * margin,
  };
}
