import { followEvents } from '@at/contracts/events';
import type { EventType } from '@at/contracts/vocabulary';
import { useEffect, useRef } from 'react';
import { urlOf } from '#api/call.ts';
import { configured } from '#api/config.ts';
import { onReconnected } from '#state/connection.ts';
import { wantsNotifications } from '#state/notifications.ts';
import { type Connect, createEventStream, type LiveEvent } from './event-stream.ts';
import { loadCode } from './lazy-part.ts';

/** The events as this tab follows them: over one connection for all tabs, because a browser has six per host. */

/** Set before the stream opens. */
let connect: Connect;

const stream = createEventStream({
  connect: (...args) => connect(...args),
  later: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  now: Date.now,
  random: Math.random,
});

export const liveState = stream.state;

/** When the stream broke, in milliseconds since 1970; undefined while it is open. */
export const brokenSince = stream.brokenSince;

/** Tries at once instead of after the next pause. */
export const reconnect = stream.renew;

/** Subscribes to events of these types, and to `reset`. Returns how to unsubscribe. */
export const onLive = stream.listen;

/** While the component is shown. */
export function useLive(types: readonly EventType[], onEvent: (event: LiveEvent) => void): void {
  const latest = useRef(onEvent);
  latest.current = onEvent;
  const wanted = types.join();
  useEffect(() => {
    const stop = onLive(wanted.split(',') as EventType[], (event) => latest.current(event));
    return () => void stop();
  }, [wanted]);
}

/** A hidden page stops following after this time, unless it is to notify: it would load every change for nobody. */
const hiddenFor = 60_000;
const tick = 5_000;

/** Starts following; called once, after the first paint. */
export async function followLive(): Promise<void> {
  await configured();
  const { shareEvents } = await loadCode(() => import('./share-events.ts'));
  connect = shareEvents(urlOf(followEvents));
  let hiding: ReturnType<typeof setTimeout> | undefined;
  stream.open();
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.hidden && !wantsNotifications.get()) hiding = setTimeout(stream.close, hiddenFor);
    else stream.open();
  });
  addEventListener('pagehide', stream.close);
  addEventListener('pageshow', stream.open);
  addEventListener('online', stream.renew);
  onReconnected(stream.renew);
  // A stream that broke while the machine slept looks open for minutes.
  let ticked = Date.now();
  setInterval(() => {
    const slept = Date.now() - ticked > 6 * tick;
    ticked = Date.now();
    if (slept && !document.hidden) stream.renew();
  }, tick);
}
