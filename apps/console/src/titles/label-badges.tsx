import { filterWord } from '@at/contracts/filter-words';
import type { TrainingRow } from '@at/contracts/training';
import type { CmValue, Label, WordOf } from '@at/contracts/vocabulary';
import { IconCircleDashed, IconFlag, IconTag, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { formatWord, none } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import styles from './label-badges.module.css';
import { isProbability } from './probability.ts';
import { titleTexts as texts } from './texts.ts';
import { formatThreshold, useOperatingThreshold, verdictAt } from './verdict.ts';

const labelIcons = { would_watch: IconThumbUp, would_not_watch: IconThumbDown, none: IconCircleDashed };

/** The label; null: none yet. */
export function LabelBadge({ label }: { label: WordOf<Label> | null }) {
  const Icon = known(labelIcons, filterWord(label)) ?? IconTag;
  return (
    <span className={styles.mark} data-label={filterWord(label)}>
      <Icon size={16} aria-hidden />
      {label === null ? 'unlabelled' : formatWord(label)}
    </span>
  );
}

/** For a title that the model keeps predicting wrongly although its label is right. */
export function AnomalousBadge() {
  return (
    <span className={styles.mark} data-anomalous>
      <IconFlag size={16} aria-hidden />
      {texts.anomalous}
    </span>
  );
}

export const cells: { [cell in CmValue]: { name: string; meaning: string } } = {
  tp: { name: 'true positive', meaning: 'the model and the label say would watch' },
  tn: { name: 'true negative', meaning: 'the model and the label say would not watch' },
  fp: { name: 'false positive', meaning: 'the model says would watch, the label would not' },
  fn: { name: 'false negative', meaning: 'the model says would not watch, the label would' },
};

/** A cell of the confusion matrix; a word that is none stays as it is. */
const cellName = (cell: WordOf<CmValue>) => known(cells, cell)?.name ?? cell;

/** The mark of a cell, beside its name: a disc of its colour, a ring where the model errs; hollow: no cell. */
export const CellDot = ({ cell }: { cell: WordOf<CmValue> }) => <i className={styles.dot} data-cell={cell} />;

export function CellBadge({ cell }: { cell: WordOf<CmValue> }) {
  return (
    <span className={styles.mark} data-cell={cell}>
      <CellDot cell={cell} />
      {cellName(cell)}
    </span>
  );
}

/** Of a bar, in percent. */
export const barWidth = (probability: number) => `${Math.min(1, Math.max(0, probability)) * 100}%`;

/** In percent, never rounded to 0 or 100; a number that is no probability as it is, one beyond all as a dash. */
export function formatProbability(probability: number): string {
  if (!Number.isFinite(probability)) return none;
  if (!isProbability(probability)) return probability.toLocaleString(undefined, { maximumSignificantDigits: 4 });
  const percent = Math.round(probability * 100);
  if (percent === 0 && probability > 0) return '<1%';
  if (percent === 100 && probability < 1) return '>99%';
  return `${percent}%`;
}

type Predicted = Pick<TrainingRow, 'prediction' | 'probability'>;

/** The predicted probability of would watch, 0-1, and the verdict at the operating threshold, which no other number has. */
export function ProbabilityBadge({ title: { prediction, probability } }: { title: Predicted }) {
  const threshold = useOperatingThreshold();
  if (probability == null || !Number.isFinite(probability))
    return <span className={styles.none}>{prediction == null ? texts.noPrediction : texts.noProbability}</span>;
  const verdict = threshold === undefined ? undefined : verdictAt(threshold, probability);
  return (
    <span className={styles.probability} data-label={verdict}>
      <span className={styles.figures}>
        <strong>{formatProbability(probability)}</strong>{' '}
        {verdict && threshold !== undefined && (
          <span>{texts.model(formatWord(verdict), formatThreshold(threshold))}</span>
        )}
      </span>
      <span className={styles.track} aria-hidden>
        <span className={styles.bar} style={{ width: barWidth(probability) }} />
      </span>
    </span>
  );
}

/** What the model says at the operating threshold, in words; nothing while one of the two is unknown. */
export function Verdict({ probability }: { probability: number | null | undefined }) {
  const threshold = useOperatingThreshold();
  const verdict = threshold === undefined || probability == null ? undefined : verdictAt(threshold, probability);
  return verdict && threshold !== undefined ? texts.verdict(formatWord(verdict), formatThreshold(threshold)) : none;
}
