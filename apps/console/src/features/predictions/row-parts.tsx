import type { CmValue } from '@at/contracts/vocabulary';
import { IconCheck } from '@tabler/icons-react';
import { CellBadge, cells as cellWords, formatProbability } from '#titles/label-badges.tsx';
import { labelRow } from '#titles/title-changes.ts';
import type { TitleRowParts } from '#titles/title-row.tsx';
import { formatDecimal, formatWord, none } from '#ui/format.ts';
import { cellAt } from './evaluation.ts';
import type { PredictedTitle } from './rows.ts';
import { predictionTexts as texts } from './texts.ts';
import styles from './title-list.module.css';
import { formatThreshold, type PredictionsView } from './view.ts';

function Probability({ title, cell }: { title: PredictedTitle; cell: CmValue | null }) {
  return (
    <span className={styles.probability} data-cell={cell ?? 'none'}>
      <strong>{formatProbability(title.probability)}</strong>
      <span className={styles.track} aria-hidden>
        <span className={styles.bar} style={{ width: `${title.probability * 100}%` }} />
      </span>
    </span>
  );
}

/** The cell of a title in a sentence. */
function explain(title: PredictedTitle, threshold: number | null): string {
  const words = texts.explain;
  const sentence = words.probability(formatDecimal(title.probability, 4));
  const own = words.own(title.prediction === 1 ? 'would watch' : 'would not watch', cellWords[title.cm_value].name);
  if (threshold === null) return `${sentence}${words.unknown} ${own}`;
  const yes = (title.probability >= threshold ? words.yes : words.no)(formatThreshold(threshold));
  const cell = cellAt(title.label, title.probability, threshold);
  if (cell === null) return `${sentence}${yes}${words.unlabelled} ${own}`;
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
          <span className={styles.none}>{threshold === null ? none : texts.noCell}</span>
        )}
        <Probability title={title} cell={cell} />
      </>
    );
  },
  explanation: (title) => explain(title as PredictedTitle, threshold),
});
