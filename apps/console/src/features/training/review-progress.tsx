import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { formatProbability } from '#titles/label-badges.tsx';
import { formatDecimal, formatDuration, formatInteger, formatWord } from '#ui/format.ts';
import { progressOf, type Queue } from './queue.ts';
import styles from './review-progress.module.css';
import { reviewTexts as texts } from './texts.ts';

/** The session's progress and its latest decisions. */
export function ReviewProgress({
  queue,
  filter,
  blind,
  onUndo,
}: {
  queue: Queue;
  filter: string;
  blind: boolean;
  onUndo: () => void;
}) {
  const { done, skipped, perHour, medianSeconds, minutesLeft } = useMemo(() => progressOf(queue), [queue]);
  const last = queue.steps.at(-1);
  const whole = done + queue.left;
  return (
    <div className={styles.line}>
      <div
        className={styles.bar}
        role="progressbar"
        aria-label={texts.progress}
        aria-valuemin={0}
        aria-valuemax={whole}
        aria-valuenow={done}
      >
        <span style={{ transform: `scaleX(${whole === 0 ? 0 : done / whole})` }} />
      </div>
      <p className={styles.facts}>
        <span data-testid="progress">
          <b>{formatInteger(done)}</b> {`${texts.done}, `}
          <b>{formatInteger(queue.left)}</b> {texts.left}
        </span>
        <span>{filter}</span>
        {skipped > 0 && <span>{texts.skipped(formatInteger(skipped))}</span>}
        {perHour !== null && <span>{texts.perHour(formatInteger(Math.round(perHour)))}</span>}
        {medianSeconds !== null && <span>{texts.median(`${formatDecimal(medianSeconds, 1)} s`)}</span>}
        {minutesLeft !== null && <span>{texts.toEmpty(formatDuration(minutesLeft * 60_000))}</span>}
      </p>
      <p className={styles.last} data-empty={!last || undefined}>
        <span role="status">
          {last && (
            <>
              <bdi>{last.title.media_title}</bdi>
              <span>
                {': '}
                {last.kind === 'answer' && <b>{formatWord(last.label)}</b>}
                {last.kind === 'skip' && texts.wasSkipped}
                {last.kind === 'anomalous' && (last.title.anomalous ? texts.wasUnmarked : texts.wasMarked)}
                {blind &&
                  last.kind === 'answer' &&
                  last.title.probability != null &&
                  ` ${texts.model(formatProbability(last.title.probability))}`}
              </span>
            </>
          )}
        </span>
        {last && (
          <Button size="compact-xs" variant="subtle" onClick={onUndo}>
            {texts.undo}
          </Button>
        )}
      </p>
    </div>
  );
}
