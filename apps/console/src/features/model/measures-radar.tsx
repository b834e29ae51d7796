import { pointAt } from '#titles/radar.ts';
import { describeMeasures, type Measures, measures } from './measures.ts';
import styles from './model.module.css';
import { modelTexts } from './texts.ts';

const step = 360 / measures.length;
const rims = [25, 50, 75, 100];
const rim = (radius: number) => `M${measures.map((_name, axis) => pointAt(radius, axis * step)).join('L')}Z`;
const spokes = measures.map((_name, axis) => `M0,0L${pointAt(100, axis * step)}`).join('');

/** Five measures, each on its axis from 0 in the centre to 1 at the rim. */
export function MeasuresRadar({ values }: { values: Measures }) {
  const points = measures.flatMap((name, axis) => {
    const value = values[name];
    return value === null ? [] : [pointAt(100 * Math.min(1, Math.max(0, value)), axis * step)];
  });
  return (
    // Wide enough for the longest name at a readable size.
    <svg className={styles.radar} viewBox="-176 -132 352 240" role="img" aria-label={describeMeasures(values)}>
      <path className={styles.grid} d={rims.map(rim).join('') + spokes} />
      {/* No surface if a measure was not recorded. */}
      {points.length === measures.length && <polygon className={styles.surface} points={points.join(' ')} />}
      {points.map(([x, y]) => (
        <circle key={`${x} ${y}`} className={styles.point} cx={x} cy={y} r={4} />
      ))}
      {measures.map((name, axis) => {
        const [x, y] = pointAt(112, axis * step);
        const anchor = x > 1 ? 'start' : x < -1 ? 'end' : 'middle';
        return (
          <text key={name} className={styles.axis} x={x} y={y + 5} textAnchor={anchor}>
            {modelTexts.measures.names[name]}
          </text>
        );
      })}
    </svg>
  );
}
