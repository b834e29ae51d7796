import type { Matrix as Counts, Evaluation } from '@at/contracts/predictions';
import type { CmValue } from '@at/contracts/vocabulary';
import { Button, SegmentedControl, Text } from '@mantine/core';
import { ConfusionMatrix } from '#titles/confusion-matrix.tsx';
import { sayCountedAt } from '#ui/counted-at.ts';
import { formatInteger } from '#ui/format.ts';
import styles from './predictions.module.css';
import { CellButton, ExpandButton } from './strip.tsx';
import { predictionTexts as texts } from './texts.ts';
import { narrowsListAlone, type PredictionsView } from './view.ts';

/** How many titles have left the cell that the model recorded. */
function Comparison({ evaluation: { stored }, isCompared }: { evaluation: Evaluation; isCompared: boolean }) {
  if (!isCompared) return texts.unknownDisagree;
  if (stored.disagree === 0) return texts.allAgree;
  const sentence = texts.disagree(stored.disagree, formatInteger(stored.disagree));
  if (stored.relabelled === 0) return sentence;
  const byThreshold = formatInteger(stored.disagree - stored.relabelled);
  return `${sentence} ${texts.relabelled(formatInteger(stored.relabelled), byThreshold)}`;
}

/** The matrix: a cell filters the list by its titles, a second click removes the filter. */
export function MatrixPanel({
  view,
  name,
  matrix,
  evaluation,
  countedAt,
  isCompared,
  onCell,
  onChange,
}: {
  view: PredictionsView;
  /** The scope of the figures; the view may be newer. */
  name: string;
  matrix: Counts;
  evaluation: Evaluation;
  /** null: just now. */
  countedAt: string | null;
  /** Whether the evaluation was requested for the current threshold. */
  isCompared: boolean;
  onCell: (cell: CmValue) => void;
  onChange: (changes: Partial<PredictionsView>) => void;
}) {
  const { other_labels, no_probability, stored } = evaluation;
  const unlabelled = Object.values(other_labels).reduce((rest, count) => rest - count, evaluation.unlabelled);
  const isRecorded = view.cells === 'recorded';
  const others = Object.entries(isRecorded ? stored.other : other_labels);
  return (
    <section className={`${styles.card} ${styles.map}`} aria-label={name}>
      <div className={styles.head}>
        <Text fw={650}>{name}</Text>
        <SegmentedControl
          size="xs"
          aria-label={texts.cellsLabel}
          value={view.cells}
          onChange={(cells) => onChange({ cells: cells as PredictionsView['cells'] })}
          data={[
            { value: 'computed', label: texts.computed },
            { value: 'recorded', label: texts.recorded },
          ]}
        />
        <ExpandButton />
      </div>
      <ConfusionMatrix
        counts={matrix}
        caption={name}
        rates
        wrap={(cell, content, className) => (
          <CellButton view={view} cell={cell} className={className} onCell={onCell}>
            {content}
          </CellButton>
        )}
      />
      <Text size="xs" c="dimmed" mt={6}>
        <Comparison evaluation={evaluation} isCompared={isCompared} />{' '}
        {unlabelled > 0 && texts.unlabelled(unlabelled, formatInteger(unlabelled))}{' '}
        {no_probability > 0 && texts.noProbability(no_probability, formatInteger(no_probability))}{' '}
        {narrowsListAlone(view) && texts.listOnly} {sayCountedAt(countedAt)}
      </Text>
      {others.length > 0 && (
        <Text size="xs" c="dimmed">
          {texts.otherWords}{' '}
          {others.map(([word, count]) => (
            <Button
              key={word}
              size="compact-xs"
              variant="subtle"
              onClick={() => onChange({ ...(isRecorded ? { cell: word } : { label: word }), tab: 'titles' })}
            >
              {`${word}: ${formatInteger(count)}`}
            </Button>
          ))}
        </Text>
      )}
    </section>
  );
}
