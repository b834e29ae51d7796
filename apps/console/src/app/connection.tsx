import { Alert, Button, VisuallyHidden } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useRevalidator } from 'react-router';
import { isAnswering } from '#api/is-answering.ts';
import { currentServerInfo, refreshServerInfo, useServerInfo } from '#api/server-info.ts';
import { signedOut } from '#api/sign-in-required.ts';
import { brokenSince, liveState, reconnect } from '#live/live-events.ts';
import { useOutage } from '#live/use-outage.ts';
import { connection } from '#state/connection.ts';
import { useStore } from '#state/store.ts';
import { formatDecimal, formatMoment } from '#ui/format.ts';
import styles from './connection.module.css';
import frame from './frame.module.css';
import { nameWhenFolded } from './name-when-folded.ts';
import { appTexts } from './texts.ts';
import { useLoadAgain } from './use-load-again.ts';

/** Milliseconds between checks of the API: while it is up, and while it is down. */
const intervals = { unknown: 5_000, up: 5_000, down: 3_000 } as const;
/** While all is well, every how many-th check asks for the version and the database too. */
const fullCheck = 3;

/** Whether the API and its database answer. An API that is shutting down still answers, but refuses requests. */
const isUp = async () =>
  (await isAnswering()) && (await refreshServerInfo()) && currentServerInfo()?.database.reachable !== false;

/** Checks the API from time to time while the page is visible, and reloads the page's data after an outage. */
function useConnection(): void {
  const known = useStore(connection);
  const info = useServerInfo();
  const { revalidate } = useRevalidator();
  const live = useStore(liveState);
  const isWithoutDatabase = info?.database.reachable === false;
  // A broken stream is often the first sign of an outage.
  const isDoubtful = isWithoutDatabase || live === 'connecting' || live === 'lost';
  const interval = isDoubtful ? intervals.down : intervals[known.state];
  useEffect(() => {
    let checks = 0;
    const check = async () => {
      if (document.visibilityState !== 'visible' || !(await isAnswering())) return;
      if (isDoubtful || checks % fullCheck === 0) void refreshServerInfo();
      checks += 1;
    };
    if (isDoubtful) void check();
    const timer = setInterval(check, interval);
    document.addEventListener('visibilitychange', check);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', check);
    };
  }, [interval, isDoubtful]);
  const wasDown = useRef(false);
  useEffect(() => {
    if (known.state === 'down' || isWithoutDatabase) wasDown.current = true;
    else if (wasDown.current) {
      wasDown.current = false;
      // The API may answer without its database: do not replace the content on screen by an error.
      void isUp().then((well) => {
        if (well) void revalidate();
        else wasDown.current = true;
      });
    }
  }, [known, isWithoutDatabase, revalidate]);
}

/** Reloads a page that failed during an outage as soon as the API and its database answer. */
export function useRecovery(isDown: boolean): void {
  const loadAgain = useLoadAgain();
  const state = useStore(connection, (value) => value.state);
  const before = useRef(state);
  useEffect(() => {
    if (!isDown) return;
    const recover = async () => {
      if (await isUp()) void loadAgain();
    };
    if (before.current === 'down' && state === 'up') void recover();
    before.current = state;
    const timer = setInterval(recover, intervals.down);
    return () => clearInterval(timer);
  }, [isDown, state, loadAgain]);
}

/** Whether the API answers, with its latency to the database. */
export function ConnectionDot({ folded = false }: { folded?: boolean }) {
  const state = useStore(connection, (value) => value.state);
  const live = useStore(liveState);
  const info = useServerInfo();
  const outage = useOutage();
  const { states, polling, missing } = appTexts.connection;
  const text = outage ? missing[outage] : state === 'up' && live === 'polling' ? polling : states[state];
  const latency = state === 'up' ? info?.database.latency_ms : undefined;
  const figure = latency == null ? '' : ` · ${formatDecimal(latency, latency < 10 ? 1 : 0)} ms`;
  return (
    <div className={`${frame.link} ${styles.state}`} {...nameWhenFolded(text + figure, folded)}>
      <span className={styles.dot} data-state={outage ? 'down' : state} data-live={live} aria-hidden="true" />
      {/* Only a change of state is announced, not each new latency. */}
      <span>
        <span role="status">{folded ? <VisuallyHidden>{text}</VisuallyHidden> : text}</span>
        {!folded && figure}
      </span>
    </div>
  );
}

/** Reports that the API or its event stream is down, and since when. */
export function ConnectionBanner({ className }: { className: string | undefined }) {
  useConnection();
  const { state, lastAnswer } = useStore(connection);
  const live = useStore(liveState);
  const isSignedOut = useStore(signedOut);
  const { outage, interrupted, retryNow, reconnectNow } = appTexts.connection;
  if (state === 'down') {
    return (
      <Banner className={className} color="red" title={outage.title} act={retryNow} onAct={() => void isUp()}>
        {lastAnswer ? outage.dataFrom(formatMoment(lastAnswer.toISOString())) : outage.never}{' '}
        {outage.retrying(intervals.down / 1000)}
      </Banner>
    );
  }
  // There is no stream before signing in.
  if (live === 'lost' && !isSignedOut) {
    return (
      <Banner className={className} color="yellow" title={interrupted.title} act={reconnectNow} onAct={reconnect}>
        {interrupted.text(formatMoment(new Date(brokenSince() ?? Date.now()).toISOString()))}
      </Banner>
    );
  }
  return <div className={className} />;
}

/** Covers the top of the page, so that nothing on it moves; a user can close it to see what is below. */
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
  const [isClosed, setClosed] = useState(false);
  return (
    <div className={className}>
      {!isClosed && (
        <Alert
          color={color}
          role="alert"
          title={title}
          classNames={{ root: styles.alert as string, body: styles.body as string }}
          withCloseButton
          closeButtonLabel={appTexts.connection.close}
          onClose={() => setClosed(true)}
        >
          {children}{' '}
          <Button size="compact-xs" variant="default" onClick={onAct}>
            {act}
          </Button>
        </Alert>
      )}
    </div>
  );
}
