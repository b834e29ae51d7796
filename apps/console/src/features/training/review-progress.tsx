import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { flagsAfter, type Write } from '#outbox/outbox.ts';
import { flagsOf } from '#outbox/send-write.ts';
import { formatProbability } from '#titles/label-badges.tsx';
import { changeTexts, valuesOfUndo } from '#titles/title-changes.texts.ts';
import { formatDuration, formatInteger, formatWord, shownName } from '#ui/format.ts';
import { paceOf, progressOf, type Queue, type Step } from './queue.ts';
import styles from './review-progress.module.css';
import { reviewTexts as texts } from './texts.ts';

/** What a step did: `would watch`, `skip`, `anomalous`. */
function describeStep(step: Step): string {
  if (step.kind === 'answer') return formatWord(step.label);
  return step.kind === 'skip' ? texts.skipOf : changeTexts.anomalous(!step.title.anomalous);
}

/** What the undo of a step gave back. */
function valuesOf(step: Step): string {
  if (step.kind === 'skip') return '';
  const before = flagsOf(step.title);
  const write: Write = step.kind === 'answer' ? step : { kind: 'anomalous', value: !before.anomalous };
  return valuesOfUndo(flagsAfter(before, write), before);
}

/** The session's progress, and its latest step or what was undone last. */
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
  const { done, skipped } = useMemo(() => progressOf(queue), [queue]);
  const pace = useMemo(() => paceOf(queue), [queue]);
  const { undone } = queue;
  const last = undone ? undefined : queue.steps.at(-1);
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
      </p>
      <p className={styles.pace}>
        {skipped > 0 && <span>{texts.skipped(formatInteger(skipped))}</span>}
        {pace !== null && <span>{texts.median(formatDuration(pace))}</span>}
        {pace !== null && queue.left > 0 && <span>{texts.toEmpty(formatDuration(queue.left * pace))}</span>}
      </p>
      <p className={styles.last}>
        <span role="status">
          {undone && (
            <>
              {changeTexts.undid(describeStep(undone))}
              <bdi>{shownName(undone.title.media_title)}</bdi>
              {!blind && <span className={styles.values}>{valuesOf(undone)}</span>}
            </>
          )}
          {last && (
            <>
              <bdi>{shownName(last.title.media_title)}</bdi>
              <span>
                {': '}
                {last.kind === 'answer' && <b>{formatWord(last.label)}</b>}
                {last.kind === 'skip' && texts.wasSkipped}
                {last.kind === 'anomalous' && describeStep(last)}
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
