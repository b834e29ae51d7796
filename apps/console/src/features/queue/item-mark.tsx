import type { QueueItem } from '@at/contracts/queue';
import { queueSteps } from '@at/contracts/vocabulary';
import { WordMark } from '#runs/run-parts.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { stateOf, stepMarks } from './items.ts';
import styles from './queue.module.css';
import { queueTexts as texts } from './texts.ts';

/** A dot for each step: done, failed, in progress or open. */
function StepDots({ item }: { item: QueueItem }) {
  const marks = stepMarks(item);
  const named = (mark: string) => queueSteps.filter((step) => marks[step] === mark).map(texts.stepName);
  const words = texts.dots(
    named('done'),
    named('failed')[0] ?? null,
    (named('current')[0] || (item.next_step && texts.stepName(item.next_step))) ?? null,
  );
  return (
    <span className={styles.dots} role="img" aria-label={words} title={words}>
      {queueSteps.map((step) => (
        <i key={step} data-mark={marks[step]} />
      ))}
    </span>
  );
}

/** The status of an item with its steps, and when its next attempt begins. */
export function ItemMark({ item }: { item: QueueItem }) {
  const { word, detail } = stateOf(item);
  return (
    <span className={styles.mark}>
      <WordMark word={word} name={texts.statusName(item.status)} detail={detail} />
      <StepDots item={item} />
      {item.next_retry_at !== null && (
        <span className={styles.aside}>
          {texts.nextAttempt} <RelativeTime at={item.next_retry_at} />
        </span>
      )}
    </span>
  );
}
