import type { Evaluation, Matrix } from '@at/contracts/predictions';
import type { CmValue } from '@at/contracts/vocabulary';
import { scaleLinear, scaleSqrt } from '@visx/scale';
import { type PointerEvent, useId, useMemo } from 'react';
import { formatThreshold } from '#titles/verdict.ts';
import { Chart, ChartTable } from '#ui/chart.tsx';
import { formatDecimal, formatInteger } from '#ui/format.ts';
import styles from './chart.module.css';
import { barsOf } from './evaluation.ts';
import { predictionTexts as texts } from './texts.ts';
import { readThreshold } from './view.ts';

const barCount = 50;
/** The sides of the plot and of the slider below it. */
const sides = { left: 34, right: 12, top: 4, bottom: 4 };

const corners = [
  { cell: 'fn', side: 'left', up: true },
  { cell: 'tp', side: 'right', up: true },
  { cell: 'tn', side: 'left', up: false },
  { cell: 'fp', side: 'right', up: false },
] as const satisfies { cell: CmValue; side: string; up: boolean }[];

/**
 * Titles by probability: would watch upwards, would not watch downwards.
 * The threshold can be dragged; the slider below it is for the keyboard.
 */
export function Histogram({
  histogram,
  matrix,
  threshold,
  height,
  onThreshold,
}: {
  histogram: Evaluation['histogram'];
  /** At the threshold. */
  matrix: Matrix;
  threshold: number;
  height: number;
  onThreshold: (threshold: number) => void;
}) {
  const id = useId();
  const bars = useMemo(
    () => ({
      up: barsOf(histogram.would_watch, barCount),
      down: barsOf(histogram.would_not_watch, barCount),
    }),
    [histogram],
  );
  const most = Math.max(1, ...bars.up, ...bars.down);
  const middle = (sides.top + height - sides.bottom) / 2;
  // On a square-root scale: otherwise thousands of certain titles hide the few dozen uncertain ones.
  const y = scaleSqrt<number>({ domain: [0, most], range: [0, middle - sides.top - 1] });
  const counts = Object.fromEntries(
    Object.entries(matrix).map(([cell, count]) => [cell, formatInteger(count)]),
  ) as Record<CmValue, string>;
  return (
    <Chart
      name={texts.histogram.name}
      description={texts.histogram.description(formatThreshold(threshold), counts)}
      height={height}
    >
      {(width) => {
        const x = scaleLinear<number>({ domain: [0, 1], range: [sides.left, width - sides.right] });
        const at = x(threshold);
        const bar = x(1 / barCount) - x(0);
        const drag = (event: PointerEvent<SVGGElement>) => {
          if (event.buttons !== 1) return;
          const { left } = event.currentTarget.ownerSVGElement?.getBoundingClientRect() ?? { left: 0 };
          event.currentTarget.setPointerCapture(event.pointerId);
          onThreshold(readThreshold(Math.min(1, Math.max(0, x.invert(event.clientX - left)))) ?? threshold);
        };
        return (
          <g className={styles.plot} onPointerDown={drag} onPointerMove={drag}>
            <clipPath id={`${id}left`}>
              <rect x={0} y={0} width={Math.max(0, at)} height={height} />
            </clipPath>
            <clipPath id={`${id}right`}>
              <rect x={at} y={0} width={Math.max(0, width - at)} height={height} />
            </clipPath>
            <rect className={styles.area} x={0} y={0} width={width} height={height} />
            {y.ticks(3).flatMap((tick) =>
              tick === 0
                ? []
                : [-1, 1].map((sign) => (
                    <g key={sign * tick}>
                      <line
                        className={styles.grid}
                        x1={sides.left}
                        x2={width - sides.right}
                        y1={middle - sign * y(tick)}
                        y2={middle - sign * y(tick)}
                      />
                      <text x={sides.left - 4} y={middle - sign * y(tick) + 4} textAnchor="end">
                        {formatInteger(tick)}
                      </text>
                    </g>
                  )),
            )}
            {corners.map(({ cell, side, up }) => (
              <g key={cell} data-cell={cell} clipPath={`url(#${id}${side})`}>
                {(up ? bars.up : bars.down).map(
                  (count, index) =>
                    count > 0 && (
                      <rect
                        key={index}
                        x={x(index / barCount) + 0.5}
                        width={Math.max(1, bar - 1)}
                        y={up ? middle - Math.max(1, y(count)) : middle}
                        height={Math.max(1, y(count))}
                      />
                    ),
                )}
              </g>
            ))}
            <line className={styles.middle} x1={sides.left} x2={width - sides.right} y1={middle} y2={middle} />
            <line className={styles.threshold} x1={at} x2={at} y1={0} y2={height} />
            <path className={styles.handle} d={`M${at - 6},${height}h12l-6,-8z`} />
            {corners.map(({ cell, side, up }) => {
              const isLeft = side === 'left';
              const start = isLeft ? sides.left + 2 * bar + 9 : width - sides.right - 11;
              const base = up ? sides.top + 12 : height - sides.bottom - 6;
              return (
                <g key={cell}>
                  <circle data-cell={cell} cx={start} cy={base - 4} r={4} />
                  <text
                    className={styles.corner}
                    data-cell={cell}
                    x={isLeft ? start + 9 : start - 9}
                    y={base}
                    textAnchor={isLeft ? 'start' : 'end'}
                  >
                    {counts[cell]}{' '}
                    {!isLeft && <tspan className={styles.side}>{up ? texts.histogram.up : texts.histogram.down}</tspan>}
                  </text>
                </g>
              );
            })}
          </g>
        );
      }}
    </Chart>
  );
}

/** The same as numbers, with the titles that have no label. */
export function HistogramTable({ histogram }: { histogram: Evaluation['histogram'] }) {
  const columns = [histogram.would_watch, histogram.would_not_watch, histogram.unlabelled].map((bins) =>
    barsOf(bins, barCount),
  );
  return (
    <ChartTable
      columns={[texts.histogram.bin, texts.histogram.up, texts.histogram.down, texts.histogram.unlabelled]}
      rows={Array.from({ length: barCount }, (_none, bar) => [
        `${formatDecimal(bar / barCount, 2)} – ${formatDecimal((bar + 1) / barCount, 2)}`,
        ...columns.map((bars) => formatInteger(bars[bar])),
      ])}
    />
  );
}
