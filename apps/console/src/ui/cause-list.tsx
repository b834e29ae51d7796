import { Button, Group, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link, type To } from 'react-router';
import styles from './cause-list.module.css';
import { causeTexts } from './cause-list.texts.ts';
import { formatInteger, isolate } from './format.ts';
import { ReasonButton } from './reason-button.tsx';
import { revealList } from './reveal-list.ts';
import { uiTexts as texts } from './texts.ts';

type Cause = {
  key: string;
  count: number;
  text: string;
  /** What the text stands for, on hover. */
  title?: string | undefined;
  /** About some of them. */
  note?: string | undefined;
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
        {shown.map(({ key, count, text, title, note: aside, to, isChosen, children }) => (
          <li key={key} className={styles.cause} data-chosen={isChosen || undefined}>
            <span className={styles.count}>{formatInteger(count)}</span>
            <Link
              className={styles.words}
              data-clamp
              to={to}
              aria-current={isChosen || undefined}
              title={title}
              preventScrollReset
              onClick={() => isChosen || revealList()}
            >
              <bdi>{text}</bdi>
            </Link>
            {aside && (
              <Text size="xs" c="dimmed">
                {aside}
              </Text>
            )}
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

/** Failures of the same cause: one is tried first, then the rest. */
export function CauseRetry({
  name,
  count,
  refusal,
  one,
  all,
}: {
  name: string;
  count: number;
  /** Why neither is possible. */
  refusal: string | undefined;
  one: (() => Promise<unknown>) | undefined;
  all: () => Promise<unknown>;
}) {
  const [isBusy, setBusy] = useState(false);
  const button = (label: string, start: () => Promise<unknown>) => (
    <ReasonButton
      size="compact-xs"
      reason={refusal}
      disabled={isBusy}
      aria-label={causeTexts.of(label, isolate(name))}
      onClick={() => {
        setBusy(true);
        void start().finally(() => setBusy(false));
      }}
    >
      {label}
    </ReasonButton>
  );
  return (
    <Group gap="xs">
      {one && button(count > 1 ? causeTexts.one : causeTexts.retry, one)}
      {count > 1 && button(causeTexts.all(formatInteger(count)), all)}
    </Group>
  );
}
