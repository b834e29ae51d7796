import type { Evaluation, Matrix } from '@at/contracts/predictions';
import { formatShare } from '#titles/confusion-matrix.tsx';
import { formatThreshold } from '#titles/verdict.ts';
import { formatDecimal, none } from '#ui/format.ts';
import { measuresOf } from './evaluation.ts';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';
import type { PredictionsView } from './view.ts';

type Name = keyof typeof texts.measures;

const formatScore = (value: number | null) => (value === null ? none : formatDecimal(value, 3));

function Measure({ name, value }: { name: Name; value: string }) {
  return (
    <div className={styles.measure}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its meaning must be reachable by keyboard */}
      <dt tabIndex={0} data-tooltip={texts.measures[name].meaning} data-tooltip-touch>
        {texts.measures[name].name}
      </dt>
      <dd data-measure={name}>{value}</dd>
    </div>
  );
}

type AtThreshold = { view: PredictionsView; matrix: Matrix; threshold: number };

/** The measures at the threshold. */
export function MeasuresAtThreshold({ view, matrix, threshold }: AtThreshold) {
  const { accuracy, precision, recall, f1 } = measuresOf(matrix);
  const shown = view.cells === 'recorded' ? texts.recordedBy : texts.atThreshold(formatThreshold(threshold));
  return (
    <div className={styles.group}>
      <span className={styles.about}>{shown}</span>
      <dl aria-label={shown}>
        <Measure name="accuracy" value={formatShare(accuracy)} />
        <Measure name="precision" value={formatShare(precision)} />
        <Measure name="recall" value={formatShare(recall)} />
        <Measure name="f1" value={formatScore(f1)} />
      </dl>
    </div>
  );
}

/** The measures at the threshold, and those of the probabilities at any threshold. */
export function Measures({
  evaluation: { auc, brier, ece },
  ...atThreshold
}: AtThreshold & { evaluation: Evaluation }) {
  return (
    <div className={styles.measures}>
      <MeasuresAtThreshold {...atThreshold} />
      <div className={styles.group}>
        <span className={styles.about}>{texts.anyThreshold}</span>
        <dl aria-label={texts.anyThreshold}>
          <Measure name="auc" value={formatScore(auc)} />
          <Measure name="brier" value={formatScore(brier)} />
          <Measure name="ece" value={formatScore(ece)} />
        </dl>
      </div>
    </div>
  );
}
