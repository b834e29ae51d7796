import { AxisBottom, AxisLeft } from '@visx/axis';
import { scaleLinear } from '@visx/scale';
import { LinePath } from '@visx/shape';
import type { ReactNode } from 'react';
import { Chart } from '#ui/chart.tsx';
import styles from './chart.module.css';

type Scale = ReturnType<typeof scaleLinear<number>>;

const formatTenth = (value: number) => value.toLocaleString(undefined, { maximumFractionDigits: 2 });

function Axes({
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

export type Point = { x: number; y: number };

/** As much across as down, so that the unit square is a square. */
const sides = { left: 40, right: 20, top: 20, bottom: 40 };

/** A line in the unit square, and a reference line with its name. */
export function UnitChart({
  name,
  description,
  names,
  points,
  reference: [from, to],
  referenceName,
  nameAt,
  children,
}: {
  name: string;
  description: string;
  names: { x: string; y: string };
  points: Point[];
  reference: [Point, Point];
  referenceName: string;
  nameAt: Point;
  /** Drawn on top. */
  children: (x: Scale, y: Scale) => ReactNode;
}) {
  return (
    <Chart name={name} description={description}>
      {(width) => {
        const [right, bottom] = [width - sides.right, width - sides.bottom];
        const x = scaleLinear<number>({ domain: [0, 1], range: [sides.left, right] });
        const y = scaleLinear<number>({ domain: [0, 1], range: [bottom, sides.top] });
        return (
          <>
            <Axes x={x} y={y} top={bottom} left={sides.left} width={right} names={names} />
            <line className={styles.reference} x1={x(from.x)} y1={y(from.y)} x2={x(to.x)} y2={y(to.y)} />
            <text x={x(nameAt.x)} y={y(nameAt.y)} textAnchor="end">
              {referenceName}
            </text>
            <LinePath className={styles.line ?? ''} data={points} x={(point) => x(point.x)} y={(point) => y(point.y)} />
            {children(x, y)}
          </>
        );
      }}
    </Chart>
  );
}
