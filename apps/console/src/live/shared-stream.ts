import type { Event } from '@at/contracts/events';
import type { LiveMode } from '@at/contracts/vocabulary';
import type { Connect, StreamHandlers } from './event-stream.ts';

/**
 * One stream for many followers, which come and go and each continue after their own last event. It is open while it has
 * followers. Pure: opening a stream, and time, are dependencies.
 */

type Follower = { after: string | null; handlers: StreamHandlers };

/** Events that are kept for followers that come back. */
const keptEvents = 1_000;
/** Milliseconds: a stream that is younger is not opened again, because every tab asks for it at the same time. */
const youth = 2_000;

export function shareStream(open: Connect, now: () => number): Connect {
  /** Followers that have had `ready`, and those that wait for it. */
  const served = new Set<Follower>();
  const waiting = new Set<Follower>();
  let close: (() => void) | undefined;
  let openedAt = 0;
  /** undefined: the stream is not ready. */
  let mode: LiveMode | null | undefined;
  /** All events after this id, without a gap. */
  let kept: Event[] = [];
  let first: string | null = null;

  const last = () => kept.at(-1)?.id ?? first;
  /** How many of the kept events come before the follower's next one; -1: the next one is not kept. */
  const indexAfter = (id: string | null) => (id === first ? 0 : kept.findIndex((event) => event.id === id) + 1 || -1);

  function serve(follower: Follower): void {
    const { after, handlers } = follower;
    waiting.delete(follower);
    served.add(follower);
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
    // Nobody else needs what was kept, and it does not connect to what this follower has seen.
    if (served.size === 0 && waiting.size === 1 && indexAfter(after) < 0) {
      kept = [];
      first = after;
    }
    close = open(last(), {
      ready: (id, newMode) => {
        mode = newMode;
        first ??= id;
        for (const follower of [...waiting]) serve(follower);
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
    const follower = { after, handlers };
    waiting.add(follower);
    if (close === undefined || (isRenewed && now() - openedAt > youth)) start(after);
    else if (mode !== undefined) serve(follower);
    return () => {
      served.delete(follower);
      waiting.delete(follower);
      if (close !== undefined && served.size + waiting.size === 0) shut();
    };
  };
}
