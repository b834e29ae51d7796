import { Alert, Button, Tooltip, VisuallyHidden } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useRevalidator } from 'react-router';
import { connection } from '#shared/calls.ts';
import { formatDecimal, formatMoment } from '#shared/format.ts';
import { liveState, reconnect } from '#shared/live.ts';
import { meta, refreshMeta } from '#shared/meta.ts';
import { useStore } from '#shared/store.ts';
import { shellTexts } from '#shared/texts/shell.ts';
import styles from './connection.module.css';
import frame from './frame.module.css';

/** Milliseconds between looks at the API: while all is well, and while it is away. */
const intervals = { unknown: 15_000, up: 15_000, down: 3_000 } as const;

/** Looks at the API from time to time while the page is visible, and loads the page anew once it is back. */
export function useConnection(): void {
  const { state } = useStore(connection);
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const look = () => document.visibilityState === 'visible' && void refreshMeta();
    if (meta.get() === null) look();
    const timer = setInterval(look, intervals[state]);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [state]);
  useEffect(() => {
    let before = connection.get().state;
    return connection.subscribe(() => {
      const now = connection.get().state;
      if (before === 'down' && now === 'up') void revalidate();
      before = now;
    });
  }, [revalidate]);
}

/** A quiet sign of whether the API answers, with its latency to the database. */
export function ConnectionDot({ folded }: { folded: boolean }) {
  const { state } = useStore(connection);
  const live = useStore(liveState);
  const facts = useStore(meta);
  const withoutDatabase = state === 'up' && facts?.database.reachable === false;
  const { states, withoutDatabase: noDatabase, polling, notLive } = shellTexts.connection;
  const words = withoutDatabase
    ? noDatabase
    : state === 'up' && live === 'lost'
      ? notLive
      : state === 'up' && live === 'polling'
        ? polling
        : states[state];
  const latency = state === 'up' ? facts?.database.latency_ms : undefined;
  const figure = latency == null ? '' : ` · ${formatDecimal(latency, latency < 10 ? 1 : 0)} ms`;
  return (
    <Tooltip label={words + figure} position="right" disabled={!folded}>
      <div className={`${frame.link} ${styles.state}`}>
        <span
          className={styles.dot}
          data-state={withoutDatabase || live === 'lost' ? 'down' : state}
          aria-hidden="true"
        />
        {/* The figure changes all the time: only a change of the state is worth being told. */}
        <span>
          <span role="status">{folded ? <VisuallyHidden>{words}</VisuallyHidden> : words}</span>
          {!folded && figure}
        </span>
      </div>
    </Tooltip>
  );
}

/** Says that the API, or its stream of events, is away and since when; what the page shows is from before. */
export function ConnectionBanner({ className }: { className: string | undefined }) {
  useConnection();
  const { state, lastAnswer } = useStore(connection);
  const live = useStore(liveState);
  const { away, notFollowing, askNow, followNow } = shellTexts.connection;
  if (state === 'down') {
    return (
      <Banner className={className} color="red" title={away.title} act={askNow} onAct={() => void refreshMeta()}>
        {lastAnswer ? away.asOf(formatMoment(lastAnswer.toISOString())) : away.never}{' '}
        {away.askedEvery(intervals.down / 1000)}
      </Banner>
    );
  }
  if (live === 'lost') {
    return (
      <Banner className={className} color="yellow" title={notFollowing.title} act={followNow} onAct={reconnect}>
        {notFollowing.text}
      </Banner>
    );
  }
  return <div className={className} />;
}

function Banner({
  className,
  color,
  title,
  act,
  onAct,
  children,
}: {
  className: string | undefined;
  color: string;
  title: string;
  act: string;
  onAct: () => void;
  children: ReactNode;
}) {
  return (
    <Alert
      className={className ?? ''}
      color={color}
      radius={0}
      role="alert"
      title={title}
      classNames={{ body: styles.alert as string }}
    >
      {children}{' '}
      <Button size="compact-xs" variant="default" onClick={onAct}>
        {act}
      </Button>
    </Alert>
  );
}
