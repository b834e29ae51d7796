import type { Evaluation } from '@at/contracts/predictions';
import { scaleLinear, scaleSqrt } from '@visx/scale';
import { LinePath } from '@visx/shape';
import { formatShare } from '#titles/confusion-matrix.tsx';
import { formatDecimal, formatInteger, none } from '#ui/format.ts';
import chart from './chart.module.css';
import { Axes, Chart, ChartTable } from './chart.tsx';
import { chartTexts } from './charts.texts.ts';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';

const height = 320;
const sides = { left: 34, right: 12, top: 20, bottom: 40 };

const formatScore = (value: number | null) => (value === null ? none : formatDecimal(value, 3));

/** Whether a probability means what it says: the share that would be watched, tenth by tenth. */
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
        <Chart name={chartTexts.calibration.name} description={description} height={height}>
          {(width) => {
            const x = scaleLinear<number>({ domain: [0, 1], range: [sides.left, width - sides.right] });
            const y = scaleLinear<number>({ domain: [0, 1], range: [height - sides.bottom, sides.top] });
            return (
              <>
                <Axes
                  x={x}
                  y={y}
                  top={height - sides.bottom}
                  left={sides.left}
                  width={width - sides.right}
                  names={{ x: chartTexts.calibration.x, y: chartTexts.calibration.y }}
                />
                <line className={chart.reference} x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
                <text x={x(1)} y={y(0.82)} textAnchor="end">
                  {chartTexts.calibration.perfect}
                </text>
                <LinePath
                  className={chart.line ?? ''}
                  data={filled}
                  x={(point) => x(point.x)}
                  y={(point) => y(point.y)}
                />
                {filled.map((point) => (
                  <circle
                    key={point.x}
                    className={chart.dot}
                    cx={x(point.x)}
                    cy={y(point.y)}
                    r={radius(point.labelled)}
                  />
                ))}
              </>
            );
          }}
        </Chart>
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
