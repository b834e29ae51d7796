import { Tooltip } from '@mantine/core';
import { memo, type PointerEvent, useEffect, useRef, useState } from 'react';
import styles from './radar.module.css';
import {
  axisAt,
  describeRatings,
  formatRating,
  gridPath,
  metrics,
  noRatingColor,
  pointAt,
  type Ratings,
  wedgesOf,
} from './radar.ts';

/** The colour of a metric, as in the radar. */
export function Swatch({ color }: { color: string }) {
  return <span className={styles.swatch} style={{ color }} aria-hidden />;
}

function Readout({ ratings, axis }: { ratings: Ratings; axis: number | null }) {
  return (
    <table className={styles.readout}>
      <tbody>
        {metrics.map((metric, index) => {
          const value = ratings[metric.field];
          return (
            <tr key={metric.field} data-active={index === axis || undefined}>
              <td>
                <Swatch color={value === null ? noRatingColor : metric.color} />
              </td>
              <th scope="row">
                {metric.name} <code>{metric.field}</code>
              </th>
              <td data-none={value === null || undefined}>{formatRating(metric, value)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Room around the plot for the names, in units of the plot. */
const bare = { x: 104, y: 104 };
const labelled = { x: 196, y: 146 };

function Labels({ ratings }: { ratings: Ratings }) {
  return metrics.map((metric, axis) => {
    const [x, y] = pointAt(110, axis * 60);
    const anchor = x > 1 ? 'start' : x < -1 ? 'end' : 'middle';
    // The two lines end at the point above the plot, begin at it below, and are centred beside it.
    const first = axis === 0 ? y - 16 : axis === 3 ? y + 12 : y - 3;
    return (
      <text key={metric.field} className={styles.label} textAnchor={anchor}>
        <tspan x={x} y={first}>
          {metric.name}
        </tspan>
        <tspan x={x} y={first + 17} data-known={ratings[metric.field] !== null}>
          {formatRating(metric, ratings[metric.field])}
        </tspan>
      </text>
    );
  });
}

/**
 * Six ratings. On hover or focus it lists all six, the hovered one first. It uses no keys.
 * `size` is the height in pixels; with `labels` each axis carries its name and value, from about 240 pixels on.
 */
export const Radar = memo(function Radar({
  title,
  size = 72,
  labels = false,
}: {
  title: Ratings;
  size?: number;
  labels?: boolean;
}) {
  const plot = useRef<HTMLSpanElement>(null);
  // The hovered axis, all axes while it has the focus, or none.
  const [shown, setShown] = useState<number | 'all' | null>(null);
  const axis = typeof shown === 'number' ? shown : null;
  const room = labels ? labelled : bare;

  useEffect(() => {
    if (shown === null) return;
    const dismiss = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setShown(null);
    };
    document.addEventListener('keydown', dismiss);
    return () => document.removeEventListener('keydown', dismiss);
  }, [shown]);

  const point = (event: PointerEvent<HTMLElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    setShown(axisAt(event.clientX - left - width / 2, event.clientY - top - height / 2));
  };

  return (
    <>
      <span
        ref={plot}
        className={styles.radar}
        data-labels={labels || undefined}
        role="img"
        aria-label={`Ratings: ${describeRatings(title)}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the values must be reachable by keyboard
        tabIndex={0}
        onPointerMove={point}
        onPointerLeave={() => setShown(document.activeElement === plot.current ? 'all' : null)}
        onFocus={() => setShown((before) => before ?? 'all')}
        onBlur={() => setShown(null)}
      >
        <svg
          viewBox={`${-room.x} ${-room.y} ${2 * room.x} ${2 * room.y}`}
          width={(size * room.x) / room.y}
          height={size}
          aria-hidden
        >
          <path className={styles.grid} d={gridPath} />
          {wedgesOf(title).map(({ metric, known, points }, index) => (
            <polygon
              key={metric.field}
              className={styles.wedge}
              points={points}
              style={{ color: known ? metric.color : noRatingColor }}
              data-behind={(axis !== null && axis !== index) || undefined}
            />
          ))}
          {labels && <Labels ratings={title} />}
        </svg>
      </span>
      {shown !== null && (
        <Tooltip
          target={plot}
          opened
          label={<Readout ratings={title} axis={axis} />}
          classNames={{ tooltip: styles.panel ?? '' }}
          transitionProps={{ duration: 0 }}
        />
      )}
    </>
  );
});
