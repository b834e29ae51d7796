import type { Event } from '@at/contracts/events';
import type { LiveMode } from '@at/contracts/vocabulary';
import type { Connect, StreamHandlers } from './event-stream.ts';

/**
 * Multiplexes one stream to many subscribers, which come and go and each continue after their own last event. It is open
 * while it has subscribers. Pure: opening a stream, and time, are dependencies.
 */

type Subscriber = { after: string | null; handlers: StreamHandlers };

/** The number of events that are kept for subscribers that reconnect. */
const keptEvents = 1_000;
/** Milliseconds: a younger stream is not opened again, because all tabs request that at the same time. */
const youth = 2_000;

export function multiplexStream(open: Connect, now: () => number): Connect {
  /** Followers that have had `ready`, and those that wait for it. */
  const served = new Set<Subscriber>();
  const waiting = new Set<Subscriber>();
  let close: (() => void) | undefined;
  let openedAt = 0;
  /** undefined: the stream is not ready. */
  let mode: LiveMode | null | undefined;
  /** All events after this id, without a gap. */
  let kept: Event[] = [];
  let first: string | null = null;

  const last = () => kept.at(-1)?.id ?? first;
  /** How many of the kept events come before the subscriber's next one; -1: the next one is not kept. */
  const indexAfter = (id: string | null) => (id === first ? 0 : kept.findIndex((event) => event.id === id) + 1 || -1);

  function serve(subscriber: Subscriber): void {
    const { after, handlers } = subscriber;
    waiting.delete(subscriber);
    served.add(subscriber);
    const index = indexAfter(after);
    const isMissing = after !== null && index < 0;
    handlers.ready((index < 0 ? last() : after) as string, mode as LiveMode | null);
    if (isMissing) handlers.reset(last() as string);
    else if (after !== null) for (const event of kept.slice(index)) handlers.event(event);
  }

  function end(how: 'stop' | 'broken'): void {
    const all = [...served, ...waiting];
    shut();
    for (const { handlers } of all) handlers[how]();
  }

  function shut(): void {
    close?.();
    close = undefined;
    mode = undefined;
    served.clear();
    waiting.clear();
  }

  function start(after: string | null): void {
    close?.();
    mode = undefined;
    openedAt = now();
    // No other subscriber needs the kept events, and they do not continue from the last event of this one.
    if (served.size === 0 && waiting.size === 1 && indexAfter(after) < 0) {
      kept = [];
      first = after;
    }
    close = open(last(), {
      ready: (id, newMode) => {
        mode = newMode;
        first ??= id;
        for (const subscriber of [...waiting]) serve(subscriber);
      },
      event: (event) => {
        kept.push(event);
        if (kept.length > keptEvents) first = (kept.shift() as Event).id;
        for (const { handlers } of [...served]) handlers.event(event);
      },
      reset: (id) => {
        kept = [];
        first = id;
        for (const { handlers } of [...served]) handlers.reset(id);
      },
      stop: () => end('stop'),
      broken: () => end('broken'),
    });
  }

  return (after, handlers, isRenewed = false) => {
    const subscriber = { after, handlers };
    waiting.add(subscriber);
    if (close === undefined || (isRenewed && now() - openedAt > youth)) start(after);
    else if (mode !== undefined) serve(subscriber);
    return () => {
      served.delete(subscriber);
      waiting.delete(subscriber);
      if (close !== undefined && served.size + waiting.size === 0) shut();
    };
  };
}
