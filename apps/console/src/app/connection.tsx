import { Alert, Button, Tooltip, VisuallyHidden } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useRevalidator } from 'react-router';
import { meta, refreshMeta } from '#api/server-info.ts';
import { signedOut } from '#api/sign-in-required.ts';
import { brokenSince, liveState, reconnect } from '#live/live-events.ts';
import { useOutage } from '#live/use-outage.ts';
import { connection } from '#state/connection.ts';
import { useStore } from '#state/store.ts';
import { formatDecimal, formatMoment } from '#ui/format.ts';
import styles from './connection.module.css';
import frame from './frame.module.css';
import { shellTexts } from './texts.ts';

/** Milliseconds between looks at the API: while all is well, and while it is away. */
const intervals = { unknown: 15_000, up: 15_000, down: 3_000 } as const;

const isWithoutDatabase = () => meta.get()?.database.reachable === false;

/** Asks whether the API and its database are there. An API that is about to end still answers, with refusals. */
const isWell = async () => (await refreshMeta()) && !isWithoutDatabase();

/** Looks at the API from time to time while the page is visible, and loads the page anew once all of it is back. */
export function useConnection(): void {
  const { state } = useStore(connection);
  const facts = useStore(meta);
  const { revalidate } = useRevalidator();
  const live = useStore(liveState);
  // A stream that breaks is mostly the first sign that the API has gone.
  const isDoubtful = facts?.database.reachable === false || live === 'connecting' || live === 'lost';
  const interval = isDoubtful ? intervals.down : intervals[state];
  useEffect(() => {
    const look = () => document.visibilityState === 'visible' && void refreshMeta();
    if (isDoubtful) look();
    const timer = setInterval(look, interval);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [interval, isDoubtful]);
  useEffect(() => {
    let wasAway = false;
    const look = async () => {
      const isAway = connection.get().state === 'down' || isWithoutDatabase();
      if (isAway || !wasAway) {
        wasAway ||= isAway;
        return;
      }
      // That something answers says little of the database: what is on the screen is not given up for an error.
      wasAway = false;
      if (await isWell()) void revalidate();
      else wasAway = true;
    };
    const stops = [connection.subscribe(look), meta.subscribe(look)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [revalidate]);
}

/** For a page that could not be loaded because something was away: loads it as soon as that is back. */
export function useRecovery(isAway: boolean): void {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(async () => {
      if (await isWell()) void revalidate();
    }, intervals.down);
    return () => clearInterval(timer);
  }, [isAway, revalidate]);
}

/** A quiet sign of whether the API answers, with its latency to the database. */
export function ConnectionDot({ folded = false }: { folded?: boolean }) {
  const { state } = useStore(connection);
  const live = useStore(liveState);
  const facts = useStore(meta);
  const away = useOutage();
  const { states, polling, missing } = shellTexts.connection;
  const words = away ? missing[away] : state === 'up' && live === 'polling' ? polling : states[state];
  const latency = state === 'up' ? facts?.database.latency_ms : undefined;
  const figure = latency == null ? '' : ` · ${formatDecimal(latency, latency < 10 ? 1 : 0)} ms`;
  return (
    <Tooltip label={words + figure} position="right" disabled={!folded}>
      <div className={`${frame.link} ${styles.state}`}>
        <span className={styles.dot} data-state={away ? 'down' : state} aria-hidden="true" />
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
  const isSignedOut = useStore(signedOut);
  const { away, notFollowing, askNow, followNow } = shellTexts.connection;
  if (state === 'down') {
    return (
      <Banner className={className} color="red" title={away.title} act={askNow} onAct={() => void refreshMeta()}>
        {lastAnswer ? away.asOf(formatMoment(lastAnswer.toISOString())) : away.never}{' '}
        {away.askedEvery(intervals.down / 1000)}
      </Banner>
    );
  }
  // Who has not signed in is told of nothing yet.
  if (live === 'lost' && !isSignedOut) {
    return (
      <Banner className={className} color="yellow" title={notFollowing.title} act={followNow} onAct={reconnect}>
        {notFollowing.text(formatMoment(new Date(brokenSince() ?? Date.now()).toISOString()))}
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
