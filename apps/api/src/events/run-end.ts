import type { RunState } from '@at/contracts/vocabulary';
import type { Deps } from '#deps.ts';
import { findRunState } from './queries.ts';

export type RunSoFar = { state: RunState; error: string | null; output: unknown };

/** Milliseconds between two looks without an event. */
const pause = 1_000;

/** It goes on by itself, and nothing more is known before its end. */
const goesOn = (state: RunState) => ['pending', 'queued', 'running', 'stopping', 'lost'].includes(state);

/**
 * Waits until a run has ended or waits for another attempt or an approval, at most `patience` milliseconds or until `signal` is
 * aborted. Returns what it is then; undefined: there is no such run.
 */
export async function untilRunRests(
  { db, events }: Pick<Deps, 'db' | 'events'>,
  id: string,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<RunSoFar | undefined> {
  const end = performance.now() + patience;
  let wake = () => {};
  let timer: NodeJS.Timeout | undefined;
  let isChanged = false;
  const changed = () => {
    isChanged = true;
    wake();
  };
  const unsubscribe = events.subscribe({
    onEvents: (placed) => placed.some(({ event }) => event.run_id === id) && changed(),
    onReset: changed,
  });
  signal.addEventListener('abort', changed);
  try {
    for (;;) {
      isChanged = false;
      const found = await findRunState(db, id);
      const left = end - performance.now();
      if (!found || !goesOn(found.state) || left <= 0 || signal.aborted) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isChanged) return resolve();
        timer = setTimeout(resolve, Math.min(left, pause));
      });
      clearTimeout(timer);
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', changed);
  }
}
