import { memo } from 'react';
import { modelTexts } from '#shared/texts/model.ts';
import { type Branch, stepOf } from './decision-tree.ts';
import styles from './tree.module.css';
import { type Layout, type Line, nodeHeight, type Placed } from './tree-layout.ts';

const texts = modelTexts.trees;

/** What stands at a branch: the answer, and whether titles without the value go there too. */
const wordsOf = ({ answer, missing }: Branch) =>
  [answer && texts[answer], missing && texts.missing].filter(Boolean).join(', ');

function pathOf({ from, to }: Line): string {
  const [top, bottom] = [from.y + nodeHeight / 2, to.y - nodeHeight / 2];
  const middle = (top + bottom) / 2;
  return `M${from.x},${top}C${from.x},${middle} ${to.x},${middle} ${to.x},${bottom}`;
}

function Node({ node, label, x, y, width }: Placed) {
  const kind = node.branches.length > 0 ? 'question' : node.value === null ? 'unknown' : 'leaf';
  return (
    <g
      className={styles.node}
      data-kind={kind}
      data-step={kind === 'leaf' ? stepOf(node.value as number) : undefined}
      transform={`translate(${x - width / 2},${y - nodeHeight / 2})`}
    >
      <title>{node.full}</title>
      <rect width={width} height={nodeHeight} rx={kind === 'question' ? 5 : nodeHeight / 2} />
      <text x={width / 2} y={nodeHeight / 2}>
        {label}
      </text>
    </g>
  );
}

/** Drawn once per tree: moving and zooming only transform what is there. */
export const TreeDrawing = memo(function TreeDrawing({ layout, label }: { layout: Layout; label: string }) {
  return (
    <svg
      className={styles.drawing}
      width={layout.width}
      height={layout.height}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      role="img"
      aria-label={label}
    >
      {layout.lines.map((line) => (
        <path key={line.to.node.id} className={styles.line} data-answer={line.branch.answer} d={pathOf(line)} />
      ))}
      {layout.lines.map(({ branch, to }) => (
        <text key={to.node.id} className={styles.answer} x={to.x} y={to.y - nodeHeight / 2 - 7}>
          {wordsOf(branch)}
        </text>
      ))}
      {layout.nodes.map((placed) => (
        <Node key={placed.node.id} {...placed} />
      ))}
    </svg>
  );
});
