import { useElementSize } from '@mantine/hooks';
import { AxisBottom, AxisLeft } from '@visx/axis';
import type { scaleLinear } from '@visx/scale';
import type { ReactNode } from 'react';
import styles from './chart.module.css';
import { predictionTexts as texts } from './texts.ts';

/** What the charts of the page share: room, axes, and the same numbers as a table. */

type Scale = ReturnType<typeof scaleLinear<number>>;

/** A drawing as wide as there is room, which says in words what it shows. */
export function Chart({
  name,
  description,
  height,
  children,
}: {
  name: string;
  description: string;
  height: number;
  children: (width: number) => ReactNode;
}) {
  const { ref, width } = useElementSize();
  return (
    <div ref={ref} className={styles.chart} style={{ height }}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={`${name}. ${description}`}>
          {children(width)}
        </svg>
      )}
    </div>
  );
}

const formatTenth = (value: number) => value.toLocaleString(undefined, { maximumFractionDigits: 2 });

export function Axes({
  x,
  y,
  top,
  left,
  width,
  names,
}: {
  x: Scale;
  y: Scale;
  /** Of the horizontal axis, and the side of the vertical one. */
  top: number;
  left: number;
  width: number;
  names: { x: string; y: string };
}) {
  return (
    <g className={styles.axes} aria-hidden>
      {y.ticks(5).map((tick) => (
        <line key={tick} className={styles.grid} x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
      ))}
      <AxisBottom scale={x} top={top} numTicks={5} tickFormat={(value) => formatTenth(Number(value))} hideAxisLine />
      <AxisLeft
        scale={y}
        left={left}
        numTicks={5}
        tickFormat={(value) => formatTenth(Number(value))}
        hideAxisLine
        hideTicks
      />
      <text className={styles.axisName} x={width} y={top + 34} textAnchor="end">
        {names.x}
      </text>
      <text className={styles.axisName} x={4} y={11}>
        {names.y}
      </text>
    </g>
  );
}

/** The numbers of a chart, on demand unless there is room for them. */
export function ChartTable({ columns, rows, open = false }: { columns: string[]; rows: string[][]; open?: boolean }) {
  return (
    <details className={styles.numbers} open={open}>
      <summary>{texts.asTable}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.scroll} tabIndex={0} aria-label={texts.asTable}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([first, ...others]) => (
              <tr key={first}>
                <th scope="row">{first}</th>
                {others.map((value, index) => (
                  <td key={columns[index + 1]}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
