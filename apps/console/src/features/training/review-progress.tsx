import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { formatDecimal, formatDuration, formatInteger, formatWord, none } from '#shared/format.ts';
import { formatProbability } from '#shared/marks.tsx';
import { progressOf, type Queue } from './queue.ts';
import styles from './review-progress.module.css';

/** How the session goes, and what was decided last. */
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
        aria-label="Done this session"
        aria-valuemin={0}
        aria-valuemax={whole}
        aria-valuenow={done}
      >
        <span style={{ transform: `scaleX(${whole === 0 ? 0 : done / whole})` }} />
      </div>
      <p className={styles.facts}>
        <span data-testid="progress">
          <b>{formatInteger(done)}</b> done, <b>{formatInteger(queue.left)}</b> left
        </span>
        <span>{filter}</span>
        {skipped > 0 && <span>{formatInteger(skipped)} skipped</span>}
        <span>{perHour === null ? none : formatInteger(Math.round(perHour))} an hour</span>
        <span>median {medianSeconds === null ? none : `${formatDecimal(medianSeconds, 1)} s`}</span>
        <span>{minutesLeft === null ? none : formatDuration(minutesLeft * 60_000)} to empty</span>
      </p>
      <p className={styles.last} data-empty={!last || undefined}>
        <span role="status">
          {last && (
            <>
              <bdi>{last.title.media_title}</bdi>
              <span>
                : {last.kind === 'answer' && <b>{formatWord(last.label)}</b>}
                {last.kind === 'skip' && 'skipped'}
                {last.kind === 'anomalous' && (last.title.anomalous ? 'no longer anomalous' : 'anomalous')}
                {blind && last.kind === 'answer' && last.title.probability != null && (
                  <> (model {formatProbability(last.title.probability)})</>
                )}
              </span>
            </>
          )}
        </span>
        {last && (
          <Button size="compact-xs" variant="subtle" onClick={onUndo}>
            Undo
          </Button>
        )}
      </p>
    </div>
  );
}
