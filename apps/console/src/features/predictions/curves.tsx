import type { Evaluation, Matrix } from '@at/contracts/predictions';
import type { ComponentProps } from 'react';
import { formatShare } from '#titles/confusion-matrix.tsx';
import { ChartTable } from '#ui/chart.tsx';
import { formatDecimal, none } from '#ui/format.ts';
import chart from './chart.module.css';
import { type Point, UnitChart } from './chart.tsx';
import { chartTexts } from './charts.texts.ts';
import { matrixAt, measuresOf, ratesOf, type Tally } from './evaluation.ts';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';

/** A curve with the point at the threshold. */
function Curve({
  texts: { name, ...names },
  chosen,
  ...curve
}: {
  texts: { name: string; x: string; y: string };
  chosen: Point | null;
} & Pick<ComponentProps<typeof UnitChart>, 'description' | 'points' | 'reference' | 'referenceName' | 'nameAt'>) {
  return (
    <section>
      <h3 className={chart.name}>{name}</h3>
      <UnitChart name={name} names={names} {...curve}>
        {(x, y) =>
          chosen && (
            <>
              <line className={chart.guide} x1={x(0)} x2={x(chosen.x)} y1={y(chosen.y)} y2={y(chosen.y)} />
              <line className={chart.guide} x1={x(chosen.x)} x2={x(chosen.x)} y1={y(chosen.y)} y2={y(0)} />
              <circle className={chart.point} cx={x(chosen.x)} cy={y(chosen.y)} r={5} />
            </>
          )
        }
      </UnitChart>
    </section>
  );
}

const pointOf = (x: number | null, y: number | null): Point | null => (x === null || y === null ? null : { x, y });

/** Other thresholds: true against false positives, and precision against recall. */
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
          texts={chartTexts.roc}
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
          texts={chartTexts.precisionRecall}
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
