import { memo, type PointerEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { placeBeside } from '#ui/tooltip.ts';
import styles from './radar.module.css';
import {
  type Axis,
  axisAt,
  describeRatings,
  formatRating,
  metrics,
  noRatingColor,
  plotOf,
  pointAt,
  type Ratings,
} from './radar.ts';

/** The colour of a metric, as in the radar. */
export function Swatch({ color }: { color: string }) {
  return <span className={styles.swatch} style={{ color }} aria-hidden />;
}

function Readout({
  ratings,
  active,
  beside,
}: {
  ratings: Ratings;
  active: Axis['metric'] | undefined;
  beside: RefObject<Element | null>;
}) {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = () => beside.current && panel.current && placeBeside(panel.current, beside.current);
    place();
    document.addEventListener('scroll', place, true);
    return () => document.removeEventListener('scroll', place, true);
  }, [beside]);
  return createPortal(
    <div ref={panel} role="tooltip" className={styles.panel}>
      <table className={styles.readout}>
        <tbody>
          {metrics.map((metric) => {
            const value = ratings[metric.field];
            return (
              <tr key={metric.field} data-active={metric === active || undefined}>
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
    </div>,
    document.body,
  );
}

/** Room around the plot for the names, in units of the plot. */
const bare = { x: 104, top: 104, bottom: 104 };
const labelled = { x: 196, top: 146 };
const labelRadius = 110;
const labelHeight = 36;

function Labels({ ratings, axes }: { ratings: Ratings; axes: readonly Axis[] }) {
  return axes.map(({ metric, degrees }) => {
    const [x, y] = pointAt(labelRadius, degrees);
    const anchor = x > 1 ? 'start' : x < -1 ? 'end' : 'middle';
    // The two lines end at the point above the plot, begin at it below, and are centred beside it.
    const first = degrees === 0 ? y - 16 : degrees === 180 ? y + 12 : y - 3;
    return (
      <text key={metric.field} className={styles.label} textAnchor={anchor}>
        <tspan x={x} y={first}>
          {metric.name}
        </tspan>
        <tspan className={styles.value} x={x} y={first + 17}>
          {formatRating(metric, ratings[metric.field])}
        </tspan>
      </text>
    );
  });
}

/**
 * Six ratings. On hover or focus it lists all six and marks the hovered one. It uses no keys.
 * `size` is the height of six axes in pixels. With `labels`, from about 240 pixels on, each axis carries its name and value,
 * and those without a value are left out.
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
  const { axes, grid, wedges } = plotOf(title, labels);
  const lowest = Math.max(...axes.map(({ degrees }) => pointAt(labelRadius, degrees)[1]));
  const room = labels ? { ...labelled, bottom: lowest + labelHeight } : bare;
  const height = room.top + room.bottom;

  useEffect(() => {
    if (shown === null) return;
    const dismiss = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setShown(null);
    };
    document.addEventListener('keydown', dismiss);
    return () => document.removeEventListener('keydown', dismiss);
  }, [shown]);

  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const middle = box.top + (box.height * room.top) / height;
    setShown(axisAt(event.clientX - box.left - box.width / 2, event.clientY - middle, axes.length));
  };

  if (axes.length === 0) return null;
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
          viewBox={`${-room.x} ${-room.top} ${2 * room.x} ${height}`}
          width={(size * room.x) / room.top}
          height={(size * height) / (2 * room.top)}
          aria-hidden
        >
          <path className={styles.grid} d={grid} />
          {wedges.map(({ metric, known, points }, index) => (
            <polygon
              key={metric.field}
              className={styles.wedge}
              points={points}
              style={{ color: known ? metric.color : noRatingColor }}
              data-behind={(axis !== null && axis !== index) || undefined}
            />
          ))}
          {labels && <Labels ratings={title} axes={axes} />}
        </svg>
      </span>
      {shown !== null && (
        <Readout ratings={title} active={axis === null ? undefined : axes[axis]?.metric} beside={plot} />
      )}
    </>
  );
});
