import type { Evaluation } from '@at/contracts/predictions';
import { scaleSqrt } from '@visx/scale';
import { formatShare } from '#titles/confusion-matrix.tsx';
import { ChartTable } from '#ui/chart.tsx';
import { formatDecimal, formatInteger, none } from '#ui/format.ts';
import chart from './chart.module.css';
import { UnitChart } from './chart.tsx';
import { chartTexts } from './charts.texts.ts';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';

const formatScore = (value: number | null) => (value === null ? none : formatDecimal(value, 3));

/** Compares each tenth of the probabilities with the share of titles that would be watched. */
export function Calibration({ evaluation: { calibration, ece, brier } }: { evaluation: Evaluation }) {
  const filled = calibration.flatMap(({ labelled, mean_probability, would_watch_share }) =>
    mean_probability === null || would_watch_share === null
      ? []
      : [{ labelled, x: mean_probability, y: would_watch_share }],
  );
  if (filled.length === 0) return <p className={styles.card}>{chartTexts.noLabels}</p>;
  const radius = scaleSqrt<number>({
    domain: [0, Math.max(...filled.map(({ labelled }) => labelled))],
    range: [3, 12],
  });
  const description = chartTexts.calibration.description(formatScore(ece), formatScore(brier));
  return (
    <section className={styles.card} aria-label={chartTexts.calibration.name}>
      <div className={chart.pair}>
        <UnitChart
          name={chartTexts.calibration.name}
          description={description}
          names={chartTexts.calibration}
          points={filled}
          reference={[
            { x: 0, y: 0 },
            { x: 1, y: 1 },
          ]}
          referenceName={chartTexts.calibration.perfect}
          nameAt={{ x: 1, y: 0.82 }}
        >
          {(x, y) =>
            filled.map((point) => (
              <circle key={point.x} className={chart.dot} cx={x(point.x)} cy={y(point.y)} r={radius(point.labelled)} />
            ))
          }
        </UnitChart>
        <ChartTable
          open
          columns={[
            texts.probability,
            chartTexts.calibration.labelled,
            chartTexts.calibration.x,
            chartTexts.calibration.y,
          ]}
          rows={calibration.map(({ from, to, labelled, mean_probability, would_watch_share }) => [
            `${formatDecimal(from, 1)} – ${formatDecimal(to, 1)}`,
            formatInteger(labelled),
            mean_probability === null ? none : formatDecimal(mean_probability, 3),
            formatShare(would_watch_share),
          ])}
        />
      </div>
      <p className={chart.note}>
        {description} {chartTexts.calibration.size}
      </p>
    </section>
  );
}
