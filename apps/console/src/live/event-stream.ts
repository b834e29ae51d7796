import type { Event } from '@at/contracts/events';
import type { EventType, LiveMode } from '@at/contracts/vocabulary';
import { createStore } from '#state/store.ts';

/**
 * Follows the API's events over one stream that is opened anew whenever it breaks, behind the last event told. Pure: how
 * a stream is opened, and time, are handed in.
 */

/**
 * A change, or `reset`: what lies between is not known, so read anew. `isFirst`: nothing was missed but what may have
 * changed between reading the page and the begin of the stream.
 */
export type LiveEvent = Event | { type: 'reset'; isFirst: boolean };

/** lost: no stream for ten seconds. polling: changes are noticed every two seconds. */
export type LiveState = 'connecting' | 'live' | 'polling' | 'lost';

/** What a stream tells. */
export type StreamHandlers = {
  ready: (id: string, mode: LiveMode | null) => void;
  event: (event: Event) => void;
  reset: (id: string) => void;
  /** The API ends and will be back. */
  stop: () => void;
  /** The stream is broken or was refused. */
  broken: () => void;
};

export type StreamDeps = {
  /** Opens a stream that begins behind `after`, or now; returns how to close it. */
  connect: (after: string | null, ears: StreamHandlers) => () => void;
  /** Calls back after so many milliseconds, unless what it returns is called before. */
  later: (milliseconds: number, run: () => void) => () => void;
  /** Milliseconds, also counting while the machine sleeps. */
  now: () => number;
  /** 0 to 1: not all pages are to come back at once. */
  random: () => number;
};

const patience = 10_000;
const longestPause = 30_000;
/** After a longer absence everything is read anew; what was missed would be a long story. */
const longestAbsence = 300_000;

type Listener = { types: ReadonlySet<string>; hear: (event: LiveEvent) => void };

export function createEventStream({ connect, later, now, random }: StreamDeps) {
  const state = createStore<LiveState>('connecting');
  const listeners = new Set<Listener>();
  let isOpen = false;
  let last: string | null = null;
  /** Whether anybody may have missed something that the next stream will not tell. */
  let isBehind = false;
  let hasBegun = false;
  let leftAt: number | undefined;
  let failures = 0;
  let disconnect = () => {};
  let cancelRetry = () => {};
  let cancelPatience: (() => void) | undefined;

  function tell(event: LiveEvent): void {
    for (const { types, hear } of [...listeners]) if (event.type === 'reset' || types.has(event.type)) hear(event);
  }

  function tellReset(isFirst = false): void {
    isBehind = false;
    tell({ type: 'reset', isFirst });
  }

  function attempt(): void {
    cancelRetry();
    disconnect();
    if (leftAt !== undefined && now() - leftAt > longestAbsence) {
      last = null;
      isBehind = true;
    }
    // Nothing was told yet, but what is on the screen may have been read before the stream begins.
    if (last === null && listeners.size > 0) isBehind = true;
    let isCurrent = true;
    const close = connect(last, {
      ready: (id, mode) => {
        if (!isCurrent) return;
        failures = 0;
        leftAt = undefined;
        last = id;
        cancelPatience?.();
        cancelPatience = undefined;
        state.set(mode === 'polling' ? 'polling' : 'live');
        if (isBehind) tellReset(!hasBegun);
        hasBegun = true;
      },
      event: (event) => {
        if (!isCurrent) return;
        last = event.id;
        tell(event);
      },
      reset: (id) => {
        if (!isCurrent) return;
        last = id;
        tellReset();
      },
      stop: () => isCurrent && retry(500 + random() * 2_000),
      broken: () => isCurrent && retry(Math.min(longestPause, 500 * 2 ** failures) * (0.5 + random() / 2)),
    });
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
    cancelRetry = later(pause, attempt);
  }

  return {
    state,
    /** Since when nothing is heard, as `now` tells it; undefined while the stream is open. */
    brokenSince: () => leftAt,
    /** Hears events of these types, and resets; returns how to stop hearing. */
    listen: (types: readonly EventType[], hear: (event: LiveEvent) => void) => {
      const listener = { types: new Set<string>(types), hear };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: () => {
      if (isOpen) return;
      isOpen = true;
      cancelPatience ??= later(patience, () => state.set('lost'));
      attempt();
    },
    /** Nobody looks for now. */
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      leftAt ??= now();
      cancelRetry();
      cancelPatience?.();
      cancelPatience = undefined;
      disconnect();
    },
    /** Opens the stream anew at once, such as when the network is back or the machine has slept. */
    renew: () => {
      if (!isOpen) return;
      leftAt ??= now();
      failures = 0;
      cancelPatience ??= later(patience, () => state.set('lost'));
      attempt();
    },
  };
}
