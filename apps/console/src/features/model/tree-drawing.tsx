import { Fragment, memo } from 'react';
import { stepOf } from './decision-tree.ts';
import styles from './tree.module.css';
import { curveOf, type Layout, type Line, nodeHeight, type Placed, plateHeight } from './tree-layout.ts';

const pathOf = (line: Line) => {
  const [start, ...others] = curveOf(line);
  return `M${start}C${others.join(' ')}`;
};

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

/** Rendered once per tree: moving and zooming only transform it. */
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
      {layout.lines.map(
        ({ to, text, plate: { x, y, width } }) =>
          text && (
            <Fragment key={to.node.id}>
              <rect
                className={styles.plate}
                x={x - width / 2}
                y={y - plateHeight / 2}
                width={width}
                height={plateHeight}
                rx={4}
              />
              <text className={styles.answer} x={x} y={y}>
                {text}
              </text>
            </Fragment>
          ),
      )}
      {layout.nodes.map((placed) => (
        <Node key={placed.node.id} {...placed} />
      ))}
    </svg>
  );
});
