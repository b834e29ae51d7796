import type { CmValue, WordOf } from '@at/contracts/vocabulary';
import { IconCheck } from '@tabler/icons-react';
import { barWidth, CellBadge, cells as cellWords, formatProbability } from '#titles/label-badges.tsx';
import { isProbability } from '#titles/probability.ts';
import { labelRow } from '#titles/title-changes.ts';
import type { TitleRowParts } from '#titles/title-row.tsx';
import { formatThreshold } from '#titles/verdict.ts';
import { formatDecimal, formatWord, none } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { cellAt } from './evaluation.ts';
import type { PredictedTitle } from './rows.ts';
import { predictionTexts as texts } from './texts.ts';
import styles from './title-list.module.css';
import type { PredictionsView } from './view.ts';

function Probability({ title: { probability }, cell }: { title: PredictedTitle; cell: WordOf<CmValue> | null }) {
  if (probability === null || !Number.isFinite(probability)) return <span className={styles.none}>{none}</span>;
  return (
    <span className={styles.probability} data-cell={cell ?? 'none'}>
      <strong>{formatProbability(probability)}</strong>
      <span className={styles.track} aria-hidden>
        <span className={styles.bar} style={{ width: barWidth(probability) }} />
      </span>
    </span>
  );
}

const recordedPrediction = (prediction: number) =>
  prediction === 1 ? 'would watch' : prediction === 0 ? 'would not watch' : String(prediction);

/** What the model recorded: `a true positive`, or a word that is no cell. */
const recordedName = (cell: WordOf<CmValue>) => {
  const words = known(cellWords, cell);
  return words ? `a ${words.name}` : cell;
};

/** The cell of a title in a sentence. */
function explain(title: PredictedTitle, threshold: number | null): string {
  const words = texts.explain;
  const own = words.own(recordedPrediction(title.prediction), recordedName(title.cm_value));
  const { probability } = title;
  if (probability === null || !Number.isFinite(probability)) return `${words.noProbability}. ${own}`;
  if (!isProbability(probability)) return `${words.otherNumber(formatProbability(probability))} ${own}`;
  const sentence = words.probability(formatDecimal(probability, 4));
  if (threshold === null) return `${sentence}${words.unknown} ${own}`;
  const yes = (probability >= threshold ? words.yes : words.no)(formatThreshold(threshold));
  const cell = cellAt(title.label, probability, threshold);
  if (cell === null) {
    const why = title.label === null ? words.unlabelled : words.otherLabel(formatWord(title.label));
    return `${sentence}${yes}${why} ${own}`;
  }
  return `${sentence}${yes}${words.label(formatWord(title.label))}${words.cell(cellWords[cell].name)} ${own}`;
}

/** The rows of titles with the cell at the threshold (null: unknown), or as the model recorded it. */
export const rowParts = (threshold: number | null, cells: PredictionsView['cells']): TitleRowParts => ({
  // The button of the current label confirms it; the other one changes it.
  act(title, label) {
    const stands = title.label === label;
    const words = stands ? texts.confirm : texts.setLabel;
    return {
      name: words(formatWord(label), title.media_title),
      icon: stands && title.reviewed ? <IconCheck size={16} /> : undefined,
      onClick: () => labelRow(title, label),
    };
  },
  verdict(title: PredictedTitle) {
    const computed = threshold === null ? null : cellAt(title.label, title.probability, threshold);
    const cell = cells === 'recorded' ? title.cm_value : computed;
    return (
      <>
        {cell ? (
          <CellBadge cell={cell} />
        ) : (
          <span className={styles.none}>
            {threshold === null ? none : title.label === null ? texts.noCell : texts.otherNoCell}
          </span>
        )}
        <Probability title={title} cell={cell} />
      </>
    );
  },
  explanation: (title) => explain(title as PredictedTitle, threshold),
});
