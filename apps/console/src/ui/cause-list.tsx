import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link, type To } from 'react-router';
import styles from './cause-list.module.css';
import { formatInteger } from './format.ts';
import { uiTexts as texts } from './texts.ts';

type Cause = {
  key: string;
  count: number;
  text: string;
  /** What the text stands for, on hover. */
  title?: string | undefined;
  /** Filters the list by it, or no longer. */
  to: To;
  isChosen: boolean;
  /** What can be done about it. */
  children: ReactNode;
};

/** Shown before the rest. */
const most = 3;

/** Errors by cause: each opens as a filter, and has its own actions. */
export function CauseList({ label, causes, note }: { label: string; causes: readonly Cause[]; note?: ReactNode }) {
  const [showsAll, setShowsAll] = useState(false);
  if (causes.length === 0) return null;
  const shown = showsAll ? causes : causes.filter(({ isChosen }, index) => index < most || isChosen);
  return (
    <section className={styles.causes} aria-label={label}>
      <ul className={styles.list}>
        {shown.map(({ key, count, text, title, to, isChosen, children }) => (
          <li key={key} className={styles.cause} data-chosen={isChosen || undefined}>
            <span className={styles.count}>{formatInteger(count)}</span>
            <Link
              className={styles.words}
              data-clamp
              to={to}
              aria-current={isChosen || undefined}
              title={title}
              preventScrollReset
            >
              <bdi>{text}</bdi>
            </Link>
            {children}
          </li>
        ))}
      </ul>
      {causes.length > shown.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setShowsAll(true)}>
          {texts.moreCauses(formatInteger(causes.length - shown.length))}
        </Button>
      )}
      {note}
    </section>
  );
}
