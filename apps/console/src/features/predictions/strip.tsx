import type { Matrix } from '@at/contracts/predictions';
import type { CmValue } from '@at/contracts/vocabulary';
import { Button, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { createPreference } from '#state/preferences.ts';
import { isBoolean, useStore } from '#state/store.ts';
import { CellDot, cells } from '#titles/label-badges.tsx';
import { sayCountedAt } from '#ui/counted-at.ts';
import { formatInteger } from '#ui/format.ts';
import { MeasuresAtThreshold } from './measures.tsx';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';
import { ThresholdNumber, ThresholdSlider } from './threshold-panel.tsx';
import type { PredictionsView } from './view.ts';

const expanded = createPreference('predictions-expanded', false, isBoolean);

/** Whether matrix and threshold take more than a strip. */
export const useExpanded = () => useStore(expanded);

/** Expands the strip, or makes it a strip again. */
export function ExpandButton() {
  const isExpanded = useExpanded();
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-expanded={isExpanded}
      data-tooltip={isExpanded ? undefined : texts.expandHint}
      rightSection={isExpanded ? <IconChevronUp size={14} /> : <IconChevronDown size={14} />}
      onClick={() => expanded.set(!isExpanded)}
    >
      {isExpanded ? texts.collapse : texts.expand}
    </Button>
  );
}

/** A count of the matrix, which filters the list by its cell; a second click removes the filter. */
export function CellButton({
  view,
  cell,
  className,
  onCell,
  children,
}: {
  view: PredictionsView;
  cell: CmValue;
  className: string;
  onCell: (cell: CmValue) => void;
  children: ReactNode;
}) {
  return (
    <UnstyledButton
      className={`${className} ${styles.pick}`}
      aria-pressed={view.cell === cell}
      data-tooltip={view.cell === cell ? texts.showAllCells : texts.showCell(cells[cell].name)}
      data-tooltip-at="bottom"
      onClick={() => onCell(cell)}
    >
      {children}
    </UnstyledButton>
  );
}

/** Matrix, threshold and measures in two lines. */
export function Strip({
  view,
  name,
  countedAt,
  matrix,
  threshold,
  onThreshold,
  onCell,
}: {
  view: PredictionsView;
  /** The scope of the figures. */
  name: string;
  /** null: just now. */
  countedAt: string | null;
  matrix: Matrix;
  threshold: number;
  onThreshold: (threshold: number) => void;
  onCell: (cell: CmValue) => void;
}) {
  return (
    <section className={`${styles.card} ${styles.strip}`} aria-label={name}>
      <div className={styles.line}>
        <Text fw={650}>
          {name}{' '}
          {countedAt && (
            <Text span size="xs" c="dimmed">
              {sayCountedAt(countedAt)}
            </Text>
          )}
        </Text>
        <div className={styles.slide}>
          <ThresholdNumber threshold={threshold} onThreshold={onThreshold} />
          <ThresholdSlider threshold={threshold} onThreshold={onThreshold} />
        </div>
        <ExpandButton />
      </div>
      <div className={styles.line}>
        <ul className={styles.cells} aria-label={texts.matrix}>
          {(['tp', 'fn', 'fp', 'tn'] as const).map((cell) => (
            <li key={cell} data-cell={cell}>
              <CellButton view={view} cell={cell} className={styles.cell ?? ''} onCell={onCell}>
                <CellDot cell={cell} /> {cells[cell].name} <b>{formatInteger(matrix[cell])}</b>
              </CellButton>
            </li>
          ))}
        </ul>
        <MeasuresAtThreshold view={view} matrix={matrix} threshold={threshold} />
      </div>
    </section>
  );
}
