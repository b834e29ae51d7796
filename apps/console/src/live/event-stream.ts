import type { Event } from '@at/contracts/events';
import type { EventType, LiveMode } from '@at/contracts/vocabulary';
import { createStore } from '#state/store.ts';

/**
 * Follows the API's events over one stream. After a break it opens another that begins after the last event. Pure: opening
 * a stream, and time, are dependencies.
 */

/**
 * A change, or `reset`: events are missing, so load the data again. `isFirst`: only those between loading the page and the
 * start of the stream.
 */
export type LiveEvent = Event | { type: 'reset'; isFirst: boolean };

/** lost: no stream for ten seconds. polling: the API looks for changes every two seconds. */
export type LiveState = 'connecting' | 'live' | 'polling' | 'lost';

/** Called by an open stream. */
export type StreamHandlers = {
  ready: (id: string, mode: LiveMode | null) => void;
  event: (event: Event) => void;
  reset: (id: string) => void;
  /** The API shuts down and will be back. */
  stop: () => void;
  /** The stream is broken or was refused. */
  broken: () => void;
};

/**
 * Opens a stream that begins after the event `after`, or now. `isRenewed`: the present one may be dead, although it looks open.
 * Returns how to close it.
 */
export type Connect = (after: string | null, handlers: StreamHandlers, isRenewed?: boolean) => () => void;

export type StreamDeps = {
  connect: Connect;
  /** Calls back after this many milliseconds. Returns how to cancel. */
  later: (milliseconds: number, run: () => void) => () => void;
  /** Milliseconds, also counting while the machine sleeps. */
  now: () => number;
  /** 0 to 1, so that not all pages come back at once. */
  random: () => number;
};

const patience = 10_000;
const longestPause = 30_000;
/** After a longer break the data is loaded again, instead of replaying all missed events. */
const longestAbsence = 300_000;

type Listener = { types: ReadonlySet<string>; notify: (event: LiveEvent) => void };

export function createEventStream({ connect, later, now, random }: StreamDeps) {
  const state = createStore<LiveState>('connecting');
  const listeners = new Set<Listener>();
  let isOpen = false;
  let last: string | null = null;
  /** Whether events may be missing that the next stream does not replay. */
  let isBehind = false;
  let hasBegun = false;
  let leftAt: number | undefined;
  let failures = 0;
  let disconnect = () => {};
  let cancelRetry = () => {};
  let cancelPatience: (() => void) | undefined;

  function notifyListeners(event: LiveEvent): void {
    for (const { types, notify } of [...listeners]) if (event.type === 'reset' || types.has(event.type)) notify(event);
  }

  function notifyReset(isFirst = false): void {
    isBehind = false;
    notifyListeners({ type: 'reset', isFirst });
  }

  function attempt(isRenewed = false): void {
    cancelRetry();
    disconnect();
    if (leftAt !== undefined && now() - leftAt > longestAbsence) {
      last = null;
      isBehind = true;
    }
    // The data on screen may have been loaded before the stream begins.
    if (last === null && listeners.size > 0) isBehind = true;
    let isCurrent = true;
    const handlers: StreamHandlers = {
      ready: (id, mode) => {
        if (!isCurrent) return;
        failures = 0;
        leftAt = undefined;
        last = id;
        cancelPatience?.();
        cancelPatience = undefined;
        state.set(mode === 'polling' ? 'polling' : 'live');
        if (isBehind) notifyReset(!hasBegun);
        hasBegun = true;
      },
      event: (event) => {
        if (!isCurrent) return;
        last = event.id;
        notifyListeners(event);
      },
      reset: (id) => {
        if (!isCurrent) return;
        last = id;
        notifyReset();
      },
      stop: () => isCurrent && retry(500 + random() * 2_000),
      broken: () => isCurrent && retry(Math.min(longestPause, 500 * 2 ** failures) * (0.5 + random() / 2)),
    };
    const close = connect(last, handlers, isRenewed);
    disconnect = () => {
      isCurrent = false;
      close();
    };
  }

  function retry(pause: number): void {
    disconnect();
    leftAt ??= now();
    failures += 1;
    if (state.get() !== 'lost') state.set('connecting');
    cancelPatience ??= later(patience, () => state.set('lost'));
    cancelRetry = later(pause, () => attempt());
  }

  return {
    state,
    /** When the stream broke, by `now`; undefined while it is open. */
    brokenSince: () => leftAt,
    /** Subscribes to events of these types, and to resets. Returns how to unsubscribe. */
    listen: (types: readonly EventType[], notify: (event: LiveEvent) => void) => {
      const listener = { types: new Set<string>(types), notify };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: () => {
      if (isOpen) return;
      isOpen = true;
      cancelPatience ??= later(patience, () => state.set('lost'));
      attempt();
    },
    /** While the page is hidden. */
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      leftAt ??= now();
      cancelRetry();
      cancelPatience?.();
      cancelPatience = undefined;
      disconnect();
    },
    /** Opens another stream at once, such as after the network is back or the machine has slept. */
    renew: () => {
      if (!isOpen) return;
      leftAt ??= now();
      failures = 0;
      cancelPatience ??= later(patience, () => state.set('lost'));
      attempt(true);
    },
  };
}
