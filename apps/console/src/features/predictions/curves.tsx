import type { Evaluation, Matrix } from '@at/contracts/predictions';
import { scaleLinear } from '@visx/scale';
import { LinePath } from '@visx/shape';
import { formatShare } from '#titles/confusion-matrix.tsx';
import { formatDecimal, none } from '#ui/format.ts';
import chart from './chart.module.css';
import { Axes, Chart, ChartTable } from './chart.tsx';
import { chartTexts } from './charts.texts.ts';
import { matrixAt, measuresOf, ratesOf, type Tally } from './evaluation.ts';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';

type Point = { x: number; y: number };

const height = 300;
const sides = { left: 34, right: 10, top: 20, bottom: 40 };

/** A curve in the unit square, with what would be no better than chance and the point that the threshold chooses. */
function Curve({
  words: { name, x: xName, y: yName },
  description,
  points,
  reference,
  referenceName,
  nameAt,
  chosen,
}: {
  words: { name: string; x: string; y: string };
  description: string;
  points: Point[];
  reference: [Point, Point];
  referenceName: string;
  nameAt: Point;
  chosen: Point | null;
}) {
  return (
    <section>
      <h3 className={chart.name}>{name}</h3>
      <Chart name={name} description={description} height={height}>
        {(width) => {
          const x = scaleLinear<number>({ domain: [0, 1], range: [sides.left, width - sides.right] });
          const y = scaleLinear<number>({ domain: [0, 1], range: [height - sides.bottom, sides.top] });
          const [from, to] = reference;
          return (
            <>
              <Axes
                x={x}
                y={y}
                top={height - sides.bottom}
                left={sides.left}
                width={width - sides.right}
                names={{ x: xName, y: yName }}
              />
              <line className={chart.reference} x1={x(from.x)} y1={y(from.y)} x2={x(to.x)} y2={y(to.y)} />
              <text x={x(nameAt.x)} y={y(nameAt.y)} textAnchor="end">
                {referenceName}
              </text>
              <LinePath
                className={chart.line ?? ''}
                data={points}
                x={(point) => x(point.x)}
                y={(point) => y(point.y)}
              />
              {chosen && (
                <>
                  <line className={chart.guide} x1={x(0)} x2={x(chosen.x)} y1={y(chosen.y)} y2={y(chosen.y)} />
                  <line className={chart.guide} x1={x(chosen.x)} x2={x(chosen.x)} y1={y(chosen.y)} y2={y(0)} />
                  <circle className={chart.point} cx={x(chosen.x)} cy={y(chosen.y)} r={5} />
                </>
              )}
            </>
          );
        }}
      </Chart>
    </section>
  );
}

const pointOf = (x: number | null, y: number | null): Point | null => (x === null || y === null ? null : { x, y });

/** What other thresholds would do: true against false positives, and precision against recall. */
export function Curves({
  evaluation: { curve, auc },
  tally,
  matrix,
  threshold,
}: {
  evaluation: Evaluation;
  tally: Tally;
  /** At the threshold. */
  matrix: Matrix;
  threshold: number;
}) {
  const rates = ratesOf(matrix);
  const { precision, recall } = measuresOf(matrix);
  const base = measuresOf(matrixAt(tally, 0)).precision;
  const at = formatDecimal(threshold, 3);
  const isPoint = (point: Point | null): point is Point => point !== null;
  const roc = curve.map((one) => pointOf(one.false_positive_rate, one.true_positive_rate)).filter(isPoint);
  const pr = curve.map((one) => pointOf(one.true_positive_rate, one.precision)).filter(isPoint);
  if (roc.length === 0 && pr.length === 0) return <p className={styles.card}>{chartTexts.noLabels}</p>;
  const rows = Array.from({ length: 21 }, (_none, step) => {
    const own = matrixAt(tally, step / 20);
    const ownRates = ratesOf(own);
    return [
      formatDecimal(step / 20, 2),
      formatShare(ownRates.tp),
      formatShare(ownRates.fp),
      formatShare(measuresOf(own).precision),
    ];
  });
  return (
    <div className={styles.card}>
      <div className={chart.pair}>
        <Curve
          words={chartTexts.roc}
          description={chartTexts.roc.description(
            auc === null ? none : formatDecimal(auc, 3),
            formatShare(rates.tp),
            formatShare(rates.fp),
            at,
          )}
          points={roc}
          reference={[
            { x: 0, y: 0 },
            { x: 1, y: 1 },
          ]}
          referenceName={chartTexts.roc.chance}
          nameAt={{ x: 0.72, y: 0.6 }}
          chosen={pointOf(rates.fp, rates.tp)}
        />
        <Curve
          words={chartTexts.precisionRecall}
          description={chartTexts.precisionRecall.description(formatShare(precision), formatShare(recall), at)}
          points={pr}
          reference={[
            { x: 0, y: base ?? 0 },
            { x: 1, y: base ?? 0 },
          ]}
          referenceName={chartTexts.precisionRecall.base}
          nameAt={{ x: 0.3, y: (base ?? 0) + 0.03 }}
          chosen={pointOf(recall, precision)}
        />
      </div>
      <ChartTable
        columns={[
          texts.threshold,
          `${chartTexts.roc.y} (${chartTexts.precisionRecall.x})`,
          chartTexts.roc.x,
          chartTexts.precisionRecall.y,
        ]}
        rows={rows}
      />
    </div>
  );
}
