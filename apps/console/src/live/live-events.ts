import { type Event, followEvents } from '@at/contracts/events';
import { type EventType, eventTypes, type LiveMode } from '@at/contracts/vocabulary';
import { useEffect, useRef } from 'react';
import { urlOf } from '#api/call.ts';
import { configured } from '#api/config.ts';
import { connection } from '#state/connection.ts';
import { createEventStream, type LiveEvent, type StreamHandlers } from './event-stream.ts';

/** What changes while the console is open: one stream of events for all of this tab. */

function connect(after: string | null, ears: StreamHandlers): () => void {
  const source = new EventSource(urlOf(followEvents, {}, { last_event_id: after }));
  const on = (type: string, hear: (message: MessageEvent<string>) => void) => source.addEventListener(type, hear);
  on('ready', ({ lastEventId, data }) => ears.ready(lastEventId, (JSON.parse(data) as { live: LiveMode | null }).live));
  on('reset', ({ lastEventId }) => ears.reset(lastEventId));
  on('stop', ears.stop);
  for (const type of eventTypes) on(type, ({ data }) => ears.event(JSON.parse(data) as Event));
  source.onerror = ears.broken;
  return () => source.close();
}

const stream = createEventStream({
  connect,
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

/** Hears events of these types, and `reset`, until what it returns is called. */
export const onLive = stream.listen;

/** For as long as the component is shown. */
export function useLive(types: readonly EventType[], onEvent: (event: LiveEvent) => void): void {
  const latest = useRef(onEvent);
  latest.current = onEvent;
  const wanted = types.join();
  useEffect(() => {
    const stop = onLive(wanted.split(',') as EventType[], (event) => latest.current(event));
    return () => void stop();
  }, [wanted]);
}

/** A hidden page gives its connection up after so long: a browser has six for a host, whatever the number of its tabs. */
const hiddenFor = 60_000;
const tick = 5_000;

/** Starts following; called once, after the first paint. */
export async function followLive(): Promise<void> {
  await configured();
  let hiding: ReturnType<typeof setTimeout> | undefined;
  stream.open();
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(stream.close, hiddenFor);
    else stream.open();
  });
  addEventListener('pagehide', stream.close);
  addEventListener('pageshow', stream.open);
  addEventListener('online', stream.renew);
  let before = connection.get().state;
  connection.subscribe(() => {
    const now = connection.get().state;
    if (before === 'down' && now === 'up') stream.renew();
    before = now;
  });
  // A stream that broke while the machine slept looks open for many minutes.
  let ticked = Date.now();
  setInterval(() => {
    const slept = Date.now() - ticked > 6 * tick;
    ticked = Date.now();
    if (slept && !document.hidden) stream.renew();
  }, tick);
}
